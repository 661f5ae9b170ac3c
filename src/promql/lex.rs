//! The lexer: PromQL text comes in, tokens with their bytes and faults of single
//! characters go out. Strings keep their quotes here and lose them in `unquote`;
//! comments and blanks are dropped.

use super::unquote::escape;
use super::{number, slips};
use crate::base::{Diagnostic, Text};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Duration,
    /// A word without colons: a name or, by its place, a keyword.
    Word,
    /// A metric's name with colons.
    Metric,
    Str,
    /// `$range`.
    Placeholder,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    /// `=`
    Assign,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// `</`
    TrimUpper,
    /// `>/`
    TrimLower,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    At,
    /// `&&`, reported and read as `and`.
    And,
    /// `||`, reported and read as `or`.
    Or,
    /// The end of the text.
    End,
}

/// A token and its bytes in the decoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What the lexer found.
pub(super) struct Lexed {
    /// The tokens, with [`Kind::End`] as the last.
    pub(super) tokens: Vec<Token>,
    /// Faults of single characters, strings and numbers.
    pub(super) faults: Vec<Diagnostic>,
    /// Whether every fault was understood so well that parsing may go on.
    pub(super) usable: bool,
}

/// Cuts `text` into tokens. `placeholder`: whether `$range` is one.
pub(super) fn lex(text: &Text, placeholder: bool) -> Lexed {
    let mut lexer = Lexer {
        text,
        source: text.as_str(),
        at: 0,
        in_braces: false,
        in_brackets: false,
        placeholder,
        out: Lexed { tokens: Vec::new(), faults: Vec::new(), usable: true },
    };
    while lexer.at < lexer.source.len() {
        lexer.step();
    }
    // Behind the last character, not behind the line break of a YAML block, which
    // would point at the line below.
    let end = lexer.source.trim_end().len();
    lexer.out.tokens.push(Token { kind: Kind::End, start: end, end });
    lexer.out
}

struct Lexer<'a> {
    text: &'a Text,
    source: &'a str,
    at: usize,
    in_braces: bool,
    in_brackets: bool,
    placeholder: bool,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let token = Token { kind, start: self.at, end: self.at + len };
        self.out.tokens.push(token);
        self.at += len;
    }

    /// Reports a fault after which the tokens are worth nothing.
    fn fail(&mut self, fault: Diagnostic, skip: usize) {
        self.out.faults.push(fault);
        self.out.usable = false;
        self.at += skip;
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let second = rest.chars().nth(1);
        if self.in_braces && self.after_match() && is_bare(first) {
            return self.bare_value();
        }
        match first {
            ' ' | '\t' | '\n' | '\r' => self.at += 1,
            '#' => self.at += rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' | '\'' | '`' => self.string(first),
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            ':' if !self.in_braces && !self.in_brackets => self.word(),
            '$' => self.dollar(),
            _ => self.symbol(first),
        }
    }

    /// Whether the value of a matcher comes next.
    fn after_match(&self) -> bool {
        use Kind::{Assign, Eq, Match, Ne, NotMatch};
        let last = self.out.tokens.last().map(|token| token.kind);
        matches!(last, Some(Assign | Eq | Match | Ne | NotMatch))
    }

    /// Reports a value without quotes, up to the comma or brace that ends it.
    fn bare_value(&mut self) {
        let rest = self.rest();
        let value = rest.find([',', '}', '\n']).map_or(rest, |end| &rest[..end]).trim_end();
        let span = self.text.slice(self.at..self.at + value.len());
        self.fail(slips::unquoted(span, value), value.len());
    }

    fn word(&mut self) {
        let colons = !self.in_braces && !self.in_brackets;
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colons && c == ':');
        let rest = self.rest();
        let len = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let metric = rest.get(..len).is_some_and(|word| word.contains(':'));
        self.push(if metric { Kind::Metric } else { Kind::Word }, len);
    }

    fn number(&mut self) {
        let (kind, len) = number::scan(self.rest());
        match kind {
            Some(number::Scanned::Number) => self.push(Kind::Number, len),
            Some(number::Scanned::Duration) => self.push(Kind::Duration, len),
            None => {
                let rest = self.rest();
                let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
                let whole = rest.find(|c| !part(c)).unwrap_or(rest.len()).max(len);
                let word = rest.get(..whole).unwrap_or_default();
                let span = self.text.slice(self.at..self.at + whole);
                self.fail(slips::bad_number(span, word), whole);
            }
        }
    }

    fn dollar(&mut self) {
        let rest = self.rest();
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '{' || c == '}';
        let len = 1 + rest[1..].find(|c| !part(c)).unwrap_or(rest.len() - 1);
        let name = &rest[..len];
        if self.placeholder && name == "$range" {
            return self.push(Kind::Placeholder, len);
        }
        let span = self.text.slice(self.at..self.at + len);
        self.fail(slips::variable(span, name, self.placeholder), len);
    }

    fn string(&mut self, quote: char) {
        let body = &self.rest()[1..];
        let mut chars = body.char_indices();
        let mut clean = true;
        while let Some((at, c)) = chars.next() {
            if c == quote {
                let kind = Kind::Str;
                return if clean { self.push(kind, at + 2) } else { self.at += at + 2 };
            }
            let here = self.at + 1 + at;
            if c == char::REPLACEMENT_CHARACTER {
                clean = false;
                let span = self.text.slice(here..here + c.len_utf8());
                self.fail(slips::not_utf8(span), 0);
            } else if c == '\n' && quote != '`' {
                break;
            } else if c == '\\' && quote != '`' {
                match escape(&body[at..], quote) {
                    Ok((_, len)) => {
                        for _ in 1..body[at..at + len].chars().count() {
                            chars.next();
                        }
                    }
                    Err(fault) => {
                        clean = false;
                        let after = body[at + 1..].chars().next();
                        let len = 1 + after.map_or(0, char::len_utf8);
                        let span = self.text.slice(here..here + len);
                        self.fail(slips::bad_escape(span, &body[at..at + len], fault), 0);
                        // `\` before the end of the string does not hide the quote.
                        if after != Some('\n') {
                            chars.next();
                        }
                    }
                }
            }
        }
        let span = self.text.slice(self.at..self.at + 1);
        let end = self.text.slice(self.source.len()..self.source.len());
        self.fail(slips::open_string(span, quote, end), self.rest().len());
    }

    fn symbol(&mut self, first: char) {
        let rest = self.rest();
        let spelt = |text: &str| rest.starts_with(text);
        if spelt("{{")
            && let Some(close) = rest.find("}}")
        {
            let len = close + 2;
            let span = self.text.slice(self.at..self.at + len);
            return self.fail(
                slips::template(span, &rest[..len], self.placeholder && self.in_brackets),
                len,
            );
        }
        if let Some((slip, meant, kind)) = SLIPS.iter().find(|(slip, ..)| spelt(slip)) {
            let span = self.text.slice(self.at..self.at + slip.len());
            self.out.faults.push(slips::operator(span, slip, meant));
            return self.push(*kind, slip.len());
        }
        if let Some((text, kind)) = SYMBOLS.iter().find(|(text, _)| spelt(text)) {
            match kind {
                Kind::OpenBrace => self.in_braces = true,
                Kind::CloseBrace => self.in_braces = false,
                Kind::OpenBracket => self.in_brackets = true,
                Kind::CloseBracket => self.in_brackets = false,
                _ => {}
            }
            return self.push(*kind, text.len());
        }
        if is_curly(first) {
            let body = &rest[first.len_utf8()..];
            let close = body.char_indices().find(|(_, c)| is_curly(*c) || *c == '"' || *c == '\'');
            let len = first.len_utf8() + close.map_or(0, |(at, c)| at + c.len_utf8());
            let span = self.text.slice(self.at..self.at + first.len_utf8());
            return self.fail(slips::curly_quote(span, first), len);
        }
        let run = if first.is_alphabetic() {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let span = self.text.slice(self.at..self.at + run);
        self.fail(slips::character(span, &rest[..run], self.in_braces), run);
    }
}

