//! Matchers that cannot be meant: variables that nothing fills in, and matchers of
//! one label that no value satisfies together. The expressions of SLIs and of plain
//! alerts come in, warnings go out.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{Expr, Matcher};
use crate::sli;
use crate::spec::ServiceSpec;

codes! {
    /// ## Why
    /// Nothing fills in variables of dashboards or templates in a matcher: it looks
    /// for the text as it stands, and takes no series. An alert never fires; of bad
    /// events, none are ever counted. `$range` too stands for a range alone.
    /// ## Fires
    /// On `$name`, `${name}`, `[[name]]` and `{{ ... }}` in the value of a matcher, in
    /// the expressions of alerts and of SLIs.
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

    /// ## Why
    /// A series is taken where all matchers hold. Two of one label that no value
    /// satisfies together take no series at all: an alert never fires, and an SLI
    /// has no events.
    /// ## Fires
    /// Where it is certain from the matchers alone.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5..", code!~"5..|4.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// One matcher, or a regex with alternatives, such as `job=~"checkout|cart"`.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    MATCHER_NEVER = Warning "matcher-never";
}

/// Checks the matchers of all expressions of a service.
pub(super) fn check(spec: &ServiceSpec, diags: &mut Diagnostics) {
    for sli in spec.slos.iter().filter_map(|slo| slo.sli.as_deref()) {
        sli.exprs().iter().for_each(|expr| check_expr(expr, diags));
    }
    for expr in spec.alerts.iter().filter_map(|alert| alert.expr.as_ref()) {
        check_expr(&expr.tree, diags);
    }
}

fn check_expr(tree: &Expr, diags: &mut Diagnostics) {
    check_variables(tree, diags);
    for selector in tree.selectors() {
        let Some((first, second)) = sli::contradiction(selector) else { continue };
        let message = format!("no series can match both matchers of `{}`", first.label);
        diags.push(
            Diagnostic::new(&MATCHER_NEVER, second.span, message)
                .label("excludes the other")
                .also(first.span, "the other")
                .help(format!(
                    "remove one of them; for several values write `{}=~\"a|b\"`",
                    first.label
                )),
        );
    }
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
