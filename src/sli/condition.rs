//! Conditions of `slices`: comparisons, joined by `and` and `or`. A comparison in
//! PromQL is a filter: where it is false it gives nothing, and so it does where
//! there is no data. An SLI must tell these apart, so each comparison is turned
//! into numbers: 1 where it holds, 1 where it has a value at all.

use super::feed::{Feed, FeedGroup, Unfed};
use super::input;
use super::kind::Cx;
use super::pieces::is_number;
use crate::base::{Diagnostic, Duration, Span, codes};
use crate::promql::{
    Binary, BinaryOp, Expr, ExprKind, ValueType, binary, integer, paren, value_type,
};

codes! {
    /// ## Why
    /// A slice is good or bad, and whether it is must follow from the condition: so
    /// its top is a comparison, or several that are joined by `and` and `or`. Of any
    /// other expression, nothing tells a bad slice from one without data.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: minutes
    ///     objective: 99
    ///     sli:
    ///       slices:
    ///         good: avg_over_time(queue_length{job="checkout"}[$range])
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: minutes
    ///     objective: 99
    ///     sli:
    ///       slices:
    ///         good: avg_over_time(queue_length{job="checkout"}[$range]) < 100
    /// ```
    SLICE_CONDITION = Error "slice-condition";
}

/// The most comparisons of a condition: each is evaluated up to three times.
const MOST: usize = 8;

/// A condition that is true, false or unknown for each series.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// A comparison without `bool`.
    Comparison(Box<Comparison>),
    /// Both hold. Series of both sides have the same labels.
    And(Box<(Condition, Condition)>),
    /// One of them holds. Series of both sides have the same labels.
    Or(Box<(Condition, Condition)>),
}

/// A comparison and its operands.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    /// As it was written.
    written: Expr,
    binary: Binary,
}

/// Reads a condition; what is none is reported.
pub(super) fn decode(expr: &Expr, cx: &mut Cx<'_>) -> Option<Condition> {
    let fault = match read(expr) {
        Ok(condition) if condition.comparisons().len() <= MOST => return Some(condition),
        Ok(_) => {
            Diagnostic::new(&SLICE_CONDITION, expr.span, "the condition has too many comparisons")
                .label(format!("at most {MOST} can be joined"))
                .help("make SLOs of its parts")
        }
        Err(Fault { span, message, help }) => Diagnostic::new(&SLICE_CONDITION, span, message)
            .label("does not say when a slice is good")
            .help(help),
    };
    cx.diags.push(fault);
    None
}

/// Why an expression is no condition.
struct Fault {
    span: Span,
    message: &'static str,
    help: &'static str,
}

fn read(expr: &Expr) -> Result<Condition, Fault> {
    let expr = expr.bare();
    let fault = |span: Span, message, help| Err(Fault { span: span.or(expr.span), message, help });
    let ExprKind::Binary(binary) = &expr.kind else {
        return fault(
            expr.span,
            "the condition is not a comparison",
            "compare it with a limit, such as `... < 0.5`",
        );
    };
    if binary.op.is_comparison() {
        let binary = Binary { is_bool: false, ..(**binary).clone() };
        return Ok(Condition::Comparison(Box::new(Comparison { written: expr.clone(), binary })));
    }
    if !matches!(binary.op, BinaryOp::And | BinaryOp::Or) {
        return fault(
            binary.op_span,
            "the condition is not a comparison",
            "put the comparison outside, such as `(...) < 0.5`; comparisons can be joined by `and` and `or`",
        );
    }
    if let Some(matching) = &binary.matching {
        return fault(
            matching.span,
            "comparisons of a condition are joined over all their labels",
            "aggregate both sides to the same labels, and remove `on` or `ignoring`",
        );
    }
    let sides = Box::new((read(&binary.left)?, read(&binary.right)?));
    Ok(if binary.op == BinaryOp::And { Condition::And(sides) } else { Condition::Or(sides) })
}

