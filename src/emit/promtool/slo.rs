//! The tests of one SLO, one function each. Times are minutes; rules are evaluated
//! every minute.

use std::sync::Arc;

use super::case::{Case, Scenario};
use super::pairs;
use super::subject::{LONGEST, Subject, feed_series, minutes};
use super::values::{Phase, RATE, Traffic, number};
use crate::base::Duration;
use crate::config::Window;
use crate::ir::{BurnRate, Rule, RuleKind, name};
use crate::promql::ExprKind;

/// All tests of an SLO. None where its targets cannot be made up.
pub(super) fn cases(subject: &Subject<'_>) -> Vec<(Scenario, Case)> {
    if subject.slo.feeds.is_empty() {
        return Vec::new();
    }
    let single = [
        (Scenario::Burn, burn(subject)),
        (Scenario::Outage, outage(subject)),
        (Scenario::Between, between(subject)),
        (Scenario::Below, below(subject)),
        (Scenario::Idle, idle(subject)),
        (Scenario::FirstErrors, first_errors(subject)),
        (Scenario::Gone, gone(subject)),
        (Scenario::Exhausted, exhausted(subject)),
    ];
    let single = single.into_iter().filter_map(|(scenario, case)| Some((scenario, case?)));
    single.chain(pairs::cases(subject)).filter(|(_, case)| !case.is_empty()).collect()
}

/// How much more traffic than usual there is at the start of [`burn`], so that errors
/// weigh nothing in windows that reach back to it.
const MASS: f64 = 1_000.0;
/// For how many minutes.
const MASS_MINUTES: u32 = 10;

/// Errors of 20 times the budget, after steady traffic: the fastest pair fires within
/// its detection time, and resets when they end. Windows longer than that of the pair
/// see so many good events at the start that no other pair fires.
fn burn(subject: &Subject<'_>) -> Option<Case> {
    let (feed, quiet) = subject.feeds();
    let feed = feed?;
    let alert = subject.alert(name::PAGE)?;
    let ratio = if feed.feed.mixes { (20.0 * budget(subject)).min(1.0) } else { 1.0 };
    let (pair, ratio, detects) = fastest(subject, ratio)?;
    let slack = if subject.slo.sli.is_instant() { 5 } else { 0 } + subject.gathers(ratio)?;
    let late = (detects * 1.1).ceil() as u32 + 3 + slack;
    let early = (detects * 0.9).floor() as i64 - 2;
    let long = minutes(pair.long).ceil() as u32;
    // Where traffic weighs nothing, pairs of longer windows may fire earlier.
    let steady = feed.feed.mixes && subject.slo.sli.is_weighted();
    let start = match steady {
        true => (long + MASS_MINUTES + 10).saturating_sub(detects as u32).max(MASS_MINUTES + 2),
        false => MASS_MINUTES,
    };
    let reset = match steady {
        true => minutes(pair.reset(subject.slo.objective.budget(), ratio)?),
        false => {
            let all = subject.plan.burn_rates_of("page").map(|rate| minutes(rate.short));
            all.fold(0.0, f64::max)
        }
    };
    let errors = late + 1;
    let end = start + errors + reset.ceil() as u32 + keeps(alert.0) + 4;
    if end > LONGEST {
        return None;
    }
    // A rate over where much traffic ends is that of the mass; where each second
    // weighs alike, it would hide the first errors and save nothing.
    let mass = if steady { RATE * MASS * thinning(subject) } else { RATE };
    let phases = |ratio| {
        [
            Phase { minutes: MASS_MINUTES, traffic: Traffic::Flows { rate: mass, ratio: 0.0 } },
            Phase::of(start - MASS_MINUTES, 0.0),
            Phase::of(errors, ratio),
            Phase::of(end - start - errors, 0.0),
        ]
    };
    let mut case = Case::default();
    Subject::feed(&mut case, feed, &phases(ratio));
    quiet.iter().for_each(|quiet| Subject::feed(&mut case, quiet, &phases(0.0)));
    case.silent(start, alert.1);
    if early > 0 && steady {
        case.silent(start + early as u32, alert.1);
    }
    subject.fires(&mut case, start + late, alert);
    if steady {
        windows(subject, &mut case, start + late, f64::from(late), ratio, pair.long);
    }
    case.silent(end, alert.1);
    Some(case)
}

