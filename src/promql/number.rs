//! Numbers: what the lexer takes as one, and what one is worth.
//! Text comes in; the kind and length of its first word, or its value, go out.
//! By the rules of Prometheus's lexer and of Go's `strconv`.

use super::name::Name;
use crate::base::Duration;

/// What the text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    Number,
    Duration,
}

/// The number or duration that `text` begins with, and its length; `None` and
/// the length of what was looked at if it is neither.
pub(super) fn scan(text: &str) -> (Option<Scanned>, usize) {
    if let Some(len) = scan_number(text) {
        return (Some(Scanned::Number), len);
    }
    let word = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if text.get(..word).is_some_and(is_duration) {
        return (Some(Scanned::Duration), word);
    }
    (None, word)
}

/// Length of a number that ends where no name could go on.
fn scan_number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let digits = |mut at: usize, is_digit: fn(u8) -> bool| {
        let start = at;
        while is_digit(byte(at)) || (at > start && byte(at) == b'_' && is_digit(byte(at + 1))) {
            at += 1;
        }
        at
    };
    let decimal: fn(u8) -> bool = |b| b.is_ascii_digit();
    let end = if byte(0) == b'0' && matches!(byte(1), b'x' | b'X') {
        let start = if byte(2) == b'_' { 3 } else { 2 };
        let end = digits(start, |b| b.is_ascii_hexdigit());
        if end == start {
            return None;
        }
        end
    } else {
        let whole = digits(0, decimal);
        let mut end = whole;
        if byte(end) == b'.' {
            end = digits(end + 1, decimal);
            if whole == 0 && end == 1 {
                return None;
            }
        }
        if end == 0 {
            return None;
        }
        if matches!(byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(byte(end + 1), b'+' | b'-'));
            let exponent = digits(end + 1 + sign, decimal);
            if exponent == end + 1 + sign {
                return None;
            }
            end = exponent;
        }
        end
    };
    let next = byte(end);
    let goes_on = next.is_ascii_alphanumeric() || next == b'_' || next == b'.';
    (!goes_on).then_some(end)
}

/// Whether a word has the shape of a duration; its units may still be in a wrong
/// order.
fn is_duration(word: &str) -> bool {
    let mut rest = word;
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = &rest[digits..];
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let known = matches!(&after[..letters], "ms" | "s" | "m" | "h" | "d" | "w" | "y");
        if digits == 0 || !known {
            return false;
        }
        parts += 1;
        rest = &after[letters..];
    }
    parts > 0
}

/// What a number or duration is worth, in seconds for a duration; `None` where
/// it is too large or not one after all. By the rules of Go's `ParseInt` with
/// base 0, so that `0755` is octal, then `ParseFloat`.
pub(super) fn value(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("inf") {
        return Some(f64::INFINITY);
    }
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    if let Some(duration) = Duration::parse(text) {
        return Some(duration.as_millis() as f64 / 1000.0);
    }
    let plain = text.replace('_', "");
    let lower = plain.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    if lower.len() > 1
        && lower.starts_with('0')
        && let Ok(octal) = i64::from_str_radix(&lower, 8)
    {
        return Some(octal as f64);
    }
    let number: f64 = lower.parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number of seconds as a duration, rounded to milliseconds; `None` where it is
/// negative or longer than Prometheus can hold.
pub(super) fn seconds(value: f64) -> Option<Duration> {
    const MOST: f64 = (i64::MAX / 1_000_000) as f64;
    let millis = (value * 1000.0).round();
    (0.0..MOST).contains(&millis).then_some(Duration::millis(millis as u64))
}

impl super::ast::Number {
    /// A number with this text.
    pub fn new(text: impl Into<Name>) -> super::ast::Number {
        super::ast::Number { text: text.into() }
    }

    /// What it is worth, in seconds for a duration.
    pub fn value(&self) -> Option<f64> {
        value(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_what_prometheus_scans() {
        for (text, kind, len) in [
            ("1", Some(Scanned::Number), 1),
            ("4.23)", Some(Scanned::Number), 4),
            (".3", Some(Scanned::Number), 2),
            ("5.", Some(Scanned::Number), 2),
            ("1.e2", Some(Scanned::Number), 4),
            ("00_1_23_4.56_7_8", Some(Scanned::Number), 16),
            ("0x1_2_34", Some(Scanned::Number), 8),
            ("1e+5+2", Some(Scanned::Number), 4),
            ("5s", Some(Scanned::Duration), 2),
            ("1h30m]", Some(Scanned::Duration), 5),
            ("5m1h", Some(Scanned::Duration), 4),
        ] {
            assert_eq!(scan(text), (kind, len), "{text}");
        }
        for text in [
            "2.5.",
            "100..4",
            "0deadbeef",
            "1__2",
            "12_",
            "1_e2",
            "1e",
            "1e+",
            "1ee2",
            "1e.2",
            "0x1__2",
            "0x1.5",
            "5mm",
            "5m1",
            "1a",
            "0a:bc",
            "1.2.",
        ] {
            assert_eq!(scan(text).0, None, "{text}");
        }
    }

    #[test]
    fn values_are_those_of_go() {
        for (text, worth) in [
            ("0755", Some(493.0)),
            ("0xA", Some(10.0)),
            ("1_000", Some(1000.0)),
            ("089", Some(89.0)),
            ("5m", Some(300.0)),
            ("1e3", Some(1000.0)),
            ("1e999", None),
        ] {
            assert_eq!(value(text), worth, "{text}");
        }
    }
}
