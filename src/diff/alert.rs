//! Two versions of a plain alert to what differs; one that is new or gone to one line.

use super::change::{Change, Weight};
use super::labels;
use super::measure::Form;
use super::slo::severity_weight;
use super::text::one_line;
use crate::base::Duration;
use crate::ir::Alert;

/// What differs between two versions of an alert. `is_moved`: whether the project file
/// says of a runbook that it moved.
pub(super) fn changes(
    was: &Alert,
    is: &Alert,
    is_moved: &dyn Fn(&str, &str) -> bool,
) -> Vec<Change> {
    let name = |alert: &Alert| Some(alert.name.to_string());
    let note = "routes and silences by `alertname` do not match it";
    let renamed = Change::between("name", Weight::Other, name(was), name(is));
    let (old, new) = (Form::of_alert(was), Form::of_alert(is));
    let expr = |form: &Form| Some(one_line(&form.text));
    let exprs = Change::between("expr", Weight::Other, expr(&old), expr(&new));
    let severity = |alert: &Alert| Some(alert.severity.to_string());
    let time = |time: Option<Duration>| time.map(|time| time.to_string());
    let waits = |alert: &Alert| alert.for_.unwrap_or_default();
    let text = |text: &str| Some(one_line(text));
    let changes = [
        renamed.map(|change| change.note(note)),
        exprs.filter(|_| !old.is_same(&new)),
        Change::between(
            "severity",
            severity_weight(Some(&was.severity), Some(&is.severity)),
            severity(was),
            severity(is),
        ),
        Change::between(
            "for",
            Weight::of_rise(&waits(was), &waits(is)),
            Some(waits(was).to_string()),
            Some(waits(is).to_string()),
        ),
        Change::between(
            "keep_firing_for",
            Weight::Other,
            time(was.keep_firing_for),
            time(is.keep_firing_for),
        ),
        Change::between("summary", Weight::Other, text(&was.summary), text(&is.summary)),
        Change::between(
            "description",
            Weight::Other,
            was.description.as_deref().map(one_line),
            is.description.as_deref().map(one_line),
        ),
    ];
    let mut changes: Vec<Change> = changes.into_iter().flatten().collect();
    let moved = is_moved(&was.promise.runbook_url, &is.promise.runbook_url);
    changes.extend(labels::promise(&was.promise, &is.promise, moved));
    let pairs = labels::pairs("label", &was.labels, &is.labels).into_iter();
    let notes = labels::pairs("annotation", &was.annotations, &is.annotations);
    changes.extend(pairs.chain(notes).map(Change::inherited));
    changes
}

/// An alert in a line: `page for 10m, team-payments: queue_age > 600`.
pub(super) fn summary(alert: &Alert) -> String {
    let waits = alert.for_.filter(|d| !d.is_zero()).map(|d| format!(" for {d}"));
    let owner = one_line(&alert.promise.owner);
    let expr = one_line(&Form::of_alert(alert).text);
    format!("{}{}, {owner}: {expr}", alert.severity, waits.unwrap_or_default())
}
