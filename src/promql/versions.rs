//! What an expression asks of the version of Prometheus that reads it: a tree, or
//! the text it was read from, comes in; features come out, each with its place and
//! the versions that have it.
//!
//! The versions are those of the functions' table, and for the grammar those of
//! `generated_parser.y`, `lex.go` and `parse.go` in `promql/parser` of the tags
//! v0.35.0 (2.35) to v0.316.0 (3.16). Flags, the versions from which they are not
//! asked for any more, and what is older than 2.35 are after `CHANGELOG.md` and
//! `cmd/prometheus/main.go` of the last of these tags.

use super::ast::{
    AggregateOp, At, BinaryOp, Computed, Expr, ExprKind, Extension, Extent, LabelName, Offset,
    Selector,
};
use super::functions::{Release, function};
use super::lex::{Kind, Token, lex};
use super::name::Name;
use super::parse::Options;
use super::{number, quote};
use crate::base::{Duration, Span, Text};

/// A feature of an expression that not every version of Prometheus has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What it is, as messages name it: "the function `info`".
    pub what: String,
    /// Where it is used.
    pub span: Span,
    /// The first version that has it.
    pub since: Release,
    /// The first version that has it no more.
    pub until: Option<Release>,
    /// The value of `--enable-feature` that it asks for.
    pub flag: Option<Flag>,
    /// What to do in versions that do not have it.
    pub instead: Option<String>,
    /// Whether `promql-parser` reads it.
    pub(super) judged: bool,
}

/// A value of `--enable-feature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub name: &'static str,
    /// The first version that does not ask for it.
    pub until: Option<Release>,
}

const FUNCTIONS: Flag = Flag { name: "promql-experimental-functions", until: None };
const DURATIONS: Flag = Flag { name: "promql-duration-expr", until: Some((3, 14)) };
const FILL: Flag = Flag { name: "promql-binop-fill-modifiers", until: None };
const EXTENDED: Flag = Flag { name: "promql-extended-range-selectors", until: Some((3, 16)) };
const AT: Flag = Flag { name: "promql-at-modifier", until: Some((2, 33)) };
const NEGATIVE: Flag = Flag { name: "promql-negative-offset", until: Some((2, 33)) };

impl Requirement {
    fn new(what: impl Into<String>, span: Span, since: Release) -> Requirement {
        let what = what.into();
        let (until, flag, instead) = (None, None, None);
        Requirement { what, span, since, until, flag, instead, judged: true }
    }

    fn flag(self, flag: Flag) -> Requirement {
        Requirement { flag: Some(flag), ..self }
    }

    fn instead(self, instead: impl Into<String>) -> Requirement {
        Requirement { instead: Some(instead.into()), ..self }
    }

    fn unjudged(self) -> Requirement {
        Requirement { judged: false, ..self }
    }
}

/// What an expression asks for when it is printed from its tree.
///
/// ```
/// use ninefold::base::{Diagnostics, Text};
/// use ninefold::promql::{parse, requirements};
///
/// let expr = parse(&Text::made("limitk(5, up)"), &mut Diagnostics::default());
/// assert_eq!(requirements(&expr.unwrap())[0].since, (2, 54));
/// ```
pub fn requirements(expr: &Expr) -> Vec<Requirement> {
    let mut found = Vec::new();
    expr.walk(&mut |expr| {
        node(expr, &mut found);
        found.extend(offset_of(expr).filter(|offset| is_none(offset)).map(|o| no_offset(o.span)));
    });
    found
}

fn offset_of(expr: &Expr) -> Option<&Offset> {
    match &expr.kind {
        ExprKind::Selector(selector) => selector.offset.as_ref(),
        ExprKind::Range(range) => range.selector.offset.as_ref(),
        ExprKind::Subquery(subquery) => subquery.offset.as_ref(),
        _ => None,
    }
}

/// Whether an offset is printed as `offset 0s`.
fn is_none(offset: &Offset) -> bool {
    matches!(&offset.extent, Extent::Fixed(length) if length.is_zero())
}

/// What an expression asks for as it was written in `text`, from which it was read.
pub fn requirements_as_written(text: &Text, options: Options, expr: &Expr) -> Vec<Requirement> {
    let mut found = Vec::new();
    expr.walk(&mut |expr| node(expr, &mut found));
    let mut scan = Scan { text, tokens: &lex(text, options.placeholder).tokens, found: Vec::new() };
    scan.run();
    for new in scan.found {
        let known = |old: &Requirement| old.what == new.what && old.since == new.since;
        if !found.iter().any(known) {
            found.push(new);
        }
    }
    found
}

