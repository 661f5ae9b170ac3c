//! Findings as workflow commands of GitHub Actions, which it shows beside the
//! change. Findings come in; commands, most severe first, come out.

use super::place::Place;
use super::words::{details_and_places, one_line};
use crate::base::{Count, Diagnostic, Diagnostics, Severity, SourceMap};

/// GitHub shows so many of each severity per step, and drops the rest unsaid.
const SHOWN: usize = 10;

/// One command per finding that GitHub shows, one plain line for each further
/// one, and a last command that says how many those are.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut shown = String::new();
    let mut rest = String::new();
    let mut more = Vec::new();
    for severity in [Severity::Error, Severity::Warning] {
        let found: Vec<&Diagnostic> = diags.iter().filter(|d| d.severity == severity).collect();
        for (i, diagnostic) in found.iter().enumerate() {
            match i < SHOWN {
                true => shown.push_str(&command(diagnostic, sources)),
                false => rest.push_str(&plain(diagnostic, sources)),
            }
        }
        let count = found.len().saturating_sub(SHOWN);
        if count > 0 {
            more.push(Count(count, severity.name()).to_string());
        }
    }
    if more.is_empty() {
        return shown;
    }
    let text = format!("{} more in the log of this step", more.join(" and "));
    format!("{shown}{rest}::notice title=ninefold::{}\n", data(&text))
}

/// `::error file=F,line=L,...,title=CODE::message`.
fn command(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let level = diagnostic.severity.name();
    let message = one_line(&diagnostic.message);
    let mut properties = Vec::new();
    let mut lines = Vec::new();
    match Place::of(diagnostic.primary.span, sources) {
        Some(place) => {
            let (start, end) = (place.start(), place.end());
            properties.push(format!("file={}", property(place.path())));
            properties.push(format!("line={}", start.line));
            // A line break at the end is not on the next line.
            let last = place.lines().end;
            properties.push(format!("endLine={last}"));
            if start.line == last {
                // GitHub refuses columns of a range over several lines.
                properties.push(format!("col={}", start.column));
                if end.line == last {
                    properties.push(format!("endColumn={}", end.column));
                }
            }
            lines.push(format!("{}: {message}", place.name()));
        }
        None => lines.push(message),
    }
    properties.push(format!("title={}", property(diagnostic.code.name)));
    lines.extend(details_and_places(diagnostic, sources));
    format!("::{level} {}::{}\n", properties.join(","), data(&lines.join("\n")))
}

/// `error[code]: path:line:column: message`. The severity stands first, so that
/// no path and no message can make it a command.
fn plain(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let Diagnostic { severity, code, message, .. } = diagnostic;
    let place = Place::of(diagnostic.primary.span, sources);
    let name = place.map_or(String::new(), |p| format!("{}: ", p.name()));
    let text = one_line(&format!("{name}{message}"));
    format!("{}[{}]: {text}\n", severity.name(), code.name)
}

/// The text of a command. Source: `escapeData` of actions/toolkit.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command. Source: `escapeProperty` of actions/toolkit.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
