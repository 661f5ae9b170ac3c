//! The forms that a comparison is written in, one file of this room each.

use super::change::Comparison;
use super::{human, json, markdown};

/// A form that a comparison is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: words, aligned.
    Human,
    /// For a pull request: a table for each service.
    Markdown,
    /// For programs: one JSON object `{version, before, after, summary, project, services,
    /// uncompared, faults}`.
    Json,
}

impl Format {
    /// The names of the formats, as `--format` takes them.
    pub const NAMES: [&str; 3] = ["human", "markdown", "json"];

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        match name {
            "human" => Some(Format::Human),
            "markdown" => Some(Format::Markdown),
            "json" => Some(Format::Json),
            _ => None,
        }
    }

    /// A comparison in this form; ends in a line break.
    pub fn render(self, comparison: &Comparison) -> String {
        match self {
            Format::Human => human::render(comparison),
            Format::Markdown => markdown::render(comparison),
            Format::Json => json::render(comparison),
        }
    }
}
