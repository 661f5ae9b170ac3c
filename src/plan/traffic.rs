//! Whether the traffic that an SLO is made for is enough for its objective and its
//! burn rates. Nothing is known of the real traffic at build time: the spec says it.

use crate::base::{Count, Decimal, Diagnostic, Diagnostics, Duration, Span, codes};
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

    /// ## Why
    /// Where no window of an alert holds as many events as must be bad, the alert
    /// never fires: not even in a total outage.
    /// ## Fires
    /// Three days hold 30 events.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99
    ///     expected_rate: 10/d
    ///     alerting: {min_bad_events: 100}
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// Fewer events, and no page where six hours hold less than those.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99
    ///     expected_rate: 10/d
    ///     alerting: {min_bad_events: 3, page: false}
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    MIN_BAD_EVENTS_UNREACHABLE = Error "min-bad-events-unreachable";
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
    let is_page = |rate: &&BurnRate| &*rate.severity == "page";
    let pages = |rate: &&BurnRate| is_page(rate) && events(rate.long) * rate.factor * budget < one;
    if slo.alerting.min_bad_events > 1 {
        return check_enough(slo, of_day.span, rates, events, diags);
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
            .help(
                match rates.iter().filter(is_page).any(|rate| events(rate.long) >= 3.into()) {
                    true => "add `alerting: {min_bad_events: 3}`",
                    false => {
                        "add `alerting: {page: false}`, or measure more events, such as probes"
                    }
                },
            ),
        );
    }
}

/// Reports alerts of which no window holds as many events as must be bad.
fn check_enough(
    slo: &Slo,
    expected: Span,
    rates: &[BurnRate],
    events: impl Fn(Duration) -> Decimal,
    diags: &mut Diagnostics,
) {
    let least = slo.alerting.min_bad_events;
    let mut silent: Vec<(&str, Duration)> = Vec::new();
    for severity in ["page", "ticket"] {
        let own = rates.iter().filter(|rate| &*rate.severity == severity);
        let long = own.map(|rate| rate.long).max();
        let never = long.filter(|long| events(*long) < Decimal::from(least));
        silent.extend(never.map(|long| (severity, long)));
    }
    let Some(&(first, shortest)) = silent.first() else { return };
    let names: Vec<&str> = silent.iter().map(|(severity, _)| *severity).collect();
    let mut finding = Diagnostic::new(
        &MIN_BAD_EVENTS_UNREACHABLE,
        slo.alerting.min_bad_events_span,
        format!("the {} of `{}` can never fire", names.join(" and the "), slo.name),
    )
    .label(format!("needs {}", Count(least as usize, "bad event")))
    .also(expected, "makes fewer events than that");
    for (severity, long) in &silent {
        finding = finding.note(format!(
            "the longest window of the {severity}, {long}, holds {} events",
            events(*long)
        ));
    }
    let most = |long: Duration| events(long).to_f64().floor();
    let off = match silent.get(1) {
        Some((_, long)) if most(*long) >= 1.0 => {
            format!("to at most {} with `{first}: false`", most(*long))
        }
        Some((second, _)) => format!("write `{first}: false` and `{second}: false`"),
        None => format!("write `{first}: false`"),
    };
    diags.push(finding.help(match most(shortest) {
        most if most >= 1.0 => format!("lower `min_bad_events` to at most {most}, or {off}"),
        _ if off.starts_with("to ") => format!("lower `min_bad_events` {off}"),
        _ => off,
    }));
}
