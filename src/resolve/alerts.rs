//! Plain alerts: what each claims before the policy, and what comes of it.

use std::sync::Arc;

use super::inherit::{Base, promise, remediation, unread};
use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::config::Config;
use crate::ir::{Alert, AlertProof, Labels, name};
use crate::policy::{Claim, Kept};
use crate::promql;
use crate::spec::{AlertExpr, AlertSpec, AlertTest, ServiceSpec, Written};

codes! {
    /// ## Why
    /// A rule stamps its labels on every series of its result. Where the result
    /// has such a label already, series that differ in nothing else become equal,
    /// and the rule fails at run time; promtool does not see it.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutErrors
    ///     expr: sum by (service) (rate(errors_total{job="checkout"}[5m])) > 1
    ///     severity: page
    ///     summary: Errors.
    /// ```
    /// ## Instead
    /// Aggregate the label away, or rename it.
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutErrors
    ///     expr: sum by (instance) (rate(errors_total{job="checkout"}[5m])) > 1
    ///     severity: page
    ///     summary: Errors.
    /// ```
    LABEL_IN_RESULT = Error "label-in-result";
}

/// What each plain alert claims.
pub(super) fn claims(spec: &ServiceSpec, config: &Config) -> Vec<Claim> {
    let claim = |alert: &AlertSpec| {
        // A severity that the project does not know was reported; nothing is asked for it.
        let severity: Option<Arc<str>> = alert.severity.as_ref().map(|s| s.value.clone());
        let severity = severity.filter(|s| config.severities.contains_key(s));
        let own = severity.clone().zip(alert.remediation.clone());
        let mut times = remediation(&spec.remediation, &Vec::new());
        times.extend(own);
        Claim {
            name: alert.name.clone(),
            what: "alert",
            alerts: severity.map(|s| (alert.name.value.to_string(), s)).into_iter().collect(),
            owner: alert.owner.clone().or_else(|| spec.owner.clone()),
            runbook: alert.runbook.clone().or_else(|| spec.runbook.clone()),
            remediation: times,
            remediation_is_map: false,
            unread: unread(spec, alert.unread),
        }
    };
    spec.alerts.iter().map(claim).collect()
}

/// The alert as meant, unless something of it is missing. What is missing was
/// reported.
pub(super) fn alert(
    spec: AlertSpec,
    kept: Option<Kept>,
    base: &Base<'_>,
    diags: &mut Diagnostics,
) -> Option<Alert> {
    let labels = base.labels(&spec.labels);
    if let Some(expr) = &spec.expr {
        check_result(expr, &labels, &spec.name, base, diags);
    }
    Some(Alert {
        service: base.service.clone(),
        origin: base.origin(&spec.name),
        expr: spec.expr?.text,
        for_: spec.for_.map(|d| d.value),
        keep_firing_for: spec.keep_firing_for.map(|d| d.value),
        severity: spec.severity?.value,
        summary: spec.summary?.as_str().trim().into(),
        description: spec.description.map(|d| d.as_str().trim().into()),
        promise: promise(kept?),
        labels,
        tests: spec.tests.into_iter().map(proof).collect(),
        annotations: base.annotations(&spec.annotations),
        name: spec.name.value,
    })
}

fn proof(test: AlertTest) -> AlertProof {
    let AlertTest { series, interval, fires_at, silent_at } = test;
    AlertProof { series, interval, fires_at, silent_at }
}

/// Reports labels that the expression's result has for sure and the rule would
/// stamp on it again.
fn check_result(
    expr: &AlertExpr,
    labels: &Labels,
    alert: &Written,
    base: &Base<'_>,
    diags: &mut Diagnostics,
) {
    let owner: &str = &base.config.owner_label.value;
    let stamped =
        [name::SEVERITY, owner, name::SERVICE].into_iter().chain(labels.keys().map(|k| &**k));
    for label in stamped {
        if is_pinned(&expr.tree, label) {
            continue;
        }
        let carried = promql::carries(&expr.tree, label);
        let Some(span) = carried.or_else(|| recorded(&expr.tree, label)) else { continue };
        diags.push(
            Diagnostic::new(
                &LABEL_IN_RESULT,
                span,
                format!("the result of `{}` has a label `{label}` that the rule stamps on it", alert.value),
            )
            .label("gives every series of the result this label")
            .note("series that differ in this label alone would become equal, and the rule would fail")
            .help(format!(
                "aggregate it away, as in `max without ({label}) (...)`, after `label_replace` where its value is needed"
            )),
        );
    }
}

/// A selector of series that we record, where the result may keep a label that they
/// all have.
fn recorded(tree: &promql::Expr, label: &str) -> Option<Span> {
    let has = label == name::SERVICE && promql::result_labels(tree).may_carry(label);
    let selectors = tree.selectors();
    let ours = |s: &&&promql::Selector| s.metric().is_some_and(|m| m.starts_with("slo:"));
    selectors.iter().filter(|_| has).find(ours).map(|s| s.name_span.or(s.span))
}

/// Whether every selector asks for one and the same value of a label: no two series
/// of the result can differ in it.
fn is_pinned(tree: &promql::Expr, label: &str) -> bool {
    let selectors = tree.selectors();
    let mut values = selectors.iter().map(|s| s.equality(label).map(|m| m.value.as_str()));
    let Some(Some(first)) = values.next() else { return false };
    values.all(|value| value == Some(first))
}