fn node(expr: &Expr, found: &mut Vec<Requirement>) {
    match &expr.kind {
        ExprKind::Str(_) | ExprKind::Paren(_) | ExprKind::Unary(_) => {}
        ExprKind::Number(written) => literal(&written.text, expr.span, found),
        ExprKind::Selector(of) => selector(of, found),
        ExprKind::Range(range) => {
            extent(&range.range, range.range_span, found);
            selector(&range.selector, found);
        }
        ExprKind::Subquery(subquery) => {
            found.push(Requirement::new("a subquery", expr.span, (2, 7)));
            extent(&subquery.range, expr.span, found);
            subquery.step.iter().for_each(|step| extent(step, expr.span, found));
            offset(subquery.offset.as_ref(), found);
            at(subquery.at.as_deref(), expr.span, found);
        }
        ExprKind::Call(call) => {
            let Some(known) = function(&call.func) else { return };
            let what = format!("the function `{}`", known.name);
            let mut feature = Requirement::new(what, call.func_span, known.since);
            if known.stable != Some(known.since) {
                feature = feature.flag(Flag { until: known.stable, ..FUNCTIONS });
            }
            if let Some((until, instead)) = known.until {
                feature = feature.instead(format!("write `{instead}`"));
                feature.until = Some(until);
            }
            found.push(feature);
            // It takes matchers that no selector could do with alone.
            let of = call.args.get(1).filter(|_| known.name == "info").map(|arg| &arg.kind);
            if let Some(ExprKind::Selector(of)) = of
                && of.takes_everything()
            {
                let what = "`info` with matchers that can be empty";
                found.push(Requirement::new(what, of.span, (2, 55)).unjudged());
            }
        }
        ExprKind::Aggregate(aggregate) => {
            let what = format!("the operator `{}`", aggregate.op.text());
            let feature = |since| Requirement::new(what, aggregate.op_span, since);
            match aggregate.op {
                AggregateOp::Group => found.push(feature((2, 20)).instead("write `max`")),
                AggregateOp::Limitk | AggregateOp::LimitRatio => {
                    found.push(feature((2, 54)).flag(FUNCTIONS));
                }
                _ => {}
            }
            let labels = aggregate.grouping.iter().flat_map(|grouping| &grouping.labels);
            label_names(labels, found);
        }
        ExprKind::Binary(binary) => {
            let what = format!("the operator `{}`", binary.op.text());
            let feature = |since| Requirement::new(what, binary.op_span, since);
            match binary.op {
                BinaryOp::Atan2 => found.push(feature((2, 31))),
                BinaryOp::TrimUpper | BinaryOp::TrimLower => {
                    found.push(feature((3, 11)).unjudged());
                }
                _ => {}
            }
            if let Some(fill) = &binary.fill {
                let mut feature = Requirement::new("`fill`", binary.op_span, (3, 10)).flag(FILL);
                let values = fill.left.iter().chain(&fill.right);
                feature.judged = !values.clone().any(|value| is_duration(value));
                found.push(feature.instead("write `or` with the value that is missing"));
                values.for_each(|value| literal(value, binary.op_span, found));
            }
            if let Some(matching) = &binary.matching {
                let group = matching.group.iter().flat_map(|group| &group.include);
                label_names(matching.labels.iter().chain(group), found);
            }
        }
    }
}

fn selector(selector: &Selector, found: &mut Vec<Requirement>) {
    if let Some(name) = selector.name.as_ref().filter(|name| !quote::is_plain_metric(name)) {
        found.push(quoted(name, quote::is_legacy_metric(name), selector.name_span));
    }
    let called = |name| called(name, "metric", selector.name_span);
    found.extend(selector.name.as_ref().and_then(called));
    for matcher in selector.matchers.iter() {
        if !quote::is_plain_label(&matcher.label) {
            found.push(quoted(&matcher.label, false, matcher.label_span));
        }
        if matcher.op.is_regex() && matcher.value.contains("(?<") {
            let what = "a named group `(?<name>...)`";
            let feature = Requirement::new(what, matcher.value_span, (2, 53));
            found.push(feature.instead("write a group without a name"));
        }
    }
    if let Some(extension) = selector.extension {
        let what = format!("`{}`", extension.text());
        found.push(Requirement::new(what, selector.span, (3, 7)).flag(EXTENDED).unjudged());
    }
    offset(selector.offset.as_ref(), found);
    at(selector.at.as_deref(), selector.span, found);
}

/// A metric or label that has the name of a modifier, which `promql-parser` does not
/// read.
fn called(name: &Name, what: &str, span: Span) -> Option<Requirement> {
    let extensions = [Extension::Anchored, Extension::Smoothed];
    extensions.iter().find(|extension| extension.text().eq_ignore_ascii_case(name))?;
    Some(Requirement::new(format!("a {what} called `{name}`"), span, (2, 0)).unjudged())
}

