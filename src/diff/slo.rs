//! Two versions of an SLO to what differs; an SLO that is new or gone to one line.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::burn::{self, Burning};
use super::change::{Change, Weight};
use super::labels;
use super::measure::Measure;
use super::text::{one_line, seconds};
use crate::base::{Decimal, Duration};
use crate::config::Window;
use crate::ir::{Alerting, BurnAlert, Plan, Slo, name};

/// An SLO with its plan and what it measures.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub(super) slo: &'a Slo,
    pub(super) plan: &'a Plan,
    pub(super) measure: &'a Measure,
}

/// What differs between two versions of an SLO. `is_moved`: whether the project file
/// says of a runbook that it moved.
pub(super) fn changes(
    before: Whole<'_>,
    after: Whole<'_>,
    is_moved: &dyn Fn(&str, &str) -> bool,
) -> Vec<Change> {
    let (was, is) = (before.slo, after.slo);
    let mut changes: Vec<Change> = promised(before, after);
    changes.extend(measured(before, after));
    changes.extend(texts(was, is));
    changes.extend(alerting(was, is));
    let moved = is_moved(&was.promise.runbook_url, &is.promise.runbook_url);
    changes.extend(labels::promise(&was.promise, &is.promise, moved));
    let follows = changes.iter().any(|c| matches!(c.what, "objective" | "window"));
    let burning = |whole: Whole<'_>| whole.slo.objective.budget();
    let (old, new) = (
        Burning { plan: before.plan, budget: burning(before) },
        Burning { plan: after.plan, budget: burning(after) },
    );
    changes.extend(burn::pairs(old, new, follows));
    changes.extend(burn::detection(old, new));
    let pairs = labels::pairs("label", &was.labels, &is.labels).into_iter();
    let notes = labels::pairs("annotation", &was.annotations, &is.annotations);
    changes.extend(pairs.chain(notes).map(Change::inherited));
    changes
}

/// Objective and window.
fn promised(before: Whole<'_>, after: Whole<'_>) -> Vec<Change> {
    let (was, is) = (before.slo.objective.percent, after.slo.objective.percent);
    let weight = Weight::of_rise(&is, &was);
    let objective = (was != is)
        .then(|| Change::between("objective", weight, Some(promise(before)), Some(promise(after))));
    let windows = (before.slo.window, after.slo.window);
    let window = Change::between(
        "window",
        Weight::Other,
        Some(windows.0.to_string()),
        Some(windows.1.to_string()),
    );
    objective.flatten().into_iter().chain(window.map(Change::inherited)).collect()
}

/// `99.9% (43m12s in 30d)`: the objective, and its budget as the time of a full outage.
fn promise(whole: Whole<'_>) -> String {
    let Whole { slo, plan, .. } = whole;
    let budget = slo.objective.budget().to_f64() * plan.period.as_millis() as f64;
    let budget = seconds(Duration::millis(budget.round() as u64));
    let window = match slo.window {
        Window::Rolling(window) => window.to_string(),
        Window::Month => "a month".to_owned(),
    };
    format!("{}% ({budget} in {window})", slo.objective.percent)
}

/// The figures of SLIs of one kind.
fn figures(was: &Slo, is: &Slo) -> Vec<Change> {
    if was.sli.kind() != is.sli.kind() {
        return Vec::new();
    }
    let both = was.sli.figures().into_iter().zip(is.sli.figures());
    let change = |((key, was), (_, is)): ((&str, Decimal), (&str, Decimal))| {
        let weight = Weight::of_rise(&was, &is);
        let figures = (Some(was.to_string()), Some(is.to_string()));
        Some(Change::between("sli", weight, figures.0, figures.1)?.key(key))
    };
    both.filter_map(change).collect()
}

