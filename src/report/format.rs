//! The forms that findings are written in, one file of this room each. The name
//! of a form and findings come in; text comes out.

use super::{Style, concise, github, gitlab, human, json, junit, rdjson, sarif};
use crate::base::{Diagnostics, SourceMap};

/// A form that findings are written in. None of them depends on the time, the
/// machine or the order of a hash; paths are those that messages name, relative to
/// the working directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: message, snippet, help.
    Human,
    /// For editors and `grep`: `path:line:column: severity[code] message`, one line
    /// for each finding. Lines and columns count from 1, columns in characters, as
    /// editors count; a finding in no file begins with its severity.
    Concise,
    /// For programs: one JSON object `{version, diagnostics, summary}`. Lines and
    /// columns count from 1, columns in characters; a range ends behind its last
    /// character. `path` and `range` are null where a finding is in no file. Its JSON
    /// Schema is [`report::SCHEMA`](super::SCHEMA).
    Json,
    /// For code scanning: SARIF 2.1.0, with rules, further places, fixes, and
    /// fingerprints that outlive a change of line numbers.
    Sarif,
    /// For GitHub Actions: workflow commands, which it shows beside the change.
    Github,
    /// For GitLab: a Code Quality report, shown in merge requests.
    Gitlab,
    /// For CI servers that show tests: JUnit XML, one suite for each file, in which an
    /// error is a failed case, a warning a skipped one, and a clean file a passed one.
    Junit,
    /// For reviewdog: its Diagnostic Format in JSON, with suggestions. Columns count
    /// bytes of UTF-8, as that format wants.
    Rdjson,
}

impl Format {
    /// All formats, in the order in which help lists them.
    pub const ALL: [Format; 8] = [
        Format::Human,
        Format::Concise,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Rdjson,
    ];

    /// The name, as `--format` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Rdjson => "rdjson",
        }
    }

    /// What it is, in a line of help.
    pub fn about(self) -> &'static str {
        match self {
            Format::Human => "for people: message, snippet, help",
            Format::Concise => "`path:line:column: severity[code] message`, a line each",
            Format::Json => "one versioned object; `ninefold schema report` prints its schema",
            Format::Sarif => "SARIF 2.1.0, for code scanning and its viewers",
            Format::Github => "workflow commands: annotations in GitHub Actions",
            Format::Gitlab => "Code Quality report for GitLab merge requests",
            Format::Junit => "JUnit XML; errors are failures, warnings are skipped",
            Format::Rdjson => "reviewdog's Diagnostic Format, with suggestions",
        }
    }

    /// All findings in this form, in the order of `diags`; ends in a line break
    /// unless it is empty. Only [`Format::Human`] heeds `style`.
    pub fn render(self, diags: &Diagnostics, sources: &SourceMap, style: Style) -> String {
        match self {
            Format::Human => human::render(diags, sources, style),
            Format::Concise => concise::render(diags, sources),
            Format::Json => json::render(diags, sources),
            Format::Sarif => sarif::render(diags, sources),
            Format::Github => github::render(diags, sources),
            Format::Gitlab => gitlab::render(diags, sources),
            Format::Junit => junit::render(diags, sources),
            Format::Rdjson => rdjson::render(diags, sources),
        }
    }
}
