//! Labels, annotations and remediation times, key by key.

use std::collections::BTreeSet;

use super::change::{Change, Weight};
use super::text::one_line;
use crate::ir::{Labels, Promise};

/// The pairs that differ.
pub(super) fn pairs(what: &'static str, before: &Labels, after: &Labels) -> Vec<Change> {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let change = |key: &std::sync::Arc<str>| {
        let value = |labels: &Labels| labels.get(key).map(|value| shown(value));
        let change = Change::between(what, Weight::Other, value(before), value(after))?;
        Some(change.key(one_line(key)))
    };
    keys.into_iter().filter_map(change).collect()
}

/// A value; one that is empty can be told from none.
fn shown(value: &str) -> String {
    if value.is_empty() { "\"\"".to_owned() } else { one_line(value) }
}

/// Owner, runbook and remediation times. A time that is on one side alone comes or goes
/// with its alert, which is told.
pub(super) fn promise(before: &Promise, after: &Promise, runbook_moved: bool) -> Vec<Change> {
    let text = |text: &str| Some(one_line(text));
    let owner = Change::between("owner", Weight::Other, text(&before.owner), text(&after.owner));
    let runbook = Change::between(
        "runbook",
        Weight::Other,
        text(&before.runbook_url),
        text(&after.runbook_url),
    );
    let times = before.remediation.iter().filter_map(|(severity, was)| {
        let is = after.remediation.get(severity)?;
        let weight = Weight::of_rise(was, is);
        let times = (Some(was.to_string()), Some(is.to_string()));
        let change = Change::between("remediation", weight, times.0, times.1)?;
        Some(change.key(&**severity))
    });
    let changes = owner.into_iter().chain(runbook.filter(|_| !runbook_moved)).chain(times);
    changes.map(Change::inherited).collect()
}
