//! Which labels the result of an expression has: for sure, perhaps, or not. A
//! tree in, sets of names out, each with the place that gives it.

use super::ast::{
    Aggregate, AggregateOp, Binary, Call, Expr, ExprKind, LabelName, MatchOp, Matching, Selector,
    Side,
};
use super::functions::{ValueType, function};
use super::name::Name;
use crate::base::Span;

/// The labels of a result, as far as the expression tells.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Labels that it has, and the places that give them. A label in `by` counts
    /// as given.
    pub sure: Vec<(Name, Span)>,
    /// Whether it may have other labels than the sure ones.
    pub open: bool,
    /// Labels that it has not, though it is open.
    pub dropped: Vec<Name>,
}

impl Labels {
    /// Where it gets `label` from, if it has it for sure.
    pub fn carries(&self, label: &str) -> Option<Span> {
        self.sure.iter().find(|(name, _)| *name == *label).map(|(_, span)| *span)
    }

    /// Whether it can have `label`.
    pub fn may_carry(&self, label: &str) -> bool {
        self.carries(label).is_some()
            || (self.open && !self.dropped.iter().any(|name| *name == *label))
    }

    fn add(&mut self, name: &Name, span: Span) {
        self.dropped.retain(|n| n != name);
        if self.carries(name).is_none() {
            self.sure.push((name.clone(), span));
        }
    }

    fn drop(&mut self, name: &Name) {
        self.sure.retain(|(n, _)| n != name);
        if self.open && !self.dropped.contains(name) {
            self.dropped.push(name.clone());
        }
    }

    /// Only `names`, and of those the ones that it can have.
    fn keep(&self, names: &[LabelName]) -> Labels {
        let mut kept = Labels::default();
        for label in names.iter().filter(|label| self.may_carry(&label.name)) {
            kept.add(&label.name, label.span);
        }
        kept
    }
}

/// The place that gives the result of `expr` the label, if it has it for sure.
pub fn carries(expr: &Expr, label: &str) -> Option<Span> {
    result_labels(expr).carries(label)
}

/// The labels of the result of `expr`, without the metric's name.
pub fn result_labels(expr: &Expr) -> Labels {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Str(_) => Labels::default(),
        ExprKind::Paren(inner) => result_labels(inner),
        ExprKind::Unary(unary) => result_labels(&unary.expr),
        ExprKind::Subquery(subquery) => result_labels(&subquery.expr),
        ExprKind::Selector(selector) => selected(selector, true),
        ExprKind::Range(range) => selected(&range.selector, true),
        ExprKind::Aggregate(aggregate) => aggregated(aggregate),
        ExprKind::Call(call) => called(call),
        ExprKind::Binary(binary) => combined(binary),
    }
}

fn selected(selector: &Selector, open: bool) -> Labels {
    let mut labels = Labels { open, ..Labels::default() };
    let equal = |m: &&super::ast::Matcher| m.op == MatchOp::Equal && m.label != "__name__";
    for matcher in selector.matchers.iter().filter(equal) {
        if matcher.value.is_empty() {
            labels.drop(&matcher.label);
        } else {
            labels.add(&matcher.label, matcher.span);
        }
    }
    labels
}

fn aggregated(aggregate: &Aggregate) -> Labels {
    let inner = result_labels(&aggregate.expr);
    if aggregate.op.selects() {
        return inner;
    }
    let mut labels = match &aggregate.grouping {
        None => Labels::default(),
        Some(grouping) if grouping.without => {
            let mut labels = inner;
            grouping.labels.iter().for_each(|label| labels.drop(&label.name));
            labels
        }
        Some(grouping) => inner.keep(&grouping.labels),
    };
    if aggregate.op == AggregateOp::CountValues
        && let Some(Expr { kind: ExprKind::Str(name), span }) = aggregate.param.as_ref()
    {
        labels.add(name, *span);
    }
    labels
}

fn called(call: &Call) -> Labels {
    let name = call.func.as_str();
    let text = |index: usize| match call.args.get(index) {
        Some(Expr { kind: ExprKind::Str(text), span }) => Some((text, *span)),
        _ => None,
    };
    if matches!(name, "absent" | "absent_over_time") {
        return match call.args.first().map(|arg| &arg.bare().kind) {
            Some(ExprKind::Selector(selector)) => absent(selector),
            Some(ExprKind::Range(range)) => absent(&range.selector),
            _ => Labels::default(),
        };
    }
    let Some(known) = function(name) else {
        return Labels { open: true, ..Labels::default() };
    };
    if matches!(known.returns, ValueType::Scalar) || name == "vector" {
        return Labels::default();
    }
    let takes_series =
        |index: &usize| matches!(known.arg(*index), Some(ValueType::Vector | ValueType::Matrix));
    let series = (0..call.args.len()).find(takes_series).and_then(|index| call.args.get(index));
    let mut labels = series.map(result_labels).unwrap_or_default();
    match name {
        "label_replace" => {
            if let (Some((target, span)), Some((value, _))) = (text(1), text(2)) {
                if value.is_empty() {
                    // Removed where the regex matches, else left.
                    labels.sure.retain(|(n, _)| n != target);
                } else {
                    labels.add(target, span);
                }
            }
        }
        "label_join" => {
            if let Some((target, span)) = text(1) {
                labels.add(target, span);
            }
        }
        "histogram_quantiles" => {
            labels.drop(&Name::fixed("le"));
            if let Some((target, span)) = text(1) {
                labels.add(target, span);
            }
        }
        "histogram_quantile" | "histogram_fraction" => labels.drop(&Name::fixed("le")),
        "info" => {
            labels.open = true;
            labels.dropped.clear();
        }
        _ => {}
    }
    labels
}

