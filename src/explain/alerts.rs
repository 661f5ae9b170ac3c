//! The series and alerts of an SLO, by name: read off its rules.

use std::sync::Arc;

use super::table::Table;
use crate::base::Duration;
use crate::ir::{RuleGroup, RuleKind, RuleSet, Slo, name};
use crate::promql::Name;

/// An alerting rule of an SLO.
#[derive(Debug)]
pub(super) struct Alert<'a> {
    pub(super) name: &'a str,
    pub(super) labels: &'a [(Name, Arc<str>)],
    annotations: &'a [(Name, Arc<str>)],
    for_: Option<Duration>,
    keeps: Option<Duration>,
    /// How often it is evaluated.
    pub(super) interval: Option<Duration>,
}

/// The groups that were made for an SLO.
pub(super) fn groups<'a>(rules: &'a RuleSet, slo: &Slo) -> Vec<&'a RuleGroup> {
    let is_own = |group: &&RuleGroup| group.rules.iter().any(|r| r.origin == slo.origin.span);
    rules.groups.iter().filter(is_own).collect()
}

/// The alerts in groups.
pub(super) fn alerts<'a>(groups: &[&'a RuleGroup]) -> Vec<Alert<'a>> {
    let mut alerts = Vec::new();
    for group in groups {
        for rule in &group.rules {
            let RuleKind::Alert { name, for_, keep_firing_for, annotations } = &rule.kind else {
                continue;
            };
            alerts.push(Alert {
                name,
                labels: &rule.labels,
                annotations,
                for_: *for_,
                keeps: *keep_firing_for,
                interval: group.interval,
            });
        }
    }
    alerts
}

/// The series that a group records, each once.
pub(super) fn series(group: &RuleGroup) -> Vec<&str> {
    let mut names = Vec::new();
    for rule in &group.rules {
        if let RuleKind::Record(name) = &rule.kind
            && !names.contains(&name.as_str())
        {
            names.push(name.as_str());
        }
    }
    names
}

impl Alert<'_> {
    /// The value of a label.
    pub(super) fn label(&self, label: &str) -> Option<&str> {
        value(self.labels, label)
    }
}

fn value<'a>(pairs: &'a [(Name, Arc<str>)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| &**value)
}

/// What tells alerts apart.
pub(super) fn table(alerts: &[Alert<'_>]) -> Table {
    let head = ["alert", "severity", "checked", "after", "keeps", "fix within"];
    let time = |time: Option<Duration>| time.map_or("-".to_owned(), |time| time.to_string());
    let row = |alert: &Alert<'_>| {
        vec![
            alert.name.to_owned(),
            alert.label(name::SEVERITY).unwrap_or("-").to_owned(),
            time(alert.interval),
            time(alert.for_),
            time(alert.keeps),
            value(alert.annotations, name::REMEDIATION_TIME).unwrap_or("-").to_owned(),
        ]
    };
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: alerts.iter().map(row).collect(),
        words: 2,
    }
}

/// The labels that all alerts have in common.
pub(super) fn common_labels(alerts: &[Alert<'_>]) -> Vec<String> {
    let Some((first, others)) = alerts.split_first() else { return Vec::new() };
    let in_all = |(key, value): &&(Name, Arc<str>)| {
        others.iter().all(|other| other.label(key.as_str()) == Some(value))
    };
    let common =
        first.labels.iter().filter(in_all).filter(|(key, _)| key.as_str() != name::SEVERITY);
    common.map(|(key, value)| format!("{}={value:?}", key.as_str())).collect()
}

/// Labels of an alert that not all of them have.
pub(super) fn own_labels<'a>(alert: &'a Alert<'a>, common: &[String]) -> Vec<String> {
    let own = alert.labels.iter().filter(|(key, _)| key.as_str() != name::SEVERITY);
    own.map(|(key, value)| format!("{}={value:?}", key.as_str()))
        .filter(|label| !common.contains(label))
        .collect()
}

/// The runbooks, each with the alerts that link it where there are several.
pub(super) fn runbooks<'a>(alerts: &'a [Alert<'a>]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut runbooks: Vec<(&str, Vec<&str>)> = Vec::new();
    for alert in alerts {
        let Some(url) = value(alert.annotations, name::RUNBOOK_URL) else { continue };
        match runbooks.iter_mut().find(|(known, _)| *known == url) {
            Some((_, names)) => names.push(alert.name),
            None => runbooks.push((url, vec![alert.name])),
        }
    }
    runbooks
}
