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
    for (severity, what) in [("page", "pages after"), ("ticket", "tickets after")] {
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

#[cfg(test)]
mod tests {
    use super::super::change::{Change, Weight};
    use super::{Burning, detection, pairs};
    use crate::base::{Decimal, Duration};
    use crate::config::{Names, Window};
    use crate::ir::{BurnRate, Plan, Threshold};

    fn plan(rates: &[(&str, &str, &str)]) -> Plan {
        let time = |text: &str| Duration::parse(text).expect("a duration");
        let rate = |(long, short, factor): &(&str, &str, &str)| BurnRate {
            severity: "page".into(),
            long: time(long),
            short: time(short),
            factor: Decimal::parse(factor).expect("a decimal"),
            threshold: Threshold::Burn,
        };
        Plan {
            fast: time("30s"),
            slow: time("4m"),
            base: time("5m"),
            window: Window::Rolling(time("30d")),
            period: time("30d"),
            fast_windows: Vec::new(),
            slow_windows: Vec::new(),
            burn_rates: rates.iter().map(rate).collect(),
            min_bad_events: 1,
            is_economic: false,
            names: Names::Native,
            keep_firing_for: true,
        }
    }

    fn said(changes: &[Change]) -> Vec<String> {
        let side = |side: &Option<String>| side.clone().unwrap_or("-".to_owned());
        let line = |c: &Change| {
            let (before, after) = (side(&c.before), side(&c.after));
            format!("{} {}: {before} -> {after}", c.weight.name(), c.key)
        };
        changes.iter().map(line).collect()
    }

    #[test]
    fn pairs_of_windows_are_told_one_by_one() {
        let of =
            |plan, budget| Burning { plan, budget: Decimal::parse(budget).expect("a decimal") };
        let workbook = plan(&[("1h", "5m", "14.4"), ("6h", "30m", "6")]);
        let same = |a, b| said(&pairs(of(&workbook, a), of(&workbook, b), false));
        assert_eq!(same("0.001", "0.001"), Vec::<String>::new());
        assert_eq!(
            same("0.001", "0.005"),
            ["weaker 1h/5m: 1.44% -> 7.2%", "weaker 6h/30m: 0.6% -> 3%"]
        );
        let own = plan(&[("1h", "5m", "10"), ("12h", "1h", "6"), ("1d", "2h", "3")]);
        assert_eq!(
            said(&pairs(of(&workbook, "0.001"), of(&own, "0.001"), false)),
            [
                "stronger 1h/5m: 1.44% (factor 14.4) -> 1% (factor 10)",
                "other 6h/30m -> 12h/1h: 0.6% over 6h/30m -> 0.6% over 12h/1h",
                "stronger 1d/2h: - -> 0.3%",
            ]
        );
        let slow = plan(&[("6h", "30m", "6")]);
        assert_eq!(
            said(&pairs(of(&workbook, "0.001"), of(&slow, "0.001"), false)),
            ["weaker 1h/5m: 1.44% -> -"]
        );
        assert!(pairs(of(&workbook, "0.001"), of(&plan(&[]), "0.001"), false).is_empty());
    }

    #[test]
    fn what_a_threshold_means_is_said_in_time() {
        let of =
            |plan, budget| Burning { plan, budget: Decimal::parse(budget).expect("a decimal") };
        let (fast, slow) = (plan(&[("1h", "5m", "14.4")]), plan(&[("1h", "5m", "8")]));
        let changes = detection(of(&fast, "0.001"), of(&slow, "0.001"));
        assert_eq!(
            said(&changes),
            ["stronger a full outage: 52s -> 29s", "stronger 10 times the budget: never -> 48m"]
        );
        assert!(changes.iter().all(|c| c.is_derived && c.weight == Weight::Stronger));
        let changes = detection(of(&fast, "0.001"), of(&fast, "0.2"));
        assert_eq!(said(&changes), ["weaker a full outage: 52s -> never"]);
    }
}
