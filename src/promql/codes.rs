//! The codes of this room: what can be wrong with an expression and why that
//! matters. Nothing comes in; the files beside this one raise them, and
//! `ninefold explain` prints them.

use crate::base::codes;

codes! {
    /// ## Why
    /// Prometheus refuses a rule file with one expression that it cannot read.
    /// ## Fires
    /// On text that is no PromQL, at the first place where it stops being so.
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job=="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_SYNTAX = Error "promql-syntax";

    /// ## Why
    /// An expression of tens of thousands of characters, or hundreds of levels
    /// deep, is generated or broken, and nobody can read the alert it makes.
    /// ## Fires
    /// On expressions longer than 64 KiB, nested deeper than 200 levels, or with
    /// more than 500 operators in one chain.
    /// ## Instead
    /// Record parts of it in rules of their own and name those:
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: job:queue_oldest_seconds:max > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_TOO_LARGE = Error "promql-too-large";

    /// ## Why
    /// A number without a unit is taken for seconds since Prometheus 2.54 and refused
    /// by earlier versions; minutes are usually meant.
    /// ## Fires
    /// On ranges and offsets without a unit.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {version: "2.54"}
    /// ---
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: rate(queue_entries_total[5]) > 10
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: rate(queue_entries_total[5m]) > 10
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_UNIT = Warning "promql-unit";

    /// ## Why
    /// Prometheus refuses a rule file with a function that it does not know.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: rte(queue_done_total[5m]) == 0
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: rate(queue_done_total[5m]) == 0
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_UNKNOWN_FUNCTION = Error "promql-unknown-function";

    /// ## Why
    /// Prometheus refuses an expression whose parts do not fit: `rate` needs a
    /// range of time, `sum` a vector.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: rate(queue_done_total) == 0
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: rate(queue_done_total[5m]) == 0
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_TYPE = Error "promql-type";

    /// ## Why
    /// A second parser reads every expression, because a rule file with one that
    /// Prometheus refuses is refused as a whole.
    /// ## Fires
    /// On what only that parser, or Go's regex syntax, refuses: mostly a regex.
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job=~"checkout("} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job=~"checkout.*"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_REJECTED = Error "promql-rejected";

    /// ## Why
    /// Only new versions of Prometheus read it, some only with a feature flag,
    /// and the second parser does not know it, so it was checked once, not twice.
    /// ## Fires
    /// On arithmetic on durations, signs before them, `offset 0s`, `1_000`, `</`, `>/`,
    /// `anchored` and `smoothed`, a duration in `fill`.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {version: "3.14"}
    /// ---
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: rate(queue_entries_total[5m + 1m]) > 10
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: rate(queue_entries_total[6m]) > 10
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_NEWER = Warning "promql-newer";

    /// ## Why
    /// A comment goes on to the end of its line. Where YAML folds lines into one, it
    /// hides what stood below it: a threshold, say, so that the alert always fires.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: >
    ///       queue_oldest_seconds  # of all queues
    ///       > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: |
    ///       queue_oldest_seconds  # of all queues
    ///       > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMQL_COMMENT = Error "promql-comment";
}
