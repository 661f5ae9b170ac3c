//! The codes of hand-written rules: what Prometheus refuses, and what promtool lets
//! pass though it cannot work.

use crate::base::codes;

codes! {
    /// ## Why
    /// Prometheus names a group by file and name, in metrics and in its API. It refuses
    /// a file with a group that has none.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_GROUP_NAME = Error "rule-group-name";

    /// ## Why
    /// Prometheus refuses a file in which two groups have one name.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    ///   - name: up
    ///     rules: [{record: job:up:avg, expr: avg by (job) (up)}]
    /// ```
    /// ## Instead
    /// A name for each, or all rules in one group.
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules:
    ///       - {record: job:up:sum, expr: sum by (job) (up)}
    ///       - {record: job:up:avg, expr: avg by (job) (up)}
    /// ```
    RULE_GROUP_REPEATED = Error "rule-group-repeated";

    /// ## Why
    /// A rule alerts or it records. Prometheus refuses a file with a rule that does
    /// both or neither.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{expr: sum by (job) (up)}]
    /// ```
    /// ## Instead
    /// `alert:` or `record:`, and one of them alone.
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_KIND = Error "rule-kind";

    /// ## Why
    /// A rule without an expression has nothing to evaluate. Prometheus refuses the
    /// file.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_EXPR_MISSING = Error "rule-expr-missing";

    /// ## Why
    /// An alert or a recorded series needs series. A range vector or a text has none:
    /// the rule fails at every evaluation, and promtool does not see it.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:last, expr: "up[5m]"}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:last, expr: "last_over_time(up[5m])"}]
    /// ```
    RULE_RESULT = Error "rule-result";

    /// ## Why
    /// Durations of Prometheus are whole numbers with units in falling order, such as
    /// `1h30m`. It refuses a file with any other.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{alert: Down, expr: up == 0, for: 1.5h}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{alert: Down, expr: up == 0, for: 1h30m}]
    /// ```
    RULE_DURATION = Error "rule-duration";

    /// ## Why
    /// A series that is recorded has no annotations and waits for nothing. Prometheus
    /// refuses a file with a recording rule that has `for`, `keep_firing_for` or
    /// `annotations`.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up), for: 5m}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_RECORD_FIELD = Error "rule-record-field";

    /// ## Why
    /// The name of a recorded series is the name of a metric; labels stand in
    /// `labels:`. Prometheus refuses a file with any other.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: 'up{job="a"}', expr: up}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: 'sum by (job) (up{job="a"})'}]
    /// ```
    RULE_RECORD_NAME = Error "rule-record-name";

    /// ## Why
    /// `__name__` is set by `record:` and `alert:`, and no label has an empty name.
    /// Prometheus refuses a file with such a label.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up), labels: {__name__: a}}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: a, expr: sum by (job) (up)}]
    /// ```
    RULE_LABEL_NAME = Error "rule-label-name";

    /// ## Why
    /// Prometheus sets `alertname` to the name of the alert, after all labels of the
    /// rule: what stands here is never seen.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{alert: Down, expr: up == 0, labels: {alertname: JobDown}}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{alert: JobDown, expr: up == 0}]
    /// ```
    RULE_ALERTNAME = Warning "rule-alertname";

    /// ## Why
    /// Prometheus fills in templates in the labels of alerts alone. The label of a
    /// recorded series keeps the text as it stands.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up), labels: {of: "{{ $labels.job }}"}}]
    /// ```
    /// ## Instead
    /// A static value, or `label_replace` in the expression.
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up), labels: {of: jobs}}]
    /// ```
    RULE_LABEL_LITERAL = Warning "rule-label-literal";

    /// ## Why
    /// Prometheus takes a negative limit for none at all.
    /// ## Fires
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     limit: -1
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     limit: 100
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_LIMIT = Warning "rule-limit";

    /// ## Why
    /// Prometheus reads the first document of a rule file and drops the others with a
    /// line in its log: their alerts never fire, and promtool finds nothing wrong.
    /// ## Fires
    /// A rule file with a second document.
    /// ## Instead
    /// All groups in one document, or a file for each.
    RULE_DOCUMENT_IGNORED = Error "rule-document-ignored";

    /// ## Why
    /// A file that `rules:` of the project file matches, or one that is loaded as a rule
    /// file, and that holds no rule watches nothing.
    /// ## Fires
    /// ```yaml
    /// groups: []
    /// ```
    /// ## Instead
    /// ```yaml
    /// groups:
    ///   - name: up
    ///     rules: [{record: job:up:sum, expr: sum by (job) (up)}]
    /// ```
    RULE_NONE = Warning "rule-none";

    /// ## Why
    /// Helm, Jinja and their like fill in a file before Prometheus sees it. What they
    /// will write is not known here: it is passed over, and so is what depends on it.
    /// ## Fires
    /// A rule file with actions such as `{{ .Values.team }}` or `{% if x %}`.
    /// ## Instead
    /// What comes out of the engine, such as `helm template . > rendered.yaml`, is
    /// judged in full.
    RULE_TEMPLATED = Warning "rule-templated";
}
