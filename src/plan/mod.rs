//! From an SLO to its plan: which windows are recorded, how often, and at which
//! burn rates alerts fire. Arithmetic only; the source of each figure stands at it.

mod burn;
mod intervals;
mod traffic;
mod windows;

use crate::base::{Code, Diagnostics};
use crate::config::Config;
use crate::ir::{Plan, Slo};

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] = &[burn::CODES, traffic::CODES];

/// From this many groups on a plan is economic: at 4,900 samples per evaluation and
/// group (measured) a hundred cost as much as Sloth's rules of one SLO.
const MANY_GROUPS: u32 = 100;

/// Plans one SLO. Reports burn rates that can never be reached as written, and
/// objectives that are too fine for the traffic they are made for.
pub fn plan(slo: &Slo, config: &Config, diags: &mut Diagnostics) -> Plan {
    let prometheus = &config.prometheus;
    let burn_rates = burn::burn_rates(slo, diags);
    traffic::check(slo, &burn_rates, diags);
    let is_economic = slo.expected_groups.is_some_and(|groups| groups > MANY_GROUPS);
    let windows = windows::windows(slo.window, &burn_rates, is_economic);
    Plan {
        fast: intervals::fast(prometheus.scrape_interval.value),
        slow: intervals::SLOW,
        base: intervals::BASE,
        window: slo.window,
        period: slo.window.length(),
        fast_windows: windows.fast,
        slow_windows: windows.slow,
        burn_rates,
        min_bad_events: slo.alerting.min_bad_events,
        is_economic,
        names: config.names,
        keep_firing_for: prometheus.version.at_least(2, 42),
    }
}
