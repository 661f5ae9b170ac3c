//! Expressions as SLIs take them: PromQL whose range is `$range`. They are written
//! once and read over the base range, from which every window is derived.

use std::sync::Arc;

use super::kind::Cx;
use crate::base::{Diagnostic, Diagnostics, Safety, Span, Spanned, codes};
use crate::promql::{self, BinaryOp, Call, Expr, ExprKind, Extent, Options, ValueType, value_type};
use crate::yaml::{Node, Shape, Type};

codes! {
    /// ## Why
    /// The range of a rate is chosen by the compiler: the expression is recorded
    /// over it once, and every window, from five minutes to the whole period, is
    /// derived from what was recorded. `$range` says where it goes.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: sum(rate(errors_total{job="checkout"}[5m]))
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
    RANGE_MISSING = Error "range-missing";

    /// ## Why
    /// An SLI is recorded as series, so its expression must give an instant vector.
    /// A number, a text or the samples of a range cannot be summed.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: scalar(sum(rate(errors_total{job="checkout"}[$range])))
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
    SLI_RESULT = Error "sli-result";

    /// ## Why
    /// Bad and total are events per second. `increase` gives events per range: the
    /// ratio is the same where both sides have it, but every count of events is too
    /// high by the number of seconds of the range.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: sum(increase(errors_total{job="checkout"}[$range]))
    ///         total: sum(increase(requests_total{job="checkout"}[$range]))
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
    QUERY_INCREASE = Warning "query-increase";

    /// ## Why
    /// `rate` gives events per second, `increase` events per range. A ratio of one to
    /// the other is off by the number of seconds of the range: 300 times too high or
    /// too low.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       query:
    ///         bad: sum(rate(errors_total{job="checkout"}[$range]))
    ///         total: sum(increase(requests_total{job="checkout"}[$range]))
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
    QUERY_MIXED = Error "query-mixed";

    /// ## Why
    /// `group_by` gives each value of a label a budget of its own, so every side of
    /// the SLI must still have that label when it is summed. An aggregation that
    /// drops it leaves one group without a name, and no budget is any value's own.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region]
    ///     sli:
    ///       query:
    ///         bad: sum by (region) (rate(errors_total{job="checkout"}[$range]))
    ///         total: sum(rate(requests_total{job="checkout"}[$range]))
    /// ```
    /// ## Instead
    /// The label kept; or no aggregation, since sums are put around both sides.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region]
    ///     sli:
    ///       query:
    ///         bad: sum by (region) (rate(errors_total{job="checkout"}[$range]))
    ///         total: sum by (region) (rate(requests_total{job="checkout"}[$range]))
    /// ```
    GROUP_BY_LOST = Error "group-by-lost";
}

/// The shape of an expression.
pub(super) static EXPRESSION: Shape =
    Shape { doc: "A PromQL expression whose range is `$range`.", ty: Type::Text };

/// Reads an expression that gives an instant vector; `$range` may stand in it.
pub(super) fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Expr> {
    let text = node.as_text().filter(|text| !text.as_str().is_empty())?;
    let expr = promql::check(text, Options { placeholder: true }, cx.judge, cx.diags)?;
    let found = match value_type(&expr) {
        ValueType::Scalar => "a number",
        ValueType::Str => "a text",
        ValueType::Matrix => "the samples of a range",
        _ => return Some(expr),
    };
    let help = match value_type(&expr) {
        ValueType::Matrix => "put `rate(...)` around it",
        ValueType::Scalar => "write an expression over series; `vector(...)` makes one of a number",
        _ => "write an expression over series",
    };
    cx.diags.push(
        Diagnostic::new(
            &SLI_RESULT,
            expr.span,
            format!("the expression gives {found}, not series"),
        )
        .label("an instant vector is wanted here")
        .help(help),
    );
    None
}

/// Reads an expression that must hold `$range`.
pub(super) fn decode_ranged(node: &Node, cx: &mut Cx<'_>) -> Option<Expr> {
    let expr = decode(node, cx)?;
    if !expr.placeholders().is_empty() {
        return Some(expr);
    }
    let fixed = fixed_ranges(&expr);
    let place = fixed.first().map_or(expr.span, |span| *span);
    let mut fault = Diagnostic::new(&RANGE_MISSING, place, "the expression has no `$range`");
    fault = match fixed.as_slice() {
        [] => fault.label("reads nothing over a range").help(
            "read counters with `rate(...[$range])`, gauges with `avg_over_time(...[$range])`",
        ),
        [span] => {
            fault.label("a range of its own").fix("put in `$range`", *span, "$range", Safety::Safe)
        }
        _ => fault.label("a range of its own").help("write `$range` in place of each range"),
    };
    cx.diags.push(fault);
    None
}

/// The places of ranges that were written out.
fn fixed_ranges(expr: &Expr) -> Vec<Span> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let ExprKind::Range(range) = &part.kind
            && matches!(range.range, Extent::Fixed(_))
        {
            found.push(range.range_span);
        }
    });
    found
}

/// Warns of `increase` over `$range`.
pub(super) fn check_per_second(expr: &Expr, diags: &mut Diagnostics) {
    for call in ranged_calls(expr, &["increase"]) {
        diags.push(
            Diagnostic::new(
                &QUERY_INCREASE,
                call.func_span,
                "`increase` counts events per range, not per second",
            )
            .label("events per second are wanted")
            .fix(
                "use `rate`, on both sides",
                call.func_span,
                "rate",
                Safety::Suggestion,
            ),
        );
    }
}

