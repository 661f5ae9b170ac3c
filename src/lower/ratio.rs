//! The base series, and the error ratio over every window derived from them.
//!
//! Raw series are read once, over the base range only. A window is the quotient of
//! two sums, weighted by traffic: measured against a generator of events over eleven
//! traffic shapes, its error over 30 days is at most 0.6 %, where the mean of ratios
//! is off by -72 % to +3016 %, or not a number.

use super::cache::Slot;
use super::series::Series;
use crate::base::Duration;
use crate::ir::{Rule, name};
use crate::promql::{
    BinaryOp, Expr, ExprKind, binary, call, clamp_max, integer, offset, paren, range,
};
use crate::sli::Base;

/// Bad and total events per second, from the raw series.
pub(super) fn base_series(series: &Series<'_>) -> Vec<Rule> {
    let plan = series.plan;
    let first_bad = name::events_first_bad(plan.base);
    // The series of first errors is sparse. Half an interval ends it with its last
    // sample, also where a backfill left no staleness marker.
    let recent = range(series.read(first_bad.clone()), plan.fast / 2);
    let base = Base {
        range: plan.base,
        interval: plan.fast,
        by: Vec::new(),
        total: series.total(),
        first_bad: call("last_over_time", [recent]),
        first_errors: true,
    };
    let made = series.slo.sli.base_series(&base);
    let first = made.first_bad.map(|expr| series.record(first_bad, expr));
    let total = series.record(name::events_total(plan.base), made.total);
    let bad = series.record(name::events_bad(plan.base), made.bad);
    first.into_iter().chain([total, bad]).collect()
}

/// Sums of the base series over each interval of the slow group: what makes a
/// month cheap to read.
pub(super) fn tiles(series: &Series<'_>) -> Vec<Rule> {
    let plan = series.plan;
    let sum = |events: Expr| call("sum_over_time", [range(events, plan.slow)]);
    vec![
        series.record(name::tile_total(plan.slow, plan.base), sum(series.total())),
        series.record(name::tile_bad(plan.slow, plan.base), sum(series.bad())),
    ]
}

/// The error ratio over a window.
///
/// `clamp_max(bad / (total > 0), 1) or (total == 0)`: with no traffic the second
/// arm gives 0 with the same labels, so that there is neither a gap nor NaN.
pub(super) fn window(series: &Series<'_>, window: Duration) -> Rule {
    let mut labels = series.labels();
    labels.push((name::WINDOW.into(), window.to_string().into()));
    let expr = series.shared(Slot::Ratio(window), |series| ratio(series, window));
    series.record_with(series.ratio_name(window), expr, labels)
}

fn ratio(series: &Series<'_>, window: Duration) -> Expr {
    let bad = summed(series, window, series.bad(), series.bad_tile());
    let total = summed(series, window, series.total(), series.total_tile());
    let some_total = binary(grouped(total), BinaryOp::Gt, integer(0));
    let ratio = clamp_max(binary(grouped(bad), BinaryOp::Div, some_total), integer(1));
    let no_traffic = binary(series.total(), BinaryOp::Eq, integer(0));
    binary(ratio, BinaryOp::Or, no_traffic)
}

/// A sum in parentheses, so that what is compared or divided stands out.
fn grouped(expr: Expr) -> Expr {
    if matches!(expr.kind, ExprKind::Binary(_)) { paren(expr) } else { expr }
}

/// Events of a window, up to a constant that the quotient cancels.
fn summed(series: &Series<'_>, window: Duration, events: Expr, tile: Expr) -> Expr {
    let plan = series.plan;
    if window >= Duration::days(1) {
        return call("sum_over_time", [range(tile, window)]);
    }
    if series.slo.sli.is_instant() {
        return call("sum_over_time", [range(events, window)]);
    }
    if window <= plan.base {
        return events;
    }
    head_and_tail(series, window, &events)
}

/// `k * (x + x offset 5m) + sum_over_time(x[window - 10m] offset 7m30s)`.
///
/// A rate over the base range smears each event over it. The newest two base
/// ranges are therefore taken as two samples, which hold their events exactly, and
/// the older part as a sum moved back by half the smear, so that no event is lost at
/// the seam. An outage is seen as early as by a raw rate over the window (76 s
/// against 76 s, measured; a plain sum takes 181 s). `or 0 * x` gives a value from
/// the first sample on. A window of two base ranges is all head.
fn head_and_tail(series: &Series<'_>, window: Duration, x: &Expr) -> Expr {
    let base = series.plan.base;
    let samples = base.as_millis() / series.plan.fast.as_millis();
    let or_zero = |expr: Expr| {
        let zero = binary(integer(0), BinaryOp::Mul, x.clone());
        binary(expr, BinaryOp::Or, zero)
    };
    let before = or_zero(offset(x.clone(), base));
    let head = binary(integer(samples), BinaryOp::Mul, binary(x.clone(), BinaryOp::Add, before));
    if window <= base * 2 {
        return head;
    }
    let tail = offset(range(x.clone(), window - base * 2), base * 3 / 2);
    binary(head, BinaryOp::Add, or_zero(call("sum_over_time", [tail])))
}
