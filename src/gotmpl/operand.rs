//! One operand of a command: a constant, a name, a pipeline in parentheses, and
//! the fields read from it. Tokens come in; what the operand is and, as far as
//! that is known before run time, what it holds come out.

use std::ops::Range;

use super::codes::{SYNTAX, UNKNOWN_FIELD, UNKNOWN_FUNCTION, UNKNOWN_VARIABLE};
use super::functions;
use super::lexer::{Kind, Token};
use super::parser::{MAX_DEPTH, Parser, Root, Stop};
use super::pipeline::{Cursor, Val};
use super::unquote;
use crate::base::{list, nearest};

/// A term of a command and the fields read from it.
pub(super) struct Operand {
    pub(super) shape: Shape,
    pub(super) val: Val,
    pub(super) at: Range<usize>,
}

#[derive(PartialEq, Eq)]
pub(super) enum Shape {
    Function,
    /// A constant or `.`, which a pipe cannot lead into.
    Constant,
    /// `$x` alone, or a pipeline in parentheses: never a function.
    Value,
    /// A field, which might be a method.
    Field,
}

pub(super) const NO_ARITHMETIC: &str = "a template cannot calculate: do it in `expr`";

impl Parser<'_> {
    /// A term and its fields; none if no term stands here.
    pub(super) fn operand(&mut self, cursor: &mut Cursor) -> Result<Option<Operand>, Stop> {
        let Some(token) = cursor.peek_solid().filter(|t| begins_operand(t.kind)) else {
            return Ok(None);
        };
        cursor.next_solid();
        let (shape, val) = match token.kind {
            Kind::Open => (Shape::Value, self.parenthesised(cursor, token)?),
            Kind::Identifier => {
                self.function(token);
                (Shape::Function, Val::Unknown)
            }
            Kind::Variable => (Shape::Value, self.variable(token)),
            Kind::Field => {
                let dot = self.dot.clone();
                (Shape::Field, self.field(&dot, token, token.at.start))
            }
            Kind::Dot => (Shape::Constant, self.dot.clone()),
            _ => (Shape::Constant, self.literal(token)?),
        };
        let end = cursor.tokens.get(cursor.at.saturating_sub(1)).map_or(token.at.end, |t| t.at.end);
        let mut operand = Operand { shape, val, at: token.at.start..end };
        while let Some(field) = cursor.peek().filter(|t| t.kind == Kind::Field) {
            if operand.shape == Shape::Constant {
                let (text, name) = (self.word(&token.at), self.word(&field.at));
                let finding = self
                    .finding(&SYNTAX, field.at.clone(), format!("`{name}` follows `{text}`"))
                    .label("a constant has no fields");
                self.report(finding);
                return Err(Stop);
            }
            cursor.at += 1;
            operand.val = self.field(&operand.val, field, token.at.start);
            operand.at.end = field.at.end;
            operand.shape = Shape::Field;
        }
        Ok(Some(operand))
    }

    fn parenthesised(&mut self, cursor: &mut Cursor, open: &Token) -> Result<Val, Stop> {
        if cursor.depth >= MAX_DEPTH {
            let message = format!("parentheses are nested more than {MAX_DEPTH} deep");
            let finding = self.finding(&SYNTAX, open.at.clone(), message).label("one too many");
            self.report(finding);
            return Err(Stop);
        }
        cursor.depth += 1;
        let given = self.pipeline(cursor, "parentheses", Some(open));
        cursor.depth -= 1;
        given.map(|(val, _)| val)
    }

    fn function(&mut self, token: &Token) {
        let name = self.word(&token.at);
        if functions::arity(name).is_some() {
            return;
        }
        let finding = self
            .finding(&UNKNOWN_FUNCTION, token.at.clone(), format!("no function is named `{name}`"))
            .label("unknown to Prometheus");
        let finding = match functions::meant(name) {
            _ if self.vars.iter().any(|(known, _)| known.strip_prefix('$') == Some(name)) => {
                finding.help(format!("write `${name}`"))
            }
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding.help("the functions are listed at https://prometheus.io/docs/prometheus/latest/configuration/template_reference/"),
        };
        self.report(finding);
    }

    fn variable(&mut self, token: &Token) -> Val {
        let name = self.word(&token.at);
        if let Some((_, val)) = self.vars.iter().rev().find(|(known, _)| known == name) {
            return val.clone();
        }
        let outside = ["$labels", "$externalLabels", "$externalURL", "$value"].contains(&name);
        let finding = self
            .finding(&UNKNOWN_VARIABLE, token.at.clone(), format!("no variable is named `{name}`"))
            .label("not declared here");
        let finding = if outside && self.in_own_template() {
            finding.help("a template of its own sees only what it is handed: read it from `.`")
        } else {
            match nearest(name, self.vars.iter().skip(1).take(100).map(|(known, _)| known.as_str()))
            {
                Some(meant) => finding.help(format!("write `{meant}`")),
                None => {
                    finding.help(format!("a label is read as `$labels.{}`", name.trim_matches('$')))
                }
            }
        };
        self.report(finding);
        Val::Unknown
    }

    /// The field `token` of a value that was written from byte `start` on.
    fn field(&mut self, of: &Val, token: &Token, start: usize) -> Val {
        let name = self.word(&token.at).trim_start_matches('.');
        match of {
            Val::Root => self.root_field(name, token),
            Val::Data(root @ (Root::Labels | Root::ExternalLabels)) => {
                self.read(*root, Some(name.to_owned()), start..token.at.end);
                Val::Plain
            }
            _ => Val::Unknown,
        }
    }

    fn root_field(&mut self, name: &str, token: &Token) -> Val {
        const FIELDS: [&str; 4] = ["Labels", "ExternalLabels", "ExternalURL", "Value"];
        let root = match name {
            "Labels" => Root::Labels,
            "ExternalLabels" => Root::ExternalLabels,
            "ExternalURL" => Root::ExternalUrl,
            "Value" => Root::Value,
            _ => {
                let finding = self
                    .finding(
                        &UNKNOWN_FIELD,
                        token.at.clone(),
                        format!("no field is named `.{name}`"),
                    )
                    .label("not among the data of an alert");
                let finding = match nearest(name, FIELDS) {
                    Some(meant) => finding.help(format!("write `.{meant}`")),
                    None => finding.help(format!("a label is read as `$labels.{name}`")).note(
                        format!("the fields are {}", list(&FIELDS.map(|f| format!(".{f}")), "and")),
                    ),
                };
                self.report(finding);
                return Val::Unknown;
            }
        };
        Val::Data(root)
    }

    /// The value of a constant.
    pub(super) fn literal(&mut self, token: &Token) -> Result<Val, Stop> {
        let text = self.word(&token.at);
        let fault = match token.kind {
            Kind::String => match unquote::string(text) {
                Ok(value) => return Ok(Val::Text(value)),
                Err(fault) => fault,
            },
            Kind::Raw => return Ok(Val::Text(unquote::raw(text))),
            Kind::Char => match unquote::char_constant(text) {
                Ok(()) => return Ok(Val::Plain),
                Err(fault) => fault,
            },
            Kind::Number if !unquote::is_number(text) => {
                let message = format!("`{text}` is no number");
                let mut finding = self.finding(&SYNTAX, token.at.clone(), message);
                finding = finding.label("not a number of Go");
                if matches!(text, "+" | "-") {
                    finding = finding.help(NO_ARITHMETIC);
                }
                self.report(finding);
                return Err(Stop);
            }
            _ => return Ok(Val::Plain),
        };
        let at = token.at.start + fault.at.start..token.at.start + fault.at.end;
        let mut finding = self.finding(&SYNTAX, at, fault.message).label("refused by Go");
        if token.kind == Kind::String {
            finding = finding.help("double the backslash, or write the string in backticks");
        }
        self.report(finding);
        Err(Stop)
    }
}

/// Whether an operand may begin with a token of this kind.
pub(super) fn begins_operand(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Open | String
            | Raw
            | Char
            | Number
            | Complex
            | Bool
            | Nil
            | Dot
            | Field
            | Identifier
            | Variable
    )
}
