//! SLOs: what each claims before the policy, and what comes of it.

use std::sync::Arc;

use super::feeds;
use super::grouping;
use super::inherit::{Base, pairs, promise, remediation, text_pairs, unread};
use crate::base::{Diagnostic, Diagnostics, Span, Spanned, codes};
use crate::config::Window;
use crate::gotmpl;
use crate::ir::{Alerting, BurnAlert, Objective, OwnBurnRate, Slo, name};
use crate::policy::{Claim, Kept};
use crate::promql::Name;
use crate::sli::Around;
use crate::spec::{AlertingSpec, BurnAlertSpec, BurnRateSpec, ServiceSpec, SloSpec, Written};

codes! {
    /// ## Why
    /// The window of an objective is computed from series that are recorded over
    /// the whole of it. A server that keeps less never has the whole of it, and the
    /// budget looks better than it is.
    /// ## Fires
    /// A window of 30 days, which is the default, where 15 days are kept.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {retention: 15d}
    /// ```
    /// ## Instead
    /// A window that fits, a longer retention, or no `retention:` where a long-term
    /// store answers the queries.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {retention: 90d}
    /// ```
    WINDOW_BEYOND_RETENTION = Error "window-beyond-retention";
}

/// The alerts that an SLO has, as suffixes of its alert name, with their severities.
fn alerts(spec: &ServiceSpec, slo: &SloSpec) -> Vec<(&'static str, Arc<str>)> {
    let alerting = &slo.alerting;
    let burn = |is_on: bool, suffix, severity: &str| is_on.then(|| (suffix, severity.into()));
    [
        burn(alerting.page.is_some(), name::PAGE, "page"),
        burn(alerting.ticket.is_some(), name::TICKET, "ticket"),
        burn(alerting.budget_exhausted, name::BUDGET_EXHAUSTED, "ticket"),
        no_data(spec, slo).map(|severity| (name::NO_DATA, severity)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The severity of the NoData alert: no other alert can fire without data, so that it
/// is as severe as the page. Groups come and go with what they name: a ticket.
fn no_data(spec: &ServiceSpec, slo: &SloSpec) -> Option<Arc<str>> {
    let is_grouped = !grouping::labels(spec, slo).is_empty();
    match slo.alerting.no_data.as_ref().map(|s| &*s.value) {
        Some("ignore") => None,
        Some(severity) => Some(severity.into()),
        None if is_grouped || slo.alerting.page.is_none() => Some("ticket".into()),
        None => Some("page".into()),
    }
}

/// What each SLO claims about its alerts.
pub(super) fn claims(spec: &ServiceSpec) -> Vec<Claim> {
    let claim = |slo: &SloSpec| {
        let base = alert_name(&spec.service.value, slo);
        Claim {
            name: slo.name.clone(),
            what: "SLO",
            alerts: alerts(spec, slo)
                .into_iter()
                .map(|(suffix, severity)| (format!("{base}{suffix}"), severity))
                .collect(),
            owner: slo.owner.clone().or_else(|| spec.owner.clone()),
            runbook: slo.runbook.clone().or_else(|| spec.runbook.clone()),
            remediation: remediation(&spec.remediation, &slo.remediation),
            remediation_is_map: true,
            unread: unread(spec, slo.unread),
        }
    };
    spec.slos.iter().map(claim).collect()
}

/// What the alert names of an SLO begin with.
pub(super) fn alert_name(service: &str, slo: &SloSpec) -> String {
    match &slo.alerting.name {
        Some(name) => name.value.to_string(),
        None => name::alert_name(service, &slo.name.value),
    }
}

/// The SLO as meant, unless something of it is missing. What is missing was
/// reported.
pub(super) fn slo(
    spec: SloSpec,
    kept: Option<Kept>,
    base: &Base<'_>,
    diags: &mut Diagnostics,
) -> Option<Slo> {
    let window = spec.window.clone().unwrap_or(base.config.window.clone());
    check_retention(&spec, &window, base, diags);
    let by: Vec<Written> = grouping::labels(base.spec, &spec).into_iter().cloned().collect();
    if let Some(sli) = &spec.sli {
        let scrape_interval = base.config.prometheus.scrape_interval.value;
        sli.check(&Around { by: &by, scrape_interval }, diags);
    }
    let group_by: Vec<Name> = by.into_iter().map(|label| label.value.into()).collect();
    let no_data = no_data(base.spec, &spec);
    let objective = spec.objective.clone()?;
    let alert_name = alert_name(&base.service, &spec).into();
    let sli = spec.sli?;
    let wanted = base.config.writes("promtool", true);
    let feeds =
        feeds::feeds(&*sli, &spec.name, &group_by, spec.test_series.as_deref(), wanted, diags);
    Some(Slo {
        service: base.service.clone(),
        origin: base.origin(&spec.name),
        objective: Objective { percent: objective.value },
        objective_span: objective.span,
        window: window.value,
        group_by,
        expected_groups: spec.expected_groups.map(|n| n.value),
        expected_rate: spec.expected_rate,
        description: spec.description.map(|d| gotmpl::literal(d.value.trim()).into()),
        sli,
        feeds,
        alert_name,
        promise: promise(kept?),
        labels: base.labels(&spec.labels),
        info_labels: base.info_labels(&spec.labels),
        annotations: base.annotations(&spec.annotations),
        alerting: alerting(spec.alerting, no_data),
        name: spec.name.value,
    })
}

fn alerting(spec: AlertingSpec, no_data: Option<Arc<str>>) -> Alerting {
    Alerting {
        page: spec.page.map(burn_alert),
        ticket: spec.ticket.map(burn_alert),
        budget_exhausted: spec.budget_exhausted,
        no_data,
        min_bad_events: spec.min_bad_events.as_ref().map_or(1, |n| n.value),
        min_bad_events_span: spec.min_bad_events.map_or(Span::NONE, |n| n.span),
        burn_rates: spec.burn_rates.into_iter().map(own_burn_rate).collect(),
        first_errors: spec.first_errors,
    }
}

fn burn_alert(spec: BurnAlertSpec) -> BurnAlert {
    BurnAlert {
        labels: pairs(&spec.labels).collect(),
        annotations: text_pairs(&spec.annotations).collect(),
        keep_firing_for: spec.keep_firing_for.map(|d| d.value),
    }
}

fn own_burn_rate(spec: BurnRateSpec) -> OwnBurnRate {
    OwnBurnRate {
        severity: spec.severity,
        long: spec.long,
        short: spec.short,
        factor: spec.factor.value,
        factor_span: spec.factor.span,
        long_span: spec.long_span,
    }
}

fn check_retention(
    spec: &SloSpec,
    window: &Spanned<Window>,
    base: &Base<'_>,
    diags: &mut Diagnostics,
) {
    let Some(retention) = &base.config.prometheus.retention else { return };
    if window.value.reach() <= retention.value {
        return;
    }
    let own = spec.window.as_ref().map_or(spec.name.span, |w| w.span);
    diags.push(
        Diagnostic::new(
            &WINDOW_BEYOND_RETENTION,
            own,
            format!("the window of `{}` is longer than the server keeps samples", spec.name.value),
        )
        .label(match window.value {
            Window::Rolling(length) => format!("holds over {length}"),
            Window::Month => {
                format!("holds over the calendar month of up to {}", window.value.reach())
            }
        })
        .also(retention.span, format!("keeps samples for {}", retention.value))
        .help(format!(
            "set a `window:` of at most {}, or raise the retention of the server",
            retention.value
        )),
    );
}
