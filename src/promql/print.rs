//! The printer: a tree in, its one canonical text out. On one line where that
//! fits, else broken at operators and arguments; parentheses only where somebody
//! wrote them or precedence needs them.

use std::fmt::Write;
use std::sync::Arc;

use super::ast::{
    Aggregate, At, Binary, BinaryOp, Call, Computed, Expr, ExprKind, Extent, LabelName, Offset,
    POWER, Selector, Side, Subquery, Unary, UnaryOp,
};
use super::build::Matchers;
use super::name::Name;
use super::quote::{is_plain_label, is_plain_metric, quote};

/// The column that lines are kept within, where the expression allows it.
pub const WIDTH: usize = 110;

/// A left operand of at most so many columns shares its line with the operator.
const SHORT: usize = 8;

/// How far the parts of a broken expression are indented.
const STEP: usize = 2;

/// The expression, on more lines if one is too long.
pub fn print(expr: &Expr) -> String {
    let mut out = String::with_capacity(1024);
    print_into(expr, 0, &mut out);
    out
}

/// Appends the expression; lines after the first begin with `indent` blanks.
pub fn print_into(expr: &Expr, indent: usize, out: &mut String) {
    let line = out.rfind('\n').map_or(0, |at| at + 1);
    let mut printer = Printer { out, line, limit: usize::MAX, matchers: None };
    printer.layout(expr, indent, 0);
}

/// The expression on one line.
pub fn print_line(expr: &Expr) -> String {
    let mut out = String::new();
    print_line_into(expr, &mut out);
    out
}

/// Appends the expression on one line.
pub fn print_line_into(expr: &Expr, out: &mut String) {
    Printer { out, line: 0, limit: usize::MAX, matchers: None }.flat(expr);
}

struct Printer<'a> {
    out: &'a mut String,
    /// Where the line begins that is being written.
    line: usize,
    /// The length of `out` at which a trial on one line is given up. So a trial
    /// costs no more than a line, and printing is linear in what is printed.
    limit: usize,
    /// The matchers that were written last, and their text: in a generated
    /// expression nearly all selectors share theirs.
    matchers: Option<(Matchers, String)>,
}

/// How a child stands in its parent.
#[derive(Clone, Copy)]
enum Place {
    Left(BinaryOp),
    Right(BinaryOp),
    Signed,
    Subquery,
}

/// Whether precedence asks for parentheses around `child`.
fn needs_parens(child: &Expr, place: Place) -> bool {
    match (&child.kind, place) {
        (ExprKind::Binary(_) | ExprKind::Unary(_), Place::Subquery) => true,
        (ExprKind::Binary(inner), Place::Signed) => inner.op.precedence() < POWER,
        (ExprKind::Binary(inner), Place::Left(op)) => {
            let (inner, outer) = (inner.op.precedence(), op.precedence());
            inner < outer || (inner == outer && op.is_right_associative())
        }
        (ExprKind::Binary(inner), Place::Right(op)) => {
            let (inner, outer) = (inner.op.precedence(), op.precedence());
            inner < outer || (inner == outer && !op.is_right_associative())
        }
        (ExprKind::Unary(_), Place::Left(op)) => op.precedence() == POWER,
        _ => false,
    }
}

