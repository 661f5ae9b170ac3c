//! Expressions of plain alerts that load and yet cannot be meant: such that fire
//! whenever their series exist, or never. Specs come in, warnings go out, and only
//! where it is certain.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{
    AggregateOp, Binary, BinaryOp, Expr, ExprKind, Selector, UnaryOp, ValueType, value_type,
};
use crate::spec::{AlertExpr, ServiceSpec, Written};

codes! {
    /// ## Why
    /// An alert fires for every series of its result, whatever the value, zero too.
    /// Without a comparison that is whenever the series exist.
    /// ## Fires
    /// On expressions that drop no series, unless they can be meant so: those with
    /// `absent`, `vector`, `count`, `group` or `present_over_time`, and on `ALERTS`,
    /// metrics called `..._info` and recorded series, which can hold a condition.
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutErrors
    ///     expr: rate(checkout_errors_total[5m]) / rate(checkout_requests_total[5m])
    ///     severity: page
    ///     summary: Errors.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutErrors
    ///     expr: rate(checkout_errors_total[5m]) / rate(checkout_requests_total[5m]) > 0.01
    ///     severity: page
    ///     summary: Errors.
    /// ```
    ALERT_UNCONDITIONAL = Warning "alert-unconditional";

    /// ## Why
    /// A comparison with `bool` gives 0 or 1 and drops no series; an alert fires for
    /// both.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > bool 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    ALERT_BOOL = Warning "alert-bool";

    /// ## Why
    /// No value is greater than `Inf` or less than `-Inf`, and no comparison but `!=`
    /// holds of `NaN`, not even `==`. The alert never fires.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds == NaN
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// A threshold that can be passed. NaN is what differs from itself: `x != x`.
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    ALERT_NEVER = Warning "alert-never";
}

/// Checks the expressions of the plain alerts of a service.
pub(super) fn check(spec: &ServiceSpec, diags: &mut Diagnostics) {
    for alert in &spec.alerts {
        let Some(AlertExpr { tree, .. }) = &alert.expr else { continue };
        match &tree.bare().kind {
            ExprKind::Binary(binary) if binary.is_bool => {
                diags.push(always(binary, &alert.name));
            }
            _ if let Some(binary) = never(tree) => diags.push(
                Diagnostic::new(
                    &ALERT_NEVER,
                    binary.op_span,
                    format!("`{}` never fires", alert.name.value),
                )
                .label("holds of no value")
                .help("compare with a number that can be passed; for NaN write `x != x`"),
            ),
            _ if value_type(tree) == ValueType::Vector && drops_nothing(tree) => {
                diags.push(unconditional(tree, &alert.name));
            }
            _ => {}
        }
    }
}

fn always(binary: &Binary, name: &Written) -> Diagnostic {
    let op = binary.op.text();
    Diagnostic::new(&ALERT_BOOL, binary.op_span, format!("`{}` fires for 0 as for 1", name.value))
        .label(format!("`{op} bool` drops no series"))
        .help("remove `bool`")
}

fn unconditional(tree: &Expr, name: &Written) -> Diagnostic {
    let message = format!("`{}` fires whenever its series exist", name.value);
    Diagnostic::new(&ALERT_UNCONDITIONAL, tree.span, message)
        .label("compares nothing, and a value of 0 fires too")
        .help("compare it with a threshold, as in `... > 0`")
}

/// A comparison that holds of no value, and without which there is no result.
fn never(expr: &Expr) -> Option<&Binary> {
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        let ExprKind::Binary(binary) = &expr.bare().kind else { continue };
        let (op, is_bool) = (binary.op, binary.is_bool);
        if op == BinaryOp::And {
            stack.extend([&binary.right, &binary.left]);
        } else if op == BinaryOp::Unless {
            stack.push(&binary.left);
        } else if op.is_comparison() && !is_bool {
            let (left, right) = (limit(&binary.left), limit(&binary.right));
            let is = |side: Option<f64>, value: f64| side == Some(value);
            let nan = |side: Option<f64>| side.is_some_and(f64::is_nan);
            let (most, least) = (f64::INFINITY, f64::NEG_INFINITY);
            let fails = match op {
                BinaryOp::Ne => false,
                _ if nan(left) || nan(right) => true,
                BinaryOp::Gt => is(right, most) || is(left, least),
                BinaryOp::Lt => is(right, least) || is(left, most),
                _ => false,
            };
            if fails {
                return Some(binary);
            }
        }
    }
    None
}

