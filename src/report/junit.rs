//! Findings as JUnit XML, for CI servers that show tests. Findings and the files
//! that were read come in; a suite for each file comes out. An error is a failed
//! case, a warning a skipped one, since it fails no run; a clean file is one case
//! that passes. Source of the shape: the schema of Jenkins' xUnit plugin.

use std::collections::BTreeMap;

use super::identity::Identities;
use super::place::Place;
use super::words::{details_and_places, one_line};
use crate::base::{Diagnostic, Diagnostics, FileId, Severity, SourceFile, SourceMap};

/// The suite of findings that are in no file.
const NOWHERE: &str = "ninefold";

/// The cases of one file.
struct Suite<'a> {
    file: Option<&'a SourceFile>,
    found: Vec<&'a Diagnostic>,
}

/// The document: files in order, then what is in no file.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let suites = suites(diags, sources);
    let tests: usize = suites.iter().map(|suite| suite.found.len().max(1)).sum();
    let (errors, warnings) = (diags.count(Severity::Error), diags.count(Severity::Warning));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!("<testsuites name=\"ninefold\" {}>\n", counts(tests, errors, warnings)));
    suites.iter().for_each(|suite| suite.write(sources, &mut out));
    out.push_str("</testsuites>\n");
    out
}

fn suites<'a>(diags: &'a Diagnostics, sources: &'a SourceMap) -> Vec<Suite<'a>> {
    let mut found: BTreeMap<Option<FileId>, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diags.iter() {
        found.entry(diagnostic.primary.span.file()).or_default().push(diagnostic);
    }
    let nowhere = found.remove(&None);
    // The order of ids is the order of files.
    let mut found = found.into_iter().peekable();
    let mut suites: Vec<Suite<'a>> = sources
        .files()
        .map(|file| {
            let own =
                found.next_if(|(id, _)| id.is_some_and(|id| std::ptr::eq(sources.file(id), file)));
            Suite { file: Some(file), found: own.map(|(_, found)| found).unwrap_or_default() }
        })
        .collect();
    // A report of no case at all is taken for one that was lost.
    if nowhere.is_some() || suites.is_empty() {
        suites.push(Suite { file: None, found: nowhere.unwrap_or_default() });
    }
    suites
}

fn counts(tests: usize, failures: usize, skipped: usize) -> String {
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

impl Suite<'_> {
    fn name(&self) -> String {
        escaped(self.file.map_or(NOWHERE, |file| file.shown.as_str()))
    }

    fn write(&self, sources: &SourceMap, out: &mut String) {
        let count = |severity| self.found.iter().filter(|d| d.severity == severity).count();
        let (name, tests) = (self.name(), self.found.len().max(1));
        let counts = counts(tests, count(Severity::Error), count(Severity::Warning));
        out.push_str(&format!("  <testsuite name=\"{name}\" {counts}>\n"));
        if self.found.is_empty() {
            let file = self.file_attribute();
            out.push_str(&format!(
                "    <testcase name=\"no findings\" classname=\"{name}\"{file}/>\n"
            ));
        }
        let mut cases = Identities::default();
        self.found.iter().for_each(|d| self.case(d, sources, &mut cases, out));
        out.push_str("  </testsuite>\n");
    }

    fn file_attribute(&self) -> String {
        self.file.map_or(String::new(), |_| format!(" file=\"{}\"", self.name()))
    }

    /// Readers tell cases apart by their names, which therefore hold no line.
    fn case(
        &self,
        diagnostic: &Diagnostic,
        sources: &SourceMap,
        cases: &mut Identities,
        out: &mut String,
    ) {
        let message = one_line(&diagnostic.message);
        let mut name = format!("{}: {message}", diagnostic.code.name);
        let count = cases.count(&name);
        if count > 1 {
            name.push_str(&format!(" ({count})"));
        }
        let place = Place::of(diagnostic.primary.span, sources);
        let line = place.as_ref().map(|place| format!(" line=\"{}\"", place.start().line));
        out.push_str(&format!(
            "    <testcase name=\"{}\" classname=\"{}\"{}{}>\n",
            escaped(&name),
            self.name(),
            self.file_attribute(),
            line.unwrap_or_default(),
        ));
        let mut lines = vec![match place {
            Some(place) => format!("{}: {message}", place.name()),
            None => message.clone(),
        }];
        lines.extend(details_and_places(diagnostic, sources));
        let body = escaped(&lines.join("\n")).replace("&#10;", "\n");
        let (code, message) = (escaped(diagnostic.code.name), escaped(&message));
        out.push_str(&match diagnostic.severity {
            Severity::Error => {
                format!("      <failure type=\"{code}\" message=\"{message}\">{body}</failure>\n")
            }
            // Some readers know no text of a skipped case, only its message.
            Severity::Warning => {
                format!("      <skipped type=\"{code}\" message=\"{message}\">{body}</skipped>\n")
            }
        });
        out.push_str("    </testcase>\n");
    }
}

/// A text for an attribute. What XML 1.0 has no way to write is left out, as are
/// the control characters that it discourages. Source: section 2.2, `Char`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
