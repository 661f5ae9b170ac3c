//! The clauses of the grammar: selectors and their matchers, lists of labels,
//! `on`, `group_left`, `fill`. Tokens come in, parts of the tree and faults go
//! out.

use super::ast::{Fill, Group, LabelName, MatchOp, Matcher, Matching, Selector, Side};
use super::cursor::{Parser, Stop};
use super::lex::{Kind, Token};
use super::name::Name;
use super::slips;
use crate::base::{Diagnostic, Span};

/// What may stand between a binary operator and its right operand.
pub(super) struct Clauses {
    pub(super) is_bool: bool,
    pub(super) matching: Option<Matching>,
    pub(super) fill: Option<Fill>,
}

impl Parser<'_> {
    pub(super) fn binary_clauses(&mut self) -> Result<Box<Clauses>, Stop> {
        let is_bool = self.at_keyword("bool");
        if is_bool {
            self.next();
        }
        let matching = self.matching()?;
        let mut fill: Option<Fill> = None;
        while let Some((left, right)) = self.fill_sides() {
            let token = self.next();
            let value = self.fill_value(token)?;
            let fill = fill.get_or_insert(Fill { left: None, right: None });
            for (wanted, side) in [(left, &mut fill.left), (right, &mut fill.right)] {
                if wanted && side.replace(value.clone()).is_some() {
                    self.report(|p| slips::twice(p.span(token), p.word(token)));
                }
            }
        }
        Ok(Box::new(Clauses { is_bool, matching, fill }))
    }

    fn matching(&mut self) -> Result<Option<Matching>, Stop> {
        let on = self.at_keyword("on");
        if !on && !self.at_keyword("ignoring") {
            return Ok(None);
        }
        let first = self.next();
        let labels = self.label_list(first)?;
        let many = match () {
            () if self.at_keyword("group_left") => Some(Side::Left),
            () if self.at_keyword("group_right") => Some(Side::Right),
            () => None,
        };
        let group = match many {
            None => None,
            Some(many) => {
                let word = self.next();
                let open = self.peek().kind == Kind::OpenParen;
                let include = if open { self.label_list(word)? } else { Vec::new() };
                Some(Group { many, include })
            }
        };
        Ok(Some(Matching { on, labels, group, span: self.since(first) }))
    }

    /// Which sides the `fill` ahead fills. Without a parenthesis behind it, it is
    /// a metric's name.
    fn fill_sides(&self) -> Option<(bool, bool)> {
        if self.peek_at(1).kind != Kind::OpenParen || self.peek().kind != Kind::Word {
            return None;
        }
        match self.word(self.peek()).to_ascii_lowercase().as_str() {
            "fill" => Some((true, true)),
            "fill_left" => Some((true, false)),
            "fill_right" => Some((false, true)),
            _ => None,
        }
    }

    fn fill_value(&mut self, word: Token) -> Result<Name, Stop> {
        let open = self.next();
        let sign = match self.peek().kind {
            Kind::Sub => "-",
            _ => "",
        };
        if matches!(self.peek().kind, Kind::Add | Kind::Sub) {
            self.next();
        }
        let token = self.peek();
        let text = self.word(token);
        let special = ["inf", "nan"].iter().any(|n| n.eq_ignore_ascii_case(text));
        if !matches!(token.kind, Kind::Number | Kind::Duration) && !special {
            return self.stop(|p| {
                slips::expected(p.span(token), "a number", &p.found(token))
                    .help(format!("write `{}(0)`", p.word(word)))
            });
        }
        self.next();
        self.close(open, Kind::CloseParen, "`)`")?;
        Ok(Name::from(format!("{sign}{text}")))
    }

    /// `(a, b)` behind the keyword `after`.
    pub(super) fn label_list(&mut self, after: Token) -> Result<Vec<LabelName>, Stop> {
        let Some(open) = self.eat(Kind::OpenParen) else {
            let found = self.peek();
            let keyword = self.word(after).to_ascii_lowercase();
            let fault = slips::expected(self.span(found), "`(`", &self.found(found));
            let example = match found.kind {
                Kind::Word => self.word(found),
                _ => "label",
            };
            return self.stop(|_| fault.help(format!("write `{keyword} ({example})`")));
        };
        let mut labels = Vec::new();
        while self.eat(Kind::CloseParen).is_none() {
            labels.push(self.label_name(open)?);
            if self.eat(Kind::Comma).is_none() {
                self.close(open, Kind::CloseParen, "`,` or `)`")?;
                break;
            }
        }
        Ok(labels)
    }

    fn label_name(&mut self, open: Token) -> Result<LabelName, Stop> {
        let token = self.peek();
        let word = self.word(token);
        let number = ["inf", "nan"].iter().any(|n| n.eq_ignore_ascii_case(word));
        let name = match token.kind {
            Kind::Word if !number => Name::from(word.to_owned()),
            Kind::Str => self.string(token),
            Kind::End => {
                return self.stop(|p| p.unclosed(open, "a label name"));
            }
            _ => {
                return self
                    .stop(|p| slips::expected(p.span(token), "a label name", &p.found(token)));
            }
        };
        self.next();
        if self.peek().kind == Kind::Sub {
            return self.stop(|p| p.dashed(token));
        }
        Ok(LabelName { name, span: self.span(token) })
    }

    /// The fault of a label name with dashes that begins with `first`.
    fn dashed(&mut self, first: Token) -> Diagnostic {
        while matches!(self.peek().kind, Kind::Sub | Kind::Word) {
            self.next();
        }
        let span = self.since(first);
        let whole = Token { kind: Kind::Word, start: first.start, end: self.last().end };
        slips::dash_in_label(span, self.word(whole))
    }

    /// A selector without its modifiers.
    pub(super) fn selector(&mut self) -> Result<Selector, Stop> {
        let first = self.peek();
        let mut name = None;
        let mut name_span = Span::NONE;
        if matches!(first.kind, Kind::Word | Kind::Metric) {
            self.next();
            name = Some(Name::from(self.word(first).to_owned()));
            name_span = self.span(first);
        }
        let before = name.is_some();
        let mut matchers = Vec::new();
        if let Some(open) = self.eat(Kind::OpenBrace) {
            matchers = self.matchers(open, &mut name, &mut name_span)?;
        }
        let span = self.since(first);
        if before && let Some(again) = matchers.iter().find(|m| m.label == "__name__") {
            let known = name.clone().unwrap_or(Name::fixed(""));
            self.report(|_| slips::name_twice(again.span, name_span, &known));
        }
        Ok(Selector {
            name,
            name_span,
            matchers: matchers.into(),
            span,
            offset: None,
            at: None,
            extension: None,
        })
    }

    fn matchers(
        &mut self,
        open: Token,
        name: &mut Option<Name>,
        name_span: &mut Span,
    ) -> Result<Vec<Matcher>, Stop> {
        let mut matchers = Vec::new();
        while self.eat(Kind::CloseBrace).is_none() {
            match self.matcher(open) {
                Ok(Part::Matcher(matcher)) => matchers.push(matcher),
                Ok(Part::Name(found, span)) if name.is_none() => {
                    (*name, *name_span) = (Some(found), span);
                }
                // A second name is a condition of its own, as in Prometheus.
                Ok(Part::Name(found, span)) => matchers.push(Matcher {
                    label: Name::fixed("__name__"),
                    op: MatchOp::Equal,
                    value: found,
                    span,
                    label_span: span,
                    value_span: span,
                }),
                Err(Stop) => self.skip_matcher()?,
            }
            if self.eat(Kind::Comma).is_some() {
                continue;
            }
            if matches!(self.peek().kind, Kind::Word | Kind::Str) {
                return self.stop(|p| {
                    p.unclosed(open, "`,` or `}`").help("matchers are separated by commas")
                });
            }
            self.close(open, Kind::CloseBrace, "`,` or `}`")?;
            break;
        }
        Ok(matchers)
    }

    /// Goes on at the comma or brace after a faulty matcher.
    fn skip_matcher(&mut self) -> Result<(), Stop> {
        loop {
            match self.peek().kind {
                Kind::Comma | Kind::CloseBrace => return Ok(()),
                Kind::End => return Err(Stop),
                _ => self.next(),
            };
        }
    }

    fn matcher(&mut self, open: Token) -> Result<Part, Stop> {
        let token = self.peek();
        let label = match token.kind {
            Kind::Word => Name::from(self.word(token).to_owned()),
            Kind::Str => self.string(token),
            Kind::End => {
                return self.stop(|p| p.unclosed(open, "a label name or `}`"));
            }
            _ => {
                return self.stop(|p| {
                    slips::expected(p.span(token), "a label name or `}`", &p.found(token))
                });
            }
        };
        self.next();
        let op_token = self.peek();
        let op = match op_token.kind {
            Kind::Assign => MatchOp::Equal,
            Kind::Ne => MatchOp::NotEqual,
            Kind::Match => MatchOp::Regex,
            Kind::NotMatch => MatchOp::NotRegex,
            Kind::Eq => {
                self.report(|p| slips::double_equals(p.span(op_token)));
                MatchOp::Equal
            }
            Kind::Comma | Kind::CloseBrace if token.kind == Kind::Str => {
                return Ok(Part::Name(label, self.span(token)));
            }
            Kind::Sub => {
                return self.stop(|p| p.dashed(token));
            }
            Kind::End => {
                return self.stop(|p| p.unclosed(open, "`=`, `!=`, `=~` or `!~`"));
            }
            _ => {
                let wanted = "`=`, `!=`, `=~` or `!~`";
                return self
                    .stop(|p| slips::expected(p.span(op_token), wanted, &p.found(op_token)));
            }
        };
        self.next();
        let value = self.peek();
        if value.kind != Kind::Str {
            return self.stop(|p| {
                if value.kind == Kind::End {
                    p.unclosed(open, "a string")
                } else {
                    slips::expected(p.span(value), "a string", &p.found(value))
                }
            });
        }
        self.next();
        Ok(Part::Matcher(Matcher {
            label,
            op,
            value: self.string(value),
            span: self.since(token),
            label_span: self.span(token),
            value_span: self.span(value),
        }))
    }
}

/// What stands between two commas in braces.
enum Part {
    Matcher(Matcher),
    /// A metric's name in quotes.
    Name(Name, Span),
}
