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
}
