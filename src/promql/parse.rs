//! Expressions: a text comes in, a tree with places goes out, faults go into the
//! sink. Operator precedence climbing; clauses and selectors are read by
//! `selector`, lengths of time by `duration`.

use super::ast::{
    Aggregate, AggregateOp, Binary, BinaryOp, Call, Expr, ExprKind, Extension, Grouping, Number,
    POWER, Unary, UnaryOp,
};
use super::cursor::{Parser, Stop};
use super::lex::{Kind, Token, lex};
use super::name::Name;
use super::selector::Clauses;
use super::slips;
use crate::base::{Diagnostic, Diagnostics, Text};

/// The longest expression that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// What the parser takes beyond PromQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// `[$range]`: a range that is put in later.
    pub placeholder: bool,
}

/// Reads a PromQL expression. Faults go to `diags`; `None` if there was one.
pub fn parse(text: &Text, diags: &mut Diagnostics) -> Option<Expr> {
    parse_with(text, Options::default(), diags)
}

/// Reads a PromQL expression with `options`.
pub fn parse_with(text: &Text, options: Options, diags: &mut Diagnostics) -> Option<Expr> {
    let bytes = text.as_str().len();
    if bytes > MAX_BYTES {
        diags.push(slips::too_long(text.span(), bytes, MAX_BYTES));
        return None;
    }
    let lexed = lex(text, options.placeholder);
    let mut failed = !lexed.faults.is_empty();
    for fault in lexed.faults {
        diags.push(fault);
    }
    if !lexed.usable {
        return None;
    }
    let mut parser = Parser::new(text, &lexed.tokens, diags);
    let parsed = parser.whole();
    failed |= parser.failed;
    parsed.ok().filter(|_| !failed)
}

/// An expression and the height of its tree. Boxed, and faults are made in
/// closures, so that the frames of the recursion stay small: 200 levels must fit
/// the stack of a thread in a debug build.
struct Parsed {
    expr: Box<Expr>,
    height: usize,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Expr, Stop> {
        if self.peek().kind == Kind::End {
            return self.stop(|p| slips::empty(p.text.span()));
        }
        let parsed = self.expression(1)?;
        let next = self.peek();
        if next.kind == Kind::End {
            return Ok(*parsed.expr);
        }
        self.stop(|p| p.leftover(next))
    }

