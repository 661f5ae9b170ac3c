//! From an SLO to its plan: which windows are recorded, how often, and at which
//! burn rates alerts fire. Arithmetic only; the source of each figure stands at it.

mod burn;
mod intervals;
mod windows;

use crate::base::{Code, Diagnostics};
use crate::config::Prometheus;
use crate::ir::{Plan, Slo};

/// The codes of this room.
pub static CODES: &[&Code] = burn::CODES;

/// Plans one SLO. Reports burn rates that can never be reached as written.
pub fn plan(slo: &Slo, prometheus: &Prometheus, diags: &mut Diagnostics) -> Plan {
    let windows = windows::windows(slo.window);
    let burn_rates = burn::burn_rates(slo, &windows, diags);
    Plan {
        fast: intervals::fast(prometheus.scrape_interval.value),
        slow: intervals::SLOW,
        base: intervals::BASE,
        period: slo.window,
        fast_windows: windows.fast,
        slow_windows: windows.slow,
        burn_rates,
        keep_firing_for: prometheus.version.at_least(2, 42),
    }
}
