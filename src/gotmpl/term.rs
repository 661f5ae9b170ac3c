//! One term: a function's name, a variable, a field, a constant. A token comes
//! in; what the term holds, as far as that is known before run time, comes out,
//! and a finding where nothing is named so.

use super::codes::{SYNTAX, UNKNOWN_FIELD, UNKNOWN_FUNCTION, UNKNOWN_VARIABLE};
use super::functions;
use super::lexer::{Kind, Token};
use super::parser::Call;
use super::parser::{NO_ARITHMETIC, Parser, Stop};
use super::unquote;
use super::value::{Root, Val};
use crate::base::{list, nearest};

impl Parser<'_> {
    pub(super) fn function(&mut self, token: &Token) {
        let name = self.word(&token.at);
        if functions::arity(name).is_some() {
            let call = Call { name: name.to_owned(), span: self.span(token.at.clone()) };
            self.calls.push(call);
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

    pub(super) fn variable(&mut self, token: &Token) -> Val {
        let name = self.word(&token.at);
        if let Some((_, val)) = self.vars.iter().rev().find(|(known, _)| known == name) {
            return val.clone();
        }
        let outside = ["$labels", "$externalLabels", "$externalURL", "$value"].contains(&name);
        let finding = self
            .finding(&UNKNOWN_VARIABLE, token.at.clone(), format!("no variable is named `{name}`"))
            .label("not declared here");
        let finding = if outside && self.in_own_template() {
            finding.help("read it from `.`: a template of its own sees only what it is handed")
        } else {
            match nearest(name, self.vars.iter().skip(1).take(100).map(|(known, _)| known.as_str()))
            {
                Some(meant) => finding.help(format!("write `{meant}`")),
                None => {
                    finding.help(format!("for a label write `$labels.{}`", name.trim_matches('$')))
                }
            }
        };
        self.report(finding);
        Val::Unknown
    }

    /// The field `token` of a value that was written from byte `start` on.
    pub(super) fn field(&mut self, of: &Val, token: &Token, start: usize) -> Val {
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
                    None => finding.help(format!("for a label write `$labels.{name}`")).note(
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
        finding = match token.kind {
            Kind::String => finding.help("double the backslash, or write the string in backticks"),
            _ => finding.help("write a string, in double quotes"),
        };
        self.report(finding);
        Err(Stop)
    }
}
