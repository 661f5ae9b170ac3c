//! One action, `{{` to `}}`, in tokens. The text and the place of the opening
//! braces come in; the tokens, where the action ends, and what in it is no
//! token come out.

use std::ops::Range;

/// What a token is. Spaces are tokens, as in Go: they separate arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    Pipe,
    Open,
    Close,
    Comma,
    /// Any other printable character, which no grammar rule takes.
    Other,
    String,
    Raw,
    Char,
    Number,
    Complex,
    Bool,
    Nil,
    Dot,
    /// `.name`
    Field,
    Identifier,
    /// `$` or `$name`
    Variable,
    Keyword,
}

/// The words that begin an action of their own.
const KEYWORDS: [&str; 9] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template"];

/// A token and its bytes in the text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
}

/// What keeps an action from being tokens.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) label: &'static str,
    pub(super) help: Option<String>,
}

/// An action, or a comment (which has no tokens and no fault).
#[derive(Debug)]
pub(super) struct Action {
    /// The opening braces.
    pub(super) open: Range<usize>,
    pub(super) tokens: Vec<Token>,
    /// Where its content ends.
    pub(super) close: usize,
    /// Where the text goes on.
    pub(super) next: usize,
    pub(super) comment: bool,
    /// The first thing that is no token; the tokens before it stand.
    pub(super) fault: Option<Fault>,
}

/// The action whose `{{` stands at `start`.
pub(super) fn action(text: &str, start: usize) -> Action {
    let open = start..start + 2;
    let mut lexer = Lexer { text, at: open.end, tokens: Vec::new(), parens: 0 };
    let trim = lexer.rest().strip_prefix('-').is_some_and(|r| r.starts_with(is_space));
    if trim {
        lexer.at += 2;
    }
    if lexer.rest().starts_with("/*") {
        return lexer.comment(open);
    }
    let fault = lexer.inside(&open).err();
    let close = lexer.at;
    let next = match &fault {
        None => close + lexer.closing().unwrap_or(0),
        Some(fault) => resume(text, open.end.max(fault.at.start)),
    };
    Action { open, tokens: lexer.tokens, close, next, comment: false, fault }
}

