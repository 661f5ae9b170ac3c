//! Which windows are recorded for an objective that holds over P days.
//!
//! The pairs of the Site Reliability Workbook (chapter 5: 1h, 6h, 1d and 3d, each
//! with a short window of a twelfth) fit 30 days. They scale with the period in
//! whole steps, s = max(1, round(P / 30)), so that no window gets so short that a
//! rate over it sees two samples.

use crate::base::Duration;

/// The windows of a period.
pub(super) struct Windows {
    /// s: what the windows of 30 days are multiplied with.
    pub(super) scale: u64,
    /// Recorded in the fast group, ascending.
    pub(super) fast: Vec<Duration>,
    /// Recorded in the slow group, ascending; the last is the period.
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

impl Windows {
    /// The pairs that page, then the pairs that make tickets.
    pub(super) fn pairs(&self) -> ([Pair; 2], [Pair; 2]) {
        let pair = |long: Duration| (long * self.scale, long * self.scale / 12);
        (PAGE_LONG.map(pair), TICKET_LONG.map(pair))
    }
}

/// The windows for an objective over `period`, 7 to 90 days.
pub(super) fn windows(period: Duration) -> Windows {
    let days = period.as_millis() / Duration::days(1).as_millis();
    let scale = ((days + 15) / 30).max(1);
    let mut windows = Windows { scale, fast: ALWAYS.to_vec(), slow: vec![period] };
    let (page, ticket) = windows.pairs();
    windows.fast.extend(page.iter().flat_map(|(long, short)| [long, short]));
    windows.fast.sort_unstable();
    windows.fast.dedup();
    windows.slow.extend(ticket.iter().flat_map(|(long, short)| [long, short]));
    windows.slow.retain(|w| !windows.fast.contains(w));
    windows.slow.sort_unstable();
    windows.slow.dedup();
    windows
}

#[cfg(test)]
mod tests {
    use super::windows;
    use crate::base::Duration;

    fn shown(days: u64) -> String {
        let w = windows(Duration::days(days));
        let join =
            |list: &[Duration]| list.iter().map(Duration::to_string).collect::<Vec<_>>().join(" ");
        format!("{} | {}", join(&w.fast), join(&w.slow))
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
            let w = windows(Duration::days(days));
            assert_eq!(w.slow.last(), Some(&Duration::days(days)));
            assert!(w.fast.iter().all(|f| !w.slow.contains(f)), "{days}d: no window twice");
            assert!(w.fast.contains(&Duration::hours(6)), "{days}d: boards read 6h");
        }
    }
}
