//! Queries that read fine and show the wrong thing: rates over a range that does not
//! follow the zoom, counters as they are.

use super::mention::mentions;
use crate::base::{Diagnostic, Diagnostics, Span, Text, codes};
use crate::promql::{AggregateOp, BinaryOp, Expr, ExprKind, Range, Selector};

codes! {
    /// ## Why
    /// A rate over a fixed range has holes when the board is zoomed in past the scrape
    /// interval, and leaves out most samples when it is zoomed out.
    /// `$__rate_interval` follows the zoom and holds at least four scrapes.
    /// ## Fires
    /// On `rate` and `irate` over a length that is written out, or `$__interval`. Instant
    /// queries are left alone: they show one value, over the range that they name.
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "rate(http_requests_total[5m])"}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"targets": [
    ///   {"refId": "A", "expr": "rate(http_requests_total[$__rate_interval])"}
    /// ]}]}
    /// ```
    BOARD_RATE_INTERVAL = Warning "board-rate-interval";

    /// ## Why
    /// A counter only grows, and begins at zero with each restart: its value says nothing.
    /// ## Fires
    /// On a metric called `..._total` that is neither below a function over a range nor
    /// merely counted.
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "sum(http_requests_total)"}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"targets": [
    ///   {"refId": "A", "expr": "sum(rate(http_requests_total[$__rate_interval]))"}
    /// ]}]}
    /// ```
    BOARD_COUNTER_RAW = Warning "board-counter-raw";
}

/// Checks the expression of a target that was read from `text`.
pub(super) fn check(text: &Text, expr: &Expr, is_instant: bool, diags: &mut Diagnostics) {
    let following: Vec<Span> = mentions(text.as_str())
        .into_iter()
        .filter(|mention| mention.name != "__interval")
        .map(|mention| text.slice(mention.range))
        .collect();
    let mut open = vec![(expr, false)];
    while let Some((expr, settled)) = open.pop() {
        match &expr.kind {
            ExprKind::Selector(selector) if !settled => check_counter(selector, diags),
            ExprKind::Call(call)
                if !is_instant && matches!(call.func.as_str(), "rate" | "irate") =>
            {
                for argument in &call.args {
                    if let ExprKind::Range(range) = &argument.bare().kind {
                        check_range(call.func.as_str(), range, &following, diags);
                    }
                }
            }
            _ => {}
        }
        open.extend(
            expr.children().into_iter().map(|child| (child, settled || settles(expr, child))),
        );
    }
}

/// Whether the value of a counter does not matter below `expr`.
fn settles(expr: &Expr, child: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Subquery(_) => true,
        ExprKind::Call(call) => matches!(call.func.as_str(), "absent" | "timestamp"),
        ExprKind::Aggregate(aggregate) => {
            matches!(aggregate.op, AggregateOp::Count | AggregateOp::Group)
        }
        ExprKind::Binary(binary) => {
            matches!(binary.op, BinaryOp::And | BinaryOp::Unless)
                && std::ptr::eq(child, &raw const binary.right)
        }
        _ => false,
    }
}

fn check_counter(selector: &Selector, diags: &mut Diagnostics) {
    let name = selector.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
    if name.ends_with("_total") {
        diags.push(
            Diagnostic::new(
                &BOARD_COUNTER_RAW,
                selector.name_span,
                format!("the counter `{name}` is shown as it is"),
            )
            .label("only ever grows")
            .help("show how fast it grows: `rate(...[$__rate_interval])`"),
        );
    }
}

fn check_range(func: &str, range: &Range, following: &[Span], diags: &mut Diagnostics) {
    let span = range.range_span;
    // Of a sample value padded with blanks the parser knows the first bytes alone.
    let follows = |place: &Span| place.start < span.end && span.start < place.end;
    if !following.iter().any(follows) {
        diags.push(
            Diagnostic::new(
                &BOARD_RATE_INTERVAL,
                span,
                format!("the range of `{func}` does not follow the zoom"),
            )
            .label("fixed")
            .help("write `$__rate_interval`"),
        );
    }
}
