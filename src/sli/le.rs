//! The label `le` of classic histograms, in every spelling that servers store: a
//! bound comes in, a regular expression for the matcher comes out.

use crate::base::Decimal;

/// A pattern that matches the bound as Prometheus 2 stores it (the text of the
/// exposition: `0.3`, `0.30`, `1`) and as Prometheus 3 does (`0.3`, `1.0`,
/// `1e+06`: Go's shortest form, from a live scrape of both).
pub(super) fn pattern(bound: Decimal) -> String {
    let text = bound.to_string();
    let plain = match text.split_once('.') {
        Some((whole, fraction)) => format!("{whole}[.]{fraction}0*"),
        None => format!("{text}([.]0*)?"),
    };
    match exponent_form(&text) {
        Some(form) => format!("{plain}|{}", form.replace('.', "[.]").replace('+', "[+]")),
        None => plain,
    }
}

/// The form with an exponent, where Go's shortest form is one: format `g` of
/// `strconv.FormatFloat` takes it below 1e-4 and from 1e6 on.
fn exponent_form(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let first = digits.find(|c| c != '0')?;
    let exponent = i64::try_from(whole.len()).ok()? - 1 - i64::try_from(first).ok()?;
    if (-4..6).contains(&exponent) {
        return None;
    }
    let significant = digits[first..].trim_end_matches('0');
    let (head, tail) = significant.split_at(1);
    let point = if tail.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{head}{point}{tail}e{sign}{:02}", exponent.abs()))
}

#[cfg(test)]
mod tests {
    use super::pattern;
    use crate::base::Decimal;

    fn shown(bound: &str) -> String {
        pattern(Decimal::parse(bound).expect("a decimal"))
    }

    #[test]
    fn every_spelling_is_matched() {
        assert_eq!(shown("0.3"), "0[.]30*");
        assert_eq!(shown("1"), "1([.]0*)?");
        assert_eq!(shown("2500"), "2500([.]0*)?");
        assert_eq!(shown("1000000"), "1000000([.]0*)?|1e[+]06");
        assert_eq!(shown("2500000"), "2500000([.]0*)?|2[.]5e[+]06");
        assert_eq!(shown("0.00005"), "0[.]000050*|5e-05");
        assert_eq!(shown("0.0001"), "0[.]00010*");
    }
}
