//! Findings out: for people, for programs, for each kind of CI. Findings and the
//! files that they are in come in; text comes out.

mod concise;
mod format;
mod github;
mod gitlab;
mod human;
mod identity;
mod json;
mod junit;
mod place;
mod rdjson;
mod sarif;
#[cfg(test)]
mod tests;
mod window;
mod words;

pub use format::Format;
pub use human::{Style, summary};
pub use json::SCHEMA;
