//! Names and strings as PromQL reads them: a text comes in, it goes out in quotes,
//! or it is known that it needs none.

use std::fmt::Write;

use super::name::Name;

/// Appends a string in double quotes, escaped so that Prometheus reads the same; one
/// that is quoted already as it is.
pub(super) fn quote(text: &Name, out: &mut String) {
    if text.is_quoted() {
        out.push_str(text);
    } else {
        quote_text(text, out);
    }
}

/// Appends a text in double quotes, escaped so that Prometheus reads the same.
pub fn quote_text(text: &str, out: &mut String) {
    out.push('"');
    // Without an early exit, so that the compiler can look at many bytes at once.
    let plain = |b: u8| matches!(b, b' '..=b'~') & (b != b'"') & (b != b'\\');
    if text.bytes().fold(true, |all, b| all & plain(b)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut rest = text;
    let special = |c: char| c == '"' || c == '\\' || c.is_control() || c == '\u{FFFD}';
    while let Some(at) = rest.find(special) {
        out.push_str(&rest[..at]);
        let c = rest[at..].chars().next().unwrap_or('"');
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => drop(write!(out, "\\u{:04x}", u32::from(c))),
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
    out.push('"');
}

/// A label's name as it is written in a query: in quotes where it must be.
///
/// ```
/// use ninefold::promql::label;
/// assert_eq!(label("region"), "region");
/// assert_eq!(label("k8s.pod"), "\"k8s.pod\"");
/// ```
pub fn label(name: &str) -> String {
    if is_plain_label(&Name::from(name.to_owned())) {
        return name.to_owned();
    }
    let mut quoted = String::new();
    quote_text(name, &mut quoted);
    quoted
}

/// Whether a label's name needs no quotes.
pub(super) fn is_plain_label(name: &Name) -> bool {
    let start = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    start && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Words that are no metric's name unless quoted.
const KEYWORDS: [&str; 8] =
    ["bool", "on", "ignoring", "group_left", "group_right", "atan2", "inf", "nan"];

/// The length of the longest of them.
const LONGEST_KEYWORD: usize = "group_right".len();

/// The bytes of a metric's name that needs no quotes.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut b = 0;
    while b < 128 {
        plain[b] = (b as u8).is_ascii_alphanumeric() || b == b'_' as usize || b == b':' as usize;
        b += 1;
    }
    plain
};

/// Whether a metric's name needs no quotes.
pub(super) fn is_plain_metric(name: &Name) -> bool {
    let keyword = || KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
    is_legacy_metric(name) && !(name.len() <= LONGEST_KEYWORD && keyword())
}

/// Whether a metric could have this name before names could be any UTF-8.
pub(super) fn is_legacy_metric(name: &Name) -> bool {
    let plain = |b: u8| PLAIN[usize::from(b)];
    let start = name.bytes().next().is_some_and(|b| plain(b) && !b.is_ascii_digit());
    start && name.bytes().fold(true, |all, b| all & plain(b))
}
