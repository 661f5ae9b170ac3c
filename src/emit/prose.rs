//! Text of users in markdown and in links: names, owners and descriptions come in; out
//! comes text that means nothing but itself to markdown, HTML and Grafana's variables.

use std::fmt::Write as _;

use crate::ir::line;

/// A text as markdown in one line. Every character that markdown, HTML or Grafana
/// (`$name`, `[[name]]`) could read as more than itself becomes a numeric reference,
/// which markdown never takes for markup (CommonMark 0.31, 2.5).
pub(super) fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        let plain = match c {
            ' ' | ',' | '-' | '%' => true,
            // Not where it would make a link of `www.` or of an address.
            '.' => next.is_none_or(|next| next.is_ascii_digit() || *next == ' '),
            c => c.is_ascii_alphanumeric() || !c.is_ascii(),
        };
        match plain {
            true => out.push(c),
            // Writing to a string cannot fail.
            false => drop(write!(out, "&#{};", u32::from(c))),
        }
    }
    out
}

/// A part of a URL: percent-encoded but for what RFC 3986 calls unreserved.
pub(super) fn component(text: &str) -> String {
    encoded(text, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
}

/// A whole URL as it may stand in markdown, in a link of a board and in JSON: what is
/// no character of a URL, and what markdown or Grafana would read, percent-encoded.
/// `None` where it is no `http`, `https` or rooted link: nothing else is ever linked.
pub(super) fn link(url: &str) -> Option<String> {
    let rooted = url.starts_with('/') && !url.starts_with("//");
    if !rooted && !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    Some(encoded(url, |b| b.is_ascii_alphanumeric() || b"-_.~:/?#@!&*+,;=%".contains(&b)))
}

fn encoded(text: &str, keep: impl Fn(u8) -> bool) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        match keep(b) {
            true => out.push(char::from(b)),
            false => drop(write!(out, "%{b:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{component, link, markdown};
    use proptest::prelude::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(markdown("99.9 % of a-b"), "99.9 % of a-b");
        assert_eq!(markdown("a|b"), "a&#124;b");
        assert_eq!(markdown("<b>"), "&#60;b&#62;");
        assert_eq!(markdown("$slo [[slo]]"), "&#36;slo &#91;&#91;slo&#93;&#93;");
        assert_eq!(markdown("a\nb\u{202e}c"), "a b c");
        assert_eq!(markdown("www.x.org"), "www&#46;x&#46;org");
        assert_eq!(markdown("Größe."), "Größe.");
    }

    #[test]
    fn links_are_links_and_nothing_else() {
        assert_eq!(link("https://a/b(c)|d$e").as_deref(), Some("https://a/b%28c%29%7Cd%24e"));
        assert_eq!(link("/d/slo-a?var-slo=b").as_deref(), Some("/d/slo-a?var-slo=b"));
        for other in ["javascript:alert(1)", "//host/x", "runbooks/a.md", "data:x"] {
            assert_eq!(link(other), None, "{other}");
        }
        assert_eq!(component("a b&c=$d/é"), "a%20b%26c%3D%24d%2F%C3%A9");
    }

    proptest! {
        #[test]
        fn no_markup_is_left(text in any::<String>()) {
            let shown = markdown(&text);
            let markup = ['<', '>', '|', '$', '[', ']', '`', '*', '_', '"', '\n', '{'];
            prop_assert!(!shown.contains(markup), "{}", shown);
        }
    }
}
