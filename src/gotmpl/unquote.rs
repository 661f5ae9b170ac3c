//! Go's literals: what `strconv.Unquote` and the number parser of templates
//! take. A literal's text comes in; its value, or what is wrong with it, comes
//! out.

use std::ops::Range;

/// A fault within a literal: which bytes of it, and what they are.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) message: String,
}

/// The value of a `"..."` literal, quotes included. Bytes that an escape makes
/// and that are no character become U+FFFD; nobody reads them.
pub(super) fn string(literal: &str) -> Result<String, Fault> {
    let end = literal.len().saturating_sub(1);
    let mut value = String::new();
    let mut at = 1;
    while at < end {
        let (c, next) = character(literal, at, '"')?;
        value.push(c);
        at = next;
    }
    Ok(value)
}

/// The value of a raw literal, backticks included.
pub(super) fn raw(literal: &str) -> String {
    literal.trim_matches('`').replace('\r', "")
}

/// Checks a `'x'` literal, quotes included.
pub(super) fn char_constant(literal: &str) -> Result<(), Fault> {
    let whole = |message: &str| Fault { at: 0..literal.len(), message: message.to_owned() };
    if literal.len() < 3 {
        return Err(whole("a character constant holds no character"));
    }
    let (_, next) = character(literal, 1, '\'')?;
    if next + 1 != literal.len() {
        return Err(whole("a character constant holds more than one character"));
    }
    Ok(())
}

/// The character of a literal that begins at byte `at`, and where the next one
/// does.
fn character(literal: &str, at: usize, quote: char) -> Result<(char, usize), Fault> {
    let rest = literal.get(at..).unwrap_or_default();
    let mut chars = rest.chars();
    let first = chars.next().unwrap_or(char::REPLACEMENT_CHARACTER);
    if first != '\\' {
        return Ok((first, at + first.len_utf8()));
    }
    let kind = chars.next().unwrap_or(char::REPLACEMENT_CHARACTER);
    let after = at + 1 + kind.len_utf8();
    let simple = match kind {
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        '\\' => Some('\\'),
        '\'' | '"' if kind == quote => Some(kind),
        _ => None,
    };
    if let Some(c) = simple {
        return Ok((c, after));
    }
    let (from, digits, radix) = match kind {
        'x' => (after, 2, 16),
        'u' => (after, 4, 16),
        'U' => (after, 8, 16),
        '0'..='7' => (after - 1, 3, 8),
        _ => {
            let message = format!("`\\{kind}` is no escape sequence of a string");
            return Err(Fault { at: at..after, message });
        }
    };
    let bad = |end: usize| Fault {
        at: at..end.min(literal.len()),
        message: format!("`\\{kind}` is not followed by {digits} digits that make a character"),
    };
    let code = literal
        .get(from..from + digits)
        .filter(|d| d.bytes().all(|b| char::from(b).is_digit(radix)))
        .and_then(|d| u32::from_str_radix(d, radix).ok())
        .ok_or_else(|| bad(after))?;
    let byte = matches!(kind, 'x' | '0'..='7');
    match char::from_u32(code) {
        Some(c) if !byte || code < 0x80 => Ok((c, from + digits)),
        _ if byte && code <= 0xff => Ok((char::REPLACEMENT_CHARACTER, from + digits)),
        _ => Err(bad(from + digits)),
    }
}

/// Whether Go reads `text`, which the lexer took for a number, as one. Refuses
/// only what Go is sure to refuse.
pub(super) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (body, imaginary) = match unsigned.strip_suffix('i') {
        Some(body) => (body, true),
        None => (unsigned, false),
    };
    let lower = body.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        let (mantissa, exponent) = hex.split_once('p').map_or((hex, None), |(m, e)| (m, Some(e)));
        let has_digit = mantissa.bytes().any(|b| b.is_ascii_hexdigit());
        return has_digit
            && exponent.is_none_or(has_decimal)
            && (exponent.is_some() || !mantissa.contains('.'));
    }
    if let Some(digits) = lower.strip_prefix("0o").or_else(|| lower.strip_prefix("0b")) {
        return has_decimal(digits) && !digits.contains('.');
    }
    let (mantissa, exponent) = lower.split_once('e').map_or((&*lower, None), |(m, e)| (m, Some(e)));
    if !has_decimal(mantissa) || !exponent.is_none_or(has_decimal) {
        return false;
    }
    let integer = exponent.is_none() && !mantissa.contains('.');
    if !integer || imaginary {
        return true;
    }
    let digits = mantissa.replace('_', "");
    if digits.starts_with('0') {
        return digits.bytes().all(|b| (b'0'..=b'7').contains(&b));
    }
    let most = if text.starts_with('-') { 1 << 63 } else { u128::from(u64::MAX) };
    // Go reads a leading `+` as an int64; the miss between is harmless.
    digits.parse::<u128>().is_ok_and(|n| n <= most)
}

fn has_decimal(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(literal: &str) -> Option<String> {
        string(literal).ok()
    }

    #[test]
    fn strings_are_unquoted_as_go_does() {
        assert_eq!(value(r#""a\tb\\c\"d""#).as_deref(), Some("a\tb\\c\"d"));
        assert_eq!(
            value(r#""\x41\u00e7\U0001F600\101""#).as_deref(),
            Some("Açé".replace('é', "😀A").as_str())
        );
        assert_eq!(value(r#""\xff""#).as_deref(), Some("\u{fffd}"));
        for bad in [r#""\d""#, r#""\'""#, r#""\x4""#, r#""\ud800""#, r#""\400""#, r#""\U00110000""#]
        {
            assert_eq!(value(bad), None, "{bad}");
        }
        assert_eq!(raw("`a\\d\r`"), "a\\d");
    }

    #[test]
    fn a_fault_names_the_escape_alone() {
        let fault = string(r#""ab\dc""#).expect_err("a fault");
        assert_eq!(fault.at, 3..5);
        assert_eq!(fault.message, r"`\d` is no escape sequence of a string");
    }

    #[test]
    fn character_constants_hold_one_character() {
        for good in ["'a'", "'パ'", r"'\n'", r"'\''", r"'\u30d1'"] {
            assert!(char_constant(good).is_ok(), "{good}");
        }
        for bad in ["''", "'ab'", r"'\d'", r#"'\"'"#] {
            assert!(char_constant(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_those_of_go() {
        for good in [
            "0",
            "-0",
            "7_3",
            "0b10_01",
            "073",
            "0o73",
            "0xdeadBEEF",
            "+73",
            "1e9",
            "-1.2",
            ".5",
            "5.",
            "0x1p-4",
            "4i",
            "073i",
            "09.5",
            "18446744073709551615",
            "-9223372036854775808",
        ] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["-", "+", "0x", "1e", "1e+", "0x12.", "089", "0b", "18446744073709551616"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
