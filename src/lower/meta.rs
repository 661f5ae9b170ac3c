//! What boards and reports read of an SLO: its constants, its budget, who it is.

use std::sync::Arc;

use super::ratio::this_month;
use super::series::Series;
use crate::base::Duration;
use crate::config::{Names, Window};
use crate::ir::{Expression, Rule, info_name, name};
use crate::promql::{BinaryOp, binary, call, clamp_max, decimal, integer, subquery, vector};

/// How many times faster than evenly the budget burns now.
pub(super) fn current_burn_rate(series: &Series<'_>) -> Rule {
    let ratio = series.without_window(series.ratio(series.plan.base));
    series.record(name::CURRENT_BURN_RATE, binary(ratio, BinaryOp::Div, series.budget()))
}

/// Objective, budget and period, as series.
pub(super) fn constants(series: &Series<'_>) -> [Rule; 3] {
    let objective = decimal(series.slo.objective.ratio());
    let days = match series.plan.window {
        Window::Rolling(_) => vector(integer(series.days())),
        Window::Month => call("days_in_month", []),
    };
    [
        series.record(name::OBJECTIVE_RATIO, vector(objective)),
        series.record(name::BUDGET_RATIO, vector(series.budget())),
        series.record(name::PERIOD_DAYS, days),
    ]
}

/// Coverage of the period, its burn rate, and what is left of the budget.
///
/// The part of the period before the first sample counts as free of errors, with
/// traffic as now: `remaining = 1 - burn rate * coverage`. Otherwise an SLO that is
/// two hours old and has had ten bad minutes would have overspent its month 33
/// times.
///
/// Over a calendar month the same formula gives, at any time, what is left of the
/// budget of the whole month, had the traffic so far been that of the month.
pub(super) fn budget(series: &Series<'_>) -> [Rule; 3] {
    let plan = series.plan;
    let hour = Duration::hours(1);
    let (hours, all) = match plan.window {
        Window::Rolling(window) => {
            (subquery(series.total_tile(), window, Some(hour)), integer(series.days() * 24))
        }
        // Against the whole month: of a budget that lasts for all of it, a day without
        // errors leaves what was there.
        Window::Month => {
            let hours = binary(call("days_in_month", []), BinaryOp::Mul, integer(24));
            (this_month(series, series.total_hour()), call("scalar", [hours]))
        }
    };
    let counted = call("count_over_time", [hours]);
    let share = binary(counted, BinaryOp::Div, all);
    // Empty until the first full hour: 0, not absent.
    let zero = binary(integer(0), BinaryOp::Mul, series.total());
    let coverage = binary(clamp_max(share, integer(1)), BinaryOp::Or, zero);

    let ratio = series.without_window(series.period_ratio());
    let burn_rate = binary(ratio, BinaryOp::Div, series.budget());

    let spent = binary(
        series.read(name::PERIOD_BURN_RATE),
        BinaryOp::Mul,
        series.read(name::PERIOD_COVERAGE),
    );
    [
        series.record(name::PERIOD_COVERAGE, coverage),
        series.record(name::PERIOD_BURN_RATE, burn_rate),
        series.record(name::BUDGET_REMAINING, binary(integer(1), BinaryOp::Sub, spent)),
    ]
}

/// Constant 1 with owner, objective, window, kind and the user's labels: the only
/// series that has them, so that a renamed team does not break 30 days of history.
pub(super) fn info(series: &Series<'_>) -> Rule {
    let slo = series.slo;
    let mut labels = series.labels();
    let names = series.plan.names;
    let objective: Arc<str> = slo.objective.percent.to_string().into();
    let mut own: Vec<(&str, Arc<str>)> = vec![
        (name::OWNER, Arc::clone(&slo.promise.owner)),
        (name::OBJECTIVE, Arc::clone(&objective)),
        (name::WINDOW, series.plan.window.to_string().into()),
        (name::KIND, slo.sli.kind().into()),
    ];
    if names == Names::Sloth {
        // What Sloth's boards read, besides.
        own.push(("sloth_objective", objective));
        own.push(("sloth_mode", "ninefold".into()));
        own.push(("sloth_spec", "ninefold/v1".into()));
        own.push(("sloth_version", env!("CARGO_PKG_VERSION").into()));
    }
    labels.extend(own.into_iter().map(|(label, value)| (label.into(), value)));
    labels.extend(slo.info_labels.iter().map(|(k, v)| (k.into(), v.clone())));
    series.record_with(info_name(names), Expression::Built(vector(integer(1))), labels)
}
