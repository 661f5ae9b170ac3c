//! The base series, and the error ratio over every window derived from them.
//!
//! Raw series are read once, over the base range only. A window is the quotient of
//! two sums, weighted by traffic: measured against a generator of events over eleven
//! traffic shapes, its error over 30 days is at most 0.6 %, where the mean of ratios
//! is off by -72 % to +3016 %, or not a number.

use super::cache::Slot;
use super::series::Series;
use crate::base::{Decimal, Duration};
use crate::config::Window;
use crate::ir::{Rule, name};
use crate::promql::{
    At, BinaryOp, Expr, ExprKind, at, binary, call, clamp_max, decimal, integer, match_on,
    matching, offset, paren, range, subquery,
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
        by: series.slo.group_by.clone(),
        total: series.total(),
        first_bad: call("last_over_time", [recent]),
        first_errors: series.slo.alerting.first_errors,
    };
    let made = series.slo.sli.base_series(&base);
    let first = made.first_bad.map(|expr| series.record(first_bad, expr));
    let total = series.record(name::events_total(plan.base), made.total);
    let bad = series.record(name::events_bad(plan.base), made.bad);
    first.into_iter().chain([total, bad]).collect()
}

/// Sums of the base series over each interval of the slow group: what makes a
/// month cheap to read. In an economic plan, and for a calendar month, also sums of
/// these over an hour.
pub(super) fn tiles(series: &Series<'_>) -> Vec<Rule> {
    let plan = series.plan;
    let sum = |events: Expr, window| call("sum_over_time", [range(events, window)]);
    let mut tiles = vec![
        series.record(name::tile_total(plan.slow, plan.base), sum(series.total(), plan.slow)),
        series.record(name::tile_bad(plan.slow, plan.base), sum(series.bad(), plan.slow)),
    ];
    if plan.is_economic || plan.window == Window::Month {
        let hour = |tile: Expr| sum(tile, Duration::hours(1));
        tiles.push(series.record(name::hour_total(plan.base), hour(series.total_tile())));
        tiles.push(series.record(name::hour_bad(plan.base), hour(series.bad_tile())));
    }
    if plan.window == Window::Month {
        let years = binary(call("year", []), BinaryOp::Mul, integer(12));
        let month = binary(years, BinaryOp::Add, call("month", []));
        tiles.push(series.record(name::CALENDAR_MONTH, month));
    }
    tiles
}

/// The error ratio over a window.
///
/// `clamp_max(bad / (total > 0), 1) or (total == 0)`: with no traffic the second
/// arm gives 0 with the same labels, so that there is neither a gap nor NaN.
pub(super) fn window(series: &Series<'_>, window: Duration) -> Rule {
    let expr = series.shared(Slot::Ratio(window), |series| {
        let sum = |events, tile, hour| summed(series, window, events, tile, hour);
        let bad = sum(series.bad(), series.bad_tile(), series.bad_hour());
        let total = sum(series.total(), series.total_tile(), series.total_hour());
        ratio(series, bad, total)
    });
    series.record_with(series.ratio_name(window), expr, series.labels_of(&window))
}

/// The error ratio over the calendar month so far (UTC), up to the last full hour.
pub(super) fn month(series: &Series<'_>) -> Rule {
    let expr = series.shared(Slot::Month, |series| {
        let sum = |hour| call("sum_over_time", [this_month(series, hour)]);
        let share = share(sum(series.bad_hour()), sum(series.total_hour()));
        // No hour of this month is full yet, or none had traffic: nothing was bad.
        let none = binary(integer(0), BinaryOp::Mul, series.total());
        binary(share, BinaryOp::Or, none)
    });
    series.record_with(name::MONTH_ERROR_RATIO, expr, series.labels_of(&Window::Month))
}

/// Sums over an hour, of this month alone, as a subquery: `(x and on() (month == on()
/// month @ end()))[31d:1h]`, where `month` is the recorded number of the month. An
/// hour is the finest step for which promtool, which holds 10,000 samples, can run it.
pub(super) fn this_month(series: &Series<'_>, hour: Expr) -> Expr {
    let none = match_on(&[]);
    let now = at(series.read(name::CALENDAR_MONTH), At::End);
    let month = series.read(name::CALENDAR_MONTH);
    let same = paren(matching(month, BinaryOp::Eq, Some(none.clone()), now));
    let of_month = matching(hour, BinaryOp::And, Some(none), same);
    subquery(paren(of_month), Window::Month.reach(), Some(Duration::hours(1)))
}

fn ratio(series: &Series<'_>, bad: Expr, total: Expr) -> Expr {
    let no_traffic = binary(series.total(), BinaryOp::Eq, integer(0));
    binary(share(bad, total), BinaryOp::Or, no_traffic)
}

/// Bad events among all, where there are any.
fn share(bad: Expr, total: Expr) -> Expr {
    let some_total = binary(grouped(total), BinaryOp::Gt, integer(0));
    clamp_max(binary(grouped(bad), BinaryOp::Div, some_total), integer(1))
}

/// A sum in parentheses, so that what is compared or divided stands out.
fn grouped(expr: Expr) -> Expr {
    if matches!(expr.kind, ExprKind::Binary(_)) { paren(expr) } else { expr }
}

/// Events of a window, up to a constant that the quotient cancels.
fn summed(series: &Series<'_>, window: Duration, events: Expr, tile: Expr, hour: Expr) -> Expr {
    let plan = series.plan;
    if window >= Duration::days(1) && plan.is_economic {
        return call("sum_over_time", [subquery(hour, window, Some(Duration::hours(1)))]);
    }
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

/// Bad events in a window, as a number of events.
///
/// Each sample of the base series is a number of events per second, recorded at every
/// fast interval: their sum, times that interval in seconds, is the number of events.
/// A tile is such a sum.
pub(super) fn bad_events(series: &Series<'_>, window: Duration) -> Expr {
    let plan = series.plan;
    let bad = if window >= Duration::days(1) { series.bad_tile() } else { series.bad() };
    let seconds = Decimal::ratio(
        Decimal::from(u32::try_from(plan.fast.as_millis()).unwrap_or(u32::MAX)),
        Decimal::from(1_000),
        3,
    );
    binary(call("sum_over_time", [range(bad, window)]), BinaryOp::Mul, decimal(seconds))
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