/// The SLI, and what it is measured by.
fn measured(before: Whole<'_>, after: Whole<'_>) -> Vec<Change> {
    let (was, is) = (before.measure, after.measure);
    let kind = |text: &str| Some(text.to_owned());
    let mut sli: Vec<Change> =
        Change::between("sli kind", Weight::Other, kind(was.kind), kind(is.kind))
            .into_iter()
            .collect();
    let figures = figures(before.slo, after.slo);
    for (what, was, is) in [("sli bad", &was.bad, &is.bad), ("sli total", &was.total, &is.total)] {
        let texts = (Some(one_line(&was.text)), Some(one_line(&is.text)));
        let change = Change::between(what, Weight::Other, texts.0, texts.1);
        let change = change.filter(|_| !was.is_same(is));
        // What is bad follows from a threshold, more or less.
        let follows = what == "sli bad" && !figures.is_empty();
        sli.extend(change.map(|change| if follows { change.derived() } else { change }));
    }
    sli.splice(0..0, figures);
    if let Some(first) = sli.first_mut() {
        let window = match after.slo.window {
            Window::Rolling(window) => window.to_string(),
            Window::Month => "the month".to_owned(),
        };
        first.notes.push(format!(
            "recorded history is of the old SLI: until {window} has passed, the budget mixes both"
        ));
    }
    let groups = |slo: &Slo| {
        let names: Vec<&str> = slo.group_by.iter().map(|label| label.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let (was, is) = (before.slo, after.slo);
    let groups = Change::between("group_by", Weight::Other, groups(was), groups(is));
    let groups = groups.map(|change| {
        let note = "series and alerts get other labels: recorded history does not go on";
        change.note(note).inherited()
    });
    let expected = |slo: &Slo| slo.expected_groups.map(|groups| groups.to_string());
    let rate = |slo: &Slo| slo.expected_rate.as_ref().map(|r| format!("{} per day", r.value));
    let others = [
        Change::between("expected_groups", Weight::Other, expected(was), expected(is)),
        Change::between("expected_rate", Weight::Other, rate(was), rate(is)),
    ];
    let others = others.into_iter().flatten().map(Change::inherited);
    sli.into_iter().chain(groups).chain(others).collect()
}

fn texts(was: &Slo, is: &Slo) -> Vec<Change> {
    let description = |slo: &Slo| slo.description.as_deref().map(one_line);
    let name = |slo: &Slo| Some(slo.alert_name.to_string());
    // A renamed SLO or service renames its alerts.
    let renamed = was.name != is.name || was.service != is.service;
    let note = "alerts are renamed: routes and silences by `alertname` do not match them";
    let names = Change::between("alert name", Weight::Other, name(was), name(is))
        .map(|change| if renamed { change.derived() } else { change }.note(note));
    let description =
        Change::between("description", Weight::Other, description(was), description(is));
    names.into_iter().chain(description).collect()
}

/// Which alerts there are, and what they ask for.
fn alerting(before: &Slo, after: &Slo) -> Vec<Change> {
    let (was, is) = (&before.alerting, &after.alerting);
    let mut changes = Vec::new();
    for (what, suffix, has) in ALERTS {
        let name = |slo: &Slo| has(&slo.alerting).then(|| format!("{}{suffix}", slo.alert_name));
        if has(was) != has(is) {
            let weight = Weight::of_presence(has(is));
            changes.extend(Change::between(what, weight, name(before), name(after)));
        }
    }
    let severity = |alerting: &Alerting| alerting.no_data.as_ref().map(|s| s.to_string());
    let weight = severity_weight(was.no_data.as_deref(), is.no_data.as_deref());
    changes.extend(Change::between("no_data alert", weight, severity(was), severity(is)));
    let least = |alerting: &Alerting| Some(alerting.min_bad_events.max(1).to_string());
    let weight = Weight::of_rise(&was.min_bad_events, &is.min_bad_events);
    changes.extend(Change::between("min_bad_events", weight, least(was), least(is)));
    let on = |is_on: bool| Some(if is_on { "counted" } else { "not counted" }.to_owned());
    let first = Weight::of_presence(is.first_errors);
    changes.extend(Change::between(
        "first errors",
        first,
        on(was.first_errors),
        on(is.first_errors),
    ));
    let own = [("page", &was.page, &is.page), ("ticket", &was.ticket, &is.ticket)];
    for (severity, was, is) in own {
        if let (Some(was), Some(is)) = (was, is) {
            changes.extend(burn_alert(severity, was, is));
        }
    }
    changes
}

/// An alert of an SLO: how it is called, the end of its name, whether it is there.
type Kind = (&'static str, &'static str, fn(&Alerting) -> bool);

/// The alerts that are there or not.
const ALERTS: [Kind; 3] = [
    ("page alert", name::PAGE, |alerting| alerting.page.is_some()),
    ("ticket alert", name::TICKET, |alerting| alerting.ticket.is_some()),
    ("budget alert", name::BUDGET_EXHAUSTED, |alerting| alerting.budget_exhausted),
];

fn burn_alert(severity: &str, was: &BurnAlert, is: &BurnAlert) -> Vec<Change> {
    let keeps = |alert: &BurnAlert| alert.keep_firing_for.map(|keeps| keeps.to_string());
    let (whats, keeping) = match severity {
        "page" => (["page label", "page annotation"], "page keep_firing_for"),
        _ => (["ticket label", "ticket annotation"], "ticket keep_firing_for"),
    };
    let mut changes = labels::pairs(whats[0], &was.labels, &is.labels);
    changes.extend(labels::pairs(whats[1], &was.annotations, &is.annotations));
    changes.extend(Change::between(keeping, Weight::Other, keeps(was), keeps(is)));
    changes
}

/// What another severity does: a page wakes somebody, a ticket waits, nothing is silent.
/// Severities of a project's own are not compared.
pub(super) fn severity_weight(before: Option<&str>, after: Option<&str>) -> Weight {
    let rank = |severity: Option<&str>| match severity {
        None => Some(0),
        Some("ticket") => Some(1),
        Some("page") => Some(2),
        Some(_) => None,
    };
    match (rank(before), rank(after)) {
        (Some(before), Some(after)) => Weight::of_rise(&after, &before),
        _ => Weight::Other,
    }
}

/// An SLO in a line, for one that is new or gone: `99.9% (43m12s in 30d), page, ticket`.
pub(super) fn summary(whole: Whole<'_>) -> String {
    let alerting = &whole.slo.alerting;
    let some = ALERTS.iter().filter(|(.., has)| has(alerting));
    let mut alerts: Vec<&str> = some.map(|(what, ..)| what.trim_end_matches(" alert")).collect();
    alerts.extend(alerting.no_data.is_some().then_some("no_data"));
    let alerts = if alerts.is_empty() { "no alerts".to_owned() } else { alerts.join(", ") };
    let owner = one_line(&whole.slo.promise.owner);
    format!("{}, {owner}: {alerts}", promise(whole))
}

/// Pairs those that are gone with those that are new and measure the same; each pair is
/// taken out of both. What measures the same as several is left as it is.
pub(super) fn renamed<T, K: Ord>(
    gone: &mut Vec<T>,
    new: &mut Vec<T>,
    key: impl Fn(&T) -> Option<K>,
) -> Vec<(T, T)> {
    let keys: Vec<Option<K>> = gone.iter().map(&key).collect();
    // How many are gone and new, and which is new.
    let mut known: BTreeMap<K, (usize, usize, usize)> = BTreeMap::new();
    for (at, key) in new.iter().enumerate().filter_map(|(at, is)| Some((at, key(is)?))) {
        let entry = known.entry(key).or_default();
        *entry = (0, entry.1 + 1, at);
    }
    for key in keys.iter().flatten() {
        if let Some((gone, ..)) = known.get_mut(key) {
            *gone += 1;
        }
    }
    let mut left: Vec<Option<T>> = new.drain(..).map(Some).collect();
    let mut pairs = Vec::new();
    let mut kept = Vec::new();
    for (was, key) in gone.drain(..).zip(&keys) {
        let found = key.as_ref().and_then(|key| known.get(key));
        let at = found.filter(|(gone, new, _)| (*gone, *new) == (1, 1)).map(|(.., at)| *at);
        match at.and_then(|at| left.get_mut(at)?.take()) {
            Some(is) => pairs.push((was, is)),
            None => kept.push(was),
        }
    }
    *gone = kept;
    new.extend(left.into_iter().flatten());
    pairs
}

/// What a change of the name of an SLO or service means.
const HISTORY: &str =
    "its series get another name: recorded history does not go on, and the budget starts anew";

/// A name, before and after.
pub(super) fn name_change(was: &Arc<str>, is: &Arc<str>) -> Option<Change> {
    let change =
        Change::between("name", Weight::Other, Some(was.to_string()), Some(is.to_string()));
    change.map(|change| change.note(HISTORY))
}
