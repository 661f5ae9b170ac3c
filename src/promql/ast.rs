//! The tree of a PromQL expression: what the parser makes of text and what the
//! builders make of nothing. Each node has the place in the file that it came
//! from, or `Span::NONE`.

use std::sync::Arc;

use super::name::Name;
use crate::base::{Duration, Span};

/// An expression and where it was written.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The place, [`Span::NONE`] for what the compiler made.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number, or a duration used as a number of seconds.
    Number(Number),
    /// A string, its escapes resolved.
    Str(Name),
    /// Parentheses that somebody wrote.
    Paren(Box<Expr>),
    /// A sign before an expression.
    Unary(Box<Unary>),
    /// Two expressions and an operator.
    Binary(Box<Binary>),
    /// An instant vector selector.
    Selector(Selector),
    /// A range vector selector.
    Range(Box<Range>),
    /// A subquery.
    Subquery(Box<Subquery>),
    /// A function call.
    Call(Call),
    /// An aggregation.
    Aggregate(Box<Aggregate>),
}

/// A number, kept as its text: `0.001` stays `0.001`.
#[derive(Clone, Debug)]
pub struct Number {
    /// As written: decimal, hexadecimal, `Inf`, `NaN` or a duration.
    pub text: Name,
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Minus,
    /// `+`
    Plus,
}

/// A sign before an expression.
#[derive(Clone, Debug)]
pub struct Unary {
    /// The sign.
    pub op: UnaryOp,
    /// What it stands before.
    pub expr: Expr,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `unless`
    Unless,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `</`, which cuts off a native histogram above a value.
    TrimUpper,
    /// `>/`, which cuts off a native histogram below a value.
    TrimLower,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `atan2`
    Atan2,
    /// `^`
    Pow,
}

impl BinaryOp {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Unless => "unless",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::TrimUpper => "</",
            BinaryOp::TrimLower => ">/",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Mod => "%",
            BinaryOp::Atan2 => "atan2",
            BinaryOp::Pow => "^",
        }
    }

    /// How tightly it binds, from 1 (`or`) to 6 (`^`).
    pub fn precedence(self) -> u8 {
        match self {
            BinaryOp::Or => 1,
            BinaryOp::And | BinaryOp::Unless => 2,
            BinaryOp::Add | BinaryOp::Sub => 4,
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Atan2 => 5,
            BinaryOp::Pow => POWER,
            _ => 3,
        }
    }

    /// Whether `a op b op c` is `a op (b op c)`.
    pub fn is_right_associative(self) -> bool {
        self == BinaryOp::Pow
    }

    /// Whether it is `and`, `or` or `unless`.
    pub fn is_set(self) -> bool {
        matches!(self, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless)
    }

    /// Whether it compares: a filter, or with `bool` a 0 or 1.
    pub fn is_comparison(self) -> bool {
        use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
        matches!(self, Eq | Ne | Lt | Le | Gt | Ge)
    }
}

/// The precedence of `^`, the only operator that binds tighter than a sign.
pub(super) const POWER: u8 = 6;

/// Two expressions and an operator.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// `bool`: the comparison gives 0 or 1 and filters nothing.
    pub is_bool: bool,
    /// `on`, `ignoring`, `group_left`, `group_right`.
    pub matching: Option<Matching>,
    /// Values for series that have no partner.
    pub fill: Option<Fill>,
    /// The left operand.
    pub left: Expr,
    /// The right operand.
    pub right: Expr,
}

/// Which labels must agree between the two operands.
#[derive(Clone, Debug)]
pub struct Matching {
    /// `on` rather than `ignoring`.
    pub on: bool,
    /// The labels.
    pub labels: Vec<LabelName>,
    /// Many-to-one matching, if asked for.
    pub group: Option<Group>,
    /// The place from `on` to the end.
    pub span: Span,
}

/// A name of a label in `by`, `on` and the like.
#[derive(Clone, Debug)]
pub struct LabelName {
    /// The name.
    pub name: Name,
    /// Where it was written.
    pub span: Span,
}

/// The side of a binary expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the operator.
    Left,
    /// After the operator.
    Right,
}

