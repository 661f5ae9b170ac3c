//! Strings in quotes, by the rules of Go's `strconv`.
//! A literal or one escape of it comes in; the text it means, or what is wrong
//! with it, goes out.

/// What is wrong with an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadEscape {
    /// No such escape.
    Unknown,
    /// Too few digits, or digits of another base.
    Digits,
    /// The number of no character.
    Range,
}

/// One resolved escape: a character, or a byte that need not be one.
pub(super) enum Escaped {
    Char(char),
    Byte(u8),
}

/// Resolves the escape that `text` begins with, by Go's rules; also its length.
pub(super) fn escape(text: &str, quote: char) -> Result<(Escaped, usize), BadEscape> {
    let second = text.chars().nth(1).ok_or(BadEscape::Unknown)?;
    let (digits_at, count, radix) = match second {
        'a' => return Ok((Escaped::Char('\x07'), 2)),
        'b' => return Ok((Escaped::Char('\x08'), 2)),
        'f' => return Ok((Escaped::Char('\x0c'), 2)),
        'n' => return Ok((Escaped::Char('\n'), 2)),
        'r' => return Ok((Escaped::Char('\r'), 2)),
        't' => return Ok((Escaped::Char('\t'), 2)),
        'v' => return Ok((Escaped::Char('\x0b'), 2)),
        '\\' => return Ok((Escaped::Char('\\'), 2)),
        c if c == quote => return Ok((Escaped::Char(c), 2)),
        'x' => (2, 2, 16),
        'u' => (2, 4, 16),
        'U' => (2, 8, 16),
        '0'..='7' => (1, 3, 8),
        _ => return Err(BadEscape::Unknown),
    };
    let digits = text.get(digits_at..digits_at + count).ok_or(BadEscape::Digits)?;
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(BadEscape::Digits);
    }
    let value = u32::from_str_radix(digits, radix).map_err(|_| BadEscape::Digits)?;
    let len = digits_at + count;
    if matches!(second, 'u' | 'U') {
        let c = char::from_u32(value).ok_or(BadEscape::Range)?;
        return Ok((Escaped::Char(c), len));
    }
    let byte = u8::try_from(value).map_err(|_| BadEscape::Range)?;
    Ok((Escaped::Byte(byte), len))
}

/// The text that a string literal means, or `None` where its bytes are not text.
/// `literal` has its quotes and has passed the lexer.
pub(super) fn unquote(literal: &str) -> Option<String> {
    let quote = literal.chars().next()?;
    let body = literal.get(1..literal.len().checked_sub(1)?)?;
    if quote == '`' || !body.contains('\\') {
        return Some(body.to_owned());
    }
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (escaped, len) = escape(&rest[at..], quote).ok()?;
        match escaped {
            Escaped::Byte(byte) => bytes.push(byte),
            Escaped::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = &rest[at + len..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unquoted_as_go_does() {
        for (literal, text) in [
            (r#""\\d+""#, Some(r"\d+")),
            (r"`\d+`", Some(r"\d+")),
            (r#"'it\'s'"#, Some("it's")),
            (r#""\x41\102\u00e9\U0001F600""#, Some("AB\u{e9}\u{1F600}")),
            (r#""\xc3\xa9""#, Some("\u{e9}")),
            (r#""\xff""#, None),
        ] {
            assert_eq!(unquote(literal).as_deref(), text, "{literal}");
        }
    }
}
