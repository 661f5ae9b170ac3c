//! Tests of the conditions themselves: recorded ratios come in as series, so that
//! each pair of windows is seen alone, and days take no time.

use super::case::{Case, Scenario};
use super::subject::{Subject, firing};
use super::values::number;
use crate::ir::{BurnRate, name, window_label};
use crate::sli::series_text;

/// One test per burn rate: silent while one of its windows alone is above the
/// threshold, firing when both are.
pub(super) fn cases(subject: &Subject<'_>) -> Vec<(Scenario, Case)> {
    let rates = subject.plan.burn_rates.iter().enumerate();
    rates.filter_map(|(index, rate)| Some((Scenario::Pair(index), pair(subject, rate)?))).collect()
}

fn pair(subject: &Subject<'_>, rate: &BurnRate) -> Option<Case> {
    let alert = subject.burn_alert(&rate.severity)?;
    let threshold = rate.threshold_ratio(subject.slo.objective.budget()).to_f64();
    let (above, below) = (ratio(threshold * 1.05), ratio(threshold * 0.95));
    let mut case = Case::default();
    // The other windows have no ratio, which is above nothing.
    let values = [
        (rate.long, format!("{above} {below} {above}")),
        (rate.short, format!("{below} {above} {above}")),
    ];
    for (window, values) in values {
        let label = (window_label(subject.plan.names).into(), window.to_string().into());
        let labels = subject.identity.labels.iter().chain(subject.group()).chain([&label]);
        case.series.push((series_text(&name::error_ratio(window), labels).into(), values));
    }
    if subject.plan.min_bad_events > 1 {
        let bad = subject.recorded(&name::events_bad(subject.plan.base));
        let many = subject.plan.min_bad_events.max(1_000_000);
        case.series.push((bad.into(), format!("{many}x2")));
    }
    case.silent(0, alert.1);
    case.silent(1, alert.1);
    // Its labels are held by other tests.
    case.gives(2, format!("count({})", firing(alert.1)), vec![("{}".to_owned(), "1".to_owned())]);
    Some(case)
}

/// A ratio with as many digits as the smallest threshold needs.
fn ratio(value: f64) -> String {
    if value >= 0.01 {
        number(value)
    } else {
        format!("{value:.10}").trim_end_matches('0').to_owned()
    }
}