/// `group_left` or `group_right`.
#[derive(Clone, Debug)]
pub struct Group {
    /// The operand that has many series for one of the other.
    pub many: Side,
    /// Labels taken from the other operand.
    pub include: Vec<LabelName>,
}

/// `fill`, `fill_left` and `fill_right`: values for series without a partner.
#[derive(Clone, Debug)]
pub struct Fill {
    /// What stands for a missing series on the left, with its sign.
    pub left: Option<Name>,
    /// What stands for a missing series on the right, with its sign.
    pub right: Option<Name>,
}

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        }
    }

    /// Whether the value is a regular expression.
    pub fn is_regex(self) -> bool {
        matches!(self, MatchOp::Regex | MatchOp::NotRegex)
    }
}

/// A condition on a label.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The label.
    pub label: Name,
    /// The comparison.
    pub op: MatchOp,
    /// The value, its escapes resolved.
    pub value: Name,
    /// The place of the whole matcher.
    pub span: Span,
    /// The place of the label.
    pub label_span: Span,
    /// The place of the value, quotes included.
    pub value_span: Span,
}

/// An instant vector selector.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The metric's name, also from `{"name"}`; not from `{__name__="name"}`.
    pub name: Option<Name>,
    /// The place of the name.
    pub name_span: Span,
    /// The matchers, in the order written. Shared: a clone copies none of them.
    pub matchers: Arc<[Matcher]>,
    /// The place of name and braces, without modifiers.
    pub span: Span,
    /// `offset`.
    pub offset: Option<Offset>,
    /// `@`.
    pub at: Option<Box<At>>,
    /// `anchored` or `smoothed`.
    pub extension: Option<Extension>,
}

impl Selector {
    /// The modifier after which no range may stand, and its place.
    pub(super) fn modifier_span(&self) -> Option<(&'static str, Span)> {
        match (&self.offset, &self.at) {
            (Some(offset), _) => Some(("offset", offset.span)),
            (None, Some(_)) => Some(("@", self.span.after())),
            (None, None) => None,
        }
    }
}

/// A range vector selector. `offset` and `@` stand in its selector.
#[derive(Clone, Debug)]
pub struct Range {
    /// What is selected.
    pub selector: Selector,
    /// How far back.
    pub range: Extent,
    /// The place of what stands between the brackets.
    pub range_span: Span,
}

/// A subquery.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// What is evaluated at each step.
    pub expr: Expr,
    /// How far back.
    pub range: Extent,
    /// The distance of steps, if given.
    pub step: Option<Extent>,
    /// `offset`.
    pub offset: Option<Offset>,
    /// `@`.
    pub at: Option<Box<At>>,
}

/// A length of time in brackets or after `offset`.
#[derive(Clone, Debug)]
pub enum Extent {
    /// A duration.
    Fixed(Duration),
    /// `$range`, in place of which a duration is put later.
    Placeholder,
    /// Arithmetic on durations.
    Computed(Box<Computed>),
}

/// `offset`.
#[derive(Clone, Debug)]
pub struct Offset {
    /// `offset -5m`: into the future.
    pub negative: bool,
    /// How far.
    pub extent: Extent,
    /// The place from `offset` to the end.
    pub span: Span,
}

/// `@`.
#[derive(Clone, Debug)]
pub enum At {
    /// A time in seconds, as written.
    Time(Name),
    /// `start()`
    Start,
    /// `end()`
    End,
}

/// How a range selector treats its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// `anchored`
    Anchored,
    /// `smoothed`
    Smoothed,
}

impl Extension {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Extension::Anchored => "anchored",
            Extension::Smoothed => "smoothed",
        }
    }
}

