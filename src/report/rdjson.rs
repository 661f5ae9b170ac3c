//! Findings in reviewdog's Diagnostic Format. Findings come in; one JSON object
//! comes out, columns of which count bytes of UTF-8 from 1. Source of the fields:
//! `proto/rdf/reviewdog.proto` of reviewdog 0.21.

use serde::Serialize;

use super::place::{Place, project_file};
use super::words::{details, one_line};
use crate::base::{Diagnostic, Diagnostics, Edit, Fix, Severity, SourceMap};

#[derive(Serialize)]
struct Report {
    source: Source,
    diagnostics: Vec<Finding>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Finding {
    message: String,
    location: Location,
    severity: &'static str,
    code: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Value {
    value: &'static str,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
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
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

/// The object, indented, with a line break at its end.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let report = Report {
        source: Source { name: "ninefold" },
        diagnostics: diags.iter().map(|d| finding(d, sources)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&report)
        .expect("strings, numbers and lists always have a JSON form");
    text.push('\n');
    text
}

/// reviewdog wants a file: a finding in none is one on the project file.
fn finding(diagnostic: &Diagnostic, sources: &SourceMap) -> Finding {
    let place = Place::of(diagnostic.primary.span, sources);
    let mut lines = vec![one_line(&diagnostic.message)];
    lines.extend(details(diagnostic));
    let suggestions = place.iter().flat_map(|place| {
        diagnostic.fixes.iter().filter_map(|fix| suggestion(fix, place, sources))
    });
    let related = diagnostic.others.iter().filter_map(|other| {
        let place = Place::of(other.span, sources)?;
        Some(Related { message: other.text.clone(), location: location(&place) })
    });
    Finding {
        message: lines.join("\n"),
        suggestions: suggestions.collect(),
        related_locations: related.collect(),
        location: match &place {
            Some(place) => location(place),
            None => Location { path: project_file(sources), range: None },
        },
        severity: match diagnostic.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
        },
        code: Value { value: diagnostic.code.name },
    }
}

fn location(place: &Place<'_>) -> Location {
    Location { path: place.path().to_owned(), range: Some(range(place)) }
}

fn range(place: &Place<'_>) -> Range {
    let point = |offset| {
        let line = place.file.line_of(offset);
        Point { line: line + 1, column: offset - place.file.line_range(line).start + 1 }
    };
    Range { start: point(place.range.start), end: point(place.range.end) }
}

/// A fix as the one replacement that a suggestion can be: the stretch from its
/// first edit to its last. None where it reaches into another file.
fn suggestion(fix: &Fix, finding: &Place<'_>, sources: &SourceMap) -> Option<Suggestion> {
    let mut whole: Option<Place<'_>> = None;
    let mut text = String::new();
    for Edit { span, text: new } in &fix.edits {
        let place = Place::of(*span, sources)?;
        if !std::ptr::eq(place.file, finding.file) {
            return None;
        }
        let end = whole.as_ref().map_or(place.range.start, |whole| whole.range.end);
        // None where edits overlap or are out of order.
        text.push_str(place.file.text.get(end..place.range.start)?);
        text.push_str(new);
        match &mut whole {
            Some(whole) => whole.range.end = place.range.end,
            None => whole = Some(place),
        }
    }
    whole.map(|whole| Suggestion { range: range(&whole), text })
}
