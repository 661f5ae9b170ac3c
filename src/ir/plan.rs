//! What will be computed for one SLO: windows, burn rates, thresholds.

use std::sync::Arc;

use crate::base::{Decimal, Duration};
use crate::config::{Names, Window};

/// The error ratio at which a pair of windows fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Threshold {
    /// `factor` times the error budget.
    Burn,
    /// That product would be close to or above 1, which no error ratio can
    /// exceed: the cap takes its place.
    Capped(Decimal),
}

/// A multi-window, multi-burn-rate condition: both windows above a threshold.
///
/// Source: The Site Reliability Workbook, chapter 5, "Alerting on SLOs",
/// approach 6.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BurnRate {
    /// The name of the severity that it fires at: `page` or `ticket`.
    pub severity: Arc<str>,
    /// The window that says that the budget is burning.
    pub long: Duration,
    /// The window that says that it is burning now.
    pub short: Duration,
    /// How many times faster than evenly the budget burns.
    pub factor: Decimal,
    /// What the error ratio is compared with.
    pub threshold: Threshold,
}

impl BurnRate {
    /// The error ratio above which both windows must be, for an error budget (as a
    /// ratio).
    pub fn threshold_ratio(&self, budget: Decimal) -> Decimal {
        match self.threshold {
            Threshold::Burn => self.factor * budget,
            Threshold::Capped(cap) => cap,
        }
    }

    /// How long errors of a constant ratio, after none, last until the pair fires:
    /// `threshold * long / error ratio`, for steady traffic and without the seconds
    /// of a scrape and an evaluation. `None` where it never does.
    pub fn detection(&self, budget: Decimal, error_ratio: f64) -> Option<Duration> {
        let threshold = self.threshold_ratio(budget).to_f64();
        let share = threshold / error_ratio;
        (share < 1.0).then(|| part(self.long, share))
    }

    /// How long the condition holds on after errors of a constant ratio, which
    /// filled the short window, have ended: `short * (1 - threshold / error ratio)`,
    /// as in [`BurnRate::detection`]. `None` where it never held.
    pub fn reset(&self, budget: Decimal, error_ratio: f64) -> Option<Duration> {
        let threshold = self.threshold_ratio(budget).to_f64();
        let share = 1.0 - threshold / error_ratio;
        (share > 0.0).then(|| part(self.short, share))
    }
}

/// A share of a duration, in whole milliseconds.
fn part(whole: Duration, share: f64) -> Duration {
    Duration::millis((whole.as_millis() as f64 * share).round() as u64)
}

/// The plan of one SLO.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// How often the base series and the short windows are recorded: the scrape
    /// interval, or the largest divisor of 60s below it.
    pub fast: Duration,
    /// How often the long windows are recorded.
    pub slow: Duration,
    /// The range of the base series.
    pub base: Duration,
    /// The window of the objective.
    pub window: Window,
    /// How long that window is for burn rates: a calendar month counts as 30 days.
    pub period: Duration,
    /// Windows of the fast group, ascending.
    pub fast_windows: Vec<Duration>,
    /// Windows of the slow group, ascending; the last is the window of the objective,
    /// unless that is the calendar month.
    pub slow_windows: Vec<Duration>,
    /// The burn rates, by severity and then in the order of falling factors.
    pub burn_rates: Vec<BurnRate>,
    /// How many bad events there must be in the long window of a burn rate. At most
    /// 1: any.
    pub min_bad_events: u32,
    /// Whether windows of a day and longer are read from sums over an hour: for SLOs
    /// of many groups, where each costs.
    pub is_economic: bool,
    /// Whose names series and labels bear.
    pub names: Names,
    /// Whether rules may say `keep_firing_for` (Prometheus 2.42 and newer).
    pub keep_firing_for: bool,
}

impl Plan {
    /// The burn rates of one severity.
    pub fn burn_rates_of<'a>(&'a self, severity: &'a str) -> impl Iterator<Item = &'a BurnRate> {
        self.burn_rates.iter().filter(move |b| &*b.severity == severity)
    }

    /// How long errors of a constant ratio last until an alert of a severity fires:
    /// the fastest of its pairs. See [`BurnRate::detection`].
    pub fn detection(&self, severity: &str, budget: Decimal, error_ratio: f64) -> Option<Duration> {
        self.burn_rates_of(severity).filter_map(|b| b.detection(budget, error_ratio)).min()
    }

    /// How long the condition of a severity holds on after errors of a constant
    /// ratio: the slowest of its pairs. See [`BurnRate::reset`].
    pub fn reset(&self, severity: &str, budget: Decimal, error_ratio: f64) -> Option<Duration> {
        self.burn_rates_of(severity).filter_map(|b| b.reset(budget, error_ratio)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the workbook's pairs for 99.9 % over 30 days.
    #[test]
    fn detection_and_reset_follow_the_workbook() {
        let budget = Decimal::parse("0.001").expect("a decimal");
        let rate = |long, short, factor| BurnRate {
            severity: "page".into(),
            long: Duration::parse(long).expect("a duration"),
            short: Duration::parse(short).expect("a duration"),
            factor: Decimal::parse(factor).expect("a decimal"),
            threshold: Threshold::Burn,
        };
        let shown = |rate: &BurnRate, ratio| {
            let words = [rate.detection(budget, ratio), rate.reset(budget, ratio)];
            words.map(|d| d.map_or("-".to_owned(), |d| d.to_string())).join(" ")
        };
        let fast = rate("1h", "5m", "14.4");
        assert_eq!(shown(&fast, 1.0), "51s840ms 4m55s680ms");
        assert_eq!(shown(&fast, 0.02), "43m12s 1m24s");
        assert_eq!(shown(&fast, 0.0144), "- -");
        assert_eq!(shown(&rate("3d", "6h", "1"), 0.1), "43m12s 5h56m24s");
    }
}
