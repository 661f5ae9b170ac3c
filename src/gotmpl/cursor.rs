//! The tokens of one action and a place among them.
//! An action comes in; its tokens come out one by one, with or without spaces.

use super::lexer::{Action, Kind, Token};

/// The tokens of an action and a place among them.
pub(super) struct Cursor<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    /// Where the action's content ends.
    pub(super) end: usize,
    pub(super) depth: usize,
    /// The tokens end at a fault that has been reported.
    pub(super) broken: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(action: &'a Action) -> Cursor<'a> {
        let broken = action.fault.is_some();
        Cursor { tokens: &action.tokens, at: 0, end: action.close, depth: 0, broken }
    }

    pub(super) fn rewind(&mut self) {
        self.at = 0;
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// The next token that is no space, and its index.
    fn solid(&self) -> Option<(usize, &'a Token)> {
        let rest = self.tokens.iter().enumerate().skip(self.at);
        rest.into_iter().find(|(_, t)| t.kind != Kind::Space)
    }

    pub(super) fn peek_solid(&self) -> Option<&'a Token> {
        self.solid().map(|(_, t)| t)
    }

    pub(super) fn next_solid(&mut self) -> Option<&'a Token> {
        let found = self.solid();
        self.at = found.map_or(self.tokens.len(), |(i, _)| i + 1);
        found.map(|(_, t)| t)
    }
}