/// The pair of the page that detects errors first, at this ratio or at 100 %.
fn fastest<'a>(subject: &Subject<'a>, ratio: f64) -> Option<(&'a BurnRate, f64, f64)> {
    let at = |ratio: f64| {
        let rates = subject.plan.burn_rates_of("page");
        let found = rates.filter_map(|rate| Some((rate, ratio, subject.detects(rate, ratio)?)));
        found.min_by(|(_, _, a), (_, _, b)| a.total_cmp(b))
    };
    at(ratio).or_else(|| at(1.0))
}

/// At a minute, the ratios over windows up to `longest` are what errors that have
/// lasted for some minutes make them.
fn windows(
    subject: &Subject<'_>,
    case: &mut Case,
    minute: u32,
    lasted: f64,
    ratio: f64,
    longest: Duration,
) {
    for window in subject.plan.fast_windows.iter().filter(|w| **w <= longest) {
        let whole = minutes(*window);
        // Errors that are younger than a rate's range are smeared.
        if lasted < minutes(subject.plan.base) + 1.0 {
            continue;
        }
        let expected = ratio * subject.filled(whole, lasted);
        let ratio = subject.recorded(&name::error_ratio(*window));
        holds(
            subject,
            case,
            minute,
            &format!("abs({ratio} / {expected:.9} - 1) < bool 0.12"),
            *window,
        );
    }
}

/// At a minute, a comparison with `bool` of a ratio over a window gives 1.
fn holds(subject: &Subject<'_>, case: &mut Case, minute: u32, expr: &str, window: Duration) {
    let label = crate::ir::window_label(subject.plan.names);
    let label = (label.into(), Arc::from(window.to_string()));
    let labels = subject.identity.labels.iter().chain(subject.group()).chain([&label]);
    let labels = crate::sli::series_text("", labels);
    case.gives(minute, expr.to_owned(), vec![(labels, "1".to_owned())]);
}

/// Nothing but errors: page and ticket fire, with every label and annotation; the
/// other group is silent.
fn outage(subject: &Subject<'_>) -> Option<Case> {
    let settled = settled(subject) + subject.gathers(1.0)?;
    constant(subject, settled, 1.0, |case, minute| {
        for severity in ["page", "ticket"] {
            if let Some(alert) = subject.burn_alert(severity) {
                subject.fires_whole(case, minute, alert, "100%");
            }
        }
    })
}

/// Twice the budget, or what else lies between the thresholds of ticket and page.
fn between(subject: &Subject<'_>) -> Option<Case> {
    let ticket = subject.alert(name::TICKET)?;
    let least = least_threshold(subject, "ticket")? * 1.05;
    let most = least_threshold(subject, "page").unwrap_or(1.0) * 0.95;
    let twice = 2.0 * budget(subject);
    let ratio = if (least..=most).contains(&twice) { twice } else { (least * most).sqrt() };
    if least > most || !subject.feeds().0?.feed.mixes {
        return None;
    }
    let settled = settled(subject) + subject.gathers(ratio)?;
    constant(subject, settled, ratio, |case, minute| {
        subject.fires(case, minute, ticket);
        if let Some((_, page)) = subject.alert(name::PAGE) {
            case.silent(minute, page);
        }
    })
}

