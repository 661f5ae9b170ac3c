//! Which windows are recorded for an objective that holds over P days.
//!
//! The pairs of the Site Reliability Workbook (chapter 5: 1h, 6h, 1d and 3d, each
//! with a short window of a twelfth) fit 30 days. They scale with the period in
//! whole steps, s = max(1, round(P / 30)), so that no window gets so short that a
//! rate over it sees two samples.

use crate::base::Duration;
use crate::config::Window;
use crate::ir::BurnRate;

/// The windows of a period.
pub(super) struct Windows {
    /// Recorded in the fast group, ascending.
    pub(super) fast: Vec<Duration>,
    /// Recorded in the slow group, ascending; the last is the window of the
    /// objective, unless that is the calendar month.
    pub(super) slow: Vec<Duration>,
}

/// A pair of windows: long, short.
pub(super) type Pair = (Duration, Duration);

/// The pairs that page, at scale 1: long windows.
const PAGE_LONG: [Duration; 2] = [Duration::hours(1), Duration::hours(6)];
/// The pairs that make tickets, at scale 1: long windows.
const TICKET_LONG: [Duration; 2] = [Duration::days(1), Duration::days(3)];
/// Boards read these whatever the period.
const ALWAYS: [Duration; 3] = [Duration::minutes(5), Duration::hours(1), Duration::hours(6)];

/// The pairs that page, then the pairs that make tickets, for an objective over
/// `period`, 7 to 90 days.
pub(super) fn pairs(period: Duration) -> ([Pair; 2], [Pair; 2]) {
    let days = period.as_millis() / Duration::days(1).as_millis();
    let scale = ((days + 15) / 30).max(1);
    let pair = |long: Duration| (long * scale, long * scale / 12);
    (PAGE_LONG.map(pair), TICKET_LONG.map(pair))
}

/// The windows that are recorded for burn rates.
///
/// What a page reads is in the fast group, up to a day, from where on windows are
/// read from tiles that the slow group makes. In an economic plan that is 6 hours.
pub(super) fn windows(window: Window, rates: &[BurnRate], is_economic: bool) -> Windows {
    let longest = if is_economic { Duration::hours(6) } else { Duration::days(1) };
    let of = |severity: &'static str| {
        let rates = rates.iter().filter(move |rate| &*rate.severity == severity);
        rates.flat_map(|rate| [rate.long, rate.short])
    };
    let (mut fast, mut slow): (Vec<Duration>, Vec<Duration>) =
        ALWAYS.into_iter().chain(of("page")).partition(|window| *window < longest);
    slow.extend(of("ticket"));
    if let Window::Rolling(period) = window {
        slow.push(period);
    }
    for list in [&mut fast, &mut slow] {
        list.sort_unstable();
        list.dedup();
    }
    slow.retain(|w| !fast.contains(w));
    Windows { fast, slow }
}

#[cfg(test)]
mod tests {
    use super::{pairs, windows};
    use crate::base::{Decimal, Duration};
    use crate::config::Window;
    use crate::ir::{BurnRate, Threshold};

    fn shown(days: u64) -> String {
        let w = all(days, false);
        let join =
            |list: &[Duration]| list.iter().map(Duration::to_string).collect::<Vec<_>>().join(" ");
        format!("{} | {}", join(&w.fast), join(&w.slow))
    }

    fn all(days: u64, is_economic: bool) -> super::Windows {
        let (page, ticket) = pairs(Duration::days(days));
        let rates: Vec<BurnRate> = [("page", page), ("ticket", ticket)]
            .into_iter()
            .flat_map(|(severity, pairs)| pairs.map(|(long, short)| (severity, long, short)))
            .map(|(severity, long, short)| BurnRate {
                severity: severity.into(),
                long,
                short,
                factor: Decimal::from(1),
                threshold: Threshold::Burn,
            })
            .collect();
        windows(Window::Rolling(Duration::days(days)), &rates, is_economic)
    }

    #[test]
    fn windows_scale_with_the_period() {
        assert_eq!(shown(7), "5m 30m 1h 6h | 2h 1d 3d 1w");
        assert_eq!(shown(28), "5m 30m 1h 6h | 2h 1d 3d 4w");
        assert_eq!(shown(30), "5m 30m 1h 6h | 2h 1d 3d 30d");
        assert_eq!(shown(44), "5m 30m 1h 6h | 2h 1d 3d 44d");
        assert_eq!(shown(45), "5m 10m 1h 2h 6h 12h | 4h 2d 6d 45d");
        assert_eq!(shown(90), "5m 15m 1h 1h30m 3h 6h 18h | 3d 9d 90d");
    }

    #[test]
    fn the_period_is_the_longest_window() {
        for days in 7..=90 {
            for is_economic in [false, true] {
                let w = all(days, is_economic);
                assert_eq!(w.slow.last(), Some(&Duration::days(days)));
                assert!(w.fast.iter().all(|f| !w.slow.contains(f)), "{days}d: no window twice");
                let six = Duration::hours(6);
                assert!(w.fast.contains(&six) != is_economic, "{days}d: boards read 6h");
                assert!(w.slow.contains(&six) == is_economic, "{days}d: boards read 6h");
            }
        }
    }
}
