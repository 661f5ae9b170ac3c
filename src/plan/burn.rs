//! The arithmetic of burn rates.
//!
//! A burn rate of 1 spends the error budget exactly over the period. A pair fires
//! at `factor = fraction * period / long`: by then `fraction` of the budget is
//! gone. Detection takes `factor * budget * long / error ratio`, reset takes
//! `short * (1 - threshold / error ratio)`. Source: The Site Reliability
//! Workbook, chapter 5.
//!
//! Two corrections to it. Short periods would give factors below 1, which fire
//! while the objective is met, so each factor has a floor; and the slowest pair
//! is exactly 1, or burns between 1 and its factor would empty the budget in
//! silence.

use std::sync::Arc;

use super::windows::{Pair, pairs};
use crate::base::{Count, Decimal, Diagnostic, Diagnostics, Duration, codes};
use crate::config::Window;
use crate::ir::{BurnRate, OwnBurnRate, Slo, Threshold};

codes! {
    /// ## Why
    /// An error ratio cannot exceed 1. With a low objective the budget is so large
    /// that a factor times the budget comes close to 1 or passes it, and the
    /// condition could never hold: a total outage would page late or not at all.
    /// Such a threshold is capped at 90 %, and later pairs of the same severity
    /// that would be capped too are left out.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 90
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// An objective above 93.75 % over 30 days leaves every threshold below the cap.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 95
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    THRESHOLD_CAPPED = Warning "threshold-capped";

    /// ## Why
    /// An error ratio cannot exceed 1. A factor that makes the threshold 100 % or
    /// more is a condition that never holds: not even a total outage alerts.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 90
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: page, long: 1h, short: 5m, factor: 14.4}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 90
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: page, long: 1h, short: 5m, factor: 6}]
    /// ```
    THRESHOLD_UNREACHABLE = Error "threshold-unreachable";

    /// ## Why
    /// A burn rate over a window that is longer than that of the objective reads
    /// samples that no longer count.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     window: 7d
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: ticket, long: 9d, short: 18h, factor: 1}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     window: 7d
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: ticket, long: 3d, short: 6h, factor: 1}]
    /// ```
    BURN_RATE_BEYOND_WINDOW = Error "burn-rate-beyond-window";
}

/// The highest threshold: an error ratio of 90 %.
const CAP: Decimal = Decimal::tenths(9);

/// Budget fractions (per cent) and least factors (hundredths) of the two pairs
/// that page and the two that make tickets.
const PAGE: [(u32, u32); 2] = [(2, 1344), (5, 350)];
const TICKET: [(u32, u32); 2] = [(10, 140), (10, 100)];

/// The burn rates of the alerts that an SLO has: its own, or those of the workbook,
/// capped where they could not be reached.
pub(super) fn burn_rates(slo: &Slo, diags: &mut Diagnostics) -> Vec<BurnRate> {
    let period = slo.window.length();
    let (page, ticket) = pairs(period);
    let mut rates = Vec::new();
    let mut capped = Vec::new();
    let alerting = &slo.alerting;
    let roles = [
        ("page", alerting.page.is_some(), page, PAGE),
        ("ticket", alerting.ticket.is_some(), ticket, TICKET),
    ];
    for (severity, _, pairs, figures) in roles.into_iter().filter(|(_, is_on, ..)| *is_on) {
        let own: Vec<&OwnBurnRate> =
            alerting.burn_rates.iter().filter(|own| &*own.severity == severity).collect();
        if !own.is_empty() {
            own.iter().for_each(|own| check(own, slo, diags));
            rates.extend(own.into_iter().map(written));
            continue;
        }
        let mut has_cap = false;
        for (pair, (fraction, floor)) in pairs.into_iter().zip(figures) {
            let factor = factor(period, pair, fraction, floor);
            let threshold = threshold(slo, factor);
            if threshold != Threshold::Burn {
                capped.push((pair, factor, has_cap));
                if has_cap {
                    continue;
                }
                has_cap = true;
            }
            let severity: Arc<str> = severity.into();
            rates.push(BurnRate { severity, long: pair.0, short: pair.1, factor, threshold });
        }
    }
    report_capped(slo, &capped, diags);
    rates
}

