//! The values that a matcher lets a label have, as far as they can be told without
//! trying: two matchers come in, and out comes whether they exclude each other, or
//! whether one implies the other. `false` means "not proved".

use crate::promql::{MatchOp, Matcher, Selector};

/// Two matchers of one label of a selector that no value satisfies together, in the
/// order in which they stand.
pub fn contradiction(selector: &Selector) -> Option<(&Matcher, &Matcher)> {
    selector.matchers.iter().enumerate().find_map(|(at, second)| {
        let mut before = selector.matchers.iter().take(at);
        let first = before.find(|m| m.label == second.label && exclude(m, second))?;
        Some((first, second))
    })
}

/// Whether no value satisfies both matchers of one label.
pub(super) fn exclude(a: &Matcher, b: &Matcher) -> bool {
    use MatchOp::{Equal, NotEqual, NotRegex, Regex};
    if a.value == b.value {
        let opposites =
            [(Equal, NotEqual), (NotEqual, Equal), (Regex, NotRegex), (NotRegex, Regex)];
        if opposites.contains(&(a.op, b.op)) {
            return true;
        }
    }
    match (a.op, b.op) {
        (Equal, _) => refuses(b, &a.value),
        (_, Equal) => refuses(a, &b.value),
        (Regex, Regex) => both(a, b, |a, b| all(a, b, Row::excludes)),
        (Regex, NotRegex) => both(a, b, is_within),
        (NotRegex, Regex) => both(b, a, is_within),
        (Regex, NotEqual) => is_only(a, &b.value),
        (NotEqual, Regex) => is_only(b, &a.value),
        _ => false,
    }
}

/// Whether each value that satisfies `a` satisfies `b` too.
pub(super) fn implies(a: &Matcher, b: &Matcher) -> bool {
    use MatchOp::{Equal, NotEqual, NotRegex, Regex};
    let with_label = || b.matches("") || refuses(a, "");
    if a.same(b) || (is_always(b) && with_label()) {
        return true;
    }
    match (a.op, b.op) {
        (Equal, _) => b.matches(&a.value),
        (Regex, Regex) => both(a, b, is_within),
        (Regex, NotRegex) => both(a, b, |a, b| all(a, b, Row::excludes)),
        (Regex, NotEqual) => refuses(a, &b.value),
        (NotRegex, NotRegex) => both(b, a, is_within),
        (NotRegex, NotEqual) => refuses(a, &b.value),
        (NotEqual, NotRegex) => is_only(b, &a.value),
        _ => false,
    }
}

/// Whether a matcher holds of every series that has its label at all.
pub(super) fn is_always(matcher: &Matcher) -> bool {
    match matcher.op {
        MatchOp::Regex => matches!(matcher.value.as_str(), ".*" | ".+"),
        MatchOp::NotEqual => matcher.value.is_empty(),
        MatchOp::NotRegex => matches!(matcher.value.as_str(), "" | "^$"),
        MatchOp::Equal => false,
    }
}

/// Whether a matcher certainly does not take a value; of a regex that cannot be
/// read, neither it nor its opposite takes any.
pub(super) fn refuses(matcher: &Matcher, value: &str) -> bool {
    !matcher.matches(value) && matcher.negated().matches(value)
}

/// Whether a regex takes this one value alone.
fn is_only(regex: &Matcher, value: &str) -> bool {
    let rows = rows(&regex.value);
    rows.is_some_and(|rows| rows.iter().all(|row| row.text().as_deref() == Some(value)))
}

fn both(a: &Matcher, b: &Matcher, proved: impl Fn(&[Row], &[Row]) -> bool) -> bool {
    match (rows(&a.value), rows(&b.value)) {
        (Some(a), Some(b)) => proved(&a, &b),
        _ => false,
    }
}

fn all(a: &[Row], b: &[Row], holds: impl Fn(&Row, &Row) -> bool) -> bool {
    a.iter().all(|a| b.iter().all(|b| holds(a, b)))
}

fn is_within(a: &[Row], b: &[Row]) -> bool {
    a.iter().all(|a| b.iter().any(|b| a.is_within(b)))
}

/// One alternative of a simple regex: a row of characters, then perhaps anything.
#[derive(Debug, PartialEq)]
struct Row {
    places: Vec<Place>,
    /// Whether more may follow: `.*`.
    open: bool,
}

/// What may stand at one place of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Only(char),
    Any,
}

impl Row {
    /// Whether no text is of both rows.
    fn excludes(&self, other: &Row) -> bool {
        let differs = self.places.iter().zip(&other.places).any(|places| match places {
            (Place::Only(a), Place::Only(b)) => a != b,
            _ => false,
        });
        let (mine, others) = (self.places.len(), other.places.len());
        differs || (mine < others && !self.open) || (others < mine && !other.open)
    }

    /// Whether each text of this row is of the other too.
    fn is_within(&self, other: &Row) -> bool {
        let (mine, others) = (self.places.len(), other.places.len());
        let long_enough = if other.open { mine >= others } else { mine == others && !self.open };
        let within = |(a, b): (&Place, &Place)| *b == Place::Any || a == b;
        long_enough && self.places.iter().zip(&other.places).all(within)
    }

