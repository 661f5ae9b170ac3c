//! Regexes: Go's, which Prometheus has, and where those of the second parser
//! differ. A regex comes in; out goes it compiled, a spelling that both read, or
//! why Go would refuse it.

use promql_parser::label::Matcher as Judged;
use promql_parser::parser::token::{T_EQL_REGEX, T_NEQ_REGEX};

use super::ast::MatchOp;

/// The regex as `promql-parser` compiles it; none if it does not.
pub(super) fn compiled(op: MatchOp, value: &str) -> Option<Judged> {
    let id = if op == MatchOp::Regex { T_EQL_REGEX } else { T_NEQ_REGEX };
    Judged::new_matcher(id, String::new(), portable(value)).ok()
}

/// Whether a matcher takes series that have not its label. A broken regex is
/// reported by the judge and counts as one that does not.
pub(super) fn takes_empty(op: MatchOp, value: &str) -> bool {
    match op {
        MatchOp::Equal => value.is_empty(),
        MatchOp::NotEqual => !value.is_empty(),
        MatchOp::Regex | MatchOp::NotRegex => {
            compiled(op, value).is_some_and(|matcher| matcher.is_match(""))
        }
    }
}

/// The regex as both engines read it: `\Q...\E` spelt out, and `\{` for a brace
/// that counts nothing.
pub(super) fn portable(regex: &str) -> String {
    let plain = without_quoting(regex);
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => class(rest),
            _ => c.len_utf8(),
        };
        // `\pL` and `\x` have braces of their own: `\p{Greek}`, `\x{10FFFF}`.
        let named = out.ends_with("\\p") || out.ends_with("\\P") || out.ends_with("\\x");
        if c == '{' && !named && counted(rest).is_none() {
            out.push('\\');
        }
        out.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    out
}

/// The regex with `\Q...\E` spelt out.
fn without_quoting(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut rest = regex;
    while let Some(at) = quoting(rest) {
        out.push_str(&rest[..at]);
        let body = &rest[at + 2..];
        let (literal, after) = body.split_once("\\E").unwrap_or((body, ""));
        for c in literal.chars() {
            if c.is_ascii_punctuation() {
                out.push('\\');
            }
            out.push(c);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where `\Q` begins, and not the `Q` after an escaped backslash.
fn quoting(regex: &str) -> Option<usize> {
    let mut chars = regex.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && matches!(chars.next(), Some((_, 'Q'))) {
            return Some(at);
        }
    }
    None
}

/// Why Go refuses a regex that others take: too many repetitions, or one of a
/// repetition.
pub(super) fn refused_by_go(regex: &str) -> Option<&'static str> {
    let plain = without_quoting(regex);
    let mut rest = plain.as_str();
    // Whether the last thing was a repetition.
    let mut repeated = false;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        let mut repeats = false;
        match c {
            '\\' => len += rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => len = class(rest),
            '*' | '+' | '?' => repeats = true,
            '{' => {
                if let Some((digits, most)) = counted(rest) {
                    if most > 1000 {
                        return Some("more than 1000 repetitions");
                    }
                    repeats = true;
                    len = digits;
                }
            }
            // `(?` begins a group; its `?` repeats nothing.
            '(' if rest[1..].starts_with('?') => len = 2,
            _ => {}
        }
        if repeats {
            if repeated {
                return Some("a repetition of a repetition");
            }
            // `a+?` is the lazy form of `a+`.
            len += usize::from(rest[len..].starts_with('?'));
        }
        repeated = repeats;
        rest = &rest[len..];
    }
    None
}

/// Length of the character class that `text` begins with.
fn class(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    chars.next_if(|(_, c)| *c == '^');
    chars.next_if(|(_, c)| *c == ']');
    let mut inner = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' if chars.peek().is_some_and(|(_, c)| *c == ':') => inner = true,
            ']' if inner => inner = false,
            ']' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length and greatest count of the `{n}`, `{n,}` or `{n,m}` that `text` begins
/// with.
fn counted(text: &str) -> Option<(usize, u64)> {
    let close = text.find('}')?;
    let body = &text[1..close];
    let (least, most) = body.split_once(',').unwrap_or((body, ""));
    let number = |digits: &str| {
        let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        all.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let least = number(least)?;
    let most = if most.is_empty() { least } else { number(most)? };
    Some((close + 1, least.max(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_refuses_what_it_refuses() {
        for regex in ["a**", "a{1001}", "a{2}{3}", "a+*", "(a|b)*+", "a{1,2000}", "a*??"] {
            assert!(refused_by_go(regex).is_some(), "{regex}");
        }
        for regex in [
            "a*?",
            "a+?b*",
            "(?i:a)*",
            "[*+]+",
            "a\\*+",
            "{{ x }}",
            "a{3}",
            "[]*]*",
            "[[:alpha:]*]+",
            "\\Q**\\E",
            "a{,5}*",
            "\\\\Q",
        ] {
            assert_eq!(refused_by_go(regex), None, "{regex}");
        }
    }

    #[test]
    fn braces_that_count_nothing_are_literal() {
        assert_eq!(portable("{{ x }}"), "\\{\\{ x }}");
        for regex in ["a{3}", "a{1,}", "[{]", "\\{", "\\p{Greek}", "\\x{41}"] {
            assert_eq!(portable(regex), regex);
        }
    }

    #[test]
    fn quoting_is_spelt_out() {
        assert_eq!(without_quoting("a\\Qb.c\\Ed"), "ab\\.cd");
        assert_eq!(without_quoting("\\Q(x"), "\\(x");
        assert_eq!(without_quoting("\\\\Qx"), "\\\\Qx");
    }
}
