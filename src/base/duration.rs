//! Durations as Prometheus reads and prints them: text in, milliseconds out and
//! back. Exact; no calendar (a day is 24 h, a week 7 d, a year 365 d).

use std::fmt;

/// A length of time in whole milliseconds.
///
/// Grammar and canonical form are those of `model.ParseDuration` and
/// `model.Duration.String` in prometheus/common: units in falling order, no
/// fraction, no sign; years and weeks are printed only when nothing is left.
///
/// ```
/// use ninefold::base::Duration;
/// assert_eq!(Duration::parse("90m").unwrap().to_string(), "1h30m");
/// assert_eq!(Duration::parse("28d").unwrap().to_string(), "4w");
/// assert!(Duration::parse("1.5h").is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

/// Unit and its milliseconds, in the order in which they must be written.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest duration that Prometheus can hold: int64 nanoseconds.
const MAX_MS: u64 = (i64::MAX / 1_000_000) as u64;

impl Duration {
    /// `n` milliseconds.
    pub const fn millis(n: u64) -> Duration {
        Duration(n)
    }

    /// `n` seconds.
    pub const fn seconds(n: u64) -> Duration {
        Duration(n * 1_000)
    }

    /// `n` minutes.
    pub const fn minutes(n: u64) -> Duration {
        Duration(n * 60_000)
    }

    /// `n` hours.
    pub const fn hours(n: u64) -> Duration {
        Duration(n * 3_600_000)
    }

    /// `n` days of 24 h.
    pub const fn days(n: u64) -> Duration {
        Duration(n * 86_400_000)
    }

    /// Reads a duration; `None` for anything that Prometheus would refuse, and
    /// for a bare `0`, which is a duration nowhere in a spec.
    pub fn parse(text: &str) -> Option<Duration> {
        let mut rest = text;
        let mut total: u64 = 0;
        let mut units = UNITS.iter();
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: u64 = rest[..digits].parse().ok()?;
            rest = &rest[digits..];
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (_, ms) = units.find(|(unit, _)| *unit == &rest[..letters])?;
            rest = &rest[letters..];
            total = total.checked_add(number.checked_mul(*ms)?)?;
        }
        (total <= MAX_MS).then_some(Duration(total))
    }

    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The length in seconds if it is a whole number of them.
    pub fn as_whole_seconds(self) -> Option<u64> {
        self.0.is_multiple_of(1_000).then_some(self.0 / 1_000)
    }

    /// The length in days if it is a whole number of them.
    pub fn as_whole_days(self) -> Option<u64> {
        self.0.is_multiple_of(86_400_000).then_some(self.0 / 86_400_000)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Mul<u64> for Duration {
    type Output = Duration;
    fn mul(self, n: u64) -> Duration {
        Duration(self.0.saturating_mul(n))
    }
}

impl std::ops::Div<u64> for Duration {
    type Output = Duration;
    fn div(self, n: u64) -> Duration {
        Duration(self.0 / n)
    }
}

impl std::ops::Sub for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut left = self.0;
        for (unit, ms) in UNITS {
            let only_if_exact = matches!(unit, "y" | "w");
            if left < ms || (only_if_exact && !left.is_multiple_of(ms)) {
                continue;
            }
            (left / ms).fmt(f)?;
            f.write_str(unit)?;
            left %= ms;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;
    use proptest::prelude::*;

    #[test]
    fn prints_as_prometheus_does() {
        for (text, printed) in [
            ("30d", "30d"),
            ("28d", "4w"),
            ("7d", "1w"),
            ("90d", "90d"),
            ("365d", "1y"),
            ("90m", "1h30m"),
            ("450s", "7m30s"),
            ("7500ms", "7s500ms"),
            ("0s", "0s"),
        ] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()).as_deref(), Some(printed));
        }
    }

    #[test]
    fn refuses_what_prometheus_refuses() {
        for text in
            ["", "0", "5", "-5m", "1.5h", "30s1m", "1m 5s", "5M", "9999999999y", "m", "1m1m"]
        {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_the_same(ms in 0..super::MAX_MS) {
            let d = Duration::millis(ms);
            prop_assert_eq!(Duration::parse(&d.to_string()), Some(d));
        }
    }
}
