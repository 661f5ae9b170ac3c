//! The kind `ratio`: a share of bad (or good) events as PromQL, for what is known as
//! a ratio alone. Each second of each series is an event, whatever its traffic.

use super::counters;
use super::expression::{EXPRESSION, check_labels, decode_ranged, is_of_one_time, quotient};
use super::feed::{Feed, FeedGroup, Unfed};
use super::input;
use super::kind::{Around, Base, BaseSeries, Cx, Kind, Sli};
use super::pieces::{is_number, zero};
use super::sides::{self, Side};
use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::promql::{AggregateOp, BinaryOp, Expr, ExprKind, binary, clamp_max, integer, sum_by};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// A ratio does not say of how many events it is. A minute in which one of two
    /// requests failed counts as much as one in which half a million of a million
    /// did, so the error budget is one of time, not of events.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       ratio:
    ///         bad: sum(rate(errors_total{job="checkout"}[$range])) / sum(rate(requests_total{job="checkout"}[$range]))
    /// ```
    /// ## Instead
    /// The kind `events` or `query`, where the events can be counted.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total: requests_total{job="checkout"}
    /// ```
    RATIO_UNWEIGHTED = Warning "ratio-unweighted";

    /// ## Why
    /// A ratio is between 0 and 1. In per cent, it counts as 1 from one per cent on.
    /// ## Fires
    /// On a factor of 100, and on a gauge whose name ends in `_percent` or
    /// `_percentage`.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       ratio:
    ///         bad: 100 * avg_over_time(checkout_error_ratio[$range])
    /// ```
    /// ## Instead
    /// The ratio without the factor; or, better, the events that it is of.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total: requests_total{job="checkout"}
    /// ```
    RATIO_IN_PERCENT = Error "ratio-in-percent";
}

static SHAPE: Shape = Shape {
    doc: "A share of bad or good events as PromQL, with `$range` for the range. Weighted by time, not by traffic.",
    ty: Type::Map(&[
        Field::optional(
            "bad",
            &EXPRESSION,
            "The share of bad events, from 0 to 1, with `$range`. Either this or `good`.",
        )
        .such_as("avg_over_time(checkout_error_ratio[$range])"),
        Field::optional(
            "good",
            &EXPRESSION,
            "The share of good events, from 0 to 1, with `$range`. Either this or `bad`.",
        ),
    ]),
};

pub(super) static KIND: Kind =
    Kind { field: Field::optional("ratio", &SHAPE, "A ratio as PromQL."), decode };

/// An SLI over a ratio.
#[derive(Debug)]
struct Ratio {
    side: Side,
    ratio: Expr,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let (side, entry) =
        sides::decode(node, KIND.field.name, "an expression of the share of bad events", cx)?;
    let ratio = decode_ranged(&entry.value, cx)?;
    counters::check_rates(&ratio, cx.diags);
    if quotient(&ratio).is_some_and(|sides| !is_of_one_time(sides, cx.diags)) {
        return None;
    }
    if let Some((metric, place)) = in_percent(&ratio) {
        cx.diags.push(
            Diagnostic::new(
                &RATIO_IN_PERCENT,
                place,
                format!("`{metric}` is in per cent, by its name"),
            )
            .label("100 times a ratio")
            .help("divide it by 100: a ratio is between 0 and 1"),
        );
        return None;
    }
    if let Some(factor) = hundred(&ratio) {
        cx.diags.push(
            Diagnostic::new(&RATIO_IN_PERCENT, factor.span, "the ratio is in per cent")
                .label("multiplies it by 100")
                .help("remove the factor: a ratio is between 0 and 1"),
        );
        return None;
    }
    cx.diags.push(
        Diagnostic::new(
            &RATIO_UNWEIGHTED,
            entry.key.span,
            "a ratio weighs every second alike, whatever its traffic",
        )
        .label("does not say of how many events")
        .help("use `events` or `query`, where the events can be counted"),
    );
    Some(Box::new(Ratio { side, ratio }))
}

/// Functions whose result has the unit of what they read.
const KEEP_UNIT: [&str; 5] =
    ["avg_over_time", "last_over_time", "max_over_time", "min_over_time", "quantile_over_time"];

/// The gauge in per cent that is all of an expression but aggregations and averages
/// over time, by its name, and its place.
fn in_percent(expr: &Expr) -> Option<(&str, Span)> {
    let mut expr = expr.bare();
    let selector = loop {
        expr = match &expr.kind {
            ExprKind::Aggregate(aggregate) if aggregate.op != AggregateOp::Count => {
                aggregate.expr.bare()
            }
            ExprKind::Call(call) if KEEP_UNIT.contains(&call.func.as_str()) => {
                call.args.last()?.bare()
            }
            ExprKind::Range(range) => break &range.selector,
            ExprKind::Selector(selector) => break selector,
            _ => return None,
        };
    };
    let metric = selector.metric()?.as_str();
    let ends = ["_percent", "_percentage"].iter().any(|suffix| metric.ends_with(suffix));
    ends.then(|| (metric, selector.name_span.or(selector.span)))
}

/// The factor 100 of a product, or of what is divided.
fn hundred(expr: &Expr) -> Option<&Expr> {
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        match &expr.bare().kind {
            ExprKind::Binary(part) if part.op == BinaryOp::Mul => {
                let is_hundred = |side: &&Expr| matches!(&side.bare().kind, ExprKind::Number(n) if n.text == "100");
                if let Some(factor) = [&part.left, &part.right].into_iter().find(is_hundred) {
                    return Some(factor);
                }
                stack.extend([&part.left, &part.right]);
            }
            ExprKind::Binary(part) if part.op == BinaryOp::Div => stack.push(&part.left),
            _ => {}
        }
    }
    None
}

impl Sli for Ratio {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.ratio.clone()]
    }

    fn check(&self, around: &Around<'_>, diags: &mut Diagnostics) {
        check_labels(&self.ratio, around.by, diags);
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        input::of_ratio(&self.ratio, self.side, group)
    }

    /// Each series is one event per second. One that is not a number, since there
    /// was no traffic, is none: the total is 0 then, and not absent, as it is where
    /// there is no data. `>= 0` keeps NaN and negative shares out of the sum.
    fn is_weighted(&self) -> bool {
        false
    }

    fn base_series(&self, base: &Base) -> BaseSeries {
        let ratio = self.ratio.with_placeholder(base.range);
        let bad = match self.side {
            Side::Bad => ratio.clone(),
            Side::Good => binary(integer(1), BinaryOp::Sub, ratio.clone()),
        };
        let bad = clamp_max(binary(bad, BinaryOp::Ge, integer(0)), integer(1));
        BaseSeries {
            first_bad: None,
            total: sum_by(&base.by, is_number(ratio)),
            bad: sum_by(&base.by, binary(bad, BinaryOp::Or, zero(base))),
        }
    }
}
