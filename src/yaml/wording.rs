//! What to say about a scalar of the wrong kind: the scalar and the type it should
//! have come in; found words, hints and safe rewritings come out.

use super::lines::quoted;
use super::node::{Kind, Node, Scalar, Style, Value, to_decimal};
use super::shape::{Class, Range, Type, to_duration};
use crate::base::{Decimal, Diagnostic, Safety};

/// What kind of node this is; nothing for one that could not be read.
pub(super) fn class_of(node: &Node) -> Option<Class> {
    Some(match &node.kind {
        Kind::Error => return None,
        Kind::Map(_) => Class::Map,
        Kind::Seq(_) => Class::List,
        Kind::Scalar(scalar) => match scalar.value() {
            Value::Null => Class::Null,
            Value::Bool(_) => Class::Bool,
            Value::Number(_) => Class::Number,
            Value::Str(_) => Class::Str,
        },
    })
}

/// The node in words, as in "found ...".
pub(super) fn found(node: &Node) -> String {
    match &node.kind {
        Kind::Map(_) => "a map".into(),
        Kind::Seq(_) => "a list".into(),
        Kind::Error => "nothing".into(),
        Kind::Scalar(scalar) => match scalar.value() {
            Value::Null => "nothing".into(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(text) => format!("the number `{}`", short(text)),
            Value::Str(text) => format!("the text `{}`", short(text)),
        },
    }
}

/// The first line of a text, cut where it is long.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(40).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}...") } else { cut }
}

/// Adds the fix that quotes a bare scalar.
pub(super) fn quote(finding: Diagnostic, scalar: &Scalar) -> Diagnostic {
    if scalar.style != Style::Plain || scalar.tag.is_some() {
        return finding;
    }
    let text = quoted(scalar.text.as_str());
    finding.help(format!("quote it: `{text}`")).fix(
        "quote the value",
        scalar.text.span(),
        text,
        Safety::Safe,
    )
}

/// Adds the fix that writes `text` instead.
fn rewrite(finding: Diagnostic, scalar: &Scalar, text: &str, safety: Safety) -> Diagnostic {
    finding.help(format!("write `{text}`")).fix(
        format!("write `{text}`"),
        scalar.text.span(),
        text,
        safety,
    )
}

/// What to do about a text or an odd number where a number belongs.
pub(super) fn number_help(finding: Diagnostic, scalar: &Scalar, range: &Range) -> Diagnostic {
    let text = scalar.text.as_str().trim();
    let plain = |text: &str| to_decimal(text).is_some();
    if plain(text) {
        return rewrite(finding.note("in quotes it is a text"), scalar, text, Safety::Safe);
    }
    let percent = text.trim_end_matches('%').trim_end();
    if percent != text && plain(percent) {
        return rewrite(
            finding.note("the figure stands without `%`"),
            scalar,
            percent,
            Safety::Safe,
        );
    }
    let joined = text.replace('_', "");
    if joined != text && plain(&joined) {
        let finding = finding.note("YAML 1.2 takes no `_` in numbers");
        return rewrite(finding, scalar, &joined, Safety::Safe);
    }
    let point = text.replacen(',', ".", 1);
    if point != text && plain(&point) {
        let finding = finding.note("the decimal point is `.`");
        return rewrite(finding, scalar, &point, Safety::Suggestion);
    }
    let digits = text.trim_start_matches('0');
    if digits != text && !text.contains(['x', 'o']) && plain(digits) {
        let finding = finding.note("with a leading zero some YAML readers take it as octal");
        return rewrite(finding, scalar, digits, Safety::Suggestion);
    }
    finding.help(match (range.integer, range.least) {
        (true, least) => format!("write a whole number such as `{}`", least.unwrap_or(1).max(1)),
        (false, _) => "write a plain decimal number such as `99.9`, of at most 15 digits".into(),
    })
}

