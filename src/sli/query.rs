//! The kind `query`: bad (or good) and all events per second as PromQL, for what no
//! selector can say.

use super::counters;
use super::expression::{self, EXPRESSION, check_labels, check_per_second, decode_ranged};
use super::feed::{Feed, FeedGroup, Unfed};
use super::input;
use super::kind::{Around, Base, BaseSeries, Cx, Kind, Sli};
use super::pieces::{or, zero};
use super::sides::{self, Side};
use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{BinaryOp, Expr, binary, clamp_min, integer, match_on, matching, sum_by};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// `query` takes events per second and divides them itself, over every window,
    /// weighted by traffic. A side that is a ratio already has lost how many events
    /// there were.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: sum(rate(errors_total{job="checkout"}[$range])) / sum(rate(requests_total{job="checkout"}[$range]))
    ///         total: sum(rate(requests_total{job="checkout"}[$range]))
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: sum(rate(errors_total{job="checkout"}[$range]))
    ///         total: sum(rate(requests_total{job="checkout"}[$range]))
    /// ```
    QUERY_OF_RATIO = Warning "query-of-ratio";
}

static SHAPE: Shape = Shape {
    doc: "Bad (or good) and all events per second as PromQL, with `$range` for the range.",
    ty: Type::Map(&[
        Field::required("total", &EXPRESSION, "All events per second, with `$range`.")
            .such_as("sum(rate(requests_total[$range]))"),
        Field::optional(
            "bad",
            &EXPRESSION,
            "Bad events per second, with `$range`. Either this or `good`.",
        )
        .such_as("sum(rate(errors_total[$range]))"),
        Field::optional(
            "good",
            &EXPRESSION,
            "Good events per second, with `$range`. Either this or `bad`.",
        ),
    ]),
};

pub(super) static KIND: Kind = Kind {
    field: Field::optional("query", &SHAPE, "Bad and total events per second as PromQL."),
    decode,
};

/// An SLI over expressions.
#[derive(Debug)]
struct Query {
    total: Expr,
    side: Side,
    counted: Expr,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let total = node.get("total").and_then(|n| decode_ranged(n, cx));
    let (side, entry) =
        sides::decode(node, KIND.field.name, "an expression of bad events per second", cx)?;
    let counted = decode_ranged(&entry.value, cx);
    let (total, counted) = (total?, counted?);
    let is_of_one_time = expression::is_of_one_time([&counted, &total], cx.diags);
    for expr in [&total, &counted] {
        if is_of_one_time {
            check_per_second(expr, cx.diags);
        }
        counters::check_rates(expr, cx.diags);
        check_events(expr, cx);
    }
    if counted.same(&total) {
        cx.diags.push(sides::same_as_total(side, counted.span, total.span));
        return None;
    }
    if !is_of_one_time {
        return None;
    }
    Some(Box::new(Query { total, side, counted }))
}

fn check_events(expr: &Expr, cx: &mut Cx<'_>) {
    if !expression::is_ratio(expr) {
        return;
    }
    cx.diags.push(
        Diagnostic::new(
            &QUERY_OF_RATIO,
            expr.span,
            "a ratio stands where events per second are wanted",
        )
        .label("divides one rate by another")
        .help("write the dividend as `bad` and the divisor as `total`, or use the kind `ratio`"),
    );
}

impl Sli for Query {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.total.clone(), self.counted.clone()]
    }

    fn check(&self, around: &Around<'_>, diags: &mut Diagnostics) {
        check_labels(&self.total, around.by, diags);
        check_labels(&self.counted, around.by, diags);
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        input::of_rates(&self.counted, &self.total, self.side, group)
    }

    /// `>= 0` drops what is not a number: one NaN in a sum would be in every window
    /// that sees it, for the whole period.
    fn base_series(&self, base: &Base) -> BaseSeries {
        let events =
            |expr: &Expr| binary(expr.with_placeholder(base.range), BinaryOp::Ge, integer(0));
        let counted = sum_by(&base.by, or(events(&self.counted), Some(zero(base))));
        let bad = match self.side {
            Side::Bad => counted,
            Side::Good => {
                let on = Some(match_on(&base.by));
                clamp_min(matching(base.total.clone(), BinaryOp::Sub, on, counted), integer(0))
            }
        };
        BaseSeries { first_bad: None, total: sum_by(&base.by, events(&self.total)), bad }
    }
}
