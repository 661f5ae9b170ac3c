//! What every part of the grammar stands on: the token ahead, the place of what
//! was read, how faults are reported and how deep a tree may go. Tokens come in
//! one by one, faults go out.

use super::lex::{Kind, Token};
use super::name::Name;
use super::unquote::unquote;
use super::{number, slips};
use crate::base::{Diagnostic, Diagnostics, Span, Text};

/// The deepest nesting that is read: parentheses, calls, signs, powers.
pub const MAX_DEPTH: usize = 200;

/// The highest tree that is built. A chain `a + b + c` is as high as it is long.
pub const MAX_HEIGHT: usize = 500;

/// The mark that a fault was reported and that the tokens cannot be followed on.
pub(super) struct Stop;

/// A place among the tokens of a text, and the sink for what is wrong there. The
/// grammar is written on it by `parse`, `selector` and `duration`.
pub(super) struct Parser<'a> {
    pub(super) text: &'a Text,
    source: &'a str,
    /// Ends with [`Kind::End`].
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    diags: &'a mut Diagnostics,
    /// Whether a fault was reported, also one after which parsing went on.
    pub(super) failed: bool,
}

impl<'a> Parser<'a> {
    /// At the first of `tokens`.
    pub(super) fn new(
        text: &'a Text,
        tokens: &'a [Token],
        diags: &'a mut Diagnostics,
    ) -> Parser<'a> {
        Parser { text, source: text.as_str(), tokens, at: 0, depth: 0, diags, failed: false }
    }

    /// The token ahead; the end again and again at the end.
    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        let last = Token { kind: Kind::End, start: self.source.len(), end: self.source.len() };
        self.tokens.get(self.at + ahead).copied().unwrap_or(last)
    }

    /// The token just taken.
    pub(super) fn last(&self) -> Token {
        let none = Token { kind: Kind::End, start: 0, end: 0 };
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied().unwrap_or(none)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    pub(super) fn eat(&mut self, kind: Kind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.next())
    }

    pub(super) fn word(&self, token: Token) -> &'a str {
        self.source.get(token.start..token.end).unwrap_or_default()
    }

    /// Whether the token ahead is the keyword, in any case.
    pub(super) fn at_keyword(&self, keyword: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Word && self.word(token).eq_ignore_ascii_case(keyword)
    }

    pub(super) fn span(&self, token: Token) -> Span {
        self.text.slice(token.start..token.end)
    }

    /// The place from `first` to the token just taken.
    pub(super) fn since(&self, first: Token) -> Span {
        self.text.slice(first.start..self.last().end.max(first.start))
    }

    /// How messages name a token.
    pub(super) fn found(&self, token: Token) -> String {
        match token.kind {
            Kind::End => "the end of the expression".to_owned(),
            Kind::Str => format!("the string {}", cut(self.word(token))),
            _ => format!("`{}`", cut(self.word(token))),
        }
    }

    /// Reports a fault after which parsing goes on.
    pub(super) fn report(&mut self, fault: impl FnOnce(&mut Self) -> Diagnostic) {
        let fault = fault(self);
        self.failed = true;
        self.diags.push(fault);
    }

    /// Reports something that is no fault.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        self.diags.push(warning);
    }

    /// Reports a fault after which parsing does not go on.
    pub(super) fn stop<T>(
        &mut self,
        fault: impl FnOnce(&mut Self) -> Diagnostic,
    ) -> Result<T, Stop> {
        self.report(fault);
        Err(Stop)
    }

    /// Takes the bracket that closes `open`.
    pub(super) fn close(&mut self, open: Token, kind: Kind, wanted: &str) -> Result<Token, Stop> {
        if let Some(token) = self.eat(kind) {
            return Ok(token);
        }
        self.stop(|p| p.unclosed(open, wanted))
    }

    pub(super) fn unclosed(&self, open: Token, wanted: &str) -> Diagnostic {
        let found = self.peek();
        let bracket = self.word(open).chars().next().unwrap_or('(');
        let opened = (bracket, self.span(open));
        let at_end = found.kind == Kind::End;
        slips::unclosed(self.span(found), wanted, &self.found(found), at_end, opened)
    }

    /// Goes one level deeper, if that is allowed; [`Parser::ascend`] comes back.
    pub(super) fn descend(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        self.stop(|p| slips::too_deep(p.span(p.peek()), MAX_DEPTH))
    }

    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// One more than the height of what is below, if that is allowed.
    pub(super) fn grow(&mut self, below: usize) -> Result<usize, Stop> {
        if below < MAX_HEIGHT {
            return Ok(below + 1);
        }
        self.stop(|p| slips::too_many(p.span(p.last()), MAX_HEIGHT))
    }

    /// Reports a number or duration that has no value.
    pub(super) fn check_value(&mut self, token: Token) {
        let word = self.word(token);
        if number::value(word).is_none() {
            self.report(|p| match token.kind {
                Kind::Duration => slips::bad_duration(p.span(token), word),
                _ => slips::number_too_large(p.span(token)),
            });
        }
    }

    /// The text of a string token.
    pub(super) fn string(&self, token: Token) -> Name {
        let literal = self.word(token);
        unquote(literal).map_or_else(|| Name::quoted(literal), Name::from)
    }
}

/// The beginning of a long word, for a message.
fn cut(word: &str) -> String {
    match word.char_indices().nth(40) {
        Some((at, _)) => format!("{}...", &word[..at]),
        None => word.to_owned(),
    }
}
