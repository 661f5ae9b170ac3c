//! Exact decimals for objectives, budgets and factors: `100 - 99.9` is `0.1`,
//! never `0.09999999999999432`. Text in, text out, no floating point between.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number `mantissa / 10^scale`, kept without trailing zeros.
///
/// ```
/// use ninefold::base::Decimal;
/// let objective = Decimal::parse("99.9").unwrap();
/// let budget = (Decimal::from(100) - objective).percent();
/// assert_eq!(budget.to_string(), "0.001");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// Most digits that [`Decimal::parse`] takes: products of two such numbers
    /// stay far below the 38 digits of an `i128`.
    pub const MAX_DIGITS: usize = 15;

    /// Reads `-?digits(.digits)?` of at most [`Decimal::MAX_DIGITS`] digits. No
    /// exponent, no infinity.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        if whole.len() + fraction.len() > Decimal::MAX_DIGITS {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale }.normal())
    }

    /// `n` tenths.
    pub const fn tenths(n: u32) -> Decimal {
        if n.is_multiple_of(10) {
            return Decimal { mantissa: (n / 10) as i128, scale: 0 };
        }
        Decimal { mantissa: n as i128, scale: 1 }
    }

    /// `numerator / denominator`, rounded half up (away from zero) to `places`
    /// digits after the point. `denominator` must not be 0.
    pub fn ratio(numerator: Decimal, denominator: Decimal, places: u32) -> Decimal {
        let n = numerator.mantissa * 10i128.pow(places + 1 + denominator.scale);
        let d = denominator.mantissa * 10i128.pow(numerator.scale);
        let tenth = n / d;
        let half = if tenth < 0 { -5 } else { 5 };
        Decimal { mantissa: (tenth + half) / 10, scale: places }.normal()
    }

    /// This number times ten to the power of `exponent`.
    pub fn scaled(self, exponent: i32) -> Decimal {
        if exponent >= 0 {
            let factor = 10i128.pow(exponent.unsigned_abs());
            return Decimal { mantissa: self.mantissa * factor, scale: self.scale }.normal();
        }
        Decimal { mantissa: self.mantissa, scale: self.scale + exponent.unsigned_abs() }.normal()
    }

    /// A hundredth of this number: what a figure in per cent is as a ratio.
    pub fn percent(self) -> Decimal {
        self.scaled(-2)
    }

    /// A hundred times this number: what a ratio is in per cent.
    pub fn to_percent(self) -> Decimal {
        self.scaled(2)
    }

    /// The nearest `f64`, for comparing with other programs' figures.
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10f64.powi(self.scale as i32)
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    fn normal(mut self) -> Decimal {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Both mantissas at the larger of the two scales.
    fn aligned(self, other: Decimal) -> (i128, i128, u32) {
        let scale = self.scale.max(other.scale);
        let lift = |d: Decimal| d.mantissa * 10i128.pow(scale - d.scale);
        (lift(self), lift(other), scale)
    }
}

impl From<u32> for Decimal {
    fn from(n: u32) -> Decimal {
        Decimal { mantissa: i128::from(n), scale: 0 }
    }
}

impl std::ops::Add for Decimal {
    type Output = Decimal;
    fn add(self, other: Decimal) -> Decimal {
        let (a, b, scale) = self.aligned(other);
        Decimal { mantissa: a + b, scale }.normal()
    }
}

impl std::ops::Sub for Decimal {
    type Output = Decimal;
    fn sub(self, other: Decimal) -> Decimal {
        let (a, b, scale) = self.aligned(other);
        Decimal { mantissa: a - b, scale }.normal()
    }
}

impl std::ops::Mul for Decimal {
    type Output = Decimal;
    fn mul(self, other: Decimal) -> Decimal {
        let scale = self.scale + other.scale;
        Decimal { mantissa: self.mantissa * other.mantissa, scale }.normal()
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let (a, b, _) = self.aligned(*other);
        a.cmp(&b)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect("a decimal")
    }

    #[test]
    fn budgets_are_exact() {
        for (objective, budget) in [
            ("99.9", "0.001"),
            ("99.99", "0.0001"),
            ("99.95", "0.0005"),
            ("90", "0.1"),
            ("99.999", "0.00001"),
        ] {
            assert_eq!((Decimal::from(100) - decimal(objective)).percent().to_string(), budget);
        }
    }

    #[test]
    fn ratio_rounds_half_up() {
        assert_eq!(Decimal::ratio(decimal("7.6"), decimal("3"), 4).to_string(), "2.5333");
        assert_eq!(Decimal::ratio(decimal("1"), decimal("8"), 2).to_string(), "0.13");
        assert_eq!(Decimal::ratio(decimal("1"), decimal("0.5"), 2).to_string(), "2");
    }

    #[test]
    fn compares_across_scales() {
        assert!(decimal("0.90") == decimal("0.9"));
        assert!(decimal("0.144") < decimal("0.9"));
        assert!(decimal("-1") < decimal("0"));
    }

    #[test]
    fn refuses_what_is_no_plain_decimal() {
        for text in ["", ".5", "1.", "1e3", "+1", "0x1", "1_000", "--1", "1234567890123456"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_the_same(n in -999_999_999i64..999_999_999, scale in 0usize..9) {
            let digits = format!("{:0>width$}", n.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let sign = if n < 0 { "-" } else { "" };
            let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            let d = decimal(&text);
            prop_assert_eq!(decimal(&d.to_string()), d);
            prop_assert!((d.to_f64() - text.parse::<f64>().expect("a float")).abs() < 1e-6);
        }
    }
}
