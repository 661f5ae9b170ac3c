//! Constructors for generated expressions, and changes to selectors that a person
//! wrote. Names, numbers and trees come in, trees go out. What is made here has no
//! place: `Span::NONE`.

use std::sync::Arc;

use super::ast::{
    Aggregate, AggregateOp, At, Binary, BinaryOp, Call, Expr, ExprKind, Extent, Group, Grouping,
    LabelName, MatchOp, Matcher, Matching, Number, Offset, Range, Selector, Side, Subquery, Unary,
    UnaryOp,
};
use super::name::Name;
use crate::base::{Decimal, Duration, Span};

/// Matchers that many selectors share: a clone copies nothing.
pub type Matchers = Arc<[Matcher]>;

/// A matcher of no file.
pub fn matcher(label: impl Into<Name>, op: MatchOp, value: impl Into<Name>) -> Matcher {
    Matcher {
        label: label.into(),
        op,
        value: value.into(),
        span: Span::NONE,
        label_span: Span::NONE,
        value_span: Span::NONE,
    }
}

/// `label="value"`
pub fn equal(label: impl Into<Name>, value: impl Into<Name>) -> Matcher {
    matcher(label, MatchOp::Equal, value)
}

/// Matchers to share between selectors.
pub fn matchers(list: impl IntoIterator<Item = Matcher>) -> Matchers {
    list.into_iter().collect()
}

/// `name{label="value"}`
pub fn selector(name: impl Into<Name>, list: &[(&Name, MatchOp, &Name)]) -> Expr {
    let list = list.iter().map(|(label, op, value)| matcher(*label, *op, *value));
    selector_with(name, &matchers(list))
}

/// `name{...}` with matchers that are shared.
pub fn selector_with(name: impl Into<Name>, matchers: &Matchers) -> Expr {
    Expr::made(ExprKind::Selector(Selector::new(name, matchers)))
}

/// `expr[range]`. Of anything but a selector it is the subquery `expr[range:]`,
/// the only range that PromQL has for it.
pub fn range(expr: Expr, range: Duration) -> Expr {
    let span = expr.span;
    match expr.kind {
        ExprKind::Selector(selector) => {
            let range = Range { selector, range: Extent::Fixed(range), range_span: Span::NONE };
            Expr { span, kind: ExprKind::Range(Box::new(range)) }
        }
        kind => subquery(Expr { span, kind }, range, None),
    }
}

/// `expr[range:step]`
pub fn subquery(expr: Expr, range: Duration, step: Option<Duration>) -> Expr {
    let subquery = Subquery {
        expr,
        range: Extent::Fixed(range),
        step: step.map(Extent::Fixed),
        offset: None,
        at: None,
    };
    Expr::made(ExprKind::Subquery(Box::new(subquery)))
}

/// `expr offset back` on a selector, range selector or subquery; anything else is
/// given back as it is. Added to an offset that is there.
pub fn offset(mut expr: Expr, back: Duration) -> Expr {
    let slot = match &mut expr.kind {
        ExprKind::Selector(selector) => &mut selector.offset,
        ExprKind::Range(range) => &mut range.selector.offset,
        ExprKind::Subquery(subquery) => &mut subquery.offset,
        _ => return expr,
    };
    *slot = Some(add_offset(slot.as_ref(), back));
    expr
}

/// `expr @ at` on a selector, range selector or subquery; anything else is given
/// back as it is.
pub fn at(mut expr: Expr, at: At) -> Expr {
    match &mut expr.kind {
        ExprKind::Selector(selector) => selector.at = Some(Box::new(at)),
        ExprKind::Range(range) => range.selector.at = Some(Box::new(at)),
        ExprKind::Subquery(subquery) => subquery.at = Some(Box::new(at)),
        _ => {}
    }
    expr
}

