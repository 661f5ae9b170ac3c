//! Selectors as SLIs take them: a metric and matchers, without range, rate or
//! modifiers, all of which are put around it.

use super::kind::Cx;
use crate::base::{Diagnostic, Duration, Edit, Fix, Safety, Span, codes};
use crate::promql::{
    self, BinaryOp, Expr, ExprKind, Name, Options, Range, Selector, binary, call, equal, integer,
    matchers, offset, selector_with, string,
};
use crate::yaml::{Node, Shape, Type};

codes! {
    /// ## Why
    /// Rates, ranges and sums are put around the selectors of an SLI, the same for
    /// every window. A selector that has a range of its own cannot be read over
    /// another.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}[5m]
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    SELECTOR_RANGE = Error "selector-range";

    /// ## Why
    /// This place takes a selector: the name of a metric and matchers in braces.
    /// Rates and sums are put around it, so that every window is derived from the
    /// same two series.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: sum(rate(http_requests_total{job="checkout", code=~"5.."}[5m]))
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    SELECTOR_EXPECTED = Error "selector-expected";

    /// ## Why
    /// `offset` and `@` move the time at which a selector is read. An SLI is about
    /// now, and its rules use offsets of their own.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."} offset 5m
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    SELECTOR_MODIFIER = Error "selector-modifier";

    /// ## Why
    /// Without the name of a metric, every series of the matching targets would be
    /// counted as events.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: '{job="checkout"}'
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    SELECTOR_WITHOUT_METRIC = Error "selector-without-metric";

    /// ## Why
    /// Each selector of a list is a part of one expression, several times over. A
    /// hundred of them are more than any server should evaluate every few seconds.
    /// ## Fires
    /// A list of more than 100 selectors.
    /// ## Instead
    /// A matcher that selects several series at once, such as `queue=~"a|b|c"`.
    SELECTOR_LIST = Error "selector-list";
}

/// The most selectors that add up.
const LONGEST_LIST: usize = 100;

/// The shape of one selector.
pub(super) static SELECTOR: Shape = Shape {
    doc: "A selector: the name of a metric and matchers, without `rate` and without a range.",
    ty: Type::Text,
};

/// The shape of a selector or a list of selectors that add up.
pub(super) static SELECTORS: Shape = Shape {
    doc: "A selector, or a list of selectors that add up.",
    ty: Type::OneOrMany(&SELECTOR),
};

/// Decodes a selector or a list of them; `None` if any is unsound.
pub(super) fn decode_all(node: &Node, cx: &mut Cx<'_>) -> Option<Vec<Selector>> {
    match node.as_seq() {
        Some(items) if items.len() > LONGEST_LIST => {
            cx.diags.push(
                Diagnostic::new(
                    &SELECTOR_LIST,
                    node.span,
                    format!("the list has {} selectors", items.len()),
                )
                .label(format!("at most {LONGEST_LIST} add up"))
                .help("select several series at once, with a matcher such as `queue=~\"a|b|c\"`"),
            );
            None
        }
        Some(items) => {
            let decoded: Vec<Option<Selector>> =
                items.iter().map(|item| decode(item, cx)).collect();
            decoded.into_iter().collect()
        }
        None => Some(vec![decode(node, cx)?]),
    }
}

/// Decodes a selector.
pub(super) fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Selector> {
    let text = node.as_text().filter(|text| !text.as_str().is_empty())?;
    // A placeholder parses, so that it is told like any other range.
    let expr = promql::check(text, Options { placeholder: true }, cx.judge, cx.diags)?;
    match &expr.bare().kind {
        ExprKind::Selector(selector) => plain(selector, &expr, cx).then(|| selector.clone()),
        ExprKind::Range(range) => {
            cx.diags.push(ranged(range));
            plain(&range.selector, &expr, cx);
            None
        }
        _ => {
            cx.diags.push(expression(&expr));
            None
        }
    }
}

fn ranged(range: &Range) -> Diagnostic {
    // The brackets stand right around what is between them, but for blanks.
    let brackets = between(range.selector.span, range.range_span, 1);
    Diagnostic::new(
        &SELECTOR_RANGE,
        brackets.or(range.selector.span),
        "a selector without a range is wanted here",
    )
    .label("the ranges are put in for every window")
    .fix("remove the range", brackets, "", Safety::Safe)
}

/// From the end of `first` to `more` bytes behind the end of `second`.
fn between(first: Span, second: Span, more: usize) -> Span {
    let Some(file) = first.file() else { return Span::NONE };
    Span::new(file, first.range().end, second.range().end + more)
}