/// Arithmetic on durations.
#[derive(Clone, Debug)]
pub enum Computed {
    /// A duration or a number of seconds, as written.
    Literal(Name),
    /// `step()` or `range()`.
    Call(Name),
    /// `min_of(a, b)` or `max_of(a, b)`.
    Pair(Name, Box<(Computed, Computed)>),
    /// A sign.
    Unary(UnaryOp, Box<Computed>),
    /// An operator, one of `+ - * / % ^`.
    Binary(BinaryOp, Box<(Computed, Computed)>),
    /// Parentheses.
    Paren(Box<Computed>),
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function.
    pub func: Name,
    /// The place of its name.
    pub func_span: Span,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// What an aggregation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operator of its name")]
pub enum AggregateOp {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    Topk,
    Bottomk,
    CountValues,
    Quantile,
    Limitk,
    LimitRatio,
}

impl AggregateOp {
    /// All of them.
    pub const ALL: [AggregateOp; 14] = {
        use AggregateOp::*;
        [
            Sum,
            Avg,
            Count,
            Min,
            Max,
            Group,
            Stddev,
            Stdvar,
            Topk,
            Bottomk,
            CountValues,
            Quantile,
            Limitk,
            LimitRatio,
        ]
    };

    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            AggregateOp::Sum => "sum",
            AggregateOp::Avg => "avg",
            AggregateOp::Count => "count",
            AggregateOp::Min => "min",
            AggregateOp::Max => "max",
            AggregateOp::Group => "group",
            AggregateOp::Stddev => "stddev",
            AggregateOp::Stdvar => "stdvar",
            AggregateOp::Topk => "topk",
            AggregateOp::Bottomk => "bottomk",
            AggregateOp::CountValues => "count_values",
            AggregateOp::Quantile => "quantile",
            AggregateOp::Limitk => "limitk",
            AggregateOp::LimitRatio => "limit_ratio",
        }
    }

    /// The operator of a word, in any case.
    pub fn named(word: &str) -> Option<AggregateOp> {
        AggregateOp::ALL.into_iter().find(|op| op.text().eq_ignore_ascii_case(word))
    }

    /// Whether a parameter comes before the expression.
    pub fn takes_parameter(self) -> bool {
        use AggregateOp::*;
        matches!(self, Topk | Bottomk | CountValues | Quantile | Limitk | LimitRatio)
    }

    /// Whether the result is some of the series as they were.
    pub fn selects(self) -> bool {
        use AggregateOp::*;
        matches!(self, Topk | Bottomk | Limitk | LimitRatio)
    }
}

/// `by` or `without` and their labels.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// `without` rather than `by`.
    pub without: bool,
    /// The labels.
    pub labels: Vec<LabelName>,
    /// The place of the whole clause.
    pub span: Span,
}

/// An aggregation.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// What it does.
    pub op: AggregateOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// `by` or `without`, if given.
    pub grouping: Option<Grouping>,
    /// The parameter, for those operators that take one.
    pub param: Option<Expr>,
    /// What is aggregated.
    pub expr: Expr,
}

impl Expr {
    /// An expression of no file.
    pub fn made(kind: ExprKind) -> Expr {
        Expr { span: Span::NONE, kind }
    }

    /// The expression inside all parentheses around it.
    pub fn bare(&self) -> &Expr {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }

    /// Whether it is a range vector: a range selector or a subquery.
    pub fn is_range(&self) -> bool {
        matches!(self.bare().kind, ExprKind::Range(_) | ExprKind::Subquery(_))
    }

    /// The expressions directly below this one, from left to right.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::Selector(_) | ExprKind::Range(_) => {
                Vec::new()
            }
            ExprKind::Paren(inner) => vec![inner],
            ExprKind::Unary(unary) => vec![&unary.expr],
            ExprKind::Binary(binary) => vec![&binary.left, &binary.right],
            ExprKind::Subquery(subquery) => vec![&subquery.expr],
            ExprKind::Call(call) => call.args.iter().collect(),
            ExprKind::Aggregate(aggregate) => {
                aggregate.param.iter().chain([&aggregate.expr]).collect()
            }
        }
    }

    /// Shows this expression and all below it to `f`, each before its parts, from
    /// left to right.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        let mut stack = vec![self];
        while let Some(expr) = stack.pop() {
            f(expr);
            stack.extend(expr.children().into_iter().rev());
        }
    }

    /// All selectors in it, also those of range selectors, from left to right.
    pub fn selectors(&self) -> Vec<&Selector> {
        let mut found = Vec::new();
        self.walk(&mut |expr| match &expr.kind {
            ExprKind::Selector(selector) => found.push(selector),
            ExprKind::Range(range) => found.push(&range.selector),
            _ => {}
        });
        found
    }
}
