//! The codes of this room: what YAML can get wrong, and what a Shape can miss.
//! Their texts are what `ninefold explain` prints.

use crate::base::codes;

codes! {
    /// ## Why
    /// A text that is not YAML cannot be read, and other tools guess differently
    /// at what it was meant to say.
    /// ## Fires
    /// ```yaml
    /// annotations: {note: [a, b}
    /// ```
    /// ## Instead
    /// ```yaml
    /// annotations: {note: "[a, b]"}
    /// ```
    YAML_SYNTAX = Error "yaml-syntax";

    /// ## Why
    /// YAML allows no tab in indentation: its width is anybody's guess.
    /// ## Fires
    /// A line that begins with a tab.
    /// ## Instead
    /// ```yaml
    /// labels:
    ///   tier: "1"
    /// ```
    YAML_TAB = Error "yaml-tab";

    /// ## Why
    /// Indentation says what belongs to what. A line that fits none of the lines
    /// above belongs to nothing.
    /// ## Fires
    /// ```yaml
    /// remediation:
    ///     page: 1h
    ///   ticket: 3d
    /// ```
    /// ## Instead
    /// ```yaml
    /// remediation:
    ///   page: 1h
    ///   ticket: 3d
    /// ```
    YAML_INDENTATION = Error "yaml-indentation";

    /// ## Why
    /// Of two values under one key a reader keeps one, and not every reader the
    /// same.
    /// ## Fires
    /// ```yaml
    /// owner: team-a
    /// owner: team-b
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: team-b
    /// ```
    YAML_DUPLICATE_KEY = Error "yaml-duplicate-key";

    /// ## Why
    /// An alias (`*name`) stands for what an anchor (`&name`) before it names. One
    /// without an anchor stands for nothing, and too many blow a document up.
    /// ## Fires
    /// ```yaml
    /// annotations: {hosts: *shop}
    /// ```
    /// ## Instead
    /// ```yaml
    /// annotations: {hosts: "*shop"}
    /// ```
    YAML_ALIAS = Error "yaml-alias";

    /// ## Why
    /// A tag (`!name`) gives a value a type that nobody here knows.
    /// ## Fires
    /// ```yaml
    /// owner: !team payments
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: payments
    /// ```
    YAML_TAG = Error "yaml-tag";

    /// ## Why
    /// No spec nests more than a few levels; what does is broken or hostile.
    /// ## Fires
    /// A hundred open brackets.
    /// ## Instead
    /// A flat document.
    YAML_NESTING = Error "yaml-nesting";

    /// ## Why
    /// YAML reads a bare `{{` as a map inside a map, so the template never arrives.
    /// ## Fires
    /// ```yaml
    /// annotations:
    ///   note: {{ $labels.slo }} is down
    /// ```
    /// ## Instead
    /// ```yaml
    /// annotations:
    ///   note: "{{ $labels.slo }} is down"
    /// ```
    YAML_UNQUOTED_TEMPLATE = Error "yaml-unquoted-template";

    /// ## Why
    /// YAML keeps some characters for itself: no bare value begins with them.
    /// ## Fires
    /// ```yaml
    /// owner: @shop/payments
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: "@shop/payments"
    /// ```
    YAML_RESERVED_CHARACTER = Error "yaml-reserved-character";

    /// ## Why
    /// Without the key there is nothing to compile.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    MISSING_KEY = Error "missing-key";

    /// ## Why
    /// A misspelt key would be ignored in silence, and its value with it.
    /// ## Fires
    /// ```yaml
    /// ownr: team-payments
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: team-payments
    /// ```
    UNKNOWN_KEY = Error "unknown-key";

    /// ## Why
    /// A text where a number belongs, or a number where a text belongs, is read
    /// differently by different tools.
    /// ## Fires
    /// ```yaml
    /// labels: {tier: true}
    /// ```
    /// ## Instead
    /// ```yaml
    /// labels: {tier: "true"}
    /// ```
    WRONG_TYPE = Error "wrong-type";

    /// ## Why
    /// A number outside its range has no meaning: an objective of 100 leaves no
    /// error budget, and nothing could ever fire.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 100
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    OUT_OF_RANGE = Error "out-of-range";

    /// ## Why
    /// The value has the right type, and still cannot be what is asked for.
    /// ## Fires
    /// ```yaml
    /// remediation: {page: 90 min, ticket: 3d}
    /// ```
    /// ## Instead
    /// ```yaml
    /// remediation: {page: 90m, ticket: 3d}
    /// ```
    BAD_VALUE = Error "bad-value";

    /// ## Why
    /// A key with nothing behind it is most often a value that was forgotten.
    /// ## Fires
    /// ```yaml
    /// owner:
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: team-payments
    /// ```
    EMPTY_VALUE = Error "empty-value";

    /// ## Why
    /// Exactly one of several keys says of which kind a thing is; with none or two
    /// it has no kind.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    ONE_OF = Error "one-of";
}