/// 0.9 times the lowest threshold: silence, and a ratio that is there.
fn below(subject: &Subject<'_>) -> Option<Case> {
    let thresholds = ["page", "ticket"].map(|severity| least_threshold(subject, severity));
    let least = thresholds.into_iter().flatten().fold(budget(subject), f64::min);
    if !subject.feeds().0?.feed.mixes {
        return None;
    }
    let ratio = 0.9 * least;
    constant(subject, settled(subject), ratio, |case, minute| {
        for suffix in [name::PAGE, name::TICKET, name::BUDGET_EXHAUSTED] {
            if let Some((_, alert)) = subject.alert(suffix) {
                case.silent(minute, alert);
            }
        }
        let base = subject.plan.base;
        let recorded = subject.recorded(&name::error_ratio(base));
        let expr = format!("abs({recorded} / {} - 1) < bool 0.01", number_of(ratio));
        holds(subject, case, minute, &expr, base);
    })
}

/// A constant error ratio from the start, so that all windows agree at once; the
/// other group has no errors.
fn constant(
    subject: &Subject<'_>,
    settled: u32,
    ratio: f64,
    ask: impl FnOnce(&mut Case, u32),
) -> Option<Case> {
    let (feed, quiet) = subject.feeds();
    let mut case = Case::default();
    Subject::feed(&mut case, feed?, &[Phase::of(settled, ratio)]);
    quiet.iter().for_each(|quiet| Subject::feed(&mut case, quiet, &[Phase::of(settled, 0.0)]));
    ask(&mut case, settled);
    Some(case)
}

/// No traffic, and errors of long ago: all ratios are 0, none is missing, and nothing
/// alerts.
fn idle(subject: &Subject<'_>) -> Option<Case> {
    let (feed, quiet) = subject.feeds();
    let feed = feed.filter(|feed| feed.feed.mixes && subject.slo.sli.is_weighted())?;
    let minute = settled(subject).max(no_data_for(subject) + 2);
    let mut case = Case::default();
    // Small enough to be taken for first errors, were they not known from before.
    let start = |is_errors| if is_errors { 50.0 } else { 1_000.0 };
    for feed in [Some(feed), quiet].into_iter().flatten() {
        Subject::feed_from(&mut case, feed, &[Phase::idle(minute)], start);
    }
    zero(subject, &mut case, minute);
    for suffix in name::ALERT_SUFFIXES {
        if let Some((_, alert)) = subject.alert(suffix) {
            case.silent(minute, alert);
        }
    }
    Some(case)
}

/// At a minute, each error ratio of each group is 0, and none is missing.
fn zero(subject: &Subject<'_>, case: &mut Case, minute: u32) {
    let series = subject.ratio_rules().count() * subject.groups();
    case.gives(minute, subject.zero_ratios(), vec![("{}".to_owned(), series.to_string())]);
}

/// No error series exists: the ratio is 0, not absent. Then one is born with errors
/// in it, and they are counted.
fn first_errors(subject: &Subject<'_>) -> Option<Case> {
    let (feed, quiet) = subject.feeds();
    let feed = feed?;
    let may_lack = feed.feed.mixes && subject.slo.sli.is_weighted();
    if !may_lack || !feed.feed.series.iter().any(crate::sli::FeedSeries::is_errors) {
        return None;
    }
    let settled = settled(subject).max(6);
    let end = settled + 3;
    let mut case = Case::default();
    for (series, text) in feed.series() {
        match series.is_errors() {
            true => case.series.push((Arc::clone(text), format!("_x{} 3x2", settled + 1))),
            false => feed_series(&mut case, (series, text), &[Phase::of(end, 0.0)], 0.0),
        }
    }
    quiet.iter().for_each(|quiet| Subject::feed(&mut case, quiet, &[Phase::of(end, 0.0)]));
    zero(subject, &mut case, settled);
    if subject.records(&name::events_first_bad(subject.plan.base)) {
        let bad = subject.recorded(&name::events_bad(subject.plan.base));
        let labels = subject.recorded("");
        case.gives(end, format!("{bad} > bool 0"), vec![(labels, "1".to_owned())]);
    }
    Some(case)
}