/// Where to go on after a fault: behind the next `}}`, or at the next `{{` if
/// that comes first.
fn resume(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let found = rest.windows(2).position(|pair| pair == b"}}" || pair == b"{{");
    match found.map(|i| from + i) {
        Some(at) if text.get(at..).is_some_and(|t| t.starts_with("}}")) => at + 2,
        Some(at) => at,
        None => text.len(),
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    parens: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, len: usize) {
        self.tokens.push(Token { kind, at: self.at..self.at + len });
        self.at += len;
    }

    /// The length of the closing braces here, trim marker included.
    fn closing(&self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with("}}") {
            return Some(2);
        }
        let trimmed = rest.strip_prefix(is_space)?;
        trimmed.starts_with("-}}").then_some(4)
    }

    /// A comment's `/*` stands here.
    fn comment(mut self, open: Range<usize>) -> Action {
        let fault = |at, message: &str, label, help: &str| {
            Some(Fault { at, message: message.to_owned(), label, help: Some(help.to_owned()) })
        };
        let begin = self.at;
        let end = self.rest().get(2..).and_then(|r| r.find("*/")).map(|i| begin + i + 4);
        self.at = end.unwrap_or(self.text.len());
        let closing = self.closing();
        let fault = match (end, closing) {
            (None, _) => fault(
                begin..begin + 2,
                "a template comment is not closed",
                "begins here",
                "close it with `*/}}`",
            ),
            (_, None) => fault(
                open.start..self.at,
                "a template comment shares its braces with something else",
                "`}}` must follow at once",
                "give the comment braces of its own: `{{/* ... */}}`",
            ),
            _ => None,
        };
        let next = match closing {
            Some(len) if fault.is_none() => self.at + len,
            // An open comment swallows all the rest, for Go and for a reader.
            _ if end.is_none() => self.text.len(),
            _ => resume(self.text, self.at),
        };
        Action { open, tokens: Vec::new(), close: self.at, next, comment: true, fault }
    }

    /// All tokens up to the closing braces.
    fn inside(&mut self, open: &Range<usize>) -> Result<(), Fault> {
        loop {
            if self.closing().is_some() {
                return match self.parens {
                    0 => Ok(()),
                    _ => Err(self.unclosed_paren()),
                };
            }
            let Some(c) = self.peek() else { return Err(unclosed(open)) };
            if self.rest().starts_with("{{") {
                return Err(unclosed(open));
            }
            match c {
                ' ' | '\t' | '\r' | '\n' => self.space(),
                '=' => self.push(Kind::Assign, 1),
                ':' if self.rest().starts_with(":=") => self.push(Kind::Declare, 2),
                ':' => {
                    let help = "write `:=` to declare a variable".to_owned();
                    return Err(self
                        .bad("`:` is not followed by `=`", "means nothing alone")
                        .with(help));
                }
                '|' => self.push(Kind::Pipe, 1),
                ',' => self.push(Kind::Comma, 1),
                '"' | '\'' => self.quoted(c)?,
                '`' => self.raw()?,
                '$' => self.name(Kind::Variable)?,
                '.' if !self.digit_follows() => self.name(Kind::Field)?,
                '.' | '+' | '-' | '0'..='9' => self.number()?,
                '(' => {
                    self.parens += 1;
                    self.push(Kind::Open, 1);
                }
                ')' if self.parens == 0 => {
                    let help = "remove it".to_owned();
                    return Err(self.bad("`)` closes nothing", "no `(` is open here").with(help));
                }
                ')' => {
                    self.parens -= 1;
                    self.push(Kind::Close, 1);
                }
                _ if is_word(c) => self.name(Kind::Identifier)?,
                '!'..='~' => self.push(Kind::Other, 1),
                _ => {
                    let message = format!("`{}` has no meaning in a template", shown(c));
                    let fault = self.fault(c.len_utf8(), message, "outside any string");
                    return Err(fault.about(c));
                }
            }
        }
    }

    /// A run of spaces. The last one may belong to ` -}}`.
    fn space(&mut self) {
        let rest = self.rest();
        let len = rest.len() - rest.trim_start_matches(is_space).len();
        let marked = rest.get(len..).is_some_and(|r| r.starts_with("-}}"));
        let len = if marked { len - 1 } else { len };
        if len > 0 {
            self.push(Kind::Space, len);
        }
    }

    /// A string or a character constant.
    fn quoted(&mut self, quote: char) -> Result<(), Fault> {
        let (kind, what) = match quote {
            '"' => (Kind::String, "a string"),
            _ => (Kind::Char, "a character constant"),
        };
        let mut escaped = false;
        for (i, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    self.push(kind, i + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        let help = format!("close it with `{quote}` on the same line");
        Err(self.fault(1, format!("{what} is not closed"), "begins here").with(help))
    }

    fn raw(&mut self) -> Result<(), Fault> {
        let end = self.rest().get(1..).and_then(|r| r.find('`'));
        let Some(end) = end else {
            let help = "close it with a backtick".to_owned();
            return Err(self
                .fault(1, "a raw string is not closed".into(), "begins here")
                .with(help));
        };
        self.push(Kind::Raw, end + 2);
        Ok(())
    }

    fn digit_follows(&self) -> bool {
        self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_digit)
    }

    /// A name, or `.name`, or `$name`.
    fn name(&mut self, kind: Kind) -> Result<(), Fault> {
        let rest = self.rest();
        let sigil = usize::from(kind != Kind::Identifier);
        let tail = rest.get(sigil..).unwrap_or_default();
        let end = rest.len() - tail.trim_start_matches(is_word).len();
        let word = rest.get(..end).unwrap_or_default();
        let follows = rest.get(end..).unwrap_or_default();
        if !terminates(follows) {
            return Err(self.glued(kind, end));
        }
        let kind = match (kind, word) {
            (Kind::Field, ".") => Kind::Dot,
            (Kind::Identifier, "true" | "false") => Kind::Bool,
            (Kind::Identifier, "nil") => Kind::Nil,
            (Kind::Identifier, "with") => Kind::Keyword,
            (Kind::Identifier, word) if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => kind,
        };
        self.push(kind, end);
        Ok(())
    }

    /// The fault of a name that another character follows at once, such as the
    /// dash of `$labels.a-b`.
    fn glued(&mut self, kind: Kind, len: usize) -> Fault {
        let follows = self.text.get(self.at + len..).unwrap_or_default();
        let c = follows.chars().next().unwrap_or_default();
        let before =
            self.tokens.last().filter(|t| t.kind == Kind::Variable || t.kind == Kind::Field);
        let chain = kind == Kind::Field && c == '-' && before.is_some_and(|t| t.at.end == self.at);
        let whole = follows.find(|c: char| !is_word(c) && c != '-').unwrap_or(follows.len());
        let name = self.text.get(self.at + 1..self.at + len + whole).unwrap_or_default();
        let map = before.and_then(|t| self.text.get(t.at.clone())).unwrap_or_default().to_owned();
        self.at += len;
        let message = format!("`{}` cannot follow a name", shown(c));
        let fault = self.fault(c.len_utf8(), message, "ends no name");
        match chain {
            true => fault.with(format!("write `(index {map} \"{name}\")`")),
            false => fault.about(c),
        }
    }

    /// A number as Go scans it; whether it is one, the parser says.
    fn number(&mut self) -> Result<(), Fault> {
        let mut len = scan_number(self.rest());
        let mut kind = Kind::Number;
        let after = self.rest().get(len..).unwrap_or_default();
        if len > 0 && after.starts_with(['+', '-']) {
            len += scan_number(after);
            kind = Kind::Complex;
        }
        let rest = self.rest();
        let written = rest.get(..len).unwrap_or_default();
        let glued = rest.get(len..).unwrap_or_default().chars().next().filter(|c| is_word(*c));
        if glued.is_some() || (kind == Kind::Complex && !written.ends_with('i')) {
            let tail = rest.trim_start_matches(|c| is_word(c) || matches!(c, '+' | '-' | '.'));
            let len = (rest.len() - tail.len()).max(1);
            let message = format!("`{}` is no number", rest.get(..len).unwrap_or_default());
            return Err(self.fault(len, message, "not a number of Go"));
        }
        self.push(kind, len);
        Ok(())
    }

    fn unclosed_paren(&self) -> Fault {
        let mut open = Vec::new();
        for token in &self.tokens {
            match token.kind {
                Kind::Open => open.push(token.at.clone()),
                Kind::Close => drop(open.pop()),
                _ => {}
            }
        }
        let at = open.pop().unwrap_or(self.at..self.at);
        let message = "a parenthesis is not closed".to_owned();
        let help = Some("close it with `)` before the `}}`".to_owned());
        Fault { at, message, label: "opens here", help }
    }

    fn bad(&self, message: &str, label: &'static str) -> Fault {
        self.fault(1, message.to_owned(), label)
    }

    fn fault(&self, len: usize, message: String, label: &'static str) -> Fault {
        Fault { at: self.at..self.at + len, message, label, help: None }
    }
}

impl Fault {
    fn with(mut self, help: String) -> Fault {
        self.help = Some(help);
        self
    }

    /// With what to write instead of a character that looks like another.
    fn about(self, c: char) -> Fault {
        match c {
            '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' | '´' => {
                self.with("quote with `\"`".to_owned())
            }
            _ if c.is_whitespace() => self.with("write a plain blank".to_owned()),
            _ => self,
        }
    }
}

/// A character for a message: itself, or its number where it cannot be seen.
fn shown(c: char) -> String {
    match c.is_control() || c.is_whitespace() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    }
}

