//! The kind `freshness`: a timestamp, such as of the last backup, and how old it may
//! be. Each sample of each series is an event, bad while the timestamp is too old.

use super::feed::{self, Feed, FeedGroup, Unfed, Values};
use super::kind::{Base, BaseSeries, Cx, Kind, Sli};
use super::pieces::{per_second, seconds};
use super::selector::{self, SELECTOR};
use crate::base::{Decimal, Diagnostic, Duration, codes};
use crate::promql::{BinaryOp, Expr, Selector, binary, call, count_by, integer, sum_by};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// `freshness` subtracts the metric from the time of day. An age, a duration or
    /// a count is no time of day: subtracted, it is older than any limit, and the
    /// error ratio is always 1.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: backup
    ///     objective: 99
    ///     sli:
    ///       freshness:
    ///         timestamp: backup_age_seconds{job="backup"}
    ///         max_age: 1d
    /// ```
    /// ## Instead
    /// A timestamp; or, for an age, a condition of `slices`.
    /// ```yaml
    /// slos:
    ///   - name: backup
    ///     objective: 99
    ///     sli:
    ///       freshness:
    ///         timestamp: backup_last_success_timestamp_seconds{job="backup"}
    ///         max_age: 1d
    /// ```
    NOT_A_TIMESTAMP = Warning "not-a-timestamp";
}

static MAX_AGE: Shape =
    Shape { doc: "How old the timestamp may be.", ty: Type::Duration { zero: false } };
static SHAPE: Shape = Shape {
    doc: "A timestamp and how old it may be: each of its samples is an event, bad while it is older.",
    ty: Type::Map(&[
        Field::required(
            "timestamp",
            &SELECTOR,
            "The timestamp: a selector of a gauge in seconds since 1970, or in what its name ends in, such as `_ms`.",
        )
        .such_as("backup_last_success_timestamp_seconds{job=\"backup\"}"),
        Field::required("max_age", &MAX_AGE, "").such_as("1d"),
    ]),
};

pub(super) static KIND: Kind =
    Kind { field: Field::optional("freshness", &SHAPE, "The age of a timestamp."), decode };

/// An SLI over the age of a timestamp.
#[derive(Debug)]
struct Freshness {
    timestamp: Selector,
    /// How many of the timestamp's units are a second.
    per_second: u64,
    max_age: Duration,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let timestamp = node.get("timestamp").and_then(|n| selector::decode(n, cx));
    let max_age = node.get("max_age").and_then(|n| Duration::parse(n.as_str()?));
    let (timestamp, max_age) = (timestamp?, max_age?);
    let metric = timestamp.metric().map(|m| m.as_str()).unwrap_or_default();
    if let Some(suffix) = OTHERS.iter().find(|suffix| metric.ends_with(**suffix)) {
        cx.diags.push(
            Diagnostic::new(
                &NOT_A_TIMESTAMP,
                timestamp.name_span.or(timestamp.span),
                format!("`{metric}` is not a timestamp, by its name"),
            )
            .label(format!("ends in `{suffix}`"))
            .help("name the gauge that holds the time of the last success; for an age use `slices` with `good: age < 3600`"),
        );
    }
    let per_second = units_per_second(metric);
    Some(Box::new(Freshness { timestamp, per_second, max_age }))
}

/// What names of metrics end in that are certainly no time of day.
const OTHERS: [&str; 6] =
    ["_age_seconds", "_duration_seconds", "_total", "_count", "_bucket", "_sum"];

/// How many units of a timestamp are a second: seconds but where the name says
/// otherwise.
fn units_per_second(metric: &str) -> u64 {
    let unit = metric.rsplit('_').next().filter(|unit| unit.len() < metric.len());
    match unit {
        Some("ms" | "millis" | "milliseconds") => 1_000,
        Some("us" | "micros" | "microseconds") => 1_000_000,
        Some("ns" | "nanos" | "nanoseconds") => 1_000_000_000,
        _ => 1,
    }
}

impl Sli for Freshness {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn is_instant(&self) -> bool {
        true
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.timestamp.to_expr()]
    }

    /// `time() - timestamp > bool max_age` is 0 for each series that is fresh: the
    /// sum is never absent while there is a timestamp. One of 0, as of a job that
    /// never succeeded, is as old as can be.
    fn figures(&self) -> Vec<(&'static str, Decimal)> {
        let seconds = u32::try_from(self.max_age.as_millis() / 1_000).unwrap_or(u32::MAX);
        vec![("max_age in seconds", Decimal::from(seconds))]
    }

    fn base_series(&self, base: &Base) -> BaseSeries {
        let timestamp = || self.timestamp.to_expr();
        let since = match self.per_second {
            1 => timestamp(),
            units => binary(timestamp(), BinaryOp::Div, integer(units)),
        };
        let age = binary(call("time", []), BinaryOp::Sub, since);
        let stale = binary(age, BinaryOp::Gt, seconds(self.max_age)).with_bool();
        BaseSeries {
            first_bad: None,
            total: per_second(count_by(&base.by, timestamp()), base.interval),
            bad: per_second(sum_by(&base.by, stale), base.interval),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let limit = self.max_age.as_millis() as f64 / 1_000.0;
        let per_second = self.per_second as f64;
        let ages = Values::Age { good: limit / 2.0, bad: limit * 2.0, per_second };
        feed::gauge(&self.timestamp, group, ages)
    }
}

#[cfg(test)]
mod tests {
    use super::units_per_second;

    #[test]
    fn names_tell_units() {
        for (metric, units) in [
            ("backup_last_success_timestamp_seconds", 1),
            ("kafka_last_commit_ms", 1_000),
            ("last_seen_unix_nanoseconds", 1_000_000_000),
            ("ms", 1),
            ("backup_finished_at", 1),
        ] {
            assert_eq!(units_per_second(metric), units, "{metric}");
        }
    }
}
