//! Names that may stand only once: services, SLOs of a service, alerts of the
//! project. Of two that are equal, both places are shown.

use std::collections::{HashMap, HashSet};

use super::slos::alert_name;
use crate::base::{Code, Diagnostic, Diagnostics, Span, codes};
use crate::ir::name::ALERT_SUFFIXES;
use crate::spec::{ServiceSpec, SpecFile};

codes! {
    /// ## Why
    /// A service is written in one document, so that its owner and its runbook are
    /// found in one place. Names differ by more than case, since files are named
    /// after them.
    /// ## Fires
    /// Two documents of one service, in one file or in two.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ---
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: latency
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// One document with the SLOs of both.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///   - name: latency
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    SERVICE_DUPLICATE = Error "service-duplicate";

    /// ## Why
    /// The name of an SLO makes the identity of its series: two of one name would
    /// write the same series.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///   - name: Availability
    ///     objective: 99.5
    ///     sli: {events: {bad: 'failures_total{job="a"}', total: 'calls_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///   - name: call-availability
    ///     objective: 99.5
    ///     sli: {events: {bad: 'failures_total{job="a"}', total: 'calls_total{job="a"}'}}
    /// ```
    SLO_DUPLICATE = Error "slo-duplicate";

    /// ## Why
    /// Alerts are routed, silenced and inhibited by their name. Two that share one
    /// are silenced together.
    /// ## Fires
    /// Both SLOs make `CheckoutApiXPage`.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: api-x
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ---
    /// ninefold: v1
    /// service: checkout-api
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: x
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// A name of its own for the alerts of one of the SLOs, or another name for a plain
    /// alert.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: api-x
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ---
    /// ninefold: v1
    /// service: checkout-api
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: x
    ///     objective: 99.9
    ///     alerting: {name: CheckoutApiExchange}
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    ALERT_DUPLICATE = Error "alert-duplicate";
}

/// Reports every name that stands twice.
pub(super) fn check(specs: &[SpecFile], diags: &mut Diagnostics) {
    let services: Vec<&ServiceSpec> = specs.iter().flat_map(|file| &file.services).collect();
    let mut names = Names::default();
    for spec in &services {
        if names.is_taken(&spec.service.value.to_lowercase(), spec.service.span) {
            names.report(
                &SERVICE_DUPLICATE,
                format!("two services are named `{}`", spec.service.value),
                "give one of them another name (case does not count), or put both into one document",
                diags,
            );
        }
    }
    for spec in &services {
        let mut names = Names::default();
        for slo in &spec.slos {
            if names.is_taken(&slo.name.value.to_lowercase(), slo.name.span) {
                names.report(
                    &SLO_DUPLICATE,
                    format!(
                        "the service `{}` has two SLOs named `{}`",
                        spec.service.value, slo.name.value
                    ),
                    "give one of them another name (case does not count)",
                    diags,
                );
            }
        }
    }
    check_alerts(&services, diags);
}

fn check_alerts(services: &[&ServiceSpec], diags: &mut Diagnostics) {
    let mut names = Names::default();
    let mut seen = Names::default();
    // Where the names of alerts are that a spec gives itself.
    let mut given: HashSet<Span> = HashSet::new();
    for spec in services {
        // Two services of one name were reported as such, not their alerts too.
        if seen.is_taken(&spec.service.value.to_lowercase(), spec.service.span) {
            continue;
        }
        let mut of_service = Names::default();
        for slo in &spec.slos {
            // Two SLOs of one name were reported as such.
            if of_service.is_taken(&slo.name.value.to_lowercase(), slo.name.span) {
                continue;
            }
            let base = alert_name(&spec.service.value, slo);
            let own = slo.alerting.name.as_ref().map(|n| n.span);
            given.extend(own);
            let span = own.unwrap_or(slo.name.span);
            let taken: Vec<String> = ALERT_SUFFIXES
                .iter()
                .map(|suffix| format!("{base}{suffix}"))
                .filter(|alert| names.is_taken(alert, span))
                .collect();
            if let Some(alert) = taken.first() {
                names.report(
                    &ALERT_DUPLICATE,
                    format!("two alerts are named `{alert}`"),
                    match names.clash {
                        Some((first, second))
                            if [first, second].iter().all(|s| given.contains(s)) =>
                        {
                            "give one of them another name"
                        }
                        _ => "set `alerting: {name: ...}` on one of the SLOs",
                    },
                    diags,
                );
            }
        }
        for alert in &spec.alerts {
            if names.is_taken(&alert.name.value, alert.name.span) {
                names.report(
                    &ALERT_DUPLICATE,
                    format!("two alerts are named `{}`", alert.name.value),
                    "give one of them another name",
                    diags,
                );
            }
        }
    }
}

/// Names and where each was first seen.
#[derive(Default)]
struct Names {
    first: HashMap<String, Span>,
    /// The two places of the last name that was taken.
    clash: Option<(Span, Span)>,
}

impl Names {
    /// Whether the name was seen before; takes it if not. A missing name is none.
    fn is_taken(&mut self, name: &str, span: Span) -> bool {
        if name.is_empty() {
            return false;
        }
        match self.first.get(name) {
            Some(first) => {
                self.clash = Some((*first, span));
                true
            }
            None => {
                self.first.insert(name.to_owned(), span);
                false
            }
        }
    }

    fn report(&self, code: &'static Code, message: String, help: &str, diags: &mut Diagnostics) {
        let Some((first, second)) = self.clash else { return };
        diags.push(
            Diagnostic::new(code, second, message)
                .label("again here")
                .also(first, "first here")
                .help(help),
        );
    }
}
