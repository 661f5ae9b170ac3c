//! The table of burn rates: when each pair of windows fires, and when it resets.

use super::table::Table;
use crate::base::{Decimal, Duration};
use crate::ir::{BurnRate, Plan, Slo};

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
pub(super) fn detection(slo: &Slo, plan: &Plan) -> Table {
    times(plan, |rate, ratio| fires_after(slo, plan, rate, ratio))
}

/// How long a pair holds on after errors ended.
pub(super) fn reset(slo: &Slo, plan: &Plan) -> Table {
    let budget = slo.objective.budget();
    times(plan, |rate, ratio| {
        fires_after(slo, plan, rate, ratio).and_then(|_| rate.reset(budget, ratio))
    })
}

/// How long errors of a constant ratio last until a pair fires: until the ratio is
/// above the threshold and, where the traffic is told, there are enough bad events.
/// `None` where it never does.
pub(super) fn fires_after(
    slo: &Slo,
    plan: &Plan,
    rate: &BurnRate,
    error_ratio: f64,
) -> Option<Duration> {
    let burning = rate.detection(slo.objective.budget(), error_ratio)?;
    Some(burning.max(enough_after(slo, plan, rate.long, error_ratio)?))
}

/// How long it takes until there are as many bad events as an alert needs:
/// `n / (expected rate * error ratio)`. `None` where a window never holds as many; no
/// time where the traffic is not told.
///
/// A rate over the base range counts each event little by little: half that range
/// later in the mean, and of a time shorter than it the square root.
fn enough_after(slo: &Slo, plan: &Plan, long: Duration, error_ratio: f64) -> Option<Duration> {
    let Some(of_day) = slo.expected_rate.as_ref().filter(|_| plan.min_bad_events > 1) else {
        return Some(Duration::millis(0));
    };
    let day = Duration::days(1).as_millis() as f64;
    let wait = f64::from(plan.min_bad_events) * day / (of_day.value.to_f64() * error_ratio);
    let base = plan.base.as_millis() as f64;
    let counted = match () {
        () if slo.sli.is_instant() => wait,
        () if wait < base / 2.0 => (2.0 * base * wait).sqrt(),
        () => wait + base / 2.0,
    };
    // A hair of tolerance: that many events exactly are enough.
    let holds = wait <= long.as_millis() as f64 * (1.0 + 1e-9);
    holds.then(|| Duration::millis(counted.round() as u64))
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
