//! A comparison as markdown for a pull request: a table for each service, folded where
//! there is much. Texts of specs stand in it as code and can neither break a table nor
//! notify anybody.

use super::change::{Change, Comparison, Counts, Part, ServiceDiff, Weight};
use super::human::nothing;
use super::text::{code, prose};

/// From this many rows on services are folded.
const MANY: usize = 30;

/// The most bytes: a comment on GitHub may have 65,536 characters.
const LONGEST: usize = 60_000;

pub(super) fn render(comparison: &Comparison) -> String {
    let words = comparison.counts().words();
    let words = if words.is_empty() { nothing(comparison).to_owned() } else { words };
    let mut text = format!("### SLOs and alerts: {words}\n\n");
    text.push_str(&format!("{} → {}\n", code(&comparison.before), code(&comparison.after)));
    if comparison.is_all_new {
        text.push_str("\nThere was no spec before: everything is new.\n");
    }
    text.push_str(&faults(comparison));
    if !comparison.project.is_empty() {
        text.push_str("\n#### The project: every alert\n\n| what | before | after | effect |\n|---|---|---|---|\n");
        comparison.project.iter().for_each(|change| text.push_str(&format!("| {}", row(change))));
        text.push_str(&listed(notes(None, &comparison.project)));
    }
    let rows: usize = comparison.services.iter().map(|service| service.changes().count()).sum();
    let mut left_out = 0;
    for service in &comparison.services {
        let part = one(service, rows > MANY);
        if text.len() + part.len() > LONGEST {
            left_out += 1;
        } else {
            text.push_str(&part);
        }
    }
    if left_out > 0 {
        text.push_str(&format!(
            "\nChanges of {left_out} more services are left out: `ninefold diff` shows them.\n"
        ));
    }
    text
}

/// One service.
fn one(service: &ServiceDiff, is_folded: bool) -> String {
    let name = code(&service.name);
    let counts = Counts::of(service.changes());
    let mut text = match is_folded {
        true => {
            let open = if counts.weaker > 0 { " open" } else { "" };
            let words = counts.words();
            format!("\n<details{open}><summary>{name}: {words}</summary>\n\n")
        }
        false => format!("\n#### {name}\n\n"),
    };
    text.push_str("| SLO | what | before | after | effect |\n|---|---|---|---|---|\n");
    for (part, changes) in &service.parts {
        for (index, change) in changes.iter().enumerate() {
            let name = if index == 0 { named(part) } else { String::new() };
            text.push_str(&format!("| {name} | {}", row(change)));
        }
    }
    let notes = service.parts.iter().map(|(part, changes)| notes(Some(part), changes));
    text.push_str(&listed(notes.collect()));
    if is_folded {
        text.push_str("\n</details>\n");
    }
    text
}

/// The cells behind the first.
fn row(change: &Change) -> String {
    let value = |value: &Option<String>| value.as_deref().map_or("–".to_owned(), code);
    let key = match change.key.as_str() {
        "" => String::new(),
        key => format!(" {}", code(key)),
    };
    let effect = match change.weight {
        Weight::Weaker => "**weaker**",
        Weight::Other => "",
        Weight::Stronger => "stronger",
    };
    let (before, after) = (value(&change.before), value(&change.after));
    format!("{}{key} | {before} | {after} | {effect} |\n", prose(change.what))
}

fn named(part: &Part) -> String {
    match part {
        Part::Service => "(the service)".to_owned(),
        Part::All(words) => format!("({words})"),
        Part::Slo(name) => code(name),
        Part::Alert(name) => format!("{} (alert)", code(name)),
    }
}

/// What follows from changes, below their table.
fn notes(part: Option<&Part>, changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes.iter().filter(|change| !change.notes.is_empty()) {
        let name = part.map(|part| format!("{}, ", named(part))).unwrap_or_default();
        for note in &change.notes {
            text.push_str(&format!("- {name}{}: {}\n", prose(change.what), prose(note)));
        }
    }
    text
}

/// A list, parted from the table above it.
fn listed(items: String) -> String {
    if items.is_empty() { items } else { format!("\n{items}") }
}

/// What could not be compared, and why.
fn faults(comparison: &Comparison) -> String {
    if comparison.faults.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n> **Not all could be compared**, since there are errors:\n");
    for fault in comparison.faults.iter().take(MANY) {
        let place = fault.place.as_deref().map(|place| format!(", {}", code(place)));
        text.push_str(&format!(
            "> - {}{}: {} ({})\n",
            code(&fault.side),
            place.unwrap_or_default(),
            prose(&fault.message),
            code(fault.code)
        ));
    }
    let more = comparison.faults.len().saturating_sub(MANY);
    if more > 0 {
        text.push_str(&format!("> - and {more} more\n"));
    }
    let names = comparison.uncompared.iter().take(MANY).map(|uncompared| {
        let part = uncompared.part.as_ref().map(|part| format!("/{part}")).unwrap_or_default();
        code(&format!("{}{part}", uncompared.service))
    });
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        text.push_str(&format!(">\n> Left out: {}\n", names.join(", ")));
    }
    text
}
