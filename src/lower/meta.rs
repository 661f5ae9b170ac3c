//! What boards and reports read of an SLO: its constants, its budget, who it is.

use std::sync::Arc;

use super::series::Series;
use crate::base::Duration;
use crate::ir::{Expression, Rule, name};
use crate::promql::{BinaryOp, binary, call, clamp_max, decimal, integer, subquery, vector};

/// How many times faster than evenly the budget burns now.
pub(super) fn current_burn_rate(series: &Series<'_>) -> Rule {
    let ratio = series.without_window(series.ratio(series.plan.base));
    series.record(name::CURRENT_BURN_RATE, binary(ratio, BinaryOp::Div, series.budget()))
}

/// Objective, budget and period, as series.
pub(super) fn constants(series: &Series<'_>) -> [Rule; 3] {
    let objective = decimal(series.slo.objective.ratio());
    [
        series.record(name::OBJECTIVE_RATIO, vector(objective)),
        series.record(name::BUDGET_RATIO, vector(series.budget())),
        series.record(name::PERIOD_DAYS, vector(integer(series.days()))),
    ]
}

/// Coverage of the period, its burn rate, and what is left of the budget.
///
/// The part of the period before the first sample counts as free of errors, with
/// traffic as now: `remaining = 1 - burn rate * coverage`. Otherwise an SLO that is
/// two hours old and has had ten bad minutes would have overspent its month 33
/// times.
pub(super) fn budget(series: &Series<'_>) -> [Rule; 3] {
    let plan = series.plan;
    let hours = subquery(series.total_tile(), plan.period, Some(Duration::hours(1)));
    let counted = call("count_over_time", [hours]);
    let share = binary(counted, BinaryOp::Div, integer(series.days() * 24));
    // Empty until the first full hour: 0, not absent.
    let zero = binary(integer(0), BinaryOp::Mul, series.total());
    let coverage = binary(clamp_max(share, integer(1)), BinaryOp::Or, zero);

    let ratio = series.without_window(series.ratio(plan.period));
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
    let own: [(&str, Arc<str>); 4] = [
        (name::OWNER, Arc::clone(&slo.promise.owner)),
        (name::OBJECTIVE, slo.objective.percent.to_string().into()),
        (name::WINDOW, series.plan.period.to_string().into()),
        (name::KIND, slo.sli.kind().into()),
    ];
    labels.extend(own.map(|(label, value)| (label.into(), value)));
    labels.extend(slo.info_labels.iter().map(|(k, v)| (k.into(), v.clone())));
    series.record_with(name::INFO, Expression::Built(vector(integer(1))), labels)
}