/// The value of `Inf` or `NaN` that is written out, with its sign.
fn limit(expr: &Expr) -> Option<f64> {
    let (expr, sign) = match &expr.bare().kind {
        ExprKind::Unary(unary) if unary.op == UnaryOp::Minus => (&unary.expr, -1.0),
        ExprKind::Unary(unary) => (&unary.expr, 1.0),
        _ => (expr, 1.0),
    };
    let ExprKind::Number(number) = &expr.bare().kind else { return None };
    let value: f64 = number.text.as_str().parse().ok()?;
    (!value.is_finite()).then_some(sign * value)
}

/// Whether the result certainly has all series that the selectors find. Where a
/// series can exist only while something is wrong, nothing is certain.
fn drops_nothing(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Str(_) => true,
        ExprKind::Paren(inner) => drops_nothing(inner),
        ExprKind::Unary(unary) => drops_nothing(&unary.expr),
        ExprKind::Subquery(subquery) => drops_nothing(&subquery.expr),
        ExprKind::Selector(selector) => is_plain(selector),
        ExprKind::Range(range) => is_plain(&range.selector),
        ExprKind::Binary(binary) if binary.op.is_comparison() && !binary.is_bool => false,
        ExprKind::Binary(binary) => match binary.op.text() {
            "and" | "unless" => false,
            "or" => drops_nothing(&binary.left) || drops_nothing(&binary.right),
            _ => drops_nothing(&binary.left) && drops_nothing(&binary.right),
        },
        ExprKind::Call(call) => {
            const CONDITIONS: [&str; 5] =
                ["absent", "absent_over_time", "present_over_time", "vector", "info"];
            !CONDITIONS.contains(&call.func.as_str()) && call.args.iter().all(drops_nothing)
        }
        ExprKind::Aggregate(aggregate) => {
            use AggregateOp::{Count, CountValues, Group};
            !matches!(aggregate.op, Count | CountValues | Group) && drops_nothing(&aggregate.expr)
        }
    }
}

/// Whether a selector names a metric that is measured, not one that says by being
/// there that something is so.
fn is_plain(selector: &Selector) -> bool {
    selector.name.as_ref().is_some_and(|name| {
        !name.contains(':') && !name.ends_with("_info") && !name.starts_with("ALERTS")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::promql::parse;

    fn tree(text: &str) -> Expr {
        parse(&Text::made(text), &mut Diagnostics::default()).expect("it parses")
    }

    #[test]
    fn what_drops_no_series_is_known() {
        for text in [
            "x",
            "rate(x[5m])",
            "a / b",
            "sum by (job) (x)",
            "max_over_time(x[1h:5m])",
            "(a > bool 1) * (b > bool 1)",
            "x > 5 or y",
            "histogram_quantile(0.9, rate(x_bucket[5m]))",
            "topk(3, x)",
            "-x",
        ] {
            assert!(drops_nothing(&tree(text)), "{text}");
        }
    }

    #[test]
    fn where_a_condition_can_be_meant_nothing_is_said() {
        for text in [
            "x > 5",
            "a and b",
            "a unless b",
            "absent(x)",
            "vector(1)",
            "count(x)",
            "group(x)",
            "ALERTS{alertname=\"a\"}",
            "job:stuck:bool",
            "x_info",
            "{__name__=~\"x.*\"}",
            "sum(x > 5)",
            "rate(x[5m]) * (y > 0)",
            "max_over_time((x > 5)[1h:])",
            "label_replace(x > 1, \"a\", \"b\", \"c\", \"d\")",
            "x </ 5 > 1",
        ] {
            assert!(!drops_nothing(&tree(text)), "{text}");
        }
    }

    #[test]
    fn what_holds_of_no_value_is_known() {
        for text in
            ["x > Inf", "x == NaN", "(x) < -Inf", "+inf < x", "x > 1 and y > Inf", "nan >= x"]
        {
            assert!(never(&tree(text)).is_some(), "{text}");
        }
        for text in ["x >= Inf", "x == Inf", "x != NaN", "x > -Inf", "x > Inf or y", "x > 1e300"] {
            assert!(never(&tree(text)).is_none(), "{text}");
        }
    }
}
