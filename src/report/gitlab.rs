//! Findings as a Code Quality report, which GitLab shows in merge requests.
//! Findings come in; a JSON list of issues comes out. Source of the fields:
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use serde::Serialize;

use super::identity::Identities;
use super::place::{Place, project_file};
use super::words::{details, one_line};
use crate::base::{Diagnostic, Diagnostics, Severity, SourceMap};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The list, indented, with a line break at its end; `[]` where there is nothing.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut identities = Identities::default();
    let issues: Vec<Issue> = diags.iter().map(|d| issue(d, sources, &mut identities)).collect();
    let mut text = serde_json::to_string_pretty(&issues)
        .expect("strings, numbers and lists always have a JSON form");
    text.push('\n');
    text
}

/// GitLab wants a file and a line: a finding in no file is shown at the project file.
fn issue(diagnostic: &Diagnostic, sources: &SourceMap, identities: &mut Identities) -> Issue {
    let (path, lines) = match Place::of(diagnostic.primary.span, sources) {
        Some(place) => {
            let lines = place.lines();
            (place.path().to_owned(), Lines { begin: lines.start + 1, end: lines.end })
        }
        None => (project_file(sources), Lines { begin: 1, end: 1 }),
    };
    // A line is all that GitLab shows.
    let mut description = one_line(&diagnostic.message);
    for detail in details(diagnostic) {
        description.push_str(&format!("; {detail}"));
    }
    Issue {
        description,
        check_name: diagnostic.code.name,
        fingerprint: identities.next(diagnostic, &path),
        severity: match diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
        location: Location { path, lines },
    }
}