impl Condition {
    /// The comparisons, as they were written.
    pub(super) fn comparisons(&self) -> Vec<&Expr> {
        match self {
            Condition::Comparison(comparison) => vec![&comparison.written],
            Condition::And(sides) | Condition::Or(sides) => {
                let mut all = sides.0.comparisons();
                all.extend(sides.1.comparisons());
                all
            }
        }
    }

    /// With `slice` in place of `$range`.
    pub(super) fn with_placeholder(&self, slice: Duration) -> Condition {
        match self {
            Condition::Comparison(comparison) => {
                let mut filled = comparison.as_ref().clone();
                filled.binary.left = filled.binary.left.with_placeholder(slice);
                filled.binary.right = filled.binary.right.with_placeholder(slice);
                Condition::Comparison(Box::new(filled))
            }
            Condition::And(sides) => Condition::And(Box::new((
                sides.0.with_placeholder(slice),
                sides.1.with_placeholder(slice),
            ))),
            Condition::Or(sides) => Condition::Or(Box::new((
                sides.0.with_placeholder(slice),
                sides.1.with_placeholder(slice),
            ))),
        }
    }

    /// 1 for each series of which every comparison has a value, 0 for those that
    /// compare NaN, which is what a ratio without traffic is; nothing without data.
    pub(super) fn known(&self) -> Expr {
        match self {
            Condition::Comparison(comparison) => comparison.known(),
            Condition::And(sides) | Condition::Or(sides) => {
                binary(sides.0.known(), BinaryOp::Mul, sides.1.known())
            }
        }
    }

    /// 1 for each series of which it is known to be false, else 0; `None` where
    /// that is no single comparison.
    pub(super) fn fails(&self) -> Option<Expr> {
        match self {
            Condition::Comparison(comparison) => comparison.fails(),
            Condition::And(_) | Condition::Or(_) => None,
        }
    }

    /// 1 for each series of which it is known to be true, else 0.
    pub(super) fn holds(&self) -> Expr {
        let holds = self.truth();
        // Only what can be true of NaN must be held against what is known.
        if self.is_false_of_nan() { holds } else { binary(self.known(), BinaryOp::Mul, holds) }
    }

    /// Input series in which it holds, and some in which it does not: of a single
    /// comparison with a number.
    pub(super) fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let Condition::Comparison(comparison) = self else {
            let span = self.comparisons().first().map_or(Span::NONE, |expr| expr.span);
            return Err(Unfed::new(span, "the condition joins several comparisons"));
        };
        let Binary { left, op, right, .. } = &comparison.binary;
        let turned = match op {
            BinaryOp::Lt => BinaryOp::Gt,
            BinaryOp::Le => BinaryOp::Ge,
            BinaryOp::Gt => BinaryOp::Lt,
            BinaryOp::Ge => BinaryOp::Le,
            other => *other,
        };
        match (input::number(left), input::number(right)) {
            (None, Some(limit)) => input::of_limit(left, *op, limit, group),
            (Some(limit), None) => input::of_limit(right, turned, limit, group),
            _ => Err(Unfed::new(comparison.written.span, "the limit is not a number")),
        }
    }

    fn is_false_of_nan(&self) -> bool {
        match self {
            Condition::Comparison(comparison) => comparison.binary.op != BinaryOp::Ne,
            Condition::And(sides) => sides.0.is_false_of_nan() && sides.1.is_false_of_nan(),
            Condition::Or(_) => false,
        }
    }

    fn truth(&self) -> Expr {
        match self {
            Condition::Comparison(comparison) => comparison.with(comparison.binary.op),
            Condition::And(sides) => binary(sides.0.truth(), BinaryOp::Mul, sides.1.truth()),
            Condition::Or(sides) => {
                let either = binary(sides.0.truth(), BinaryOp::Add, sides.1.truth());
                paren(binary(either, BinaryOp::Gt, integer(0)).with_bool())
            }
        }
    }
}

impl Comparison {
    /// With another operator, as a number: 0 or 1.
    fn with(&self, op: BinaryOp) -> Expr {
        let binary = Binary { op, ..self.binary.clone() };
        paren(Expr::made(ExprKind::Binary(Box::new(binary))).with_bool())
    }

