//! The table of burn rates: when each pair of windows fires, and when it resets.

use super::table::Table;
use crate::base::{Decimal, Duration};
use crate::ir::{BurnRate, Plan};

/// The error ratios that are told, with their names.
const RATIOS: [(f64, &str); 4] = [(1.0, "100%"), (0.1, "10%"), (0.01, "1%"), (0.001, "0.1%")];

/// The pairs: threshold, and what of the budget is gone when they fire.
pub(super) fn pairs(plan: &Plan, budget: Decimal) -> Table {
    let head = ["severity", "windows", "factor", "threshold", "budget spent"];
    let row = |rate: &BurnRate| {
        vec![
            rate.severity.to_string(),
            windows(rate),
            rate.factor.to_string(),
            format!("{}%", rate.threshold_ratio(budget).to_percent()),
            format!("{}%", spent(rate, plan.period, budget)),
        ]
    };
    table(&head, plan.burn_rates.iter().map(row).collect())
}

/// How long errors last until a pair fires.
pub(super) fn detection(plan: &Plan, budget: Decimal) -> Table {
    times(plan, |rate, ratio| rate.detection(budget, ratio))
}

/// How long a pair holds on after errors ended.
pub(super) fn reset(plan: &Plan, budget: Decimal) -> Table {
    times(plan, |rate, ratio| rate.reset(budget, ratio))
}

fn times(plan: &Plan, time: impl Fn(&BurnRate, f64) -> Option<Duration>) -> Table {
    let mut head = vec!["severity", "windows"];
    head.extend(RATIOS.map(|(_, name)| name));
    let row = |rate: &BurnRate| {
        let mut row = vec![rate.severity.to_string(), windows(rate)];
        row.extend(RATIOS.map(|(ratio, _)| time(rate, ratio).map_or("-".to_owned(), seconds)));
        row
    };
    table(&head, plan.burn_rates.iter().map(row).collect())
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { head: head.iter().map(|h| (*h).to_owned()).collect(), rows, words: 2 }
}

/// Both windows of a pair: `1h/5m`.
pub(super) fn windows(rate: &BurnRate) -> String {
    format!("{}/{}", rate.long, rate.short)
}

/// The share of the budget that is gone when a pair fires, in per cent with one
/// digit: `threshold * long / (budget * period)`.
fn spent(rate: &BurnRate, period: Duration, budget: Decimal) -> Decimal {
    let burnt = rate.threshold_ratio(budget).to_f64() * rate.long.as_millis() as f64;
    let tenths = burnt / (budget.to_f64() * period.as_millis() as f64) * 1000.0;
    Decimal::tenths(tenths.round() as u32)
}

/// A duration in whole seconds.
pub(super) fn seconds(duration: Duration) -> String {
    match (duration.as_millis() + 500) / 1000 {
        0 if !duration.is_zero() => "<1s".to_owned(),
        seconds => Duration::seconds(seconds).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use crate::base::Duration;

    #[test]
    fn durations_are_rounded_to_seconds() {
        for (ms, shown) in
            [(51_840, "52s"), (518_400, "8m38s"), (400, "<1s"), (0, "0s"), (500, "1s")]
        {
            assert_eq!(seconds(Duration::millis(ms)), shown);
        }
    }
}
