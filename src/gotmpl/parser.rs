//! What is known while a template is read: its variables, what `.` is, the open
//! blocks. Reads and faults come in, from the files that hold the grammar; they
//! go out with their places.

use std::ops::Range;

use super::codes::SYNTAX;
use super::cursor::Cursor;
use super::lexer::{Kind, Token};
use super::value::{Read, Root, Val};
use crate::base::{Code, Diagnostic, Diagnostics, Span, Text};

/// Blocks or parentheses within each other beyond which a template is refused.
pub(super) const MAX_DEPTH: usize = 100;

/// What to do instead of arithmetic.
pub(super) const NO_ARITHMETIC: &str = "calculate in `expr`: a template cannot";

/// An open block.
pub(super) struct Frame {
    pub(super) keyword: Block,
    /// The keyword that opened it.
    pub(super) open: Range<usize>,
    /// How many variables there were before it.
    pub(super) vars: usize,
    /// The variables outside a `define` or `block`, which sees none of them.
    pub(super) hidden: Vec<(String, Val)>,
    /// What `.` is outside.
    pub(super) dot: Val,
    pub(super) otherwise: bool,
}

/// What opens a block; `Own` is `block`, which defines and uses a template.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    If,
    With,
    Range,
    Define,
    Own,
}

impl Block {
    pub(super) fn name(self) -> &'static str {
        match self {
            Block::If => "if",
            Block::With => "with",
            Block::Range => "range",
            Block::Define => "define",
            Block::Own => "block",
        }
    }

    /// Whether it is a template of its own, which sees no variable from outside.
    pub(super) fn is_template(self) -> bool {
        matches!(self, Block::Define | Block::Own)
    }
}

/// A fault that has been reported; what depends on it is passed over.
pub(super) struct Stop;

/// A function that a template calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// The state while a template is read.
pub(super) struct Parser<'a> {
    pub(super) text: &'a Text,
    diags: &'a mut Diagnostics,
    pub(super) faulty: bool,
    pub(super) reads: Vec<Read>,
    pub(super) calls: Vec<Call>,
    /// Name with its `$`, and what is known of the value; the latest wins.
    pub(super) vars: Vec<(String, Val)>,
    /// What `.` is.
    pub(super) dot: Val,
    pub(super) frames: Vec<Frame>,
    /// The templates that are defined here, and those that are used.
    pub(super) defined: Vec<String>,
    pub(super) used: Vec<(String, Range<usize>)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a Text, diags: &'a mut Diagnostics) -> Parser<'a> {
        let var = |name: &str, val| (name.to_owned(), val);
        let vars = vec![
            var("$", Val::Root),
            var("$labels", Val::Data(Root::Labels)),
            var("$externalLabels", Val::Data(Root::ExternalLabels)),
            var("$externalURL", Val::Data(Root::ExternalUrl)),
            var("$value", Val::Data(Root::Value)),
        ];
        Parser {
            text,
            diags,
            faulty: false,
            reads: Vec::new(),
            calls: Vec::new(),
            vars,
            dot: Val::Root,
            frames: Vec::new(),
            defined: Vec::new(),
            used: Vec::new(),
        }
    }

    pub(super) fn declare(&mut self, at: &Range<usize>, val: Val) {
        let name = self.word(at).to_owned();
        self.vars.push((name, val));
    }

    /// Whether the place is within a `define` or `block`.
    pub(super) fn in_own_template(&self) -> bool {
        self.frames.iter().any(|f| f.keyword.is_template())
    }

    pub(super) fn read(&mut self, what: Root, key: Option<String>, at: Range<usize>) {
        let span = self.span(at);
        self.reads.push(Read { what, key, span });
    }

    pub(super) fn word(&self, at: &Range<usize>) -> &'a str {
        self.text.as_str().get(at.clone()).unwrap_or_default()
    }

    pub(super) fn span(&self, at: Range<usize>) -> Span {
        self.text.slice(at)
    }

    pub(super) fn finding(
        &self,
        code: &'static Code,
        at: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, self.span(at), message)
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.faulty = true;
        self.diags.push(finding);
    }

    /// Counts a value that goes somewhere unknown, such as into the output, as
    /// read.
    pub(super) fn consume(&mut self, val: &Val, at: Range<usize>) {
        if let Val::Data(root) = val {
            self.read(*root, None, at);
        }
    }

    /// Reports a token that has no place here, unless the action is broken
    /// already: one finding about its grammar is enough.
    pub(super) fn unexpected(
        &mut self,
        token: Option<&Token>,
        cursor: &Cursor,
        context: &str,
    ) -> Stop {
        if cursor.broken {
            return Stop;
        }
        let Some(token) = token else {
            let at = cursor.end.saturating_sub(1)..cursor.end;
            let finding = self
                .finding(&SYNTAX, at, format!("{context} ends too early"))
                .label("something is missing here");
            self.report(finding);
            return Stop;
        };
        let rest = cursor.tokens.iter().skip_while(|t| t.at.start < token.at.end);
        let same =
            rest.take_while(|t| matches!(t.kind, Kind::Assign | Kind::Pipe | Kind::Other)).last();
        let operator = matches!(token.kind, Kind::Assign | Kind::Pipe | Kind::Other);
        let end = same.filter(|_| operator).map_or(token.at.end, |t| t.at.end);
        let text = self.word(&(token.at.start..end));
        let finding = self
            .finding(&SYNTAX, token.at.start..end, format!("`{text}` has no place in {context}"))
            .label("unexpected");
        let finding = match operator_help(text) {
            Some(help) => finding.help(help),
            None => finding,
        };
        self.report(finding);
        Stop
    }
}

/// What to write instead of an operator, of which templates have none.
fn operator_help(text: &str) -> Option<String> {
    let function = match text {
        "==" | "=" => "eq",
        "!=" => "ne",
        ">" => "gt",
        ">=" => "ge",
        "<" => "lt",
        "<=" => "le",
        "||" => "or",
        "&&" | "&" => "and",
        "!" => return Some("write `not ...`".to_owned()),
        "*" | "/" | "%" | "^" => return Some(NO_ARITHMETIC.to_owned()),
        "}" => return Some("close the action with `}}`".to_owned()),
        "," => return Some("separate arguments with spaces".to_owned()),
        _ => return None,
    };
    Some(format!("write `{function} a b`: a template has functions, no operators"))
}
