//! What no alert tells, as sentences.

use super::alerts::Alert;
use super::burn::{fires_after, seconds, windows};
use crate::base::{Decimal, Duration};
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
            // At the budget itself, nothing is left of it.
            let (up_to, alert) = match (exhausted(alerts), ratio > budget) {
                (Some(_), true) => ("of at most", "no burn-rate alert"),
                (Some(_), false) => ("below", "no alert"),
                (None, _) => ("of at most", "no alert"),
            };
            let ratio_text = percent(ratio);
            said.push(format!("Errors {up_to} {ratio_text}, however long they last: {alert}."));
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
        let outage = plan.burn_rates_of(severity).filter_map(|r| fires_after(slo, plan, r, 1.0));
        let fewer = match plan.min_bad_events {
            events if events > 1 && slo.expected_rate.is_none() => {
                format!(", or of fewer than {events} bad events")
            }
            _ => String::new(),
        };
        said.push(match outage.min() {
            Some(time) => {
                format!("A total outage shorter than {}{fewer}: no {severity}.", seconds(time))
            }
            None => format!("A total outage, however long it lasts: no {severity}."),
        });
    }
    if plan.min_bad_events > 1 {
        said.push(format!(
            "Fewer than {} bad events in the long window: no alert, whatever their share{}.",
            plan.min_bad_events,
            least_shares(slo, plan)
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
    said.push(match slo.sli.is_weighted() {
        true => "No traffic: without events the error ratio counts as 0.".to_owned(),
        false => "No samples: time without them counts neither as good nor as bad.".to_owned(),
    });
    if !alerts.iter().any(|alert| alert.name.ends_with(name::NO_DATA)) {
        said.push("No data: nothing tells when the metrics of this SLO are gone.".to_owned());
    }
    said
}

/// The budget can be spent below all thresholds.
fn beyond_budget(budget: Decimal, alerts: &[Alert<'_>]) -> String {
    // The burn-rate alerts are off, or their factors above 1.
    let told = match exhausted(alerts) {
        Some(alert) => format!("only {} tells that it is gone", alert.name),
        None => "and nothing tells that it is gone".to_owned(),
    };
    format!("Errors of {}% and more spend the budget: {told}.", budget.to_percent())
}

/// The share that the least number of bad events is of those expected in the longest
/// window of each severity: `n / (expected rate * long)`.
fn least_shares(slo: &Slo, plan: &Plan) -> String {
    let Some(of_day) = &slo.expected_rate else { return String::new() };
    let share = |severity: &&str| {
        let long = plan.burn_rates_of(severity).map(|rate| rate.long).max()?;
        let days = long.as_millis() as f64 / Duration::days(1).as_millis() as f64;
        let events = of_day.value.to_f64() * days;
        let percent = f64::from(plan.min_bad_events) / events * 100.0;
        Some(format!("{percent:.2}% of those expected in {long} ({severity})"))
    };
    let shares: Vec<String> = severities(plan).iter().filter_map(share).collect();
    if shares.is_empty() {
        String::new()
    } else {
        format!("; {} are {}", plan.min_bad_events, shares.join(", "))
    }
}

/// The alert that says that nothing is left of the budget.
fn exhausted<'a>(alerts: &'a [Alert<'a>]) -> Option<&'a Alert<'a>> {
    alerts.iter().find(|alert| alert.name.ends_with(name::BUDGET_EXHAUSTED))
}

/// The severities of a plan, in its order.
fn severities(plan: &Plan) -> Vec<&str> {
    let mut names: Vec<&str> = plan.burn_rates.iter().map(|rate| &*rate.severity).collect();
    names.dedup();
    names
}
