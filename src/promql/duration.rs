//! Time in the grammar: ranges and subqueries in brackets, `offset`, `@` and
//! arithmetic on durations. Tokens come in, parts of the tree and faults go
//! out.

use super::ast::{
    At, BinaryOp, Computed, Expr, ExprKind, Extent, Offset, POWER, Range, Subquery, UnaryOp,
};
use super::cursor::{Parser, Stop};
use super::lex::{Kind, Token};
use super::name::Name;
use super::{number, slips};
use crate::base::{Diagnostic, Duration, Span};

/// What is expected where a length of time stands.
const WANTED: &str = "a duration";

impl Parser<'_> {
    /// `[5m]` or `[5m:1m]` behind `expr`.
    pub(super) fn bracket(&mut self, expr: Expr) -> Result<Expr, Stop> {
        let open = self.next();
        let first = self.peek();
        let range = self.positive_extent()?;
        let range_span = self.since(first);
        if self.peek().kind == Kind::Colon {
            return self.subquery(open, expr, range);
        }
        if let Some(fault) = self.split_unit() {
            return self.stop(|_| fault);
        }
        self.close(open, Kind::CloseBracket, "`:` or `]`")?;
        let span = expr.span;
        let selector = match expr.kind {
            ExprKind::Selector(selector) => selector,
            _ => {
                let text = self.word(Token { start: first.start, end: self.last().start, ..first });
                return self
                    .stop(|p| slips::range_of_expression(p.since(open), span, text.trim_end()));
            }
        };
        if let Some((what, at)) = selector.modifier_span() {
            return self.stop(|p| slips::range_after(p.since(open), what, at));
        }
        let range = Range { selector, range, range_span };
        Ok(Expr { span, kind: ExprKind::Range(Box::new(range)) })
    }

    fn subquery(&mut self, open: Token, expr: Expr, range: Extent) -> Result<Expr, Stop> {
        self.next();
        let empty = self.peek().kind == Kind::CloseBracket;
        let step = if empty { None } else { Some(self.positive_extent()?) };
        if let Some(fault) = self.split_unit() {
            return self.stop(|_| fault);
        }
        self.close(open, Kind::CloseBracket, "`]`")?;
        let span = expr.span;
        let subquery = Subquery { expr, range, step, offset: None, at: None };
        Ok(Expr { span, kind: ExprKind::Subquery(Box::new(subquery)) })
    }

    /// The fault of a unit that a blank parts from its number: `5 m`.
    fn split_unit(&self) -> Option<Diagnostic> {
        let (number, unit) = (self.last(), self.peek());
        let units = ["ms", "s", "m", "h", "d", "w", "y"];
        if number.kind != Kind::Number || !units.contains(&self.word(unit)) {
            return None;
        }
        let joined = format!("{}{}", self.word(number), self.word(unit));
        let fault = slips::expected(self.span(unit), "`:` or `]`", &self.found(unit));
        Some(fault.help(format!("write `{joined}` without a blank")))
    }

    /// `offset 5m` behind `expr`.
    pub(super) fn offset(&mut self, expr: &mut Expr) -> Result<(), Stop> {
        let first = self.next();
        let sign = self.peek();
        let (negative, extent) = self.offset_extent()?;
        let span = self.since(first);
        if let Extent::Fixed(duration) = &extent
            && self.last().kind == Kind::Number
            && !duration.is_zero()
            && sign.kind != Kind::OpenParen
        {
            self.no_unit(self.last());
        }
        let offset = Offset { negative, extent, span };
        let slot = match &mut expr.kind {
            ExprKind::Selector(selector) => &mut selector.offset,
            ExprKind::Range(range) => &mut range.selector.offset,
            ExprKind::Subquery(subquery) => &mut subquery.offset,
            _ => {
                return self.stop(|_| slips::misplaced(span, "offset", expr.span));
            }
        };
        if slot.replace(offset).is_some() {
            self.report(|_| slips::twice(span, "offset"));
        }
        Ok(())
    }

    /// `@ 0`, `@ start()` or `@ end()` behind `expr`.
    pub(super) fn at_modifier(&mut self, expr: &mut Expr) -> Result<(), Stop> {
        let first = self.next();
        let at = self.at_value()?;
        let span = self.since(first);
        let slot = match &mut expr.kind {
            ExprKind::Selector(selector) => &mut selector.at,
            ExprKind::Range(range) => &mut range.selector.at,
            ExprKind::Subquery(subquery) => &mut subquery.at,
            _ => {
                return self.stop(|_| slips::misplaced(span, "@", expr.span));
            }
        };
        if slot.replace(Box::new(at)).is_some() {
            self.report(|_| slips::twice(span, "@"));
        }
        Ok(())
    }

    fn at_value(&mut self) -> Result<At, Stop> {
        for (word, at) in [("start", At::Start), ("end", At::End)] {
            if self.at_keyword(word) && self.peek_at(1).kind == Kind::OpenParen {
                self.next();
                let open = self.next();
                self.close(open, Kind::CloseParen, "`)`")?;
                return Ok(at);
            }
        }
        let first = self.peek();
        let sign = if first.kind == Kind::Sub { "-" } else { "" };
        if matches!(first.kind, Kind::Add | Kind::Sub) {
            self.next();
        }
        let token = self.peek();
        let text = self.word(token);
        let special = ["inf", "nan"].iter().any(|n| n.eq_ignore_ascii_case(text));
        if !matches!(token.kind, Kind::Number | Kind::Duration) && !special {
            return self.stop(|p| {
                slips::expected(p.span(token), "a timestamp", &p.found(token))
                    .help("write a Unix time in seconds, `start()` or `end()`")
            });
        }
        self.next();
        let seconds = number::value(text).unwrap_or(f64::INFINITY);
        if !(seconds.is_finite() && seconds.abs() < i64::MAX as f64 / 1000.0) {
            self.report(|p| slips::out_of_range(p.since(first), "timestamp"));
        }
        Ok(At::Time(Name::from(format!("{sign}{text}"))))
    }

    /// A length of time in brackets: any arithmetic, but no number below 1.
    fn positive_extent(&mut self) -> Result<Extent, Stop> {
        if self.eat(Kind::Placeholder).is_some() {
            return Ok(Extent::Placeholder);
        }
        let first = self.peek();
        let computed = self.computed(4)?;
        let span = self.since(first);
        let bare = matches!(computed, Computed::Literal(_)) && first.kind == Kind::Number;
        if bare && self.split_unit().is_none() {
            self.no_unit(first);
        }
        match literal(&computed) {
            Some(value) if value <= 0.0 => {
                self.report(|_| slips::not_positive(span));
                Ok(Extent::Fixed(Duration::millis(0)))
            }
            Some(value) => Ok(Extent::Fixed(self.seconds(value, span))),
            None => Ok(Extent::Computed(Box::new(computed))),
        }
    }

    /// What follows `offset`: a literal ends it, so that `x offset 5m - 1` is
    /// `(x offset 5m) - 1`; so does a function or a closing parenthesis.
    fn offset_extent(&mut self) -> Result<(bool, Extent), Stop> {
        if self.eat(Kind::Placeholder).is_some() {
            return Ok((false, Extent::Placeholder));
        }
        let first = self.peek();
        let mut negative = false;
        while matches!(self.peek().kind, Kind::Add | Kind::Sub) {
            negative ^= self.next().kind == Kind::Sub;
        }
        let computed = self.computed_primary()?;
        let span = self.since(first);
        match literal(&computed) {
            Some(value) => {
                let extent = Extent::Fixed(self.seconds(value.abs(), span));
                Ok((negative != (value < 0.0), extent))
            }
            None => Ok((negative, Extent::Computed(Box::new(computed)))),
        }
    }

    fn no_unit(&mut self, token: Token) {
        let warning = slips::no_unit(self.span(token), self.word(token));
        self.warn(warning);
    }

    fn seconds(&mut self, value: f64, span: Span) -> Duration {
        number::seconds(value).unwrap_or_else(|| {
            self.report(|_| slips::out_of_range(span, "duration"));
            Duration::millis(0)
        })
    }

    /// Arithmetic of operators that bind at least as tightly as `least`.
    fn computed(&mut self, least: u8) -> Result<Computed, Stop> {
        self.descend()?;
        let mut left = match self.peek().kind {
            Kind::Add | Kind::Sub => self.computed_sign()?,
            _ => self.computed_primary()?,
        };
        let mut height = 1;
        while let Some(op) = self.duration_operator().filter(|op| op.precedence() >= least) {
            self.next();
            let tighter = op.precedence() + u8::from(!op.is_right_associative());
            let first = self.peek();
            let right = self.computed(tighter)?;
            let divides = matches!(op, BinaryOp::Div | BinaryOp::Mod);
            if divides && literal(&right) == Some(0.0) {
                self.report(|p| slips::zero_divisor(p.since(first)));
            }
            height = self.grow(height)?;
            left = Computed::Binary(op, Box::new((left, right)));
        }
        self.ascend();
        Ok(left)
    }

    fn duration_operator(&self) -> Option<BinaryOp> {
        Some(match self.peek().kind {
            Kind::Add => BinaryOp::Add,
            Kind::Sub => BinaryOp::Sub,
            Kind::Mul => BinaryOp::Mul,
            Kind::Div => BinaryOp::Div,
            Kind::Mod => BinaryOp::Mod,
            Kind::Pow => BinaryOp::Pow,
            _ => return None,
        })
    }

    fn computed_sign(&mut self) -> Result<Computed, Stop> {
        let op = if self.next().kind == Kind::Sub { UnaryOp::Minus } else { UnaryOp::Plus };
        Ok(Computed::Unary(op, Box::new(self.computed(POWER)?)))
    }

    fn computed_primary(&mut self) -> Result<Computed, Stop> {
        let token = self.peek();
        let word = self.word(token);
        match token.kind {
            Kind::Number | Kind::Duration => {
                self.next();
                self.check_value(token);
                Ok(Computed::Literal(Name::from(word.to_owned())))
            }
            Kind::OpenParen => {
                self.next();
                let inner = self.computed(4)?;
                self.close(token, Kind::CloseParen, "`)`")?;
                Ok(Computed::Paren(Box::new(inner)))
            }
            Kind::Word if self.peek_at(1).kind == Kind::OpenParen => self.computed_call(),
            _ => self.stop(|p| p.no_duration(token)),
        }
    }

    fn no_duration(&self, token: Token) -> Diagnostic {
        let fault = slips::expected(self.span(token), WANTED, &self.found(token));
        let before = self.last();
        match (token.kind, before.kind) {
            (Kind::End, Kind::OpenBracket) => {
                fault.also(self.span(before), "this `[` is not closed")
            }
            (Kind::Str, _) => fault.help("write it without quotes: `5m`"),
            _ => fault.help("write for example `5m`"),
        }
    }

    fn computed_call(&mut self) -> Result<Computed, Stop> {
        let token = self.next();
        let open = self.next();
        let known = |name: &&'static str| name.eq_ignore_ascii_case(self.word(token));
        if let Some(name) = ["step", "range"].into_iter().find(known) {
            self.close(open, Kind::CloseParen, "`)`")?;
            return Ok(Computed::Call(Name::fixed(name)));
        }
        let Some(name) = ["min_of", "max_of"].into_iter().find(known) else {
            return self.stop(|p| {
                slips::expected(p.span(token), WANTED, &p.found(token))
                    .help("write `5m`, or `step()`, `range()`, `min_of(a, b)` or `max_of(a, b)`")
            });
        };
        let left = self.computed(4)?;
        if self.eat(Kind::Comma).is_none() {
            return self.stop(|p| p.unclosed(open, "`,`"));
        }
        let right = self.computed(4)?;
        self.close(open, Kind::CloseParen, "`)`")?;
        Ok(Computed::Pair(Name::fixed(name), Box::new((left, right))))
    }
}

/// The seconds of arithmetic that is one number with signs and parentheses.
fn literal(computed: &Computed) -> Option<f64> {
    match computed {
        Computed::Literal(text) => number::value(text),
        Computed::Unary(UnaryOp::Minus, inner) => literal(inner).map(|v| -v),
        Computed::Unary(UnaryOp::Plus, inner) | Computed::Paren(inner) => literal(inner),
        Computed::Call(_) | Computed::Pair(..) | Computed::Binary(..) => None,
    }
}