fn add_offset(known: Option<&Offset>, back: Duration) -> Offset {
    let made =
        |negative, length| Offset { negative, extent: Extent::Fixed(length), span: Span::NONE };
    match known {
        Some(Offset { negative: false, extent: Extent::Fixed(known), .. }) => {
            made(false, Duration::millis(known.as_millis() + back.as_millis()))
        }
        Some(Offset { negative: true, extent: Extent::Fixed(known), .. }) => {
            let negative = *known > back;
            made(negative, if negative { *known - back } else { back - *known })
        }
        _ => made(false, back),
    }
}

/// A number with this text, such as `14.4`, `0.001` or `-1`.
pub fn number(text: impl Into<Name>) -> Expr {
    let text = text.into();
    match text.strip_prefix('-') {
        Some(rest) => negate(number(rest.to_owned())),
        None => Expr::made(ExprKind::Number(Number { text })),
    }
}

/// A whole number.
pub fn integer(n: u64) -> Expr {
    match n {
        0 => number("0"),
        1 => number("1"),
        n => number(n.to_string()),
    }
}

/// An exact decimal.
pub fn decimal(n: Decimal) -> Expr {
    number(n.to_string())
}

/// `-expr`
pub fn negate(expr: Expr) -> Expr {
    Expr::made(ExprKind::Unary(Box::new(Unary { op: UnaryOp::Minus, expr })))
}

/// A string.
pub fn string(text: impl Into<Name>) -> Expr {
    Expr::made(ExprKind::Str(text.into()))
}

/// `(expr)`, for the reader: the printer adds those that precedence needs.
pub fn paren(expr: Expr) -> Expr {
    Expr::made(ExprKind::Paren(Box::new(expr)))
}

/// `func(args)`
pub fn call(func: impl Into<Name>, args: impl Into<Vec<Expr>>) -> Expr {
    let call = Call { func: func.into(), func_span: Span::NONE, args: args.into() };
    Expr::made(ExprKind::Call(call))
}

/// `vector(expr)`
pub fn vector(expr: Expr) -> Expr {
    call("vector", [expr])
}

/// `absent(expr)`
pub fn absent(expr: Expr) -> Expr {
    call("absent", [expr])
}

/// `clamp_max(expr, limit)`
pub fn clamp_max(expr: Expr, limit: Expr) -> Expr {
    call("clamp_max", [expr, limit])
}

/// `clamp_min(expr, limit)`
pub fn clamp_min(expr: Expr, limit: Expr) -> Expr {
    call("clamp_min", [expr, limit])
}

/// Label names of no file.
pub fn labels(names: &[Name]) -> Vec<LabelName> {
    names.iter().map(|name| LabelName { name: name.clone(), span: Span::NONE }).collect()
}

/// `op(expr)`, with a grouping if one is given.
pub fn aggregate(op: AggregateOp, grouping: Option<Grouping>, expr: Expr) -> Expr {
    let aggregate = Aggregate { op, op_span: Span::NONE, grouping, param: None, expr };
    Expr::made(ExprKind::Aggregate(Box::new(aggregate)))
}

/// `op by (names) (expr)`; without `by` where there are no names, which means the
/// same.
pub fn aggregate_by(op: AggregateOp, names: &[Name], expr: Expr) -> Expr {
    let by = Grouping { without: false, labels: labels(names), span: Span::NONE };
    aggregate(op, (!names.is_empty()).then_some(by), expr)
}

/// `op without (names) (expr)`
pub fn aggregate_without(op: AggregateOp, names: &[Name], expr: Expr) -> Expr {
    let without = Grouping { without: true, labels: labels(names), span: Span::NONE };
    aggregate(op, Some(without), expr)
}

/// `topk(n, expr)`
pub fn topk(n: u64, expr: Expr) -> Expr {
    let aggregate = Aggregate {
        op: AggregateOp::Topk,
        op_span: Span::NONE,
        grouping: None,
        param: Some(integer(n)),
        expr,
    };
    Expr::made(ExprKind::Aggregate(Box::new(aggregate)))
}