/// Whether both sides of a ratio are events of the same time. Reports each
/// `increase` where others are rates. Nothing is said where a side is scaled by a
/// number or compared.
pub(super) fn is_of_one_time(sides: [&Expr; 2], diags: &mut Diagnostics) -> bool {
    if sides.into_iter().any(is_reshaped) {
        return true;
    }
    let calls = |names: &[&str]| -> Vec<&Call> {
        sides.into_iter().flat_map(|side| ranged_calls(side, names)).collect()
    };
    let (rates, increases) = (calls(&["rate", "irate"]), calls(&["increase"]));
    let Some(rate) = rates.first() else { return true };
    for call in &increases {
        diags.push(
            Diagnostic::new(
                &QUERY_MIXED,
                call.func_span,
                "events per range stand against events per second",
            )
            .label("counts events per range")
            .also(rate.func_span, "counts events per second")
            .fix(
                "use `rate`, on both sides",
                call.func_span,
                "rate",
                Safety::Suggestion,
            ),
        );
    }
    increases.is_empty()
}

/// The calls of functions of these names over `$range`.
fn ranged_calls<'e>(expr: &'e Expr, names: &[&str]) -> Vec<&'e Call> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        let ExprKind::Call(call) = &part.kind else { return };
        let is_ranged = || call.args.first().is_some_and(|arg| !arg.placeholders().is_empty());
        if names.contains(&call.func.as_str()) && is_ranged() {
            found.push(call);
        }
    });
    found
}

/// Whether an expression multiplies or divides by a number, or compares.
fn is_reshaped(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        if let ExprKind::Binary(binary) = &part.kind {
            let number = |side: &Expr| value_type(side) == ValueType::Scalar;
            let scales = matches!(binary.op, BinaryOp::Mul | BinaryOp::Div);
            found |= scales && (number(&binary.left) || number(&binary.right));
            found |= binary.op.is_comparison();
        }
    });
    found
}

/// Whether an expression divides one thing read over `$range` by another, once
/// sums and parentheses around it are gone: a ratio.
pub(super) fn is_ratio(expr: &Expr) -> bool {
    quotient(expr).is_some()
}

/// Both sides of a ratio of two things read over `$range`.
pub(super) fn quotient(expr: &Expr) -> Option<[&Expr; 2]> {
    let mut expr = expr.bare();
    while let ExprKind::Aggregate(aggregate) = &expr.kind {
        expr = aggregate.expr.bare();
    }
    let ExprKind::Binary(binary) = &expr.kind else { return None };
    let sides = [&binary.left, &binary.right];
    let ranged = sides.iter().all(|side| !side.placeholders().is_empty());
    (binary.op == BinaryOp::Div && ranged).then_some(sides)
}

/// Reports each label of `by` that the result of `expr` certainly lacks.
pub(super) fn check_labels(expr: &Expr, by: &[Spanned<Arc<str>>], diags: &mut Diagnostics) {
    let labels = promql::result_labels(expr);
    for label in by.iter().filter(|label| !labels.may_carry(&label.value)) {
        let name = &label.value;
        diags.push(
            Diagnostic::new(&GROUP_BY_LOST, expr.span, format!("the expression has no label `{name}` left"))
                .label(format!("gives no `{name}`"))
                .also(label.span, "each of its values is to have a budget")
                .help(format!("keep it in the aggregation, `sum by ({name}) (...)`, or leave the aggregation out: sums are put around it")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;

    fn parsed(text: &str) -> Expr {
        let options = Options { placeholder: true };
        promql::parse_with(&Text::made(text), options, &mut Diagnostics::default())
            .expect("it parses")
    }

    #[test]
    fn a_label_that_is_gone_is_told() {
        let by = [Spanned::new("region".into(), Span::NONE)];
        for (text, lost) in [
            ("sum(rate(x[$range]))", 1),
            ("sum by (job) (rate(x[$range]))", 1),
            ("sum without (region) (rate(x[$range]))", 1),
            ("sum by (region) (rate(x[$range]))", 0),
            ("rate(x[$range])", 0),
            ("sum without (job) (rate(x[$range]))", 0),
            ("sum(rate(x[$range])) or vector(0)", 1),
        ] {
            let mut diags = Diagnostics::default();
            check_labels(&parsed(text), &by, &mut diags);
            assert_eq!(diags.len(), lost, "{text}");
        }
    }

    #[test]
    fn rates_and_increases_do_not_mix() {
        for (bad, total, of_one) in [
            ("sum(rate(a[$range]))", "sum(increase(b[$range]))", false),
            ("sum(increase(a[$range]))", "sum(irate(b[$range]))", false),
            ("sum(increase(a[$range]))", "sum(increase(b[$range]))", true),
            ("sum(rate(a[$range]))", "sum(rate(b[$range]))", true),
            ("sum(rate(a[$range]))", "sum(increase(b[$range])) / 300", true),
            ("sum(rate(a[$range]) and increase(a[$range]) > 5)", "sum(rate(b[$range]))", true),
        ] {
            let mut diags = Diagnostics::default();
            let sides = [&parsed(bad), &parsed(total)];
            assert_eq!(is_of_one_time(sides, &mut diags), of_one, "{bad} {total}");
        }
    }

    #[test]
    fn a_ratio_is_one_of_two_ranges() {
        for (text, ratio) in [
            ("sum(rate(a[$range])) / sum(rate(b[$range]))", true),
            ("(sum((rate(a[$range]) / rate(b[$range]))))", true),
            ("sum(rate(a[$range])) / 60", false),
            ("rate(a[$range])", false),
        ] {
            assert_eq!(is_ratio(&parsed(text)), ratio, "{text}");
        }
    }
}
