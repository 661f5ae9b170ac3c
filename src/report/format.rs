//! The forms that findings are written in, one file of this room each. The name
//! of a form and findings come in; text comes out.

use super::{Style, github, human, json};
use crate::base::{Diagnostics, SourceMap};

/// A form that findings are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: message, snippet, help.
    Human,
    /// For programs: one JSON object `{version, diagnostics, summary}`. Lines and
    /// columns count from 1, columns in characters; a range ends behind its last
    /// character. `path` and `range` are null where a finding is in no file.
    Json,
    /// For GitHub Actions: workflow commands, which it shows beside the change.
    Github,
}

impl Format {
    /// All findings in this form, in the order of `diags`; ends in a line break
    /// unless it is empty. Only [`Format::Human`] heeds `style`.
    pub fn render(self, diags: &Diagnostics, sources: &SourceMap, style: Style) -> String {
        match self {
            Format::Human => human::render(diags, sources, style),
            Format::Json => json::render(diags, sources),
            Format::Github => github::render(diags, sources),
        }
    }
}

impl Format {
    /// The names of the formats, as `--format` takes them.
    pub const NAMES: [&str; 3] = ["human", "json", "github"];

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        match name {
            "human" => Some(Format::Human),
            "json" => Some(Format::Json),
            "github" => Some(Format::Github),
            _ => None,
        }
    }
}