macro_rules! aggregates {
    ($($(#[$doc:meta])* $plain:ident $op:ident;)+) => {
        $($(#[$doc])* pub fn $plain(expr: Expr) -> Expr {
            aggregate(AggregateOp::$op, None, expr)
        })+
    };
}

aggregates! {
    /// `sum(expr)`
    sum Sum;
    /// `max(expr)`
    max Max;
    /// `min(expr)`
    min Min;
    /// `avg(expr)`
    avg Avg;
    /// `count(expr)`
    count Count;
}

/// `sum by (names) (expr)`
pub fn sum_by(names: &[Name], expr: Expr) -> Expr {
    aggregate_by(AggregateOp::Sum, names, expr)
}

/// `sum without (names) (expr)`
pub fn sum_without(names: &[Name], expr: Expr) -> Expr {
    aggregate_without(AggregateOp::Sum, names, expr)
}

/// `max by (names) (expr)`
pub fn max_by(names: &[Name], expr: Expr) -> Expr {
    aggregate_by(AggregateOp::Max, names, expr)
}

/// `max without (names) (expr)`
pub fn max_without(names: &[Name], expr: Expr) -> Expr {
    aggregate_without(AggregateOp::Max, names, expr)
}

/// `count by (names) (expr)`
pub fn count_by(names: &[Name], expr: Expr) -> Expr {
    aggregate_by(AggregateOp::Count, names, expr)
}

/// `count without (names) (expr)`
pub fn count_without(names: &[Name], expr: Expr) -> Expr {
    aggregate_without(AggregateOp::Count, names, expr)
}

/// `left op right`
pub fn binary(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    matching(left, op, None, right)
}

/// `left op on (...) right` and its like.
pub fn matching(left: Expr, op: BinaryOp, matching: Option<Matching>, right: Expr) -> Expr {
    let binary =
        Binary { op, op_span: Span::NONE, is_bool: false, matching, fill: None, left, right };
    Expr::made(ExprKind::Binary(Box::new(binary)))
}

/// `on (names)`
pub fn match_on(names: &[Name]) -> Matching {
    Matching { on: true, labels: labels(names), group: None, span: Span::NONE }
}

/// `ignoring (names)`
pub fn match_ignoring(names: &[Name]) -> Matching {
    Matching { on: false, labels: labels(names), group: None, span: Span::NONE }
}

impl Matching {
    /// Adds `group_left (include)`.
    pub fn group_left(self, include: &[Name]) -> Matching {
        let group = Group { many: Side::Left, include: labels(include) };
        Matching { group: Some(group), ..self }
    }

    /// Adds `group_right (include)`.
    pub fn group_right(self, include: &[Name]) -> Matching {
        let group = Group { many: Side::Right, include: labels(include) };
        Matching { group: Some(group), ..self }
    }
}

impl Expr {
    /// The selector, if the expression is an instant one, also in parentheses.
    pub fn as_selector(&self) -> Option<&Selector> {
        match &self.bare().kind {
            ExprKind::Selector(selector) => Some(selector),
            _ => None,
        }
    }

    /// A comparison with `bool`; anything else as it is.
    pub fn with_bool(mut self) -> Expr {
        if let ExprKind::Binary(binary) = &mut self.kind {
            binary.is_bool = binary.op.is_comparison();
        }
        self
    }

    /// The expression with `$range` replaced by `duration` wherever it stands.
    pub fn with_placeholder(&self, duration: Duration) -> Expr {
        let mut expr = self.clone();
        expr.fill_placeholder(duration);
        expr
    }

    fn fill_placeholder(&mut self, duration: Duration) {
        fn fill(extent: &mut Extent, duration: Duration) {
            if matches!(extent, Extent::Placeholder) {
                *extent = Extent::Fixed(duration);
            }
        }
        let offset = |offset: &mut Option<Offset>| {
            if let Some(offset) = offset {
                fill(&mut offset.extent, duration);
            }
        };
        match &mut self.kind {
            ExprKind::Number(_) | ExprKind::Str(_) => {}
            ExprKind::Selector(selector) => offset(&mut selector.offset),
            ExprKind::Range(range) => {
                fill(&mut range.range, duration);
                offset(&mut range.selector.offset);
            }
            ExprKind::Subquery(subquery) => {
                fill(&mut subquery.range, duration);
                if let Some(step) = &mut subquery.step {
                    fill(step, duration);
                }
                offset(&mut subquery.offset);
                subquery.expr.fill_placeholder(duration);
            }
            ExprKind::Paren(inner) => inner.fill_placeholder(duration),
            ExprKind::Unary(unary) => unary.expr.fill_placeholder(duration),
            ExprKind::Binary(binary) => {
                binary.left.fill_placeholder(duration);
                binary.right.fill_placeholder(duration);
            }
            ExprKind::Call(call) => {
                call.args.iter_mut().for_each(|arg| arg.fill_placeholder(duration));
            }
            ExprKind::Aggregate(aggregate) => {
                if let Some(param) = &mut aggregate.param {
                    param.fill_placeholder(duration);
                }
                aggregate.expr.fill_placeholder(duration);
            }
        }
    }

    /// The places where `$range` stands, from left to right; for an offset, a
    /// subquery or a made node the place of the whole expression.
    pub fn placeholders(&self) -> Vec<Span> {
        let mut found = Vec::new();
        let is = |extent: &Extent| matches!(extent, Extent::Placeholder);
        self.walk(&mut |expr| match &expr.kind {
            ExprKind::Range(range) if is(&range.range) => found.push(range.range_span),
            ExprKind::Subquery(s) if is(&s.range) || s.step.as_ref().is_some_and(is) => {
                found.push(expr.span);
            }
            _ => {}
        });
        found
    }
}

impl Selector {
    /// `name{...}` with matchers that are shared.
    pub fn new(name: impl Into<Name>, matchers: &Matchers) -> Selector {
        Selector {
            name: Some(name.into()),
            name_span: Span::NONE,
            matchers: Arc::clone(matchers),
            span: Span::NONE,
            offset: None,
            at: None,
            extension: None,
        }
    }

    /// This selector as an expression.
    pub fn to_expr(&self) -> Expr {
        Expr { span: self.span, kind: ExprKind::Selector(self.clone()) }
    }

    /// `self[range]`
    pub fn with_range(&self, duration: Duration) -> Expr {
        range(self.to_expr(), duration)
    }

    /// `self offset back`, added to an offset that is there.
    pub fn with_offset(&self, back: Duration) -> Selector {
        Selector { offset: Some(add_offset(self.offset.as_ref(), back)), ..self.clone() }
    }

    /// With one more matcher, at the end.
    pub fn with_matcher(&self, matcher: Matcher) -> Selector {
        let matchers = self.matchers.iter().cloned().chain([matcher]).collect();
        Selector { matchers, ..self.clone() }
    }

    /// Without its matchers of `label`.
    pub fn without_label(&self, label: &str) -> Selector {
        let matchers = self.matchers.iter().filter(|m| m.label != *label).cloned().collect();
        Selector { matchers, ..self.clone() }
    }

    /// With another metric's name, also where it is given by `__name__="..."`.
    pub fn rename(&self, name: impl Into<Name>) -> Selector {
        let matchers = if self.name.is_none() && self.equality("__name__").is_some() {
            self.without_label("__name__").matchers
        } else {
            Arc::clone(&self.matchers)
        };
        Selector { name: Some(name.into()), matchers, ..self.clone() }
    }

    /// With `suffix` behind the metric's name, such as `_bucket`; as it is where
    /// it has no name.
    pub fn with_name_suffix(&self, suffix: &str) -> Selector {
        match self.metric() {
            Some(name) => self.rename(format!("{name}{suffix}")),
            None => self.clone(),
        }
    }
}