/// The metric is gone while its targets are up: no data, and no page. The other group
/// goes on.
fn gone(subject: &Subject<'_>) -> Option<Case> {
    let (feed, quiet) = subject.feeds();
    let (feed, alert) = (feed?, subject.alert(name::NO_DATA)?);
    // What was there within a day is looked for at whole hours.
    let alive = if reads_hours(alert.0) { 62 } else { 6 };
    let (late, end) = (no_data_for(subject), minutes(subject.plan.base).ceil() as u32 + 3);
    let end = alive + late + end;
    let mut case = Case::default();
    for (series, text) in feed.series() {
        let is_up = series.labels.first().is_some_and(|(_, metric)| &**metric == "up");
        let known = is_up && series.values == crate::sli::Values::Gauge { good: 1.0, bad: 1.0 };
        let phases = [Phase::of(alive, 0.0), Phase::gone(end - alive)];
        let phases = if known { &[Phase::of(end, 0.0)][..] } else { &phases };
        feed_series(&mut case, (series, text), phases, 0.0);
    }
    quiet.iter().for_each(|quiet| Subject::feed(&mut case, quiet, &[Phase::of(end, 0.0)]));
    case.silent(alive + late.saturating_sub(2), alert.1);
    subject.fires_whole(&mut case, end, alert, "");
    if let Some((_, page)) = subject.alert(name::PAGE) {
        case.silent(end, page);
    }
    Some(case)
}

/// The recorded rest of the budget is below zero.
fn exhausted(subject: &Subject<'_>) -> Option<Case> {
    let alert = subject.alert(name::BUDGET_EXHAUSTED)?;
    let late = holds_for(alert.0);
    let mut case = Case::default();
    let rest = subject.recorded(name::BUDGET_REMAINING);
    case.series.push((rest.into(), format!("-0.5x{}", late + 2)));
    if late > 1 {
        case.silent(late - 1, alert.1);
    }
    subject.fires_whole(&mut case, late + 1, alert, "-50%");
    Some(case)
}

/// After how many minutes of steady traffic every window has a ratio.
fn settled(subject: &Subject<'_>) -> u32 {
    match subject.plan {
        // Long windows are read at whole hours.
        plan if plan.is_economic => 64,
        plan if plan.window == Window::Month => 9,
        _ => 4,
    }
}

/// The error budget as a ratio.
pub(super) fn budget(subject: &Subject<'_>) -> f64 {
    subject.slo.objective.budget().to_f64()
}

/// How many times fewer evaluations there are here than on a server.
fn thinning(subject: &Subject<'_>) -> f64 {
    60_000.0 / subject.plan.fast.as_millis() as f64
}

/// The lowest threshold of an alert that the SLO has.
fn least_threshold(subject: &Subject<'_>, severity: &str) -> Option<f64> {
    subject.burn_alert(severity)?;
    let budget = subject.slo.objective.budget();
    let all = subject.plan.burn_rates_of(severity).map(|r| r.threshold_ratio(budget).to_f64());
    all.min_by(f64::total_cmp)
}

/// For how many minutes the alert that says that there is no data waits.
fn no_data_for(subject: &Subject<'_>) -> u32 {
    subject.alert(name::NO_DATA).map_or(0, |(rule, _)| holds_for(rule))
}

fn holds_for(rule: &Rule) -> u32 {
    let RuleKind::Alert { for_, .. } = &rule.kind else { return 0 };
    for_.map_or(0, |wait| minutes(wait).ceil() as u32)
}

fn keeps(rule: &Rule) -> u32 {
    let RuleKind::Alert { keep_firing_for, .. } = &rule.kind else { return 0 };
    keep_firing_for.map_or(0, |keeps| minutes(keeps).ceil() as u32)
}

/// Whether a rule reads samples at whole hours: in a subquery.
fn reads_hours(rule: &Rule) -> bool {
    let crate::ir::Expression::Built(tree) = &rule.expr else { return false };
    let mut found = false;
    tree.walk(&mut |part| found |= matches!(part.kind, ExprKind::Subquery(_)));
    found
}

/// A ratio as PromQL, without an exponent.
fn number_of(ratio: f64) -> String {
    let text = format!("{ratio:.12}");
    if ratio > 1e-3 { number(ratio) } else { text.trim_end_matches('0').to_owned() }
}
