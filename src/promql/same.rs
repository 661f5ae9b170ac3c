//! Equality of trees, wherever they were written.
//! Two expressions or selectors come in; out comes whether they are the same tree
//! or take the same series.

use super::ast::{
    Aggregate, At, Binary, Computed, Expr, ExprKind, Extent, Fill, LabelName, MatchOp, Matcher,
    Matching, Offset, Selector,
};
use super::name::Name;
use super::regex::takes_empty;

impl Expr {
    /// Whether both are the same tree, places, parentheses and the order of matchers and
    /// of labels aside.
    pub fn same(&self, other: &Expr) -> bool {
        match (&self.bare().kind, &other.bare().kind) {
            (ExprKind::Number(a), ExprKind::Number(b)) => a.text == b.text,
            (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
            (ExprKind::Unary(a), ExprKind::Unary(b)) => a.op == b.op && a.expr.same(&b.expr),
            (ExprKind::Binary(a), ExprKind::Binary(b)) => a.same(b),
            (ExprKind::Selector(a), ExprKind::Selector(b)) => a.same(b),
            (ExprKind::Range(a), ExprKind::Range(b)) => {
                a.range.same(&b.range) && a.selector.same(&b.selector)
            }
            (ExprKind::Subquery(a), ExprKind::Subquery(b)) => {
                a.range.same(&b.range)
                    && both(a.step.as_ref(), b.step.as_ref(), Extent::same)
                    && both(a.offset.as_ref(), b.offset.as_ref(), Offset::same)
                    && both(a.at.as_deref(), b.at.as_deref(), At::same)
                    && a.expr.same(&b.expr)
            }
            (ExprKind::Call(a), ExprKind::Call(b)) => {
                a.func == b.func
                    && a.args.len() == b.args.len()
                    && a.args.iter().zip(&b.args).all(|(a, b)| a.same(b))
            }
            (ExprKind::Aggregate(a), ExprKind::Aggregate(b)) => a.same(b),
            _ => false,
        }
    }
}

fn both<T>(a: Option<&T>, b: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

fn same_labels(a: &[LabelName], b: &[LabelName]) -> bool {
    a.len() == b.len() && a.iter().all(|label| b.iter().any(|other| other.name == label.name))
}

impl Binary {
    fn same(&self, other: &Binary) -> bool {
        self.op == other.op
            && self.is_bool == other.is_bool
            && both(self.matching.as_ref(), other.matching.as_ref(), Matching::same)
            && both(self.fill.as_ref(), other.fill.as_ref(), Fill::same)
            && self.left.same(&other.left)
            && self.right.same(&other.right)
    }
}

impl Matching {
    fn same(&self, other: &Matching) -> bool {
        self.on == other.on
            && same_labels(&self.labels, &other.labels)
            && both(self.group.as_ref(), other.group.as_ref(), |a, b| {
                a.many == b.many && same_labels(&a.include, &b.include)
            })
    }
}

impl Fill {
    fn same(&self, other: &Fill) -> bool {
        self.left == other.left && self.right == other.right
    }
}

impl Aggregate {
    fn same(&self, other: &Aggregate) -> bool {
        self.op == other.op
            && both(self.grouping.as_ref(), other.grouping.as_ref(), |a, b| {
                a.without == b.without && same_labels(&a.labels, &b.labels)
            })
            && both(self.param.as_ref(), other.param.as_ref(), Expr::same)
            && self.expr.same(&other.expr)
    }
}

impl Extent {
    fn same(&self, other: &Extent) -> bool {
        match (self, other) {
            (Extent::Fixed(a), Extent::Fixed(b)) => a == b,
            (Extent::Placeholder, Extent::Placeholder) => true,
            (Extent::Computed(a), Extent::Computed(b)) => a.same(b),
            _ => false,
        }
    }
}

impl Computed {
    fn same(&self, other: &Computed) -> bool {
        match (self, other) {
            (Computed::Paren(a), b) | (b, Computed::Paren(a)) => a.same(b),
            (Computed::Literal(a), Computed::Literal(b)) => a == b,
            (Computed::Call(a), Computed::Call(b)) => a == b,
            (Computed::Pair(a, x), Computed::Pair(b, y)) => {
                a == b && x.0.same(&y.0) && x.1.same(&y.1)
            }
            (Computed::Unary(a, x), Computed::Unary(b, y)) => a == b && x.same(y),
            (Computed::Binary(a, x), Computed::Binary(b, y)) => {
                a == b && x.0.same(&y.0) && x.1.same(&y.1)
            }
            _ => false,
        }
    }
}

impl Offset {
    fn same(&self, other: &Offset) -> bool {
        self.negative == other.negative && self.extent.same(&other.extent)
    }
}

impl At {
    fn same(&self, other: &At) -> bool {
        match (self, other) {
            (At::Start, At::Start) | (At::End, At::End) => true,
            (At::Time(a), At::Time(b)) => a == b,
            _ => false,
        }
    }
}

impl Matcher {
    /// Whether both are the same condition.
    pub fn same(&self, other: &Matcher) -> bool {
        self.key() == other.key()
    }

    fn key(&self) -> (&Name, MatchOp, &Name) {
        (&self.label, self.op, &self.value)
    }
}

impl Selector {
    /// The matcher `label="..."`, if there is one.
    pub fn equality(&self, label: &str) -> Option<&Matcher> {
        self.matchers.iter().find(|m| m.op == MatchOp::Equal && m.label == *label)
    }

    /// The metric's name, also where it is given by `__name__="..."`.
    pub fn metric(&self) -> Option<&Name> {
        self.name.as_ref().or_else(|| self.equality("__name__").map(|m| &m.value))
    }

    /// Whether both select the same series at the same time: the same name and
    /// matchers in any order, the same `offset` and `@`.
    pub fn same_series(&self, other: &Selector) -> bool {
        self.same_time(other) && self.name_and_matchers() == other.name_and_matchers()
    }

    fn name_and_matchers(&self) -> (Option<&Name>, Vec<(&Name, MatchOp, &Name)>) {
        let mut keys = self.keys();
        let name = self.metric();
        // A name in braces counts as the name, not as one more matcher.
        if let Some(name) = name {
            keys.retain(|(label, op, value)| {
                !(**label == "__name__" && *op == MatchOp::Equal && *value == name)
            });
        }
        keys.dedup();
        (name, keys)
    }

    /// The matchers in one order.
    fn keys(&self) -> Vec<(&Name, MatchOp, &Name)> {
        let mut keys: Vec<_> = self.matchers.iter().map(Matcher::key).collect();
        keys.sort();
        keys
    }

    fn same(&self, other: &Selector) -> bool {
        self.name == other.name && self.same_time(other) && self.keys() == other.keys()
    }

    fn same_time(&self, other: &Selector) -> bool {
        self.extension == other.extension
            && both(self.offset.as_ref(), other.offset.as_ref(), Offset::same)
            && both(self.at.as_deref(), other.at.as_deref(), At::same)
    }

    /// Whether it has no name and each matcher takes the empty value too, which
    /// Prometheus refuses.
    pub(super) fn takes_everything(&self) -> bool {
        self.name.as_ref().is_none_or(|name| name.is_empty())
            && self.matchers.iter().all(|m| takes_empty(m.op, &m.value))
    }
}