    /// What is wrong with a token that nothing can take.
    fn leftover(&self, token: Token) -> Diagnostic {
        let (span, word) = (self.span(token), self.word(token));
        match token.kind {
            Kind::Assign => slips::single_equals(span),
            Kind::Match | Kind::NotMatch => slips::match_outside(span, word),
            Kind::CloseParen => slips::stray_close(span, word, '('),
            Kind::CloseBrace => slips::stray_close(span, word, '{'),
            Kind::CloseBracket => slips::stray_close(span, word, '['),
            Kind::Word if CLAUSES.iter().any(|c| c.eq_ignore_ascii_case(word)) => {
                slips::misplaced_clause(span, &word.to_ascii_lowercase())
            }
            _ => {
                let before = self.last();
                let fault = slips::no_operator(span, &self.found(token));
                match AggregateOp::named(self.word(before)) {
                    Some(op) => fault.help(format!(
                        "put what is aggregated in parentheses: `{}({word})`",
                        op.text()
                    )),
                    None => fault.help("join them by an operator such as `and`, `or` or `/`"),
                }
            }
        }
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Parsed, Stop> {
        self.descend()?;
        let first = self.peek();
        let mut left = self.signed()?;
        while let Some(op) = self.operator().filter(|op| op.precedence() >= least) {
            left = self.binary(first, left, op)?;
        }
        self.ascend();
        Ok(left)
    }

    /// The binary operator ahead.
    fn operator(&self) -> Option<BinaryOp> {
        let token = self.peek();
        Some(match token.kind {
            Kind::Eq => BinaryOp::Eq,
            Kind::Ne => BinaryOp::Ne,
            Kind::Lt => BinaryOp::Lt,
            Kind::Le => BinaryOp::Le,
            Kind::Gt => BinaryOp::Gt,
            Kind::Ge => BinaryOp::Ge,
            Kind::TrimUpper => BinaryOp::TrimUpper,
            Kind::TrimLower => BinaryOp::TrimLower,
            Kind::Add => BinaryOp::Add,
            Kind::Sub => BinaryOp::Sub,
            Kind::Mul => BinaryOp::Mul,
            Kind::Div => BinaryOp::Div,
            Kind::Mod => BinaryOp::Mod,
            Kind::Pow => BinaryOp::Pow,
            Kind::And => BinaryOp::And,
            Kind::Or => BinaryOp::Or,
            Kind::Word => {
                let word = self.word(token);
                let named = |op: &BinaryOp| op.text().eq_ignore_ascii_case(word);
                [BinaryOp::And, BinaryOp::Or, BinaryOp::Unless, BinaryOp::Atan2]
                    .into_iter()
                    .find(named)?
            }
            _ => return None,
        })
    }

    fn binary(&mut self, first: Token, left: Parsed, op: BinaryOp) -> Result<Parsed, Stop> {
        let op_token = self.next();
        let clauses = self.binary_clauses()?;
        if !self.begins_expression() {
            return self.stop(|p| {
                let found = p.peek();
                let (word, span) = (p.word(op_token), p.span(op_token));
                slips::missing_operand(p.span(found), &p.found(found), word, span)
            });
        }
        let tighter = op.precedence() + u8::from(!op.is_right_associative());
        let right = self.expression(tighter)?;
        let below = left.height.max(right.height);
        let op_span = self.span(op_token);
        self.finish(first, below, || {
            let Clauses { is_bool, matching, fill } = *clauses;
            let (left, right) = (*left.expr, *right.expr);
            let binary = Binary { op, op_span, is_bool, matching, fill, left, right };
            ExprKind::Binary(Box::new(binary))
        })
    }

    /// The node that began with `first`, on top of what is `below` high.
    fn finish(
        &mut self,
        first: Token,
        below: usize,
        kind: impl FnOnce() -> ExprKind,
    ) -> Result<Parsed, Stop> {
        let height = self.grow(below)?;
        let expr = Box::new(Expr { span: self.since(first), kind: kind() });
        Ok(Parsed { expr, height })
    }

    fn begins_expression(&self) -> bool {
        use Kind::{Add, Duration, Metric, Number, OpenBrace, OpenParen, Str, Sub, Word};
        let kind = self.peek().kind;
        matches!(kind, Number | Duration | Word | Metric | Str | OpenParen | OpenBrace | Add | Sub)
    }

    fn signed(&mut self) -> Result<Parsed, Stop> {
        let first = self.peek();
        let op = match first.kind {
            Kind::Add => UnaryOp::Plus,
            Kind::Sub => UnaryOp::Minus,
            _ => {
                let operand = self.primary()?;
                return self.modified(first, operand);
            }
        };
        self.next();
        // A sign binds like `*`: `-a^b` is `-(a^b)`, `-a * b` is `(-a) * b`.
        let operand = self.expression(POWER)?;
        self.finish(first, operand.height, || {
            ExprKind::Unary(Box::new(Unary { op, expr: *operand.expr }))
        })
    }

    fn primary(&mut self) -> Result<Parsed, Stop> {
        let token = self.peek();
        match token.kind {
            Kind::Number | Kind::Duration => self.number(),
            Kind::Str => {
                self.next();
                let text = self.string(token);
                self.finish(token, 0, || ExprKind::Str(text))
            }
            Kind::OpenParen => self.parenthesised(),
            Kind::OpenBrace | Kind::Metric => self.plain_selector(),
            Kind::Word => self.named(),
            _ => self.stop(|p| p.no_expression(token)),
        }
    }

    fn no_expression(&self, token: Token) -> Diagnostic {
        let fault = slips::expected(self.span(token), "an expression", &self.found(token));
        let before = self.last();
        match (before.kind, token.kind) {
            (Kind::Mul, Kind::Mul) => fault.help("a power is written `^`"),
            (Kind::OpenParen, Kind::End) => fault.also(self.span(before), "this `(` is not closed"),
            _ => fault,
        }
    }

    fn number(&mut self) -> Result<Parsed, Stop> {
        let token = self.next();
        self.check_value(token);
        let word = self.word(token);
        self.finish(token, 0, || ExprKind::Number(Number::new(word.to_owned())))
    }

    fn parenthesised(&mut self) -> Result<Parsed, Stop> {
        let open = self.next();
        let inner = self.expression(1)?;
        self.close(open, Kind::CloseParen, "`)`")?;
        self.finish(open, inner.height, || ExprKind::Paren(inner.expr))
    }

    /// A selector, call, aggregation or number that begins with a word.
    fn named(&mut self) -> Result<Parsed, Stop> {
        let token = self.peek();
        let word = self.word(token);
        let is = |keyword: &&str| keyword.eq_ignore_ascii_case(word);
        let called = self.peek_at(1).kind == Kind::OpenParen;
        if let Some(op) = AggregateOp::named(word)
            && (called || self.is_grouped())
        {
            return self.aggregate(op);
        }
        if ["inf", "nan"].iter().any(is) {
            return self.number();
        }
        if RESERVED.iter().any(is) {
            return self.stop(|p| p.keyword(token));
        }
        if called { self.call() } else { self.plain_selector() }
    }

    /// The fault of a keyword where an expression begins.
    fn keyword(&self, token: Token) -> Diagnostic {
        let (span, word) = (self.span(token), self.word(token));
        let begins = matches!(self.last().kind, Kind::End | Kind::OpenParen | Kind::Comma);
        if !begins && CLAUSES.iter().any(|c| c.eq_ignore_ascii_case(word)) {
            return slips::misplaced_clause(span, &word.to_ascii_lowercase());
        }
        slips::expected(span, "an expression", &self.found(token))
            .help(format!("quote a metric's name that is a keyword: `{{\"{word}\"}}`"))
    }

    /// Whether `by` or `without` follows the word ahead.
    fn is_grouped(&self) -> bool {
        let after = self.peek_at(1);
        let is = |keyword: &&str| keyword.eq_ignore_ascii_case(self.word(after));
        after.kind == Kind::Word && ["by", "without"].iter().any(is)
    }

    fn call(&mut self) -> Result<Parsed, Stop> {
        let token = self.next();
        let (args, below) = self.arguments()?;
        let word = self.word(token);
        let func_span = self.span(token);
        self.finish(token, below, || {
            let known = super::functions::function(word);
            let func = known.map_or_else(|| Name::from(word.to_owned()), |f| Name::fixed(f.name));
            ExprKind::Call(Call { func, func_span, args })
        })
    }

    /// `(a, b)` and the height of the highest of them.
    fn arguments(&mut self) -> Result<(Vec<Expr>, usize), Stop> {
        let open = self.next();
        let (mut args, mut below) = (Vec::new(), 0);
        if self.eat(Kind::CloseParen).is_some() {
            return Ok((args, below));
        }
        loop {
            let arg = self.expression(1)?;
            below = below.max(arg.height);
            args.push(*arg.expr);
            let Some(comma) = self.eat(Kind::Comma) else { break };
            if self.peek().kind == Kind::CloseParen {
                self.report(|p| slips::trailing_comma(p.span(comma)));
                break;
            }
        }
        if self.eat(Kind::CloseParen).is_none() {
            return self.stop(|p| p.no_argument(open));
        }
        Ok((args, below))
    }

    /// What is wrong where an argument ends and neither `,` nor `)` follows.
    fn no_argument(&self, open: Token) -> Diagnostic {
        let next = self.peek();
        let clause = || CLAUSES.iter().any(|c| c.eq_ignore_ascii_case(self.word(next)));
        match next.kind {
            Kind::Assign | Kind::Match | Kind::NotMatch | Kind::CloseBrace => self.leftover(next),
            Kind::Word if clause() => self.leftover(next),
            _ if self.begins_expression() => {
                self.unclosed(open, "`,` or `)`").help("arguments are separated by commas")
            }
            _ => self.unclosed(open, "`)`"),
        }
    }

    fn aggregate(&mut self, op: AggregateOp) -> Result<Parsed, Stop> {
        let first = self.next();
        let mut grouping = self.grouping()?;
        if self.peek().kind != Kind::OpenParen {
            return self.stop(|p| {
                let next = p.peek();
                slips::expected(p.span(next), "`(`", &p.found(next))
                    .help(format!("put what is aggregated in parentheses: `{}(...)`", op.text()))
            });
        }
        let (mut args, below) = self.arguments()?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let op_span = self.span(first);
        let wanted = if op.takes_parameter() { 2 } else { 1 };
        if args.len() != wanted {
            return self.stop(|_| super::types::aggregate_arguments(op, op_span, &args));
        }
        let Some(expr) = args.pop() else { return Err(Stop) };
        self.finish(first, below, || {
            let grouping = grouping.map(|grouping| *grouping);
            let aggregate = Aggregate { op, op_span, grouping, param: args.pop(), expr };
            ExprKind::Aggregate(Box::new(aggregate))
        })
    }

    /// `by (...)` or `without (...)`, if one is ahead.
    fn grouping(&mut self) -> Result<Option<Box<Grouping>>, Stop> {
        let without = self.at_keyword("without");
        if !without && !self.at_keyword("by") {
            return Ok(None);
        }
        let first = self.next();
        let labels = self.label_list(first)?;
        Ok(Some(Box::new(Grouping { without, labels, span: self.since(first) })))
    }

    fn plain_selector(&mut self) -> Result<Parsed, Stop> {
        let first = self.peek();
        let selector = self.selector()?;
        self.finish(first, 0, || ExprKind::Selector(selector))
    }

    /// `[5m]`, `offset 5m`, `@ 0` and their like behind an expression.
    fn modified(&mut self, first: Token, mut parsed: Parsed) -> Result<Parsed, Stop> {
        loop {
            let token = self.peek();
            if token.kind == Kind::OpenBracket {
                parsed.height = self.grow(parsed.height)?;
                parsed.expr = Box::new(self.bracket(*parsed.expr)?);
            } else if token.kind == Kind::At {
                self.at_modifier(&mut parsed.expr)?;
            } else if self.at_keyword("offset") {
                self.offset(&mut parsed.expr)?;
            } else if self.at_keyword("anchored") {
                self.extension(&mut parsed.expr, Extension::Anchored)?;
            } else if self.at_keyword("smoothed") {
                self.extension(&mut parsed.expr, Extension::Smoothed)?;
            } else {
                return Ok(parsed);
            }
            parsed.expr.span = self.since(first);
        }
    }

    fn extension(&mut self, expr: &mut Expr, extension: Extension) -> Result<(), Stop> {
        let span = self.span(self.peek());
        let target = match &mut expr.kind {
            ExprKind::Selector(selector) => selector,
            ExprKind::Range(range) => &mut range.selector,
            _ => {
                return self.stop(|_| slips::misplaced(span, extension.text(), expr.span));
            }
        };
        if target.extension.replace(extension).is_some() {
            self.report(|_| slips::twice(span, extension.text()));
        }
        self.next();
        Ok(())
    }
}

/// Words that cannot be the name of a metric.
const RESERVED: [&str; 6] = ["bool", "on", "ignoring", "group_left", "group_right", "atan2"];

/// Keywords that begin a clause of an aggregation or a binary operator.
const CLAUSES: [&str; 9] =
    ["by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "fill"];