impl Printer<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn newline(&mut self, indent: usize) {
        self.out.push('\n');
        self.line = self.out.len();
        self.blanks(indent);
    }

    fn blanks(&mut self, count: usize) {
        for _ in 0..count {
            self.out.push(' ');
        }
    }

    /// Writes `expr` by `flat` if it fits on this line with `reserve` columns after
    /// it; else nothing.
    fn fits(&mut self, reserve: usize, expr: &Expr, flat: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.out.len();
        let outer = self.limit;
        let limit = (self.line + WIDTH).saturating_sub(reserve);
        if limit.checked_sub(mark).and_then(|room| room_after(expr, room)).is_none() {
            return false;
        }
        self.limit = limit;
        let fits = flat(self) && self.out.len() <= self.limit;
        self.limit = outer;
        if !fits {
            self.out.truncate(mark);
        }
        fits
    }

    fn layout(&mut self, expr: &Expr, indent: usize, reserve: usize) {
        if !self.fits(reserve, expr, |p| p.flat(expr)) {
            self.broken(expr, indent, reserve);
        }
    }

    /// An operand, with parentheses if its place asks for them.
    fn operand(&mut self, child: &Expr, place: Place, indent: usize, reserve: usize) {
        if needs_parens(child, place) {
            if !self.fits(reserve, child, |p| p.flat_in(child, place)) {
                self.broken_parens(child, indent);
            }
            return;
        }
        if self.fits(reserve, child, |p| p.flat(child)) {
            return;
        }
        let nested = matches!(child.kind, ExprKind::Binary(_));
        let deeper = if nested { STEP } else { 0 };
        self.blanks(deeper);
        self.broken(child, indent + deeper, reserve);
    }

    /// An operand on the line of the operator before it.
    fn operand_behind(&mut self, child: &Expr, place: Place, indent: usize, reserve: usize) {
        let nested = matches!(child.kind, ExprKind::Binary(_)) && !needs_parens(child, place);
        if nested && !self.fits(reserve, child, |p| p.flat(child)) {
            return self.broken(child, indent + STEP, reserve);
        }
        if !nested {
            self.operand(child, place, indent, reserve);
        }
    }

    fn broken(&mut self, expr: &Expr, indent: usize, reserve: usize) {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::Selector(_) | ExprKind::Range(_) => {
                self.flat(expr);
            }
            ExprKind::Paren(inner) => self.broken_parens(inner, indent),
            ExprKind::Unary(unary) => {
                self.push(sign(unary.op));
                self.operand(&unary.expr, Place::Signed, indent, reserve);
            }
            ExprKind::Binary(binary) => self.broken_binary(binary, indent, reserve),
            ExprKind::Subquery(subquery) => self.broken_subquery(subquery, indent, reserve),
            ExprKind::Call(call) if call.args.is_empty() => {
                self.flat(expr);
            }
            ExprKind::Call(call) => {
                self.push(&call.func);
                self.broken_arguments(call.args.iter(), indent);
            }
            ExprKind::Aggregate(aggregate) => {
                self.aggregate_head(aggregate);
                self.broken_arguments(aggregate.param.iter().chain([&aggregate.expr]), indent);
            }
        }
    }

    fn broken_parens(&mut self, inner: &Expr, indent: usize) {
        self.push("(");
        self.newline(indent + STEP);
        self.layout(inner, indent + STEP, 0);
        self.newline(indent);
        self.push(")");
    }

    fn broken_arguments<'e>(&mut self, args: impl Iterator<Item = &'e Expr>, indent: usize) {
        self.push("(");
        for (index, arg) in args.enumerate() {
            if index > 0 {
                self.push(",");
            }
            self.newline(indent + STEP);
            self.layout(arg, indent + STEP, 1);
        }
        self.newline(indent);
        self.push(")");
    }

    /// Operands of one precedence each on a line of its own: behind its operator, or
    /// below it where that is `and`, `or` or `unless`.
    fn broken_binary(&mut self, binary: &Binary, indent: usize, reserve: usize) {
        let mut chain = vec![binary];
        let mut first = &binary.left;
        while let ExprKind::Binary(inner) = &first.kind
            && inner.op.precedence() == binary.op.precedence()
            && !binary.op.is_right_associative()
        {
            chain.push(inner);
            first = &inner.left;
        }
        let last = chain.first().map_or(binary.op, |b| b.op);
        let place = Place::Left(chain.last().map_or(last, |b| b.op));
        let start = self.out.len();
        self.operand(first, place, indent, 0);
        // `10 * (` stays together: a line for `10` alone would say nothing.
        let mut joined = self.out.len() - start <= SHORT;
        for (index, link) in chain.iter().enumerate().rev() {
            let after = if index == 0 { reserve } else { 0 };
            let place = Place::Right(link.op);
            if link.op.is_set() {
                self.newline(indent);
                self.operator(link);
                self.newline(indent);
                self.operand(&link.right, place, indent, after);
            } else {
                if joined {
                    self.push(" ");
                } else {
                    self.newline(indent);
                }
                self.operator(link);
                self.push(" ");
                self.operand_behind(&link.right, place, indent, after);
            }
            joined = false;
        }
    }

    fn broken_subquery(&mut self, subquery: &Subquery, indent: usize, reserve: usize) {
        let mut suffix = String::new();
        let mut side = Printer { out: &mut suffix, line: 0, limit: usize::MAX, matchers: None };
        side.subquery_suffix(subquery);
        let reserve = reserve + suffix.len();
        self.operand(&subquery.expr, Place::Subquery, indent, reserve);
        self.push(&suffix);
    }

    /// Writes on one line. `false` once the limit is passed; what was written by
    /// then is of no use.
    fn flat(&mut self, expr: &Expr) -> bool {
        if self.out.len() > self.limit {
            return false;
        }
        match &expr.kind {
            ExprKind::Number(number) => {
                self.push(&number.text);
                true
            }
            ExprKind::Str(text) => {
                quote(text, self.out);
                true
            }
            ExprKind::Paren(inner) => self.flat_parens(inner),
            ExprKind::Unary(unary) => self.flat_unary(unary),
            ExprKind::Binary(binary) => self.flat_binary(binary),
            ExprKind::Selector(selector) => {
                self.selector(selector) && {
                    self.modifiers(selector);
                    true
                }
            }
            ExprKind::Range(range) => {
                self.selector(&range.selector) && {
                    self.push("[");
                    self.extent(&range.range);
                    self.push("]");
                    self.modifiers(&range.selector);
                    true
                }
            }
            ExprKind::Subquery(subquery) => {
                self.flat_in(&subquery.expr, Place::Subquery) && {
                    self.subquery_suffix(subquery);
                    true
                }
            }
            ExprKind::Call(call) => self.flat_call(call),
            ExprKind::Aggregate(aggregate) => {
                self.aggregate_head(aggregate);
                self.flat_arguments(aggregate.param.iter().chain([&aggregate.expr]))
            }
        }
    }

    fn flat_in(&mut self, child: &Expr, place: Place) -> bool {
        if needs_parens(child, place) { self.flat_parens(child) } else { self.flat(child) }
    }

    fn flat_parens(&mut self, inner: &Expr) -> bool {
        self.push("(");
        let done = self.flat(inner);
        self.push(")");
        done
    }

    fn flat_unary(&mut self, unary: &Unary) -> bool {
        self.push(sign(unary.op));
        self.flat_in(&unary.expr, Place::Signed)
    }

    fn flat_binary(&mut self, binary: &Binary) -> bool {
        if !self.flat_in(&binary.left, Place::Left(binary.op)) {
            return false;
        }
        self.push(" ");
        self.operator(binary);
        self.push(" ");
        self.flat_in(&binary.right, Place::Right(binary.op))
    }

    fn flat_call(&mut self, call: &Call) -> bool {
        self.push(&call.func);
        self.flat_arguments(call.args.iter())
    }

    fn flat_arguments<'e>(&mut self, args: impl Iterator<Item = &'e Expr>) -> bool {
        self.push("(");
        for (index, arg) in args.enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if !self.flat(arg) {
                return false;
            }
        }
        self.push(")");
        true
    }

    /// The operator and its clauses.
    fn operator(&mut self, binary: &Binary) {
        self.push(binary.op.text());
        if binary.is_bool {
            self.push(" bool");
        }
        if let Some(matching) = &binary.matching {
            self.push(if matching.on { " on " } else { " ignoring " });
            self.labels(&matching.labels);
            if let Some(group) = &matching.group {
                let left = group.many == Side::Left;
                self.push(if left { " group_left " } else { " group_right " });
                self.labels(&group.include);
            }
        }
        let Some(fill) = &binary.fill else { return };
        match (&fill.left, &fill.right) {
            (Some(left), Some(right)) if left == right => self.fill("fill", left),
            (left, right) => {
                for (word, value) in [("fill_left", left), ("fill_right", right)] {
                    if let Some(value) = value {
                        self.fill(word, value);
                    }
                }
            }
        }
    }

    fn fill(&mut self, word: &str, value: &Name) {
        for part in [" ", word, " (", value, ")"] {
            self.push(part);
        }
    }

    fn labels(&mut self, labels: &[LabelName]) {
        self.push("(");
        for (index, label) in labels.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            // `Inf` and `NaN` are numbers here, though not in braces.
            let number = ["inf", "nan"].iter().any(|n| n.eq_ignore_ascii_case(&label.name));
            self.label(&label.name, number);
        }
        self.push(")");
    }

    fn label(&mut self, name: &Name, quoted: bool) {
        if quoted || !is_plain_label(name) {
            quote(name, self.out);
        } else {
            self.push(name);
        }
    }

    fn aggregate_head(&mut self, aggregate: &Aggregate) {
        self.push(aggregate.op.text());
        if let Some(grouping) = &aggregate.grouping {
            self.push(if grouping.without { " without " } else { " by " });
            self.labels(&grouping.labels);
            self.push(" ");
        }
    }

    /// Name and matchers. `false` once the limit is passed.
    fn selector(&mut self, selector: &Selector) -> bool {
        // Matchers that are known were looked through before.
        let known = |(known, _): &(Matchers, String)| Arc::ptr_eq(known, &selector.matchers);
        let known = self.matchers.as_ref().is_some_and(known);
        let named_again = || !known && selector.matchers.iter().any(|m| m.label == "__name__");
        let mut separator = "";
        match &selector.name {
            Some(name) if is_plain_metric(name) && !named_again() => {
                self.push(name);
                if selector.matchers.is_empty() {
                    return true;
                }
                self.push("{");
            }
            Some(name) => {
                self.push("{");
                quote(name, self.out);
                separator = ", ";
            }
            None => self.push("{"),
        }
        let (start, first) = (self.out.len(), separator.is_empty());
        if let Some((_, text)) = self.matchers.as_ref().filter(|_| first && known) {
            self.out.push_str(text);
        } else {
            for matcher in selector.matchers.iter() {
                self.push(separator);
                separator = ", ";
                self.label(&matcher.label, false);
                self.push(matcher.op.text());
                quote(&matcher.value, self.out);
                if self.out.len() > self.limit {
                    return false;
                }
            }
            let named = || selector.matchers.iter().any(|m| m.label == "__name__");
            if first && !named() {
                let text = self.out[start..].to_owned();
                self.matchers = Some((Arc::clone(&selector.matchers), text));
            }
        }
        self.push("}");
        true
    }

    fn modifiers(&mut self, selector: &Selector) {
        if let Some(extension) = selector.extension {
            self.push(" ");
            self.push(extension.text());
        }
        self.at(selector.at.as_deref());
        self.offset(selector.offset.as_ref());
    }

    fn at(&mut self, at: Option<&At>) {
        match at {
            None => {}
            Some(At::Start) => self.push(" @ start()"),
            Some(At::End) => self.push(" @ end()"),
            Some(At::Time(time)) => {
                self.push(" @ ");
                self.push(time);
            }
        }
    }

    fn offset(&mut self, offset: Option<&Offset>) {
        let Some(offset) = offset else { return };
        self.push(if offset.negative { " offset -" } else { " offset " });
        self.extent(&offset.extent);
    }

    fn subquery_suffix(&mut self, subquery: &Subquery) {
        if let ExprKind::Selector(inner) = &subquery.expr.kind
            && (inner.modifier_span().is_some() || inner.extension.is_some())
        {
            self.push(" ");
        }
        self.push("[");
        self.extent(&subquery.range);
        self.push(":");
        if let Some(step) = &subquery.step {
            self.extent(step);
        }
        self.push("]");
        self.at(subquery.at.as_deref());
        self.offset(subquery.offset.as_ref());
    }

    fn extent(&mut self, extent: &Extent) {
        match extent {
            // Writing into a string cannot fail.
            Extent::Fixed(duration) => drop(write!(self.out, "{duration}")),
            Extent::Placeholder => self.push("$range"),
            Extent::Computed(computed) => self.computed(computed),
        }
    }

    fn computed(&mut self, computed: &Computed) {
        match computed {
            Computed::Literal(text) => self.push(text),
            Computed::Call(name) => {
                self.push(name);
                self.push("()");
            }
            Computed::Pair(name, pair) => {
                self.push(name);
                self.push("(");
                self.computed(&pair.0);
                self.push(", ");
                self.computed(&pair.1);
                self.push(")");
            }
            Computed::Unary(op, inner) => {
                self.push(sign(*op));
                self.computed(inner);
            }
            Computed::Binary(op, pair) => {
                self.computed(&pair.0);
                self.push(" ");
                self.push(op.text());
                self.push(" ");
                self.computed(&pair.1);
            }
            Computed::Paren(inner) => {
                self.push("(");
                self.computed(inner);
                self.push(")");
            }
        }
    }
}