    /// Against a number that is written out, its other side is all there is to
    /// know; else `<=` or `>` holds of every two numbers.
    fn known(&self) -> Expr {
        let (left, right) = (&self.binary.left, &self.binary.right);
        match (is_literal(left), is_literal(right)) {
            (_, true) => paren(is_number(left.clone())),
            (true, _) => paren(is_number(right.clone())),
            _ => paren(binary(self.with(BinaryOp::Le), BinaryOp::Add, self.with(BinaryOp::Gt))),
        }
    }

    /// The comparison turned round. None is what `==` is turned round: `!=` holds
    /// of NaN.
    fn fails(&self) -> Option<Expr> {
        let opposite = match self.binary.op {
            BinaryOp::Lt => BinaryOp::Ge,
            BinaryOp::Le => BinaryOp::Gt,
            BinaryOp::Gt => BinaryOp::Le,
            BinaryOp::Ge => BinaryOp::Lt,
            BinaryOp::Ne => BinaryOp::Eq,
            _ => return None,
        };
        Some(self.with(opposite))
    }
}

/// Whether an expression is a number made of numbers alone, and not of `scalar()`
/// or `time()`.
fn is_literal(expr: &Expr) -> bool {
    let mut literal = value_type(expr) == ValueType::Scalar;
    expr.walk(&mut |part| {
        literal &= match &part.kind {
            ExprKind::Number(number) => !number.text.eq_ignore_ascii_case("nan"),
            ExprKind::Paren(_) | ExprKind::Unary(_) | ExprKind::Binary(_) => true,
            _ => false,
        };
    });
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnostics, Text};
    use crate::promql::{Options, parse_with, print_line};

    fn read_text(text: &str) -> Option<Condition> {
        let options = Options { placeholder: true };
        let parsed = parse_with(&Text::made(text), options, &mut Diagnostics::default());
        read(&parsed.expect("it parses")).ok()
    }

    #[test]
    fn a_comparison_is_told_from_no_data() {
        let shown = |text| {
            let condition =
                read_text(text).expect("a condition").with_placeholder(Duration::minutes(1));
            let fails = condition.fails().map(|expr| print_line(&expr));
            [
                print_line(&condition.known()),
                fails.unwrap_or_default(),
                print_line(&condition.holds()),
            ]
        };
        assert_eq!(
            shown("rate(x[$range]) / rate(y[$range]) < 0.05"),
            [
                "(rate(x[1m]) / rate(y[1m]) <= bool Inf)",
                "(rate(x[1m]) / rate(y[1m]) >= bool 0.05)",
                "(rate(x[1m]) / rate(y[1m]) < bool 0.05)",
            ]
        );
        assert_eq!(
            shown("0.05 > (x)"),
            ["((x) <= bool Inf)", "(0.05 <= bool (x))", "(0.05 > bool (x))"]
        );
        assert_eq!(shown("x == 1"), ["(x <= bool Inf)", "", "(x == bool 1)"]);
        assert_eq!(shown("x != bool 1")[1], "(x == bool 1)");
        assert_eq!(
            shown("x < on (a) group_left () y")[0],
            "((x <= bool on (a) group_left () y) + (x > bool on (a) group_left () y))"
        );
        assert_eq!(shown("x < scalar(y)")[0], "((x <= bool scalar(y)) + (x > bool scalar(y)))");
        assert_eq!(
            shown("x < 1 and y < 2"),
            ["(x <= bool Inf) * (y <= bool Inf)", "", "(x < bool 1) * (y < bool 2)",]
        );
        assert_eq!(
            shown("x < 1 or y < 2")[2],
            "(x <= bool Inf) * (y <= bool Inf) * ((x < bool 1) + (y < bool 2) > bool 0)"
        );
    }

    #[test]
    fn what_is_no_comparison_is_no_condition() {
        for text in
            ["x", "x / y", "x < 1 unless y", "x < 1 and on () y < 2", "x < 1 and y", "sum(x < 1)"]
        {
            assert!(read_text(text).is_none(), "{text}");
        }
    }
}
