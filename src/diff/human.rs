//! A comparison for people: a line for each change, weight first, in aligned columns.

use super::change::{Change, Comparison, Part, Weight};
use super::text::one_line;
use crate::base::Count;

/// How wide a line is at most, where its words allow.
const WIDTH: usize = 100;

/// The widest column of what differs.
const WHAT: usize = 34;

/// What stands before what differs: `weaker    `.
const WEIGHT: usize = 10;

pub(super) fn render(comparison: &Comparison) -> String {
    let mut lines = Lines::default();
    lines.wrapped(0, 2, &heading(comparison));
    if comparison.is_all_new {
        lines.line(0, &format!("{} has no spec: everything is new", comparison.before));
    }
    if !comparison.project.is_empty() {
        lines.line(0, "");
        lines.line(0, "the project: every alert");
        lines.changes(2, &comparison.project);
    }
    for service in &comparison.services {
        lines.line(0, "");
        lines.line(0, &service.name);
        for (part, changes) in &service.parts {
            let (name, indent) = match part {
                Part::Service => (String::new(), 2),
                Part::All(words) => ((*words).to_owned(), 4),
                Part::Slo(name) => (name.clone(), 4),
                Part::Alert(name) => (format!("{} (alert)", one_line(name)), 4),
            };
            if !name.is_empty() {
                lines.line(2, &name);
            }
            lines.changes(indent, changes);
        }
    }
    if !comparison.uncompared.is_empty() {
        lines.line(0, "");
        lines.line(0, "not compared, since there are errors:");
        for uncompared in &comparison.uncompared {
            let part = uncompared.part.as_ref().map(|part| format!("/{}", one_line(part)));
            let name = format!("{}{}", one_line(&uncompared.service), part.unwrap_or_default());
            lines.line(2, &format!("{name} ({})", uncompared.side));
        }
    }
    lines.text
}

/// Both sides, and how many changes there are.
fn heading(comparison: &Comparison) -> String {
    let sides = format!("{} -> {}", comparison.before, comparison.after);
    let services = comparison.services.len();
    match comparison.counts().words() {
        words if words.is_empty() => format!("{sides}: {}", nothing(comparison)),
        words if services == 0 => format!("{sides}: {words}"),
        words => format!("{sides}: {words}, in {}", Count(services, "service")),
    }
}

/// That there is no change.
pub(super) fn nothing(comparison: &Comparison) -> &'static str {
    match comparison.faults.is_empty() {
        true => "no change",
        false => "no change in what could be compared",
    }
}

/// The text under construction.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn changes(&mut self, indent: usize, changes: &[Change]) {
        let widths = changes.iter().map(|change| what(change).chars().count());
        let width = widths.max().unwrap_or_default().min(WHAT);
        for change in changes {
            self.change(indent, width, change);
        }
    }

    fn change(&mut self, indent: usize, width: usize, change: &Change) {
        let weight = match change.weight {
            Weight::Other => "",
            weight => weight.name(),
        };
        let head = format!("{weight:WEIGHT$}{:width$}", what(change));
        let values = match (&change.before, &change.after) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (Some(before), None) => format!("gone: {before}"),
            (None, after) => format!("new: {}", after.as_deref().unwrap_or_default()),
        };
        let line = format!("{head}  {values}");
        let inside = indent + WEIGHT + 2;
        if indent + line.chars().count() <= WIDTH {
            self.line(indent, &line);
        } else {
            self.line(indent, &head);
            match (&change.before, &change.after) {
                (Some(before), Some(after)) => {
                    self.wrapped(inside, 5, &format!("was  {before}"));
                    self.wrapped(inside, 5, &format!("now  {after}"));
                }
                _ => self.wrapped(inside, 5, &values),
            }
        }
        for note in &change.notes {
            self.wrapped(inside, 0, note);
        }
    }

    /// A text broken between words, later lines further in by `hang`. Runs of spaces are
    /// kept.
    fn wrapped(&mut self, indent: usize, hang: usize, text: &str) {
        let mut own = indent;
        let mut line = String::new();
        for word in text.split(' ') {
            let length = own + line.chars().count() + 1 + word.chars().count();
            if !line.trim().is_empty() && length > WIDTH {
                self.line(own, &line);
                line.clear();
                own = indent + hang;
            } else if !line.is_empty() || (word.is_empty() && own == indent) {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(own, &line);
    }

    fn line(&mut self, indent: usize, text: &str) {
        let text = text.trim_end();
        if !text.is_empty() {
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(text);
        }
        self.text.push('\n');
    }
}

/// What differs, in words.
fn what(change: &Change) -> String {
    let space = if change.key.is_empty() { "" } else { " " };
    format!("{}{space}{}", change.what, change.key)
}
