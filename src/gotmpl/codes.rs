//! The findings about templates. Nothing comes in; the codes that the files
//! beside this one raise come out.

use crate::base::codes;

codes! {
    /// ## Why
    /// Prometheus parses every template when it loads a rule file, and refuses the whole file, with all rules in it, if one does not parse.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value | humanizeDuration }"
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value | humanizeDuration }}"
    /// ```
    SYNTAX = Error "template-syntax";

    /// ## Why
    /// Prometheus refuses a rule file in which a template names a variable that nothing declares. It declares `$labels`, `$externalLabels`, `$externalURL` and `$value`; the template may declare more with `:=`.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: "The queue of {{ $label.job }} is stuck"
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: "The queue of {{ $labels.job }} is stuck"
    /// ```
    UNKNOWN_VARIABLE = Error "template-unknown-variable";

    /// ## Why
    /// Prometheus refuses a rule file in which a template calls a function that neither Go nor Prometheus has. Functions of Helm or of Alertmanager's own templates, such as `default` or `join`, are not among them.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value | humanDuration }}"
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value | humanizeDuration }}"
    /// ```
    UNKNOWN_FUNCTION = Error "template-unknown-function";

    /// ## Why
    /// A template's data has the fields `.Labels`, `.ExternalLabels`, `.ExternalURL` and `.Value`. Reading any other loads without complaint, and turns the annotation into `<error expanding template: ...>` when the alert fires.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: "The queue of {{ .labels.job }} is stuck"
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: "The queue of {{ .Labels.job }} is stuck"
    /// ```
    UNKNOWN_FIELD = Error "template-unknown-field";

    /// ## Why
    /// A function that is given too few or too many arguments, or an argument given to what is no function, loads without complaint, and turns the annotation into `<error expanding template: ...>` when the alert fires.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value humanizeDuration }}"
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     description: "Oldest entry: {{ $value | humanizeDuration }}"
    /// ```
    ARGUMENTS = Error "template-arguments";

    /// ## Why
    /// Prometheus hands the template of a rule no other file. A template that is used but not defined in the same text loads without complaint, and turns the annotation into `<error expanding template: ...>` when the alert fires.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: '{{ template "shop.summary" . }}'
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: "The queue of {{ $labels.job }} is stuck"
    /// ```
    UNKNOWN_TEMPLATE = Error "template-unknown-template";
}
