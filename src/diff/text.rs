//! Texts of specs as reports show them: on one line, and without what a terminal or a
//! forge would take for something else than text.

use std::fmt::Write as _;

use crate::base::Duration;

/// How long a value is shown at the most, in characters.
const LONGEST: usize = 400;

/// A text on one line: white space as single spaces, characters that cannot be seen as
/// their codes.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    let mut shown = String::with_capacity(joined.len());
    for (index, c) in joined.chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        if is_invisible(c) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Control characters, and those that reorder or hide text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A text as code in markdown: everything that could mean something, to markdown, to HTML
/// or to a forge, is a character reference, so that no cell of a table ends early. Nobody
/// is notified by an `@name` in code.
pub(super) fn code(text: &str) -> String {
    let mut shown = String::from("<code>");
    for c in one_line(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '/' | '%' | '=' | '-' | '(' | ')') {
            let _ = write!(shown, "&#{};", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown + "</code>"
}

/// Prose of our own that quotes texts of specs in backticks: what stands between them is
/// code.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(index, part)| match index % 2 {
        1 => code(part),
        _ => escaped(part),
    });
    shown.collect()
}

/// A text without markup, outside of code.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in one_line_kept(text).chars() {
        match c {
            // A mention is looked for once references are resolved: it is broken up.
            '@' => shown.push_str("@<!-- -->"),
            '<' | '>' | '&' | '|' | '*' | '_' | '[' | ']' | '#' | '\\' | '~' => {
                let _ = write!(shown, "&#{};", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// [`one_line`] with the spaces at both ends.
fn one_line_kept(text: &str) -> String {
    let space = |is: bool| if is && !text.trim().is_empty() { " " } else { "" };
    let (before, after) = (text.starts_with(' '), text.ends_with(' '));
    format!("{}{}{}", space(before), one_line(text), space(after))
}

/// A duration in whole seconds.
pub(super) fn seconds(duration: Duration) -> String {
    match (duration.as_millis() + 500) / 1000 {
        0 if !duration.is_zero() => "<1s".to_owned(),
        seconds => Duration::seconds(seconds).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{code, one_line, prose};

    #[test]
    fn texts_are_shown_and_nothing_else() {
        assert_eq!(one_line(" a\n\tb\u{1b}[31m \u{202e}c"), "a b\\u{1b}[31m \\u{202e}c");
        assert_eq!(one_line(&"x".repeat(500)).chars().count(), 401);
        assert_eq!(
            code("a|b `c` <img> @team \\| #1"),
            "<code>a&#124;b &#96;c&#96; &#60;img&#62; &#64;team &#92;&#124; &#35;1</code>"
        );
        assert_eq!(
            prose("the label `<b>` of @me is * gone"),
            "the label <code>&#60;b&#62;</code> of @<!-- -->me is &#42; gone"
        );
    }
}
