//! Whether the traffic that an SLO is made for is enough for its objective and its
//! burn rates. Nothing is known of the real traffic at build time: the spec says it.

use crate::base::{Decimal, Diagnostic, Diagnostics, Duration, codes};
use crate::ir::{BurnRate, Slo};

codes! {
    /// ## Why
    /// Where the window holds so few events that the error budget is less than one
    /// of them, the first bad event misses the objective: it promises what traffic
    /// cannot show.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     expected_rate: 20/d
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// A lower objective, a longer window, or an SLI with more events, such as probes.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99
    ///     expected_rate: 20/d
    ///     alerting: {min_bad_events: 3}
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    OBJECTIVE_TOO_FINE = Warning "objective-too-fine";

    /// ## Why
    /// Where a window holds so few events that one bad one is above the threshold,
    /// a single error wakes somebody. Measured at 60 requests per hour and an error
    /// rate of half the budget: 20 false pages in 30 days; none with at least 3 bad
    /// events.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     expected_rate: 60/h
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     expected_rate: 60/h
    ///     alerting: {min_bad_events: 3}
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    ONE_ERROR_PAGES = Warning "one-error-pages";
}

/// Reports what is too fine for the traffic.
pub(super) fn check(slo: &Slo, rates: &[BurnRate], diags: &mut Diagnostics) {
    let Some(of_day) = &slo.expected_rate else { return };
    let events = |window: Duration| {
        let minutes = u32::try_from(window.as_millis() / 60_000).unwrap_or(u32::MAX);
        Decimal::ratio(of_day.value * Decimal::from(minutes), Decimal::from(1_440), 2)
    };
    let one = Decimal::from(1);
    let budget = slo.objective.budget();
    let all = events(slo.window.length());
    if all * budget < one {
        diags.push(
            Diagnostic::new(
                &OBJECTIVE_TOO_FINE,
                slo.objective_span,
                format!("the objective of `{}` is finer than its traffic", slo.name),
            )
            .label(format!("the first bad event in {} misses it", slo.window))
            .also(of_day.span, format!("makes {all} events in {}", slo.window))
            .note(format!("the error budget is {} events", all * budget))
            .help(
                "lower the objective, lengthen the window, or measure more events, such as probes",
            ),
        );
    }
    let pages = |rate: &&BurnRate| {
        &*rate.severity == "page" && events(rate.long) * rate.factor * budget < one
    };
    if slo.alerting.min_bad_events > 1 {
        return;
    }
    if let Some(rate) = rates.iter().find(pages) {
        diags.push(
            Diagnostic::new(
                &ONE_ERROR_PAGES,
                of_day.span,
                format!("a single bad event pages for `{}`", slo.name),
            )
            .label(format!("makes {} events in {}", events(rate.long), rate.long))
            .note(format!(
                "the page fires above an error ratio of {}%",
                (rate.factor * budget).to_percent()
            ))
            .help("add `alerting: {min_bad_events: 3}`"),
        );
    }
}
