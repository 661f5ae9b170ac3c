//! What no alert tells, as sentences.

use super::alerts::Alert;
use super::burn::{seconds, windows};
use crate::base::Decimal;
use crate::ir::{Plan, Slo, Threshold, name};

/// What never alerts, or less than it seems.
pub(super) fn sentences(slo: &Slo, plan: &Plan, alerts: &[Alert<'_>]) -> Vec<String> {
    let budget = slo.objective.budget();
    let mut said = Vec::new();
    let lowest = |severity: Option<&str>| {
        let rates = plan.burn_rates.iter().filter(|r| severity.is_none_or(|s| *r.severity == *s));
        rates.map(|rate| rate.threshold_ratio(budget)).min()
    };
    let percent = |ratio: Decimal| format!("{}%", ratio.to_percent());
    match lowest(None) {
        None => said.push("Errors, however many: no burn rate has an alert.".to_owned()),
        Some(ratio) => {
            said.push(format!(
                "Errors of at most {}, however long they last: no alert.",
                percent(ratio)
            ));
            if ratio > budget {
                said.push(beyond_budget(budget, alerts));
            }
        }
    }
    for severity in severities(plan) {
        let own = lowest(Some(severity)).filter(|ratio| Some(*ratio) != lowest(None));
        said.extend(
            own.map(|ratio| format!("Errors of at most {}: no {severity}.", percent(ratio))),
        );
        let outage = plan.detection(severity, budget, 1.0);
        said.extend(
            outage.map(|time| {
                format!("A total outage shorter than {}: no {severity}.", seconds(time))
            }),
        );
    }
    if plan.min_bad_events > 1 {
        said.push(format!(
            "Fewer than {} bad events in the long window: no alert, whatever their share.",
            plan.min_bad_events
        ));
    }
    for rate in &plan.burn_rates {
        let Threshold::Capped(cap) = rate.threshold else { continue };
        said.push(format!(
            "Errors of at most {} over {}: capped, since {} times the budget would be {}.",
            percent(cap),
            windows(rate),
            rate.factor,
            percent(rate.factor * budget),
        ));
    }
    said.push("No traffic: without events the error ratio counts as 0.".to_owned());
    if !alerts.iter().any(|alert| alert.name.ends_with(name::NO_DATA)) {
        said.push("No data: nothing tells when the metrics of this SLO are gone.".to_owned());
    }
    said
}

/// The budget can be spent below all thresholds.
fn beyond_budget(budget: Decimal, alerts: &[Alert<'_>]) -> String {
    // The burn-rate alerts are off, or their factors above 1.
    let exhausted = alerts.iter().find(|alert| alert.name.ends_with(name::BUDGET_EXHAUSTED));
    let told = match exhausted {
        Some(alert) => format!("only {} tells that it is gone", alert.name),
        None => "and nothing tells that it is gone".to_owned(),
    };
    format!("More than {}% spends the budget: {told}.", budget.to_percent())
}

/// The severities of a plan, in its order.
fn severities(plan: &Plan) -> Vec<&str> {
    let mut names: Vec<&str> = plan.burn_rates.iter().map(|rate| &*rate.severity).collect();
    names.dedup();
    names
}
