//! Findings for programs: one versioned JSON object. Findings come in; the text
//! of the object comes out. Lines and columns count from 1, columns in
//! characters; a range ends behind its last character. `path` is relative to the
//! working directory; it and `range` are null where a finding is in no file.

use serde::Serialize;

use super::place::Place;
use crate::base::{
    Diagnostic, Diagnostics, Fix, Label, Position, Safety, Severity, SourceMap, Span,
};

/// The JSON Schema of the object, as `ninefold schema report` prints it.
pub const SCHEMA: &str = include_str!("../../schemas/report.v1.json");

/// Raised when a field changes its meaning or goes; not when one is added.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(flatten)]
    place: Location<'a>,
    label: &'a str,
    others: Vec<Other<'a>>,
    notes: &'a [String],
    help: &'a [String],
    fixes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Option<&'a str>,
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Other<'a> {
    #[serde(flatten)]
    place: Location<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    safety: &'a str,
    edits: Vec<Edited<'a>>,
}

#[derive(Serialize)]
struct Edited<'a> {
    #[serde(flatten)]
    place: Location<'a>,
    text: &'a str,
}

/// The object, indented, with a line break at its end.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let report = Report {
        version: VERSION,
        diagnostics: diags.iter().map(|d| finding(d, sources)).collect(),
        summary: Summary {
            errors: diags.count(Severity::Error),
            warnings: diags.count(Severity::Warning),
        },
    };
    let mut text = serde_json::to_string_pretty(&report)
        .expect("strings, numbers and lists always have a JSON form");
    text.push('\n');
    text
}

fn finding<'a>(d: &'a Diagnostic, sources: &'a SourceMap) -> Finding<'a> {
    let other =
        |label: &'a Label| Other { place: location(label.span, sources), label: &label.text };
    Finding {
        code: d.code.name,
        severity: d.severity.name(),
        message: &d.message,
        place: location(d.primary.span, sources),
        label: &d.primary.text,
        others: d.others.iter().map(other).collect(),
        notes: &d.notes,
        help: &d.help,
        fixes: d.fixes.iter().map(|fix| change(fix, sources)).collect(),
    }
}

fn change<'a>(fix: &'a Fix, sources: &'a SourceMap) -> Change<'a> {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Suggestion => "suggestion",
    };
    let edits = fix
        .edits
        .iter()
        .map(|edit| Edited { place: location(edit.span, sources), text: &edit.text })
        .collect();
    Change { title: &fix.title, safety, edits }
}

fn location(span: Span, sources: &SourceMap) -> Location<'_> {
    let Some(place) = Place::of(span, sources) else {
        return Location { path: None, range: None };
    };
    let point = |Position { line, column }| Point { line, column };
    let range = Range { start: point(place.start()), end: point(place.end()) };
    Location { path: Some(place.path()), range: Some(range) }
}