/// A name that stands in quotes; `legacy` if every version could have such a name.
fn quoted(name: &Name, legacy: bool, span: Span) -> Requirement {
    if legacy {
        let instead = format!("write `{{__name__=\"{name}\"}}`");
        return Requirement::new("a name in quotes", span, (2, 51)).instead(instead);
    }
    let what = format!("`{name}`, a name beyond `a-z A-Z 0-9 _`,");
    Requirement::new(what, span, (3, 0))
        .instead("write the name with `_`, as older versions store it")
}

fn label_names<'a>(labels: impl Iterator<Item = &'a LabelName>, found: &mut Vec<Requirement>) {
    for LabelName { name, span } in labels {
        if !quote::is_plain_label(name) {
            found.push(quoted(name, false, *span));
        }
        found.extend(called(name, "label", *span));
    }
}

fn offset(offset: Option<&Offset>, found: &mut Vec<Requirement>) {
    let Some(offset) = offset else { return };
    if offset.negative {
        let feature = Requirement::new("a negative `offset`", offset.span, (2, 26));
        found.push(feature.flag(NEGATIVE));
    }
    extent(&offset.extent, offset.span, found);
}

/// An offset of no time, which for long was refused as a length of no time.
fn no_offset(span: Span) -> Requirement {
    Requirement::new("`offset 0s`", span, (3, 4)).unjudged().instead("remove it")
}

fn at(at: Option<&At>, span: Span, found: &mut Vec<Requirement>) {
    let Some(at) = at else { return };
    found.push(Requirement::new("the modifier `@`", span, (2, 25)).flag(AT));
    if let At::Time(time) = at {
        literal(time, span, found);
    }
}

fn extent(extent: &Extent, span: Span, found: &mut Vec<Requirement>) {
    let Extent::Computed(computed) = extent else { return };
    found.push(arithmetic(span));
    let mut stack: Vec<&Computed> = vec![computed];
    while let Some(computed) = stack.pop() {
        match computed {
            Computed::Literal(text) => {
                if text.contains('_') {
                    literal(text, span, found);
                }
            }
            Computed::Call(name) => {
                let since = if name == "step" { (3, 6) } else { (3, 10) };
                found.push(in_duration(name, span, since));
            }
            Computed::Pair(name, pair) => {
                found.push(in_duration(name, span, (3, 13)));
                stack.extend([&pair.0, &pair.1]);
            }
            Computed::Unary(_, inner) | Computed::Paren(inner) => stack.push(inner),
            Computed::Binary(_, pair) => stack.extend([&pair.0, &pair.1]),
        }
    }
}

fn arithmetic(span: Span) -> Requirement {
    let feature = Requirement::new("arithmetic on durations", span, (3, 4)).flag(DURATIONS);
    feature.unjudged().instead("write the result as one duration")
}

fn in_duration(name: &Name, span: Span, since: Release) -> Requirement {
    let what = format!("`{name}` in a duration");
    Requirement::new(what, span, since).flag(DURATIONS).unjudged()
}

/// A number as it was written, also a duration in place of one.
fn literal(text: &Name, span: Span, found: &mut Vec<Requirement>) {
    if is_duration(text) {
        let mut feature = Requirement::new("a duration as a number", span, (2, 54));
        if let Some(seconds) = number::value(text) {
            feature = feature.instead(format!("write `{seconds}`, its seconds"));
        }
        found.push(feature);
    } else if text.contains('_') {
        found.push(underscored(text, span));
    }
}

fn underscored(text: &str, span: Span) -> Requirement {
    let plain = format!("write `{}`", text.replace('_', ""));
    Requirement::new("a number with `_`", span, (2, 54)).unjudged().instead(plain)
}

fn is_duration(text: &str) -> bool {
    let last = text.bytes().last();
    last.is_some_and(|b| b.is_ascii_alphabetic())
        && Duration::parse(text.trim_start_matches('-')).is_some()
}

/// What only the text tells: a tree is the same for `x[300]` and `x[5m]`.
struct Scan<'a> {
    text: &'a Text,
    tokens: &'a [Token],
    found: Vec<Requirement>,
}