fn unclosed(open: &Range<usize>) -> Fault {
    Fault {
        at: open.clone(),
        message: "`{{` is not closed".to_owned(),
        label: "opens here",
        help: Some("close it with `}}`; for literal braces write `{{ \"{{\" }}`".to_owned()),
    }
}

/// The length of what Go's lexer takes for one number: sign, base, digits,
/// fraction, exponent, `i`.
fn scan_number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let one = |at: &mut usize, set: &str| {
        let found = bytes.get(*at).is_some_and(|b| set.as_bytes().contains(b));
        *at += usize::from(found);
        found
    };
    let run = |at: &mut usize, set: &str| while one(at, set) {};
    one(&mut at, "+-");
    let mut digits = "0123456789_";
    if one(&mut at, "0") {
        digits = match () {
            () if one(&mut at, "xX") => "0123456789abcdefABCDEF_",
            () if one(&mut at, "oO") => "01234567_",
            () if one(&mut at, "bB") => "01_",
            () => digits,
        };
    }
    run(&mut at, digits);
    if one(&mut at, ".") {
        run(&mut at, digits);
    }
    let exponent = match digits.len() {
        11 => "eE",
        23 => "pP",
        _ => "",
    };
    if one(&mut at, exponent) {
        one(&mut at, "+-");
        run(&mut at, "0123456789_");
    }
    one(&mut at, "i");
    at
}

/// Whether a name may end before `rest`.
fn terminates(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| is_space(c) || ".,|:)(".contains(c))
        || rest.starts_with("}}")
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        action(text, 0).tokens.iter().map(|t| t.kind).collect()
    }

    #[test]
    fn an_action_is_cut_as_go_cuts_it() {
        use Kind::*;
        assert_eq!(kinds("{{.}}"), [Dot]);
        assert_eq!(kinds("{{- .A.B -}} "), [Field, Field]);
        assert_eq!(kinds("{{$x:=.5|f}}"), [Variable, Declare, Number, Pipe, Identifier]);
        assert_eq!(kinds("{{ ..E }}"), [Space, Dot, Field, Space]);
        assert_eq!(kinds("{{-3}}"), [Number]);
        assert_eq!(
            kinds("{{1+2i 'a' `}}` \"}}\"}}"),
            [Complex, Space, Char, Space, Raw, Space, String]
        );
        assert_eq!(kinds("{{if nil true}}"), [Keyword, Space, Nil, Space, Bool]);
    }

    #[test]
    fn an_action_ends_behind_its_braces() {
        assert_eq!(action("{{a -}} b", 0).next, 7);
        assert_eq!(action("{{ \"}}\" }} b", 0).next, 10);
        assert_eq!(action("{{/* }} */}} b", 0).next, 12);
    }

    #[test]
    fn after_a_fault_the_next_action_is_found() {
        assert_eq!(action("{{ a {{ b }}", 0).next, 5);
        assert_eq!(action("{{ a~b }} {{ b }}", 0).next, 9);
        assert_eq!(action("{{ \"a }} x", 0).next, 8);
        assert_eq!(action("{{", 0).next, 2);
    }
}
