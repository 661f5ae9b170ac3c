//! Input series of expressions that a person wrote, where their form is one that is
//! understood: sums of a rate of one selector, a quotient of two of them, a gauge.
//! All else is told to be too hard, and needs series of its own.

use std::slice;

use super::feed::{self, Feed, FeedGroup, FeedSeries, Unfed, Values};
use super::sides::Side;
use crate::promql::{AggregateOp, BinaryOp, Expr, ExprKind, Selector, UnaryOp};

/// Series of two rates: of some events, those of `side`, and of all of them.
pub(super) fn of_rates(
    counted: &Expr,
    total: &Expr,
    side: Side,
    wanted: FeedGroup<'_>,
) -> Result<Feed, Unfed> {
    let hard = |expr: &Expr| Unfed::new(expr.span, "it is not a sum of the rate of one selector");
    let counted = rated(counted).ok_or_else(|| hard(counted))?;
    let total = rated(total).ok_or_else(|| hard(total))?;
    let group = feed::group(wanted, &[counted, total])?;
    let mut series: Vec<FeedSeries> = Vec::new();
    for part in feed::parts(slice::from_ref(counted), slice::from_ref(total), &group)? {
        let values = match side {
            Side::Bad => Values::Counter { good: part.plain, bad: part.marked },
            Side::Good => Values::Counter { good: part.marked, bad: part.plain },
        };
        series.push(FeedSeries::new(part.labels, values));
    }
    Ok(Feed { group, series, mixes: true })
}

/// Series of a share of bad or good events. They are not mixed: each second weighs
/// the same, whatever its traffic.
pub(super) fn of_ratio(expr: &Expr, side: Side, wanted: FeedGroup<'_>) -> Result<Feed, Unfed> {
    if let Some((counted, total)) = quotient(expr) {
        return of_quotient(counted, total, side, wanted);
    }
    let hard = || Unfed::new(expr.span, "it is neither a quotient of two rates nor a gauge");
    let selector = measured(expr).ok_or_else(hard)?;
    let values = match side {
        Side::Bad => Values::Gauge { good: 0.0, bad: 1.0 },
        Side::Good => Values::Gauge { good: 1.0, bad: 0.0 },
    };
    feed::gauge(selector, wanted, values)
}

/// Series of a quotient of two rates. Unlike the bad side of `query`, it has no value
/// before the series of its dividend exist: they are there from the start, with the
/// trace of an event.
fn of_quotient(
    counted: &Expr,
    total: &Expr,
    side: Side,
    wanted: FeedGroup<'_>,
) -> Result<Feed, Unfed> {
    let mut fed = of_rates(counted, total, side, wanted)?;
    for series in &mut fed.series {
        if let Values::Counter { good, .. } = &mut series.values {
            *good = good.max(TRACE);
        }
    }
    Ok(Feed { mixes: false, ..fed })
}

/// A share of events that no threshold sees.
const TRACE: f64 = 1e-6;

/// Series of an expression that is good while `expr op limit` holds.
pub(super) fn of_limit(
    expr: &Expr,
    op: BinaryOp,
    limit: f64,
    wanted: FeedGroup<'_>,
) -> Result<Feed, Unfed> {
    if let Some((counted, total)) = quotient(expr) {
        let side = match op {
            BinaryOp::Lt | BinaryOp::Le => Side::Bad,
            BinaryOp::Gt | BinaryOp::Ge => Side::Good,
            _ => return Err(Unfed::new(expr.span, "a quotient is compared for equality")),
        };
        if !(0.0..=1.0).contains(&limit) {
            return Err(Unfed::new(expr.span, "its limit is not a ratio"));
        }
        return of_quotient(counted, total, side, wanted);
    }
    let hard = || Unfed::new(expr.span, "it is neither a quotient of two rates nor a gauge");
    let selector = measured(expr).ok_or_else(hard)?;
    let step = limit.abs() / 2.0 + 1.0;
    let (good, bad) = match op {
        BinaryOp::Lt | BinaryOp::Le => (limit - step, limit + step),
        BinaryOp::Gt | BinaryOp::Ge => (limit + step, limit - step),
        BinaryOp::Ne => (limit + step, limit),
        _ => (limit, limit + step),
    };
    feed::gauge(selector, wanted, Values::Gauge { good, bad })
}

