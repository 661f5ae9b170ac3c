//! The spanned tree: documents, nodes, keys, scalars. The parser makes it; it
//! answers what a node is and what a plain scalar means in YAML 1.2.

use crate::base::{Decimal, Span, Text};

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub root: Node,
    /// Its comments in source order. Those before the first `---` belong to the
    /// document that follows, those at the end of the file to the last one.
    pub comments: Vec<Comment>,
    /// From its first byte to its last.
    pub span: Span,
    /// Part of it could not be read: what is missing may have been written.
    pub broken: bool,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What follows the `#`, trimmed.
    pub text: String,
    /// The comment with its `#`.
    pub span: Span,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// A scalar with its quotes, a list or map from its first child to its last
    /// (with brackets where it has them). For a value that is not written: the
    /// empty place after the colon or dash. For the content of an alias: the
    /// place of its anchor.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Entries in source order. A key that stands twice was reported and is kept;
    /// the first wins.
    Map(Vec<Entry>),
    /// Items in order.
    Seq(Vec<Node>),
    /// A text, number, boolean or null.
    Scalar(Scalar),
    /// Something that could not be read. It was reported.
    Error,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its decoded text, whatever its type: `1`, `true` and `a` are names.
    pub name: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A scalar as written.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The decoded text and where each byte of it stands.
    pub text: Text,
    /// How it was written.
    pub style: Style,
    /// The type that an explicit tag such as `!!str` gives it.
    pub tag: Option<Tag>,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare.
    Plain,
    /// `'...'`
    Single,
    /// `"..."`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The explicit tags that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `!!str`, or the bare `!`.
    Str,
    /// `!!int`, `!!float`, `!!bool`, `!!null`: what the text says anyway.
    Core,
}

/// What a scalar means by the core schema of YAML 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, also `True` and `TRUE`.
    Bool(bool),
    /// A number as written.
    Number(&'a str),
    /// Any other text, and all that is quoted.
    Str(&'a str),
}

impl Node {
    /// The first value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The first entry of `key`, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.iter().find(|entry| entry.key.name == key)
    }

    /// The entries, if this is a map.
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The scalar, if this is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// What it means, if this is a scalar.
    pub fn as_value(&self) -> Option<Value<'_>> {
        self.as_scalar().map(Scalar::value)
    }

    /// The text as written of a scalar that is not null, numbers and booleans too.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    /// Like [`Node::as_str`], with the places of its bytes.
    pub fn as_text(&self) -> Option<&Text> {
        let scalar = self.as_scalar()?;
        (scalar.value() != Value::Null).then_some(&scalar.text)
    }

    /// `true` or `false`, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_value()? {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The exact number, if this is a decimal number of at most 15 digits without
    /// a leading zero.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self.as_value()? {
            Value::Number(text) => to_decimal(text),
            _ => None,
        }
    }

    /// Whether this is null or nothing at all.
    pub fn is_null(&self) -> bool {
        self.as_value() == Some(Value::Null)
    }

    /// Whether this could not be read and was reported.
    pub fn is_error(&self) -> bool {
        matches!(self.kind, Kind::Error)
    }
}

impl Scalar {
    /// What it means: only a plain scalar, or one with an explicit tag, can be
    /// anything but a text.
    pub fn value(&self) -> Value<'_> {
        let text = self.text.as_str();
        let resolves = match self.tag {
            Some(Tag::Str) => false,
            Some(Tag::Core) => true,
            None => self.style == Style::Plain,
        };
        if resolves { resolve(text) } else { Value::Str(text) }
    }
}

/// The core schema of YAML 1.2.2, section 10.3.2.
fn resolve(text: &str) -> Value<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text),
        _ => Value::Str(text),
    }
}

fn is_number(text: &str) -> bool {
    let all = |s: &str, test: fn(&u8) -> bool| !s.is_empty() && s.bytes().all(|b| test(&b));
    if let Some(octal) = text.strip_prefix("0o") {
        return all(octal, |b| matches!(b, b'0'..=b'7'));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return all(hex, u8::is_ascii_hexdigit);
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || parts(unsigned).is_some()
}

/// Whole digits, fraction digits and exponent of an unsigned decimal number.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let power = exponent.map(|e| e.strip_prefix(['-', '+']).unwrap_or(e));
    let sound = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && power.is_none_or(|p| !p.is_empty() && digits(p));
    sound.then_some((whole, fraction, exponent))
}

/// The exact value of a decimal number of YAML: an optional sign, digits with or
/// without a point, an optional exponent. `None` for what readers disagree on or
/// lose digits of: leading zeros, `0x`, `0o`, infinity, more than
/// [`Decimal::MAX_DIGITS`] digits.
pub(super) fn to_decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction, exponent) = parts(unsigned)?;
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let shift: i32 = exponent.map_or(Some(0), |e| e.parse().ok())?;
    let most = Decimal::MAX_DIGITS;
    if whole.len() + fraction.len() > most || shift.unsigned_abs() as usize > most {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i32 + shift;
    let (whole, fraction) = if point <= 0 {
        (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs() as usize)))
    } else if point as usize >= digits.len() {
        (format!("{digits}{}", "0".repeat(point as usize - digits.len())), String::new())
    } else {
        let (whole, fraction) = digits.split_at(point as usize);
        (whole.to_string(), fraction.to_string())
    };
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Decimal::parse(&format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_resolve_by_yaml_1_2() {
        for null in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(null), Value::Null);
        }
        for number in
            ["0", "-1", "+5", "1.", ".5", "1e3", "1.5E-3", "0x1F", "0o17", "017", ".inf", "-.INF"]
        {
            assert_eq!(resolve(number), Value::Number(number));
        }
        for text in [
            "yes", "no", "on", "y", "1_000", "12:30:45", "0x", "0o8", ".", "-", "1e", "e1", "nUll",
            ".",
        ] {
            assert_eq!(resolve(text), Value::Str(text));
        }
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        for (text, exact) in [
            ("99.9", "99.9"),
            ("+5", "5"),
            ("1.", "1"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("-2.50", "-2.5"),
            ("0", "0"),
            ("0.10", "0.1"),
            ("0e5", "0"),
        ] {
            assert_eq!(to_decimal(text).map(|d| d.to_string()).as_deref(), Some(exact), "{text}");
        }
        for text in
            ["017", "0x1F", "0o17", ".inf", ".nan", "1234567890123456", "1e99", "x", "1e-99"]
        {
            assert_eq!(to_decimal(text), None, "{text}");
        }
    }
}