/// A burn rate as a spec gives it.
fn written(own: &OwnBurnRate) -> BurnRate {
    BurnRate {
        severity: own.severity.clone(),
        long: own.long,
        short: own.short,
        factor: own.factor,
        threshold: Threshold::Burn,
    }
}

fn check(own: &OwnBurnRate, slo: &Slo, diags: &mut Diagnostics) {
    let budget = slo.objective.budget();
    let threshold = own.factor * budget;
    if threshold >= Decimal::from(1) {
        let most = Decimal::ratio(CAP, budget, 2);
        diags.push(
            Diagnostic::new(
                &THRESHOLD_UNREACHABLE,
                own.factor_span,
                format!("the {} of `{}` can never fire at this burn rate", own.severity, slo.name),
            )
            .label(format!("an error ratio above {}%", threshold.to_percent()))
            .also(slo.objective_span, format!("allows {}% of bad events", budget.to_percent()))
            .help(format!("use a factor of at most {most}, an error ratio of 90%")),
        );
    }
    if own.long > slo.window.length() {
        diags.push(
            Diagnostic::new(
                &BURN_RATE_BEYOND_WINDOW,
                own.long_span,
                match slo.window {
                    Window::Rolling(window) => {
                        format!("the burn rate is over {}, the objective over {window}", own.long)
                    }
                    Window::Month => {
                        format!(
                            "the burn rate is over {}, the objective over the calendar month",
                            own.long
                        )
                    }
                },
            )
            .label("longer than the window of the objective")
            .help(format!("use at most `{}`", slo.window.length())),
        );
    }
}

/// `fraction * period / long`, not below the floor; exactly 1 for the slowest
/// pair. Rounded to 4 digits where it is no finite decimal.
fn factor(period: Duration, (long, _): Pair, fraction: u32, floor: u32) -> Decimal {
    let floor = Decimal::from(floor).percent();
    if floor == Decimal::from(1) {
        return floor;
    }
    let hours = |d: Duration| Decimal::from((d.as_millis() / 3_600_000) as u32);
    let spent = Decimal::from(fraction).percent() * hours(period);
    Decimal::ratio(spent, hours(long), 4).max(floor)
}

fn threshold(slo: &Slo, factor: Decimal) -> Threshold {
    if factor * slo.objective.budget() > CAP { Threshold::Capped(CAP) } else { Threshold::Burn }
}

fn report_capped(slo: &Slo, capped: &[(Pair, Decimal, bool)], diags: &mut Diagnostics) {
    let Some((_, highest, _)) = capped.first() else { return };
    let budget = slo.objective.budget();
    let pairs = |left_out: bool| {
        let chosen = capped.iter().filter(|(_, _, out)| *out == left_out);
        let named = chosen.map(|((long, short), ..)| format!("{long}/{short}"));
        named.collect::<Vec<_>>().join(", ")
    };
    let share = (*highest * budget).to_percent();
    let mut finding = Diagnostic::new(
        &THRESHOLD_CAPPED,
        slo.objective_span,
        format!(
            "the error budget of `{}` is too large for {}",
            slo.name,
            Count(capped.len(), "burn rate")
        ),
    )
    .label(format!(
        "{highest} times the budget of {}% is {share}%, an error ratio that {}",
        budget.to_percent(),
        if share > Decimal::from(100) { "cannot be reached" } else { "hardly an outage reaches" }
    ))
    .note(format!(
        "capped at an error ratio of 90%: {}; a total outage still alerts, only later",
        pairs(false)
    ))
    .help(if slo.objective.percent < Decimal::from(1) {
        "write the `objective` in per cent: `99.9`, not `0.999`"
    } else {
        "raise the `objective`, or count fewer events as bad"
    });
    if capped.iter().any(|(_, _, left_out)| *left_out) {
        finding =
            finding.note(format!("left out, since a faster pair has the cap: {}", pairs(true)));
    }
    diags.push(finding);
}