/// `absent` gives the labels that one matcher alone pins to one value.
fn absent(selector: &Selector) -> Labels {
    let mut labels = selected(selector, false);
    labels
        .sure
        .retain(|(name, _)| selector.matchers.iter().filter(|m| m.label == *name).count() == 1);
    labels
}

fn combined(binary: &Binary) -> Labels {
    let (left, right) = (result_labels(&binary.left), result_labels(&binary.right));
    let scalar = |e: &Expr| super::types::value_type(e) == ValueType::Scalar;
    if scalar(&binary.left) {
        return right;
    }
    if scalar(&binary.right) {
        return left;
    }
    match binary.op {
        super::ast::BinaryOp::Or => either(&left, &right),
        op if op.is_set() => left,
        _ => matched(binary.matching.as_ref(), left, right),
    }
}

/// Labels of a result that has the series of both sides.
fn either(left: &Labels, right: &Labels) -> Labels {
    let mut labels = Labels { open: left.open || right.open, ..Labels::default() };
    for (name, span) in left.sure.iter().filter(|(name, _)| right.carries(name).is_some()) {
        labels.add(name, *span);
    }
    let known = left.sure.iter().chain(&right.sure).map(|(name, _)| name);
    let absent = |name: &&Name| !left.may_carry(name) && !right.may_carry(name);
    labels.dropped = left.dropped.iter().chain(&right.dropped).filter(absent).cloned().collect();
    // Closed on both sides, but not the same labels: some may be there.
    labels.open |= known.into_iter().any(|name| labels.carries(name).is_none());
    labels
}

/// Labels of arithmetic and comparisons between vectors.
fn matched(matching: Option<&Matching>, left: Labels, right: Labels) -> Labels {
    let Some(matching) = matching else {
        return agreed(left, &right, &[]);
    };
    let Some(group) = &matching.group else {
        if matching.on {
            return left.keep(&matching.labels);
        }
        let mut labels = agreed(left, &right, &matching.labels);
        matching.labels.iter().for_each(|label| labels.drop(&label.name));
        return labels;
    };
    let (mut many, one) = match group.many {
        Side::Left => (left, right),
        Side::Right => (right, left),
    };
    for label in matching.labels.iter().filter(|_| matching.on) {
        if one.carries(&label.name).is_some() {
            many.add(&label.name, label.span);
        }
    }
    for label in &group.include {
        if one.may_carry(&label.name) {
            many.add(&label.name, label.span);
        } else {
            many.drop(&label.name);
        }
    }
    many
}

/// `left` where all labels but `ignored` agree with those of `right`.
fn agreed(mut left: Labels, right: &Labels, ignored: &[LabelName]) -> Labels {
    for (name, span) in &right.sure {
        if left.may_carry(name) && !ignored.iter().any(|label| label.name == *name) {
            left.add(name, *span);
        }
    }
    left.open &= right.open || !ignored.is_empty();
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Diagnostics, Text};
    use crate::promql::parse;

    fn labels(text: &str) -> Labels {
        let mut diags = Diagnostics::default();
        result_labels(&parse(&Text::made(text), &mut diags).expect("it parses"))
    }

    #[test]
    fn a_label_is_carried_where_it_is_sure() {
        for text in [
            "x{service=\"a\"}",
            "sum by (service) (rate(x[5m]))",
            "sum by (service) (x) > 5",
            "label_replace(sum(x), \"service\", \"$1\", \"job\", \"(.*)\")",
            "label_join(x, \"service\", \"-\", \"a\")",
            "absent(x{service=\"a\"})",
            "topk(3, x{service=\"a\"})",
            "sum without (pod) (x{service=\"a\"})",
            "x{service=\"a\"} / on (service) y",
            "x / on (job) group_left (service) y",
            "x{service=\"a\"} or y{service=\"b\"}",
            "1 - x{service=\"a\"}",
            "x / y{service=\"a\"}",
            "count_values(\"service\", x)",
            "histogram_quantile(0.9, sum by (le, service) (rate(x[5m])))",
            "max_over_time(x{service=\"a\"}[1h:5m])",
        ] {
            assert!(labels(text).carries("service").is_some(), "{text}");
        }
    }

    #[test]
    fn a_label_is_not_carried_where_it_is_lost_or_unknown() {
        for (text, may) in [
            ("x", true),
            ("x{service=~\"a|b\"}", true),
            ("x{service=\"\"}", false),
            ("sum(x{service=\"a\"})", false),
            ("sum by (job) (x{service=\"a\"})", false),
            ("sum without (service) (x{service=\"a\"})", false),
            ("absent(x{service=\"a\", service!=\"b\"})", false),
            ("absent(sum(x{service=\"a\"}))", false),
            ("vector(1)", false),
            ("x{service=\"a\"} or y", true),
            ("sum(x) or y{service=\"a\"}", true),
            ("x{service=\"a\"} / ignoring (service) y", false),
            ("x{service=\"a\"} / on (job) y", false),
            ("sum by (service) (sum by (job) (x))", false),
            ("x / sum(y)", false),
        ] {
            let labels = labels(text);
            assert!(labels.carries("service").is_none(), "{text}");
            assert_eq!(labels.may_carry("service"), may, "{text}");
        }
    }

    #[test]
    fn a_grouping_gives_exactly_its_labels() {
        let found = labels("sum by (a, b) (x)");
        assert!(!found.open);
        let names: Vec<_> = found.sure.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
