//! How often rules are evaluated, from the scrape interval.

use crate::base::Duration;

/// The range of the base series. Five minutes bridge a gap of four scrapes at
/// the longest scrape interval (75s), and a delay of three minutes in a ruler.
/// Measured: at 2m a gap of 90 s loses every event in it, at 5m a third.
pub(super) const BASE: Duration = Duration::minutes(5);

/// The interval of the slow group. Not 5m or more: an instant lookup sees a
/// sample for less than 5 minutes, so each evaluation would leave a hole.
pub(super) const SLOW: Duration = Duration::minutes(4);

/// The interval of the fast group: the largest divisor of 60s that is not above
/// the scrape interval. Equal intervals put every counter delta into the same
/// number of base windows, which makes sums of them exact (measured: -8 % on
/// errors that come with cron when it is twice the scrape interval).
pub(super) fn fast(scrape: Duration) -> Duration {
    let divisors = [60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2];
    let fits = divisors.into_iter().map(Duration::seconds).find(|d| *d <= scrape);
    fits.unwrap_or(Duration::seconds(1))
}

#[cfg(test)]
mod tests {
    use super::{BASE, fast};
    use crate::base::Duration;

    #[test]
    fn the_fast_interval_divides_a_minute_and_the_base_range() {
        for (scrape, interval) in [
            ("1s", "1s"),
            ("1500ms", "1s"),
            ("15s", "15s"),
            ("25s", "20s"),
            ("30s", "30s"),
            ("45s", "30s"),
            ("75s", "1m"),
        ] {
            let fast = fast(Duration::parse(scrape).expect("a duration"));
            assert_eq!(fast.to_string(), interval, "{scrape}");
            assert_eq!(BASE.as_millis() % fast.as_millis(), 0, "{scrape}");
        }
    }
}
