//! The rule by which Alertmanager silences the ticket of an SLO while it pages.

use super::alerts::Alert;
use crate::config::Config;
use crate::ir::{Identity, Plan, Slo, name};
use crate::yaml::{Out, write};

/// The lines of `inhibit_rules:`; none where no ticket stands beside a page.
///
/// Labels that are missing on both sides count as equal, so that each side asks for
/// the SLO too: other alerts have neither label. An external label that an alert has
/// already is not added to it, and may differ from one alert to the other.
pub(super) fn snippet(
    slo: &Slo,
    plan: &Plan,
    alerts: &[Alert<'_>],
    config: &Config,
) -> Vec<String> {
    let value = |severity: &str| config.severities.get(severity).map(|s| &*s.label);
    let fires = |value: &&str| alerts.iter().any(|a| a.label(name::SEVERITY) == Some(*value));
    let [Some(page), Some(ticket)] = ["page", "ticket"].map(|s| value(s).filter(fires)) else {
        return Vec::new();
    };
    let identity = Identity::new(plan.names, &slo.service, &slo.name);
    let own = identity.labels.iter().map(|(label, _)| label.as_str());
    let groups = slo.group_by.iter().map(|label| label.as_str());
    let is_added = |label: &&str| {
        *label != "alertname" && alerts.iter().all(|alert| alert.label(label).is_none())
    };
    let external = config.prometheus.external_labels.iter().map(|label| &*label.value);
    let mut equal: Vec<&str> = Vec::new();
    for label in external.filter(is_added).chain(own.clone()).chain(groups) {
        if !equal.contains(&label) {
            equal.push(label);
        }
    }
    let is_slo = own.clone().next_back().map(|label| Out::str(format!("{label}!=\"\"")));
    let matchers = |severity: &str| {
        let severity = format!("{}=\"{}\"", name::SEVERITY, escaped(severity));
        Out::Seq([Out::str(severity)].into_iter().chain(is_slo.clone()).collect())
    };
    let rule = Out::Map(vec![
        ("source_matchers".into(), matchers(page)),
        ("target_matchers".into(), matchers(ticket)),
        ("equal".into(), Out::Seq(equal.into_iter().map(Out::str).collect())),
    ]);
    let mut text = String::new();
    write(&Out::Map(vec![("inhibit_rules".into(), Out::Seq(vec![rule]))]), &mut text);
    text.lines().map(str::to_owned).collect()
}

/// A text inside the quotes of a matcher.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
