//! A whole template: its actions, and how `if`, `with`, `range`, `define` and
//! `block` nest. The text comes in; the reads and the findings come out. The
//! inside of an action is read by `pipeline`.

use std::fmt::Write as _;
use std::ops::Range;

use super::codes::{SYNTAX, UNKNOWN_TEMPLATE};
use super::cursor::Cursor;
use super::lexer::{self, Action, Kind, Token};
use super::parser::{Block, Call, Frame, MAX_DEPTH, Parser, Stop};
use super::pipeline::COMMAND;
use super::value::{Read, Val};
use crate::base::{Diagnostics, Text};

/// What a template that parses reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Each read of the alert's data, in source order.
    pub reads: Vec<Read>,
    /// Each function that is called, in source order.
    pub calls: Vec<Call>,
}

/// Whether a text holds anything that a template engine would act on.
///
/// ```
/// use ninefold::gotmpl::has_action;
/// assert!(has_action("{{ $value }}"));
/// assert!(!has_action("at {1}"));
/// ```
pub fn has_action(text: &str) -> bool {
    text.contains("{{")
}

/// A text as a template that prints just this text: `{{` is not an action in it.
///
/// ```
/// assert_eq!(ninefold::gotmpl::literal("set {{ x }}"), r#"set {{ "{{" }} x }}"#);
/// ```
pub fn literal(text: &str) -> String {
    text.replace("{{", r#"{{ "{{" }}"#)
}

/// An action that prints the value of an alert's label as a part of a link.
///
/// ```
/// use ninefold::gotmpl::label_in_link;
/// assert_eq!(label_in_link("region"), "{{ $labels.region | urlquery }}");
/// assert_eq!(label_in_link("k8s.pod"), r#"{{ index $labels "k8s.pod" | urlquery }}"#);
/// ```
pub fn label_in_link(label: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match label.chars().all(plain) && !label.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("{{{{ $labels.{label} | urlquery }}}}"),
        false => format!("{{{{ index $labels {label:?} | urlquery }}}}"),
    }
}

/// An action that prints the value of an external label as a part of a link, behind a
/// text, where the server has the label.
///
/// ```
/// use ninefold::gotmpl::external_label_in_link;
/// assert_eq!(
///     external_label_in_link("cluster", "&var-cluster="),
///     "{{ with $externalLabels.cluster }}&var-cluster={{ . | urlquery }}{{ end }}"
/// );
/// ```
pub fn external_label_in_link(label: &str, before: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = match label.chars().all(plain) {
        true => format!("$externalLabels.{label}"),
        false => format!("index $externalLabels {label:?}"),
    };
    format!("{{{{ with {value} }}}}{before}{{{{ . | urlquery }}}}{{{{ end }}}}")
}

/// What Go's `urlquery` makes of a text (`url.QueryEscape`): a space is a `+`.
///
/// ```
/// assert_eq!(ninefold::gotmpl::urlquery("eu west/é"), "eu+west%2F%C3%A9");
/// ```
pub fn urlquery(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        match b {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => out.push(char::from(b)),
            // Writing to a string cannot fail.
            b => drop(write!(out, "%{b:02X}")),
        }
        out
    })
}

/// Reads a template. Reports every fault, and gives nothing if there is one.
pub fn parse(text: &Text, diags: &mut Diagnostics) -> Option<Template> {
    let mut parser = Parser::new(text, diags);
    parser.run();
    let Parser { reads, calls, faulty, .. } = parser;
    (!faulty).then_some(Template { reads, calls })
}