    /// The one text of the row, if it has no more.
    fn text(&self) -> Option<String> {
        let one = |place: &Place| match place {
            Place::Only(c) => Some(*c),
            Place::Any => None,
        };
        self.places.iter().map(one).collect::<Option<String>>().filter(|_| !self.open)
    }
}

/// The alternatives of a regex of characters, dots, `|` and a final `.*`, or `.+`;
/// `None` for any other.
fn rows(regex: &str) -> Option<Vec<Row>> {
    let inner = regex.strip_prefix('^').unwrap_or(regex);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    let grouped = inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inner = grouped.map_or(inner, |inside| inside.strip_prefix("?:").unwrap_or(inside));
    inner.split('|').map(row).collect()
}

fn row(text: &str) -> Option<Row> {
    let (text, open) = match text.strip_suffix(".*") {
        // `\.*` repeats a dot.
        Some(rest) if !rest.ends_with('\\') => (rest, true),
        _ => (text, false),
    };
    let (text, open, more) = match text.strip_suffix(".+") {
        Some(rest) if !open && !rest.ends_with('\\') => (rest, true, true),
        _ => (text, open, false),
    };
    let mut places = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        places.push(match c {
            '.' => Place::Any,
            '\\' => Place::Only(chars.next().filter(char::is_ascii_punctuation)?),
            '[' | ']' | '(' | ')' | '{' | '}' | '*' | '+' | '?' | '^' | '$' => return None,
            c => Place::Only(c),
        });
    }
    places.extend(more.then_some(Place::Any));
    Some(Row { places, open })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::matcher;

    fn read(text: &str) -> Matcher {
        let op = [MatchOp::NotRegex, MatchOp::Regex, MatchOp::NotEqual, MatchOp::Equal]
            .into_iter()
            .find(|op| text.starts_with(op.text()))
            .expect("an operator");
        matcher("a", op, text[op.text().len()..].to_owned())
    }

    #[test]
    fn what_excludes_each_other() {
        for (a, b) in [
            ("=500", "!=500"),
            ("=500", "=200"),
            ("=500", "=~2.."),
            ("=~5..", "!~5.."),
            ("=~5..", "!~5..|4.."),
            ("=~500|503", "!~5.."),
            ("=~5..", "=~2..|3.."),
            ("=~a.*", "=~b.*"),
            ("=~a.+", "=a"),
            ("=~(500)", "!=500"),
            ("=~x[0-9]+(y)", "!~x[0-9]+(y)"),
        ] {
            assert!(exclude(&read(a), &read(b)), "{a} {b}");
            assert!(exclude(&read(b), &read(a)), "{b} {a}");
        }
    }

    #[test]
    fn what_does_not_or_is_not_known_to() {
        for (a, b) in [
            ("=500", "=~5.."),
            ("=~5..", "=~.00"),
            ("=~5..", "!~500"),
            ("=~5..", "!=500"),
            ("!=500", "!=200"),
            ("!~5..", "!~2.."),
            ("=~5[0-9]+", "=~2.."),
            ("=~5.*", "=~5xx"),
            ("=~a", "=~ab?"),
            ("=~(a|b)(c)", "=~d"),
            ("=~[", "=500"),
        ] {
            assert!(!exclude(&read(a), &read(b)), "{a} {b}");
            assert!(!exclude(&read(b), &read(a)), "{b} {a}");
        }
    }

    #[test]
    fn what_implies_what() {
        for (a, b, holds) in [
            ("=500", "=~5..", true),
            ("=500", "!=200", true),
            ("=~500|503", "=~5..", true),
            ("=~5..", "!~2..", true),
            ("=~5..", "!=200", true),
            ("!~5..", "!=500", true),
            ("!~5..|4..", "!~5..", true),
            ("=~a", "=~.+", true),
            ("=~5..", "=500", false),
            ("!=200", "=~5..", false),
            ("!~5..", "!~5..|4..", false),
            ("!=500", "!~5..", false),
            ("=~a.*", "=~a.", false),
            ("=~\\.*", "=~.", false),
        ] {
            assert_eq!(implies(&read(a), &read(b)), holds, "{a} {b}");
        }
    }

    /// What is said to hold, holds of every value that anybody would think of.
    #[test]
    fn verdicts_hold_of_values() {
        let matchers: Vec<Matcher> = [
            "=500",
            "!=500",
            "=~5..",
            "!~5..",
            "=~500|503",
            "=~.*",
            "=~5.*",
            "!~5.+",
            "=~.",
            "=",
            "!=",
            "=~a|",
            "!~5|5.",
            "=~^5..$",
            "=~(?:4|5)",
        ]
        .into_iter()
        .map(read)
        .collect();
        let values = ["", "5", "50", "500", "503", "5000", "4", "200", "a", "ab"];
        for a in &matchers {
            for b in &matchers {
                for value in values {
                    let (takes, other) = (a.matches(value), b.matches(value));
                    assert!(!(exclude(a, b) && takes && other), "{a:?} {b:?} {value:?}");
                    assert!(!implies(a, b) || !takes || other, "{a:?} {b:?} {value:?}");
                }
            }
        }
    }
}