/// Operators of other languages, what is meant, and as which token they are read.
const SLIPS: &[(&str, &str, Kind)] = &[
    ("&&", "and", Kind::And),
    ("||", "or", Kind::Or),
    ("!~=", "!~", Kind::NotMatch),
    ("!=~", "!~", Kind::NotMatch),
    ("=~=", "=~", Kind::Match),
    ("===", "==", Kind::Eq),
    ("!==", "!=", Kind::Ne),
    ("=>", ">=", Kind::Ge),
    ("=<", "<=", Kind::Le),
    ("<>", "!=", Kind::Ne),
];

/// Longer ones before those that they begin with.
const SYMBOLS: &[(&str, Kind)] = &[
    ("(", Kind::OpenParen),
    (")", Kind::CloseParen),
    ("{", Kind::OpenBrace),
    ("}", Kind::CloseBrace),
    ("[", Kind::OpenBracket),
    ("]", Kind::CloseBracket),
    (",", Kind::Comma),
    (":", Kind::Colon),
    ("==", Kind::Eq),
    ("=~", Kind::Match),
    ("=", Kind::Assign),
    ("!=", Kind::Ne),
    ("!~", Kind::NotMatch),
    ("<=", Kind::Le),
    ("</", Kind::TrimUpper),
    ("<", Kind::Lt),
    (">=", Kind::Ge),
    (">/", Kind::TrimLower),
    (">", Kind::Gt),
    ("+", Kind::Add),
    ("-", Kind::Sub),
    ("*", Kind::Mul),
    ("/", Kind::Div),
    ("%", Kind::Mod),
    ("^", Kind::Pow),
    ("@", Kind::At),
];

/// Whether a value without quotes begins so.
fn is_bare(c: char) -> bool {
    !c.is_whitespace()
        && !is_curly(c)
        && !matches!(c, '"' | '\'' | '`' | '#' | '=' | '!' | '~' | ',' | '}')
}

fn is_curly(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' | '´')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let lexed = lex(&Text::made(text), false);
        assert!(lexed.faults.is_empty(), "{text}: {:?}", lexed.faults);
        lexed.tokens.iter().map(|t| t.kind).collect()
    }

    #[test]
    fn colons_belong_to_names_only_outside_of_brackets() {
        use Kind::*;
        assert_eq!(kinds(":bc"), [Metric, End]);
        assert_eq!(
            kinds("a:b[4m:4s]"),
            [Metric, OpenBracket, Duration, Colon, Duration, CloseBracket, End]
        );
        assert_eq!(kinds("{on!~\"b\"}"), [OpenBrace, Word, NotMatch, Str, CloseBrace, End]);
    }

    #[test]
    fn faults_of_strings_are_found() {
        for text in [r#""\d""#, r#""\x.""#, r#""\"#, r#""abc"#, "`abc", "'a\nb'", r#""\U00110000""#]
        {
            assert!(!lex(&Text::made(text), false).usable, "{text}");
        }
    }

    #[test]
    fn the_placeholder_is_a_token_only_if_asked_for() {
        assert!(!lex(&Text::made("x[$range]"), false).usable);
        assert!(lex(&Text::made("x[$range]"), true).usable);
        assert!(!lex(&Text::made("x[$__rate_interval]"), true).usable);
    }
}