impl Parser<'_> {
    fn run(&mut self) {
        let text = self.text;
        let mut at = 0;
        while let Some(found) = text.as_str().get(at..).and_then(|rest| rest.find("{{")) {
            let action = lexer::action(text.as_str(), at + found);
            at = action.next;
            if let Some(fault) = &action.fault {
                let mut finding = self
                    .finding(&SYNTAX, fault.at.clone(), fault.message.clone())
                    .label(fault.label);
                finding.help.extend(fault.help.clone());
                self.report(finding);
            }
            if !action.comment && self.action(&action).is_err() {
                self.declare_all(&action.tokens);
            }
            if self.frames.len() > MAX_DEPTH {
                let message = format!("blocks are nested more than {MAX_DEPTH} deep");
                let finding = self.finding(&SYNTAX, action.open, message);
                self.report(
                    finding.label("one too many").help("move the inner blocks into a `define`"),
                );
                return;
            }
        }
        self.unclosed();
        self.undefined();
    }

    /// Templates that are used but defined nowhere. A fault may hide where.
    fn undefined(&mut self) {
        if self.faulty {
            return;
        }
        for (name, at) in std::mem::take(&mut self.used) {
            if self.defined.contains(&name) {
                continue;
            }
            let finding = self
                .finding(&UNKNOWN_TEMPLATE, at, format!("no template is named `{name}`"))
                .label("defined nowhere in this text")
                .help("define it in this text: a rule sees no template of other files");
            self.report(finding);
        }
    }

    /// Blocks that no `end` closes.
    fn unclosed(&mut self) {
        for frame in std::mem::take(&mut self.frames) {
            let name = frame.keyword.name();
            let finding = self
                .finding(&SYNTAX, frame.open, format!("`{name}` has no `end`"))
                .label("opens a block that nothing closes")
                .help("close it with `{{ end }}`");
            self.report(finding);
        }
    }

    fn action(&mut self, action: &Action) -> Result<(), Stop> {
        let mut cursor = Cursor::new(action);
        let whole = action.open.start..action.next;
        let first = cursor.next_solid();
        let keyword = first.filter(|t| t.kind == Kind::Keyword);
        let word = keyword.map_or("", |t| self.word(&t.at));
        let at = keyword.map_or(whole.clone(), |t| t.at.clone());
        match word {
            "if" => self.open(Block::If, at, &mut cursor),
            "with" => self.open(Block::With, at, &mut cursor),
            "range" => self.open(Block::Range, at, &mut cursor),
            "define" | "block" => self.own_template(at, &mut cursor),
            "end" => self.end(at, &mut cursor),
            "else" => self.otherwise(at, &mut cursor),
            "template" => self.template(&mut cursor),
            "break" | "continue" => self.jump(at, &mut cursor),
            _ if first.is_none() && !cursor.broken => {
                let finding = self
                    .finding(&SYNTAX, whole, "an action is empty")
                    .label("does nothing")
                    .help("remove it; for literal braces write `{{ \"{{\" }}`");
                self.report(finding);
                Err(Stop)
            }
            _ => {
                cursor.rewind();
                let (val, at) = self.pipeline(&mut cursor, COMMAND, None)?;
                self.consume(&val, at);
                Ok(())
            }
        }
    }

    /// `if`, `with` or `range`, whose keyword is past.
    fn open(&mut self, block: Block, at: Range<usize>, cursor: &mut Cursor) -> Result<(), Stop> {
        let vars = self.vars.len();
        let result = self.condition(block, cursor);
        let inside = result.as_ref().map_or(Val::Unknown, Clone::clone);
        let before = std::mem::replace(&mut self.dot, inside);
        let hidden = Vec::new();
        self.frames.push(Frame {
            keyword: block,
            open: at,
            vars,
            hidden,
            dot: before,
            otherwise: false,
        });
        result.map(|_| ())
    }

    /// The pipeline of a block and what `.` is in it.
    fn condition(&mut self, block: Block, cursor: &mut Cursor) -> Result<Val, Stop> {
        let context = match block {
            Block::If => "`if`",
            Block::With => "`with`",
            _ => "`range`",
        };
        let (val, at) = self.pipeline(cursor, context, None)?;
        Ok(match block {
            Block::With => val,
            Block::If => {
                self.consume(&val, at);
                self.dot.clone()
            }
            _ => {
                self.consume(&val, at);
                Val::Unknown
            }
        })
    }

    /// `define` or `block`, whose keyword is past.
    fn own_template(&mut self, at: Range<usize>, cursor: &mut Cursor) -> Result<(), Stop> {
        let block = if self.word(&at) == "define" { Block::Define } else { Block::Own };
        let nested = block == Block::Define && !self.frames.is_empty();
        let result = match nested {
            true => {
                let finding = self
                    .finding(&SYNTAX, at.clone(), "`define` stands inside another block")
                    .label("only allowed at the top level")
                    .help("move it out of the block");
                self.report(finding);
                Err(Stop)
            }
            false => self.definition(block, cursor),
        };
        let inside = result.as_ref().map_or(Val::Unknown, Clone::clone);
        let own = vec![("$".to_owned(), inside.clone())];
        let hidden = std::mem::replace(&mut self.vars, own);
        let dot = std::mem::replace(&mut self.dot, inside);
        self.frames.push(Frame {
            keyword: block,
            open: at,
            vars: 1,
            hidden,
            dot,
            otherwise: false,
        });
        result.map(|_| ())
    }

    /// The name of a `define` or `block`, and what `.` is in it.
    fn definition(&mut self, block: Block, cursor: &mut Cursor) -> Result<Val, Stop> {
        let (name, _) = self.template_name(cursor)?;
        self.defined.push(name);
        match block {
            Block::Define => self.nothing_more(cursor, "`define`").map(|()| Val::Unknown),
            _ => self.pipeline(cursor, "`block`", None).map(|(val, _)| val),
        }
    }

    fn template(&mut self, cursor: &mut Cursor) -> Result<(), Stop> {
        let used = self.template_name(cursor)?;
        self.used.push(used);
        if cursor.peek_solid().is_some() {
            let (val, at) = self.pipeline(cursor, "`template`", None)?;
            self.consume(&val, at);
        }
        Ok(())
    }

    fn template_name(&mut self, cursor: &mut Cursor) -> Result<(String, Range<usize>), Stop> {
        match cursor.next_solid() {
            Some(token) if matches!(token.kind, Kind::String | Kind::Raw) => {
                match self.literal(token)? {
                    Val::Text(name) => Ok((name, token.at.clone())),
                    _ => Err(Stop),
                }
            }
            Some(token) if !cursor.broken => {
                let text = self.word(&token.at);
                let finding = self
                    .finding(&SYNTAX, token.at.clone(), format!("`{text}` is no string"))
                    .label("expected the name of a template");
                self.report(match token.kind {
                    Kind::Identifier => finding.help(format!("quote it: `\"{text}\"`")),
                    _ => finding,
                });
                Err(Stop)
            }
            token => Err(self.unexpected(token, cursor, "the name of a template")),
        }
    }

    fn end(&mut self, at: Range<usize>, cursor: &mut Cursor) -> Result<(), Stop> {
        let extra = self.nothing_more(cursor, "`end`");
        let Some(frame) = self.frames.pop() else {
            let finding = self
                .finding(&SYNTAX, at, "`end` closes nothing")
                .label("no block is open here")
                .help("remove it, or open a block with `if`, `with` or `range`");
            self.report(finding);
            return Err(Stop);
        };
        self.vars.truncate(frame.vars);
        if frame.keyword.is_template() {
            self.vars = frame.hidden;
        }
        self.dot = frame.dot;
        extra
    }

    fn otherwise(&mut self, at: Range<usize>, cursor: &mut Cursor) -> Result<(), Stop> {
        let chained = cursor.peek_solid().filter(|t| t.kind == Kind::Keyword).cloned();
        let word = chained.map_or("", |t| self.word(&t.at));
        let Some((block, again, open, dot)) = self
            .frames
            .last()
            .map(|f| (f.keyword, f.otherwise, f.open.clone(), f.dot.clone()))
            .filter(|(block, ..)| !block.is_template())
        else {
            let finding = self
                .finding(&SYNTAX, at, "`else` belongs to nothing")
                .label("no `if`, `with` or `range` is open here")
                .help("remove it, or open a block with `if`, `with` or `range`");
            self.report(finding);
            return Err(Stop);
        };
        if again {
            let name = block.name();
            let finding = self
                .finding(&SYNTAX, at, format!("`{name}` has a second `else`"))
                .label("never reached")
                .also(self.span(open), format!("this `{name}`"))
                .help("keep one of them");
            self.report(finding);
            return Err(Stop);
        }
        self.dot = dot;
        if word == block.name() && block != Block::Range {
            cursor.next_solid();
            self.dot = self.condition(block, cursor)?;
            return Ok(());
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.otherwise = true;
        }
        if matches!(word, "if" | "with" | "range") {
            let name = block.name();
            let finding = self
                .finding(&SYNTAX, at, format!("`else {word}` cannot follow `{name}`"))
                .label(format!("belongs to `{name}`"))
                .help(format!("write `{{{{ else }}}}{{{{ {word} ... }}}} ... {{{{ end }}}}`"));
            self.report(finding);
            return Err(Stop);
        }
        self.nothing_more(cursor, "`else`")
    }

    /// `break` or `continue`.
    fn jump(&mut self, at: Range<usize>, cursor: &mut Cursor) -> Result<(), Stop> {
        let word = self.word(&at).to_owned();
        self.nothing_more(cursor, &format!("`{word}`"))?;
        let own = self.frames.iter().rev().take_while(|f| !f.keyword.is_template());
        if own.into_iter().any(|f| f.keyword == Block::Range && !f.otherwise) {
            return Ok(());
        }
        let finding = self
            .finding(&SYNTAX, at, format!("`{word}` stands outside any `range`"))
            .label("there is no loop here")
            .help("remove it, or put it into a `range`");
        self.report(finding);
        Err(Stop)
    }

    /// The action ends here.
    fn nothing_more(&mut self, cursor: &mut Cursor, context: &str) -> Result<(), Stop> {
        match cursor.next_solid() {
            None => Ok(()),
            token => Err(self.unexpected(token, cursor, context)),
        }
    }

    /// Declares what a faulty action would have declared, so that one fault is
    /// not reported again at each use.
    fn declare_all(&mut self, tokens: &[Token]) {
        let solid: Vec<&Token> = tokens.iter().filter(|t| t.kind != Kind::Space).collect();
        for pair in solid.windows(2) {
            let [var, next] = pair else { continue };
            let declares = matches!(next.kind, Kind::Declare | Kind::Assign | Kind::Comma);
            if var.kind == Kind::Variable && declares {
                self.declare(&var.at, Val::Unknown);
            }
        }
    }
}