/// Where a token stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Expression,
    /// In a list of labels behind `by`, `on` and the like.
    Labels,
    Braces,
    Brackets,
    /// Behind `offset`, up to the end of the duration.
    Offset,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut place = Place::Expression;
        let mut before = Kind::OpenParen;
        for (index, token) in self.tokens.iter().enumerate() {
            match (place, token.kind) {
                (_, Kind::OpenBrace) => place = Place::Braces,
                (_, Kind::OpenBracket) => place = Place::Brackets,
                (_, Kind::CloseBrace | Kind::CloseBracket) => place = Place::Expression,
                (Place::Labels, Kind::CloseParen) => place = Place::Expression,
                (Place::Expression | Place::Offset, Kind::Word) => place = self.word(index),
                (Place::Labels, Kind::Str) => self.push(*token, "a label in quotes", (2, 55)),
                (Place::Braces, Kind::Str) if !is_match(before) => {
                    self.push(*token, "a name in quotes", (2, 51));
                }
                (Place::Brackets | Place::Offset, _) => {
                    self.duration(*token, place, before);
                    let literal = matches!(token.kind, Kind::Number | Kind::Duration);
                    if place == Place::Offset && literal {
                        place = Place::Expression;
                    }
                }
                _ => {}
            }
            before = token.kind;
        }
    }

    fn push(&mut self, token: Token, what: &str, since: Release) {
        let span = self.text.slice(token.start..token.end);
        self.found.push(Requirement::new(what, span, since));
    }

    fn source(&self, token: &Token) -> &str {
        self.text.as_str().get(token.start..token.end).unwrap_or_default()
    }

    /// What follows a word outside of braces and brackets.
    fn word(&self, index: usize) -> Place {
        const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
        let word = self.tokens.get(index).map(|token| self.source(token)).unwrap_or_default();
        let next = self.tokens.get(index + 1).map(|token| token.kind);
        if next == Some(Kind::OpenParen) && LISTS.iter().any(|l| l.eq_ignore_ascii_case(word)) {
            return Place::Labels;
        }
        // A metric may be called so: then no duration follows.
        let begins = matches!(
            next,
            Some(Kind::Number | Kind::Duration | Kind::Add | Kind::Sub | Kind::OpenParen)
        );
        let operator = |token: &Token| {
            let word = self.source(token);
            ["and", "or", "unless", "atan2", "bool"].iter().any(|o| o.eq_ignore_ascii_case(word))
        };
        let modifies = |token: &Token| {
            use Kind::{CloseBrace, CloseBracket, CloseParen, Duration, Metric, Number, Word};
            let ends = [CloseBrace, CloseBracket, CloseParen, Metric, Word, Number, Duration];
            ends.contains(&token.kind) && !operator(token)
        };
        let before = index.checked_sub(1).and_then(|index| self.tokens.get(index));
        if word.eq_ignore_ascii_case("offset") && begins && before.is_some_and(modifies) {
            return Place::Offset;
        }
        Place::Expression
    }

    /// A token of a duration.
    fn duration(&mut self, token: Token, place: Place, before: Kind) {
        let span = self.text.slice(token.start..token.end);
        let word = self.source(&token).to_owned();
        let first = matches!(before, Kind::OpenBracket | Kind::Colon | Kind::Word);
        let sign = first || matches!(before, Kind::Add | Kind::Sub);
        match token.kind {
            Kind::Number => {
                if word.contains('_') {
                    self.found.push(underscored(&word, span));
                }
                let value = number::value(&word).and_then(number::seconds);
                let mut feature = Requirement::new("a duration without a unit", span, (2, 54));
                feature.judged = value.is_none_or(|length| !length.is_zero());
                feature.instead = value.map(|length| format!("write `{length}`"));
                self.found.push(feature);
            }
            Kind::Duration => {
                let none = Duration::parse(&word).is_some_and(Duration::is_zero);
                if none && place == Place::Offset {
                    self.found.push(no_offset(span));
                }
                let units = word.bytes().zip(word.bytes().skip(1));
                let parts = units.filter(|(a, b)| a.is_ascii_alphabetic() && b.is_ascii_digit());
                if parts.count() > 0 {
                    let what = "a duration of several units";
                    self.found.push(Requirement::new(what, span, (2, 21)));
                }
            }
            Kind::Sub if first && place == Place::Offset => {}
            Kind::Add | Kind::Sub if sign => {
                let feature = Requirement::new("a sign before a duration", span, (3, 4));
                self.found.push(feature.unjudged());
            }
            Kind::Add | Kind::Sub | Kind::Mul | Kind::Div | Kind::Mod | Kind::Pow
                if place == Place::Brackets =>
            {
                self.found.push(arithmetic(span));
            }
            Kind::OpenParen if before != Kind::Word || place == Place::Offset => {
                self.found.push(arithmetic(span));
            }
            _ => {}
        }
    }
}

fn is_match(kind: Kind) -> bool {
    matches!(kind, Kind::Assign | Kind::Match | Kind::Ne | Kind::NotMatch)
}
