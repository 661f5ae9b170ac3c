//! Whether what a rate is taken of is a counter of events, by its name: gauges,
//! buckets and sums are not. Names are a habit and no law, so all of it is warned
//! of, and only of names that are certain.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{Expr, ExprKind, MatchOp, Selector};

codes! {
    /// ## Why
    /// A rate is the slope of a counter. Of a gauge, which goes down too, each fall
    /// counts as a restart of the process, and the rate means nothing.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: checkout_errors_ratio{job="checkout"}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// A counter, whose name ends in `_total` or `_count`; for gauges the kinds
    /// `probe`, `slices` or `ratio`.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    NOT_A_COUNTER = Warning "not-a-counter";

    /// ## Why
    /// A histogram has a series for each bucket, and each counts all events up to
    /// its bound. Without a matcher of `le`, every event counts several times.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       events:
    ///         good: http_request_duration_seconds_bucket{job="checkout", le="0.3"}
    ///         total: http_request_duration_seconds_bucket{job="checkout"}
    /// ```
    /// ## Instead
    /// The series `_count`; or the kind `latency`, which picks the series.
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    /// ```
    BUCKET_WITHOUT_LE = Warning "bucket-without-le";

    /// ## Why
    /// `_sum` adds up what was observed, such as seconds. It counts no events: the
    /// slowest requests would weigh most.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_request_duration_seconds_count{job="checkout", code=~"5.."}
    ///         total: http_request_duration_seconds_sum{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_request_duration_seconds_count{job="checkout", code=~"5.."}
    ///         total: http_request_duration_seconds_count{job="checkout"}
    /// ```
    SUM_OF_VALUES = Warning "sum-of-values";
}

/// What names of counters end in, whatever stands before it.
const COUNTERS: [&str; 4] = ["_total", "_count", "_sum", "_bucket"];

/// What names of gauges end in: units that a counter has `_total` behind, and states.
const GAUGES: [&str; 14] = [
    "_seconds",
    "_milliseconds",
    "_ms",
    "_bytes",
    "_ratio",
    "_percent",
    "_celsius",
    "_info",
    "_timestamp",
    "_up",
    "_in_flight",
    "_inflight",
    "_usage",
    "_utilization",
];

/// Gauges that everybody has.
const KNOWN: [&str; 2] = ["up", "probe_success"];

/// Warns of a selector of events that counts none.
pub(super) fn check_events(selector: &Selector, diags: &mut Diagnostics) {
    check_rate(selector, diags);
    let Some(metric) = selector.metric() else { return };
    let place = selector.name_span.or(selector.span);
    if let Some(base) = metric.strip_suffix("_sum") {
        diags.push(
            Diagnostic::new(
                &SUM_OF_VALUES,
                place,
                format!("`{metric}` adds up values, not events"),
            )
            .label("the sum of what was observed")
            .help(format!("count events with `{base}_count`")),
        );
    }
    let pinned = |m: &crate::promql::Matcher| {
        m.label == "le" && matches!(m.op, MatchOp::Equal | MatchOp::Regex)
    };
    if let Some(base) = metric.strip_suffix("_bucket")
        && !selector.matchers.iter().any(pinned)
    {
        diags.push(
            Diagnostic::new(
                &BUCKET_WITHOUT_LE,
                place,
                format!("`{metric}` counts each event once per bucket"),
            )
            .label("every bucket is taken")
            .help(format!("count all events with `{base}_count`, fast ones with a matcher such as `le=\"0.3\"`")),
        );
    }
}

/// Warns of rates of gauges in an expression.
pub(super) fn check_rates(expr: &Expr, diags: &mut Diagnostics) {
    expr.walk(&mut |part| {
        let ExprKind::Call(call) = &part.kind else { return };
        if !["rate", "irate", "increase"].contains(&call.func.as_str()) {
            return;
        }
        if let Some(ExprKind::Range(range)) = call.args.first().map(|arg| &arg.bare().kind) {
            check_rate(&range.selector, diags);
        }
    });
}

fn check_rate(selector: &Selector, diags: &mut Diagnostics) {
    let Some(metric) = selector.metric() else { return };
    let Some(why) = gauge(metric) else { return };
    diags.push(
        Diagnostic::new(
            &NOT_A_COUNTER,
            selector.name_span.or(selector.span),
            format!("`{metric}` is not a counter, by its name"),
        )
        .label(why)
        .help("name a counter, such as one that ends in `_total` or `_count`; gauges are measured with `probe`, `slices` or `ratio`"),
    );
}

/// What makes a name one of a gauge.
fn gauge(metric: &str) -> Option<String> {
    if KNOWN.contains(&metric) {
        return Some("a gauge".to_owned());
    }
    // A name with a colon is a recorded series, whose last part is an operation.
    if metric.contains(':') || COUNTERS.iter().any(|suffix| metric.ends_with(suffix)) {
        return None;
    }
    GAUGES.iter().find(|suffix| metric.ends_with(**suffix)).map(|s| format!("ends in `{s}`"))
}

#[cfg(test)]
mod tests {
    use super::gauge;

    #[test]
    fn gauges_are_known_by_their_names() {
        for metric in ["up", "probe_success", "queue_age_seconds", "disk_free_bytes", "mysql_up"] {
            assert!(gauge(metric).is_some(), "{metric}");
        }
        for metric in [
            "http_requests_total",
            "http_requests",
            "errors",
            "node_cpu_seconds_total",
            "rpc_seconds_count",
            "signup",
            "job:requests:rate5m_ratio",
        ] {
            assert!(gauge(metric).is_none(), "{metric}");
        }
    }
}
