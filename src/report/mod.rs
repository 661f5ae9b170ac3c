//! Findings out: for people, for programs, for GitHub. Findings and the files
//! that they are in come in; text comes out.

mod format;
mod github;
mod human;
mod json;
mod place;
#[cfg(test)]
mod tests;
mod window;

pub use format::Format;
pub use human::{Style, summary};
