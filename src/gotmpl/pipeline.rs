//! The inside of an action: declarations, commands and their operands, which may
//! be pipelines again. Tokens come in; what the pipeline gives, as far as that is
//! known before run time, comes out.

use std::ops::Range;

use super::codes::{ARGUMENTS, SYNTAX, UNKNOWN_VARIABLE};
use super::cursor::Cursor;
use super::functions;
use super::lexer::{Kind, Token};
use super::parser::{MAX_DEPTH, Parser, Stop};
use super::value::{Root, Val};

/// The context of an action that is no block: what it gives is put out.
pub(super) const COMMAND: &str = "a command";

/// What a pipeline gives, and where it stands.
type Given = (Val, Range<usize>);

/// A term of a command and the fields read from it.
struct Operand {
    shape: Shape,
    val: Val,
    at: Range<usize>,
}

/// What an operand is, as far as it decides whether it may take arguments.
#[derive(PartialEq, Eq)]
enum Shape {
    Function,
    /// A constant or `.`, which a pipe cannot lead into.
    Constant,
    /// `$x` alone, or a pipeline in parentheses: never a function.
    Value,
    /// A field, which might be a method.
    Field,
}

impl Parser<'_> {
    /// Declarations, then commands, up to the end of the action or, with `open`,
    /// up to the `)` that belongs to it. The value is not yet counted as read.
    pub(super) fn pipeline(
        &mut self,
        cursor: &mut Cursor,
        context: &str,
        open: Option<&Token>,
    ) -> Result<Given, Stop> {
        let declared = self.declarations(cursor, context)?;
        let start = cursor.peek_solid().map_or(cursor.end, |t| t.at.start);
        let mut given: Option<Given> = None;
        loop {
            match cursor.next_solid() {
                Some(token) if token.kind == Kind::Close && open.is_some() => break,
                None if open.is_none() && !cursor.broken => break,
                Some(token) if begins_operand(token.kind) => {
                    cursor.at -= 1;
                    given = Some(self.command(cursor, given)?);
                }
                token => return Err(self.unexpected(token, cursor, context)),
            }
        }
        let Some((val, at)) = given else {
            if cursor.broken {
                return Err(Stop);
            }
            let at = open.map_or(start..cursor.end, |t| t.at.start..start + 1);
            let at = if at.is_empty() { at.start.saturating_sub(1)..at.end } else { at };
            let finding = self
                .finding(&SYNTAX, at, format!("a value is missing in {context}"))
                .label("expected here");
            self.report(finding);
            return Err(Stop);
        };
        if declared == 0 {
            return Ok((val, at));
        }
        let known = match context {
            "`range`" => {
                self.consume(&val, at.clone());
                Val::Unknown
            }
            _ => val,
        };
        self.set_last(declared, &known);
        // `{{ $x := ... }}` itself puts nothing out.
        let given = if context == COMMAND { Val::Unknown } else { known };
        Ok((given, at))
    }

    /// `$x :=`, `$x =`, or `$i, $x :=` of a `range`; how many variables.
    fn declarations(&mut self, cursor: &mut Cursor, context: &str) -> Result<usize, Stop> {
        let mut count = 0;
        loop {
            let before = cursor.at;
            let Some(var) = cursor.next_solid().filter(|t| t.kind == Kind::Variable) else {
                cursor.at = before;
                return Ok(count);
            };
            let Some(sign) = cursor.next_solid() else {
                cursor.at = before;
                return Ok(count);
            };
            match sign.kind {
                Kind::Declare => {
                    self.declare(&var.at, Val::Unknown);
                    return Ok(count + 1);
                }
                Kind::Assign if cursor.peek().is_some_and(|t| t.kind == Kind::Assign) => {
                    return Err(self.unexpected(Some(sign), cursor, context));
                }
                Kind::Assign => {
                    self.assign(var);
                    return Ok(count + 1);
                }
                Kind::Comma if context == "`range`" && count == 0 => {
                    self.declare(&var.at, Val::Unknown);
                    count += 1;
                    if cursor.peek_solid().is_some_and(|t| t.kind == Kind::Variable) {
                        continue;
                    }
                    let token = cursor.next_solid();
                    return Err(self.unexpected(token, cursor, "the variables of `range`"));
                }
                Kind::Comma => return Err(self.unexpected(Some(sign), cursor, context)),
                _ => {
                    cursor.at = before;
                    return Ok(count);
                }
            }
        }
    }

    /// `$x = ...`: the variable must be there, and may hold anything from now on.
    fn assign(&mut self, var: &Token) {
        let name = self.word(&var.at);
        if self.vars.iter().any(|(known, _)| known == name) {
            return;
        }
        let finding = self
            .finding(
                &UNKNOWN_VARIABLE,
                var.at.clone(),
                format!("`{name}` is set but never declared"),
            )
            .label("not declared before")
            .help(format!("declare it: `{name} := ...`"));
        self.report(finding);
        self.declare(&var.at, Val::Unknown);
    }

    /// Tells what the variables that were just declared hold.
    fn set_last(&mut self, count: usize, val: &Val) {
        for var in self.vars.iter_mut().rev().take(count) {
            var.1 = val.clone();
        }
    }

    /// One command; `piped` is what the command before it gives.
    fn command(&mut self, cursor: &mut Cursor, piped: Option<Given>) -> Result<Given, Stop> {
        let mut operands: Vec<Operand> = Vec::new();
        loop {
            if let Some(operand) = self.operand(cursor)? {
                operands.push(operand);
            }
            match cursor.peek().map(|t| t.kind) {
                Some(Kind::Space) => cursor.at += 1,
                None | Some(Kind::Close) => break,
                Some(Kind::Pipe) => {
                    // Go takes a pipe that leads nowhere, so nothing need follow.
                    cursor.at += 1;
                    break;
                }
                Some(_) => {
                    let token = cursor.peek();
                    return Err(self.unexpected(token, cursor, "an operand"));
                }
            }
        }
        Ok(self.given(operands, piped))
    }

    /// A term and its fields; none if no term stands here.
    fn operand(&mut self, cursor: &mut Cursor) -> Result<Option<Operand>, Stop> {
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
                let finding =
                    self.finding(&SYNTAX, field.at.clone(), format!("`{name}` follows `{text}`"));
                let finding = match token.kind {
                    Kind::Dot => finding.label("one dot too many").help(format!("write `{name}`")),
                    _ => finding.label("a constant has no fields"),
                };
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
            let finding = self
                .finding(&SYNTAX, open.at.clone(), message)
                .label("one too many")
                .help("name the inner part: `{{ $x := ... }}`");
            self.report(finding);
            return Err(Stop);
        }
        cursor.depth += 1;
        let given = self.pipeline(cursor, "parentheses", Some(open));
        cursor.depth -= 1;
        given.map(|(val, _)| val)
    }

    /// Checks the command that `operands` make and tells what it gives.
    fn given(&mut self, mut operands: Vec<Operand>, piped: Option<Given>) -> Given {
        let at = match (operands.first(), operands.last()) {
            (Some(first), Some(last)) => first.at.start..last.at.end,
            _ => 0..0,
        };
        if operands.len() == 1 && piped.is_none() {
            let shape = operands.first().map(|o| o.shape == Shape::Function);
            if shape == Some(true) {
                self.check_arguments(&operands, false);
            }
            let val = operands.pop().map_or(Val::Unknown, |o| o.val);
            return (val, at);
        }
        self.check_arguments(&operands, piped.is_some());
        self.read_arguments(&operands, piped, &at);
        (Val::Unknown, at)
    }

    /// Whether functions get as many arguments as they take, and nothing else
    /// gets any.
    fn check_arguments(&mut self, operands: &[Operand], piped: bool) {
        let Some((first, rest)) = operands.split_first() else { return };
        let count = rest.len() + usize::from(piped);
        match first.shape {
            Shape::Function => self.check_arity(&first.at, count),
            Shape::Constant if piped => {
                let text = self.word(&first.at);
                let finding = self
                    .finding(&SYNTAX, first.at.clone(), format!("a pipe leads into `{text}`"))
                    .label("no function")
                    .help("pipe into a function, such as `| humanize`");
                self.report(finding);
            }
            Shape::Field if first.val == Val::Unknown => {}
            _ if count > 0 => {
                let text = self.word(&first.at);
                let mut finding = self
                    .finding(&ARGUMENTS, first.at.clone(), format!("`{text}` is no function"))
                    .label(if piped { "takes nothing from a pipe" } else { "takes no arguments" });
                if let Some(next) = rest.first().filter(|o| o.shape == Shape::Function) {
                    let name = self.word(&next.at);
                    finding = finding.help(format!("put a pipe between them: `{text} | {name}`"));
                }
                self.report(finding);
                return;
            }
            _ => {}
        }
        for operand in rest.iter().filter(|o| o.shape == Shape::Function) {
            self.check_arity(&operand.at, 0);
        }
    }

    fn check_arity(&mut self, at: &Range<usize>, count: usize) {
        let name = self.word(at);
        let Some(arity) = functions::arity(name).filter(|a| !a.takes(count)) else { return };
        let words = arity.words();
        let mut finding = self
            .finding(&ARGUMENTS, at.clone(), format!("`{name}` takes {words}, not {count}"))
            .label(format!("given {count}"));
        if count < arity.min {
            finding = finding.help(format!("pipe a value into it, or write `({name} ...)`"));
        }
        self.report(finding);
    }

    /// Counts what is handed to a function as read.
    fn read_arguments(&mut self, operands: &[Operand], piped: Option<Given>, at: &Range<usize>) {
        let is_index = operands
            .first()
            .is_some_and(|o| o.shape == Shape::Function && self.word(&o.at) == "index");
        let map = operands.get(1).and_then(|o| match o.val {
            Val::Data(root @ (Root::Labels | Root::ExternalLabels)) => Some(root),
            _ => None,
        });
        let key = match (operands.get(2), &piped) {
            (Some(operand), _) => Some(&operand.val),
            (None, Some((val, _))) => Some(val),
            (None, None) => None,
        };
        if let (true, Some(root), Some(Val::Text(key))) = (is_index, map, key) {
            self.read(root, Some(key.clone()), at.clone());
            return;
        }
        if let Some((val, at)) = piped {
            self.consume(&val, at);
        }
        for operand in operands {
            self.consume(&operand.val, operand.at.clone());
        }
    }
}

/// Whether an operand may begin with a token of this kind.
fn begins_operand(kind: Kind) -> bool {
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
