//! What several formats say of a finding beside its message. A finding comes in;
//! lines of plain text come out.

use super::place::Place;
use crate::base::{Diagnostic, SourceMap};

/// What the label says, the notes, the help, and the titles of fixes that no help
/// says already, each on one line.
pub(super) fn details(diagnostic: &Diagnostic) -> Vec<String> {
    label(diagnostic).into_iter().chain(advice(diagnostic)).map(|line| one_line(&line)).collect()
}

/// As [`details`], with a line for each further place: `path:line:column: text`.
pub(super) fn details_and_places(diagnostic: &Diagnostic, sources: &SourceMap) -> Vec<String> {
    let others = diagnostic.others.iter().filter_map(|other| {
        let place = Place::of(other.span, sources)?;
        Some(format!("{}: {}", place.name(), other.text))
    });
    let lines = label(diagnostic).into_iter().chain(others).chain(advice(diagnostic));
    lines.map(|line| one_line(&line)).collect()
}

fn label(diagnostic: &Diagnostic) -> Option<String> {
    let text = &diagnostic.primary.text;
    (!text.is_empty()).then(|| text.clone())
}

fn advice(diagnostic: &Diagnostic) -> Vec<String> {
    let said = |title: &String| diagnostic.help.contains(title);
    let fixes = diagnostic.fixes.iter().filter(|fix| !said(&fix.title));
    let notes = diagnostic.notes.iter().map(|note| format!("note: {note}"));
    let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
    notes.chain(help).chain(fixes.map(|fix| format!("fix: {}", fix.title))).collect()
}

/// A text on one line: line breaks become spaces, what else moves the cursor or
/// turns the direction of text is written as `\u{..}`.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for (index, part) in text.lines().enumerate() {
        if index > 0 {
            line.push(' ');
        }
        let part = if index > 0 { part.trim_start() } else { part };
        for c in part.trim_end().chars() {
            match is_hidden(c) {
                true => line.extend(c.escape_unicode()),
                false => line.push(c),
            }
        }
    }
    line
}

/// Control characters, the separators of lines and paragraphs, and the marks that
/// reverse what follows.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
