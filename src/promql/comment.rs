//! Comments in expressions that YAML folded: text with its map to the file comes in,
//! a finding comes out where a comment hides what stood on the next line.

use super::codes::PROMQL_COMMENT;
use super::lex::Token;
use crate::base::{Diagnostic, Text};

/// The fault of a comment that goes on over a folded line break: in a block that
/// begins with `>`, lines become one, and all that follows `#` is comment. `tokens`
/// are those of `text`, in order.
pub(super) fn swallowed(text: &Text, tokens: &[Token]) -> Option<Diagnostic> {
    let source = text.as_str();
    let starts = tokens.iter().map(|token| token.start).chain([source.len()]);
    let ends = std::iter::once(0).chain(tokens.iter().map(|token| token.end));
    for (start, end) in ends.zip(starts) {
        let gap = source.get(start..end).unwrap_or_default();
        let Some(hash) = gap.find('#').map(|at| start + at) else { continue };
        let length = source[hash..].find('\n').unwrap_or(source.len() - hash);
        // A blank that is more than one byte in the file was a line break.
        let folded = |at: &usize| {
            source.as_bytes()[*at] == b' ' && text.slice(*at..at + 1).range().len() > 1
        };
        if let Some(at) = (hash..hash + length).find(folded) {
            return Some(
                Diagnostic::new(
                    &PROMQL_COMMENT,
                    text.slice(hash..at),
                    "the comment hides the lines below it",
                )
                .label("goes on to the end: YAML folds the lines into one")
                .help("begin the block with `|`, which keeps line breaks, or remove the comment"),
            );
        }
    }
    None
}
