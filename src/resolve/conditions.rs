//! Expressions of plain alerts that load and yet cannot be meant: such that fire
//! whenever their series exist, and matchers that match nothing. Specs come in,
//! warnings go out, and only where it is certain.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{
    AggregateOp, Binary, Expr, ExprKind, Matcher, Selector, ValueType, value_type,
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
    /// Nothing fills in variables of dashboards or templates in the expression of an
    /// alert: the matcher looks for the text as it stands, and the alert never fires.
    /// ## Fires
    /// On `$name`, `${name}`, `[[name]]` and `{{ ... }}` in the value of a matcher.
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job="$job"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    MATCHER_VARIABLE = Warning "matcher-variable";
}

/// Checks the expressions of the plain alerts of a service.
pub(super) fn check(spec: &ServiceSpec, diags: &mut Diagnostics) {
    for alert in &spec.alerts {
        let Some(AlertExpr { tree, .. }) = &alert.expr else { continue };
        check_variables(tree, diags);
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

fn check_variables(tree: &Expr, diags: &mut Diagnostics) {
    for matcher in tree.selectors().into_iter().flat_map(|selector| selector.matchers.iter()) {
        let Some(variable) = variable(matcher) else { continue };
        let message = format!("`{variable}` is looked for as it stands");
        diags.push(
            Diagnostic::new(&MATCHER_VARIABLE, matcher.value_span, message)
                .label("nothing fills in variables here")
                .help(format!("write the value of `{}`, or remove the matcher", matcher.label)),
        );
    }
}

/// The variable in the value of a matcher, as it was written.
fn variable(matcher: &Matcher) -> Option<&str> {
    let value = matcher.value.as_str();
    for (open, close) in [("{{", "}}"), ("[[", "]]"), ("${", "}")] {
        // `[[:alpha:]]` is a class of characters.
        let begins = |at: &usize| !value[*at..].starts_with("[[:");
        let Some(start) = value.find(open).filter(begins) else { continue };
        if let Some(length) = value[start..].find(close) {
            return value.get(start..start + length + close.len());
        }
    }
    let (start, _) = value.match_indices('$').find(|(at, _)| {
        let next = value[at + 1..].chars().next();
        let escaped = matcher.op.is_regex() && value[..*at].ends_with('\\');
        !escaped && next.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
    })?;
    let rest = &value[start + 1..];
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    value.get(start..start + 1 + length.unwrap_or(rest.len()))
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
    fn variables_are_told_from_regexes() {
        for (text, found) in [
            ("x{job=\"$job\"}", Some("$job")),
            ("x{job=~\"a-${job:regex}-b\"}", Some("${job:regex}")),
            ("x{job=~\"[[job]]\"}", Some("[[job]]")),
            ("x{job=\"{{ job }}\"}", Some("{{ job }}")),
            ("x{job=~\"a|$job\"}", Some("$job")),
            ("x{job=~\"a$\"}", None),
            ("x{job=~\"(a$|b$)\"}", None),
            ("x{job=~\"[[:alpha:]]+\"}", None),
            ("x{path=~\"\\\\$metadata\"}", None),
            ("x{price=\"5$\"}", None),
        ] {
            let tree = tree(text);
            let selectors = tree.selectors();
            assert_eq!(variable(&selectors[0].matchers[0]), found, "{text}");
        }
    }
}