/// An expression where a selector belongs; if it holds a single selector, that one
/// is meant.
fn expression(expr: &Expr) -> Diagnostic {
    let found = Diagnostic::new(
        &SELECTOR_EXPECTED,
        expr.span,
        "a selector is wanted here, not an expression",
    )
    .label("more than a metric and matchers");
    let selectors = expr.selectors();
    let (true, [selector]) = (is_sum_of_rate(expr), selectors.as_slice()) else {
        return found.help(
            "write the selector alone, such as `http_requests_total{job=\"checkout\"}`: rates and sums are put around it",
        );
    };
    let (whole, inner) = (expr.span, selector.span);
    let mut found = found.note("rates and sums are put around it, for every window");
    if let Some(file) = whole.file() {
        let cut = |from, to| Edit { span: Span::new(file, from, to), text: String::new() };
        let before = cut(whole.range().start, inner.range().start);
        let after = cut(inner.range().end, whole.range().end);
        let edits = vec![before, after];
        let title = "keep the selector alone".to_owned();
        found.fixes.push(Fix { title, edits, safety: Safety::Suggestion });
    }
    found
}

/// Whether an expression is nothing but sums and rates, which is what is put around
/// a selector here.
fn is_sum_of_rate(expr: &Expr) -> bool {
    let mut plain = true;
    expr.walk(&mut |part| {
        plain &= match &part.kind {
            ExprKind::Paren(_) | ExprKind::Range(_) | ExprKind::Selector(_) => true,
            ExprKind::Call(call) => ["rate", "increase", "irate"].contains(&call.func.as_str()),
            ExprKind::Aggregate(aggregate) => aggregate.op.text() == "sum",
            _ => false,
        }
    });
    plain
}

/// Whether a selector has nothing but a metric and matchers. Reports what else.
fn plain(selector: &Selector, whole: &Expr, cx: &mut Cx<'_>) -> bool {
    let moved = selector.offset.as_ref().map(|o| o.span);
    let other = (selector.at.is_some() || selector.extension.is_some())
        .then(|| between(selector.span, whole.span, 0));
    if let Some(span) = moved.or(other) {
        cx.diags.push(
            Diagnostic::new(
                &SELECTOR_MODIFIER,
                span,
                "a selector of an SLI cannot be moved in time",
            )
            .label("moves the time at which it is read")
            .help("remove it: an SLI is about now"),
        );
        return false;
    }
    let named =
        selector.name.is_some() || selector.matchers.iter().any(|m| m.label.as_str() == "__name__");
    if !named {
        cx.diags.push(
            Diagnostic::new(
                &SELECTOR_WITHOUT_METRIC,
                selector.span,
                "the selector names no metric",
            )
            .label("selects every series of its targets")
            .help("put the name of the metric before the braces"),
        );
    }
    named
}

/// `rate` over each selector, so that no series of one hides an equal one of
/// another: `or` drops a right series whose labels are on the left, so all but the
/// first get a label of their own, which the sum around them removes.
pub(super) fn parts(exprs: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    let part = |(index, expr): (usize, Expr)| match index {
        0 => expr,
        _ => call(
            "label_replace",
            [expr, string("__part__"), string((index + 1).to_string()), string(""), string("")],
        ),
    };
    exprs.into_iter().enumerate().map(part).reduce(|all, part| binary(all, BinaryOp::Or, part))
}

/// `rate(selector[range])`
pub(super) fn rate(selector: &Selector, range: Duration) -> Expr {
    call("rate", [selector.with_range(range)])
}

/// What a rate cannot see: the value with which a series was born. Read from series
/// that did not exist one range ago, of targets that were up then.
///
/// The guard keeps a failed scrape from being taken for a birth (without it: 1.2
/// million errors that nobody made, measured), the cap bounds the harm of an
/// exporter that hides a series and shows it again.
pub(super) fn first_values(selector: &Selector, range: Duration) -> Option<Expr> {
    let job = selector.equality("job")?;
    let born = binary(
        binary(
            call("min_over_time", [selector.with_range(range)]),
            BinaryOp::Le,
            integer(FIRST_VALUE_CAP),
        ),
        BinaryOp::Unless,
        selector.with_offset(range).to_expr(),
    );
    let up = selector_with("up", &matchers([equal("job", job.value.clone())]));
    let was_up = binary(offset(up, range), BinaryOp::Eq, integer(1));
    let target: Vec<Name> = vec!["job".into(), "instance".into()];
    let born = promql::paren(born);
    Some(promql::matching(born, BinaryOp::And, Some(promql::match_on(&target)), was_up))
}

/// The most errors that the first value of one series may stand for.
const FIRST_VALUE_CAP: u64 = 100;