fn sign(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
    }
}

/// The columns that are left of `room` behind the expression on one line, at most;
/// `None` if it cannot fit. Tells most that are too long without writing them.
fn room_after(expr: &Expr, room: usize) -> Option<usize> {
    let selected = |selector: &Selector, room: usize| {
        let name = selector.name.as_ref().map_or(0, |name| name.len());
        let matchers = selector.matchers.iter().map(|m| m.label.len() + m.value.len() + 2);
        room.checked_sub(name)?.checked_sub(matchers.sum())
    };
    match &expr.kind {
        ExprKind::Number(number) => room.checked_sub(number.text.len()),
        ExprKind::Str(text) => room.checked_sub(text.len()),
        ExprKind::Paren(inner) => room_after(inner, room.checked_sub(2)?),
        ExprKind::Unary(unary) => room_after(&unary.expr, room.checked_sub(1)?),
        ExprKind::Binary(binary) => {
            let room = room_after(&binary.left, room.checked_sub(binary.op.text().len() + 2)?)?;
            room_after(&binary.right, room)
        }
        ExprKind::Selector(selector) => selected(selector, room),
        ExprKind::Range(range) => selected(&range.selector, room.checked_sub(3)?),
        ExprKind::Subquery(subquery) => room_after(&subquery.expr, room.checked_sub(4)?),
        ExprKind::Call(call) => {
            let room = room.checked_sub(call.func.len() + 2)?;
            call.args.iter().try_fold(room, |room, arg| room_after(arg, room))
        }
        ExprKind::Aggregate(aggregate) => room_after(&aggregate.expr, room.checked_sub(5)?),
    }
}
