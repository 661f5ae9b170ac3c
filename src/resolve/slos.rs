//! SLOs: what each claims before the policy, and what comes of it.

use super::inherit::{Base, promise, remediation, unread};
use crate::base::{Diagnostic, Diagnostics, Duration, Spanned, codes};
use crate::gotmpl;
use crate::ir::{Objective, Slo, name};
use crate::policy::{Claim, Kept};
use crate::sli::Around;
use crate::spec::{ServiceSpec, SloSpec};

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

/// The severities of the four alerts of an SLO.
const ALERTS: [(&str, &str); 4] = [
    (name::PAGE, "page"),
    (name::TICKET, "ticket"),
    (name::BUDGET_EXHAUSTED, "ticket"),
    (name::NO_DATA, "page"),
];

/// What each SLO claims about its alerts.
pub(super) fn claims(spec: &ServiceSpec) -> Vec<Claim> {
    let claim = |slo: &SloSpec| {
        let base = alert_name(&spec.service.value, slo);
        Claim {
            name: slo.name.clone(),
            what: "SLO",
            alerts: ALERTS
                .iter()
                .map(|(suffix, s)| (format!("{base}{suffix}"), (*s).into()))
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
    match &slo.alert_name {
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
    if let Some(sli) = &spec.sli {
        let scrape_interval = base.config.prometheus.scrape_interval.value;
        sli.check(&Around { by: &[], scrape_interval }, diags);
    }
    let objective = spec.objective.clone()?;
    let alert_name = alert_name(&base.service, &spec).into();
    Some(Slo {
        service: base.service.clone(),
        origin: base.origin(&spec.name),
        objective: Objective { percent: objective.value },
        objective_span: objective.span,
        window: window.value,
        description: spec.description.map(|d| gotmpl::literal(d.value.trim()).into()),
        sli: spec.sli?,
        alert_name,
        promise: promise(kept?),
        labels: base.labels(&spec.labels),
        info_labels: base.info_labels(&spec.labels),
        annotations: base.annotations(&spec.annotations),
        name: spec.name.value,
    })
}

fn check_retention(
    spec: &SloSpec,
    window: &Spanned<Duration>,
    base: &Base<'_>,
    diags: &mut Diagnostics,
) {
    let Some(retention) = &base.config.prometheus.retention else { return };
    if window.value <= retention.value {
        return;
    }
    let own = spec.window.as_ref().map_or(spec.name.span, |w| w.span);
    diags.push(
        Diagnostic::new(
            &WINDOW_BEYOND_RETENTION,
            own,
            format!("the window of `{}` is longer than the server keeps samples", spec.name.value),
        )
        .label(format!("holds over {}", window.value))
        .also(retention.span, format!("keeps samples for {}", retention.value))
        .help(format!(
            "set a `window:` of at most {}, or raise the retention of the server",
            retention.value
        )),
    );
}
