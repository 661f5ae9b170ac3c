//! Burn rates: the threshold of each pair of windows, and how long errors last until
//! somebody is told.

use super::change::{Change, Weight};
use super::text::seconds;
use crate::base::{Decimal, Duration};
use crate::ir::{BurnRate, Plan, Threshold};

/// A plan and the error budget, as a ratio, that it is for.
#[derive(Clone, Copy)]
pub(super) struct Burning<'a> {
    pub(super) plan: &'a Plan,
    pub(super) budget: Decimal,
}

/// The pairs of windows that differ. An alert that is not there on both sides is told as
/// such. `follows`: whether another change moves thresholds.
pub(super) fn pairs(before: Burning<'_>, after: Burning<'_>, follows: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    for (severity, what) in [("page", "page threshold"), ("ticket", "ticket threshold")] {
        let mut old: Vec<&BurnRate> = before.plan.burn_rates_of(severity).collect();
        let mut new: Vec<&BurnRate> = after.plan.burn_rates_of(severity).collect();
        if old.is_empty() || new.is_empty() {
            continue;
        }
        let mut both: Vec<(&BurnRate, &BurnRate)> = Vec::new();
        old.retain(|was| {
            let same = new.iter().position(|is| (is.long, is.short) == (was.long, was.short));
            same.map(|at| both.push((was, new.remove(at)))).is_none()
        });
        // Pairs of other windows stand for those that are gone, in their order.
        let replaced = old.len().min(new.len());
        both.extend(old.drain(..replaced).zip(new.drain(..replaced)));
        for (was, is) in both {
            changes.extend(pair(what, (before, was), (after, is), follows));
        }
        let gone = old.into_iter().map(|was| (was, before, false));
        for (rate, burning, is_new) in gone.chain(new.into_iter().map(|is| (is, after, true))) {
            let shown = Some(percent(burning, rate));
            let (was, is) = if is_new { (None, shown) } else { (shown, None) };
            let change = Change::between(what, Weight::of_presence(is_new), was, is);
            changes.extend(change.map(|change| change.key(windows(rate))));
        }
    }
    changes
}

fn pair(
    what: &'static str,
    (before, was): (Burning<'_>, &BurnRate),
    (after, is): (Burning<'_>, &BurnRate),
    follows: bool,
) -> Option<Change> {
    let (old, new) = (ratio(before, was), ratio(after, is));
    let (mut then, mut now) = (percent(before, was), percent(after, is));
    let same_windows = (was.long, was.short) == (is.long, is.short);
    if was.factor != is.factor {
        then = format!("{then} (factor {})", was.factor);
        now = format!("{now} (factor {})", is.factor);
    }
    let weight = if same_windows { Weight::of_rise(&old, &new) } else { Weight::Other };
    let key = match same_windows {
        true => windows(was),
        false => format!("{} -> {}", windows(was), windows(is)),
    };
    // A factor alone is no change: what is compared with stays what it was, at the cap.
    if same_windows && old == new {
        return None;
    }
    if !same_windows && then == now {
        then = format!("{then} over {}", windows(was));
        now = format!("{now} over {}", windows(is));
    }
    let change = Change::between(what, weight, Some(then), Some(now))?.key(key);
    Some(if follows { change.derived() } else { change })
}

/// How long a total outage, and errors of ten times the budget, last until an alert of a
/// severity fires. Of those that both sides have.
pub(super) fn detection(before: Burning<'_>, after: Burning<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (severity, what) in [("page", "pages after"), ("ticket", "ticket after")] {
        let has = |side: Burning<'_>| side.plan.burn_rates_of(severity).next().is_some();
        if !has(before) || !has(after) {
            continue;
        }
        let outage = |side: Burning<'_>| side.plan.detection(severity, side.budget, 1.0);
        // Errors cannot be more than all events.
        let tenfold = |side: Burning<'_>| {
            side.plan.detection(severity, side.budget, (side.budget.to_f64() * 10.0).min(1.0))
        };
        let times = [
            ("a full outage", outage(before), outage(after)),
            ("10 times the budget", tenfold(before), tenfold(after)),
        ];
        for (key, was, is) in times {
            let weight = Weight::of_rise(&never_last(was), &never_last(is));
            let change = Change::between(what, weight, Some(shown(was)), Some(shown(is)));
            changes.extend(change.map(|change| change.key(key).derived()));
        }
    }
    changes
}

/// A time to compare: never is later than any.
fn never_last(time: Option<Duration>) -> Duration {
    time.unwrap_or(Duration::millis(u64::MAX))
}

fn shown(time: Option<Duration>) -> String {
    time.map_or_else(|| "never".to_owned(), seconds)
}

fn ratio(side: Burning<'_>, rate: &BurnRate) -> Decimal {
    rate.threshold_ratio(side.budget)
}

fn percent(side: Burning<'_>, rate: &BurnRate) -> String {
    let capped = if matches!(rate.threshold, Threshold::Capped(_)) { " (capped)" } else { "" };
    format!("{}%{capped}", ratio(side, rate).to_percent())
}

fn windows(rate: &BurnRate) -> String {
    format!("{}/{}", rate.long, rate.short)
}
