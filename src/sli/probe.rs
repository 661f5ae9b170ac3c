//! The kind `probe`: a gauge that is 1 while all is well, such as `up` or
//! `probe_success`. Each sample of each series is an event.

use super::feed::{self, Feed, FeedGroup, Unfed, Values};
use super::kind::{Base, BaseSeries, Cx, Kind, Sli};
use super::pieces::per_second;
use super::selector::{self, SELECTOR};
use crate::base::{Diagnostic, codes};
use crate::promql::{BinaryOp, Expr, Selector, binary, count_by, integer, sum_by};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// A probe is good while its gauge is 1. A counter or a gauge of seconds is
    /// hardly ever 1, so all events would be bad.
    /// ## Fires
    /// On names that end in `_total`, `_count`, `_sum`, `_bucket` or `_seconds`.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99
    ///     sli:
    ///       probe:
    ///         up: probe_duration_seconds{job="blackbox"}
    /// ```
    /// ## Instead
    /// The gauge that is 1 or 0; `events` for counters, `slices` for what is compared
    /// with a limit.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99
    ///     sli:
    ///       probe:
    ///         up: probe_success{job="blackbox"}
    /// ```
    NOT_A_PROBE = Warning "not-a-probe";
}

static SHAPE: Shape = Shape {
    doc: "A gauge that is 1 or 0: each of its samples is an event, bad unless it is 1.",
    ty: Type::Map(&[Field::required(
        "up",
        &SELECTOR,
        "The gauge: a selector, such as of `up` or `probe_success`.",
    )
    .such_as("probe_success{job=\"blackbox\"}")]),
};

pub(super) static KIND: Kind =
    Kind { field: Field::optional("probe", &SHAPE, "A gauge that is 1 or 0."), decode };

/// An SLI over a gauge that is 1 or 0.
#[derive(Debug)]
struct Probe {
    up: Selector,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let up = selector::decode(node.get("up")?, cx)?;
    let metric = up.metric().map(|m| m.as_str()).unwrap_or_default();
    if let Some((suffix, kind)) = OTHERS.iter().find(|(suffix, _)| metric.ends_with(suffix)) {
        cx.diags.push(
            Diagnostic::new(
                &NOT_A_PROBE,
                up.name_span.or(up.span),
                format!("`{metric}` is not 1 or 0, by its name"),
            )
            .label(format!("ends in `{suffix}`"))
            .help(format!("name a gauge that is 1 while all is well; for this use {kind}")),
        );
    }
    Some(Box::new(Probe { up }))
}

/// What names of metrics end in that are certainly not 1 or 0, and the kind of SLI
/// for them.
const OTHERS: [(&str, &str); 5] = [
    ("_total", "the kind `events`"),
    ("_count", "the kind `events`"),
    ("_bucket", "the kind `latency`"),
    ("_sum", "the kind `query`"),
    ("_seconds", "the kind `slices`, or `freshness` of a timestamp"),
];

impl Sli for Probe {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn is_instant(&self) -> bool {
        true
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.up.to_expr()]
    }

    /// `up != bool 1` is 0 for each series that is well: the sum is never absent
    /// while there are probes, and what is neither 0 nor 1 (NaN too) is bad, once.
    fn base_series(&self, base: &Base) -> BaseSeries {
        let down = binary(self.up.to_expr(), BinaryOp::Ne, integer(1)).with_bool();
        BaseSeries {
            first_bad: None,
            total: per_second(count_by(&base.by, self.up.to_expr()), base.interval),
            bad: per_second(sum_by(&base.by, down), base.interval),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        feed::gauge(&self.up, group, Values::Gauge { good: 1.0, bad: 0.0 })
    }
}
