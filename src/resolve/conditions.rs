//! Expressions of plain alerts that load and yet cannot be meant: such that fire
//! whenever their series exist. Specs come in, warnings go out, and only where it
//! is certain.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{AggregateOp, Binary, Expr, ExprKind, Selector, ValueType, value_type};
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
}

/// Checks the expressions of the plain alerts of a service.
pub(super) fn check(spec: &ServiceSpec, diags: &mut Diagnostics) {
    for alert in &spec.alerts {
        let Some(AlertExpr { tree, .. }) = &alert.expr else { continue };
        match &tree.bare().kind {
            ExprKind::Binary(binary) if binary.is_bool => {
                diags.push(always(binary, &alert.name));
            }
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
}