/// What to do about a word where `true` or `false` belongs.
pub(super) fn bool_help(finding: Diagnostic, scalar: &Scalar, only_false: bool) -> Diagnostic {
    let word = scalar.text.as_str().to_ascii_lowercase();
    let meant = match word.as_str() {
        "yes" | "y" | "on" | "true" if !only_false => "true",
        "no" | "n" | "off" | "false" => "false",
        _ => return finding,
    };
    let finding = if matches!(word.as_str(), "true" | "false") {
        finding.note("in quotes it is a text")
    } else {
        finding.note(format!("`{}` is a boolean in YAML 1.1 only", scalar.text.as_str()))
    };
    rewrite(finding, scalar, meant, Safety::Safe)
}

/// What to do about a text that is no duration.
pub(super) fn duration_help(finding: Diagnostic, scalar: &Scalar, or_word: &str) -> Diagnostic {
    match better_duration(scalar.text.as_str()) {
        Some(text) => rewrite(finding, scalar, &text, Safety::Suggestion),
        None => finding.help(format!(
            "write whole numbers with units, the longest first: `30s`, `5m`, `1h30m`, `30d`{or_word}"
        )),
    }
}

/// The duration that was most likely meant.
fn better_duration(text: &str) -> Option<String> {
    let mut millis: u64 = 0;
    let mut rest = text.trim();
    let mut last = u64::MAX;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number = to_decimal(&rest[..digits])?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit: u64 = match &rest[..letters] {
            "ms" | "millis" | "milliseconds" => 1,
            "s" | "sec" | "secs" | "second" | "seconds" | "S" => 1_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
            "h" | "hr" | "hrs" | "hour" | "hours" | "H" => 3_600_000,
            "d" | "day" | "days" | "D" => 86_400_000,
            "w" | "week" | "weeks" | "W" => 7 * 86_400_000,
            "y" | "year" | "years" | "Y" => 365 * 86_400_000,
            _ => return None,
        };
        if unit >= last {
            return None;
        }
        last = unit;
        rest = rest[letters..].trim_start_matches([' ', ',']);
        let unit = to_decimal(&unit.to_string())?;
        millis = millis.checked_add((number * unit).to_string().parse().ok()?)?;
    }
    let better = crate::base::Duration::millis(millis).to_string();
    to_duration(&better).map(|_| better)
}

/// What to do about a map where a list belongs.
pub(super) fn list_help(node: &Node, ty: &Type) -> String {
    if let Type::OneOrMany(_) = ty {
        return format!("write {}", ty.words());
    }
    if matches!(ty, Type::List { item, .. } if !item.ty.takes(Class::Map)) {
        let keys = node.as_map().unwrap_or_default().iter().map(|entry| short(&entry.key.name));
        let keys: Vec<String> = keys.take(3).collect();
        return format!("write it as a list: `[{}]`", keys.join(", "));
    }
    let first = node.as_map().and_then(|entries| entries.first());
    // The span of a flow map begins at its bracket.
    match first.is_none_or(|entry| entry.key.span.range().start > node.span.range().start) {
        true => "put it in brackets: `[{...}]`".to_owned(),
        false => "put `- ` before its first key".to_owned(),
    }
}

/// Why readers of YAML disagree on a number.
pub(super) fn unreadable(text: &str) -> &'static str {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > Decimal::MAX_DIGITS {
        "has more than 15 digits"
    } else {
        "read differently by different tools"
    }
}

/// A sentence to go on with.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // An acronym stays.
        Some(c) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            c.to_lowercase().chain(chars).collect()
        }
        _ => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{better_duration, short};

    #[test]
    fn finds_the_duration_that_was_meant() {
        for (text, better) in [
            ("1.5h", Some("1h30m")),
            ("30 s", Some("30s")),
            ("5min", Some("5m")),
            ("1d 2h", Some("1d2h")),
            ("90 minutes", Some("1h30m")),
            ("1h, 30m", Some("1h30m")),
            ("5M", None),
            ("soon", None),
            ("5", None),
            ("30s1m", None),
            ("0.0001s", None),
        ] {
            assert_eq!(better_duration(text).as_deref(), better, "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(short("a\nb"), "a...");
        assert_eq!(short("a\n"), "a");
        assert_eq!(short(&"x".repeat(50)), format!("{}...", "x".repeat(40)));
    }
}