/// The value of a number that is written out, with its sign.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    match &expr.bare().kind {
        ExprKind::Number(number) => {
            number.text.as_str().parse().ok().filter(|n: &f64| n.is_finite())
        }
        ExprKind::Unary(unary) if matches!(unary.expr.bare().kind, ExprKind::Number(_)) => {
            let value = number(&unary.expr)?;
            Some(if unary.op == UnaryOp::Minus { -value } else { value })
        }
        _ => None,
    }
}

/// Both sides of a division.
fn quotient(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match &expr.bare().kind {
        ExprKind::Binary(binary) if binary.op == BinaryOp::Div => {
            Some((&binary.left, &binary.right))
        }
        _ => None,
    }
}

/// The selector of `sum(rate(selector[...]))`, sums of any number.
fn rated(expr: &Expr) -> Option<&Selector> {
    under(expr, &[AggregateOp::Sum], &["rate", "increase"])
}

/// The selector of a gauge: alone, or under what leaves one series of one value as
/// it is.
fn measured(expr: &Expr) -> Option<&Selector> {
    let kept = [AggregateOp::Sum, AggregateOp::Avg, AggregateOp::Min, AggregateOp::Max];
    let calls = ["avg_over_time", "min_over_time", "max_over_time", "last_over_time"];
    under(expr, &kept, &calls)
}

/// The selector under aggregations and at most one call.
fn under<'e>(expr: &'e Expr, kept: &[AggregateOp], calls: &[&str]) -> Option<&'e Selector> {
    let mut expr = expr.bare();
    while let ExprKind::Aggregate(aggregate) = &expr.kind {
        if !kept.contains(&aggregate.op) {
            return None;
        }
        expr = aggregate.expr.bare();
    }
    match &expr.kind {
        ExprKind::Selector(selector) if !calls.contains(&"rate") => Some(selector),
        ExprKind::Call(call) if calls.contains(&call.func.as_str()) => match call.args.as_slice() {
            [Expr { kind: ExprKind::Range(range), .. }] => Some(&range.selector),
            _ => None,
        },
        _ => None,
    }
    .filter(|selector| selector.offset.is_none() && selector.at.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnostics, Text};
    use crate::promql::{Options, parse_with};

    fn parsed(text: &str) -> Expr {
        let options = Options { placeholder: true };
        parse_with(&Text::made(text), options, &mut Diagnostics::default()).expect("it parses")
    }

    fn shown(fed: Result<Feed, Unfed>) -> String {
        match fed {
            Ok(fed) => {
                fed.series.iter().map(|s| format!("{} {:?}; ", s.text(), s.values)).collect()
            }
            Err(unfed) => unfed.why,
        }
    }

    const ONE: FeedGroup<'_> = FeedGroup { by: &[], nth: 0 };

    #[test]
    fn a_quotient_is_fed_as_two_counters() {
        let ratio = parsed("sum(rate(a{x=\"1\"}[$range])) / sum(rate(a[$range]))");
        assert_eq!(
            shown(of_ratio(&ratio, Side::Bad, ONE)),
            "a{instance=\"i0\",x=\"200\"} Counter { good: 1.0, bad: 0.0 }; a{instance=\"i0\",x=\"1\"} Counter { good: 1e-6, bad: 1.0 }; "
        );
    }

    #[test]
    fn a_gauge_is_fed_on_both_sides_of_its_limit() {
        let gauge = parsed("max(avg_over_time(q[$range]))");
        assert_eq!(
            shown(of_limit(&gauge, BinaryOp::Lt, 100.0, ONE)),
            "q{instance=\"i0\"} Gauge { good: 49.0, bad: 151.0 }; "
        );
        assert_eq!(number(&parsed("-(3)")), Some(-3.0));
    }

    #[test]
    fn what_is_too_hard_is_told() {
        for text in
            ["histogram_quantile(0.9, sum by (le) (rate(b[$range])))", "q offset 5m", "a + b"]
        {
            assert!(of_limit(&parsed(text), BinaryOp::Lt, 1.0, ONE).is_err(), "{text}");
        }
    }
}
