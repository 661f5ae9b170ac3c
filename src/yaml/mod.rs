//! YAML: text to a spanned tree, a tree held against a Shape (keys, types, docs as
//! data), and a tree of our own to text that every YAML reader reads back unchanged.

mod build;
mod check;
pub mod codes;
mod fault;
mod json;
mod layout;
mod lines;
mod node;
mod parse;
mod scalar;
mod schema;
mod shape;
#[cfg(test)]
mod tests;
mod wording;
mod write;

pub use check::check;
pub use codes::CODES;
pub use json::from_json;
pub use node::{Comment, Document, Entry, Key, Kind, Node, Scalar, Style, Tag, Value};
pub use parse::parse;
pub use schema::{to_json, to_schema};
pub use shape::{Field, Need, Pattern, Range, Shape, Type};
pub use write::{Out, scalar, write, write_pair};
