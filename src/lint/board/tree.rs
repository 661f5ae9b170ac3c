//! Small questions to a node of a board: is it a text, a whole number, a list. What could
//! not be read was reported by the parser and counts as there.

use crate::base::{Span, Text};
use crate::yaml::{Node, Value};

/// The text of a node that is one: no number, no boolean.
pub(super) fn text(node: &Node) -> Option<&Text> {
    match node.as_value()? {
        Value::Str(_) => node.as_text(),
        _ => None,
    }
}

/// The text below a key.
pub(super) fn text_of<'a>(node: &'a Node, key: &str) -> Option<&'a Text> {
    node.get(key).and_then(text)
}

/// The text below a key; empty where there is none.
pub(super) fn word<'a>(node: &'a Node, key: &str) -> &'a str {
    text_of(node, key).map(Text::as_str).unwrap_or_default()
}

/// The value below a key, unless it is null.
pub(super) fn given<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.get(key).filter(|value| !value.is_null())
}

/// The items of the list below a key; none where there is no list.
pub(super) fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}

/// The whole number that a node is, if it has at most 15 digits.
pub(super) fn integer(node: &Node) -> Option<i64> {
    node.as_decimal()?.to_string().parse().ok()
}

/// The number that a node is.
pub(super) fn number(node: &Node) -> Option<f64> {
    match node.as_value()? {
        Value::Number(text) => text.parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

/// The place of a key, of the whole map where it has no such key.
pub(super) fn key_span(node: &Node, key: &str) -> Span {
    node.entry(key).map_or(node.span, |entry| entry.key.span)
}

/// The value at the end of a path of keys.
pub(super) fn below<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}
