//! The functions that a template may call and how many arguments each takes.
//! A name comes in; its arity, or the name that was meant, comes out.

use crate::base::nearest;

/// How many arguments a function takes, counting the one that a pipe hands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arity {
    /// At least so many.
    pub(super) min: usize,
    /// At most so many.
    pub(super) max: usize,
}

const MANY: usize = usize::MAX;

/// Functions that Prometheus has not always had, and the first version of each.
/// Source: `template/template.go` of the tags v0.35.0 (2.35) to v0.316.0 (3.16), and
/// `CHANGELOG.md` of the last of them for what is older.
const SINCE: &[(&str, (u16, u16))] = &[
    ("humanizePercentage", (2, 11)),
    ("parseDuration", (2, 32)),
    ("stripPort", (2, 33)),
    ("stripDomain", (2, 36)),
    ("toTime", (2, 38)),
    ("now", (3, 6)),
    ("toDuration", (3, 6)),
    ("urlQueryEscape", (3, 8)),
];

/// The first version of Prometheus, major and minor, whose templates have a
/// function, if that is newer than 2.0.
///
/// ```
/// assert_eq!(ninefold::gotmpl::since("toDuration"), Some((3, 6)));
/// assert_eq!(ninefold::gotmpl::since("humanize"), None);
/// ```
pub fn since(name: &str) -> Option<(u16, u16)> {
    SINCE.iter().find(|(known, _)| *known == name).map(|&(_, since)| since)
}

/// Name, fewest and most arguments. Source: Go's `text/template/funcs.go` and
/// Prometheus's `template/template.go`, whose functions have fixed signatures.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    // Go.
    ("and", 1, MANY),
    ("call", 1, MANY),
    ("eq", 2, MANY),
    ("ge", 2, 2),
    ("gt", 2, 2),
    ("html", 0, MANY),
    ("index", 1, MANY),
    ("js", 0, MANY),
    ("le", 2, 2),
    ("len", 1, 1),
    ("lt", 2, 2),
    ("ne", 2, 2),
    ("not", 1, 1),
    ("or", 1, MANY),
    ("print", 0, MANY),
    ("printf", 1, MANY),
    ("println", 0, MANY),
    ("slice", 1, MANY),
    ("urlquery", 0, MANY),
    // Prometheus.
    ("args", 0, MANY),
    ("externalURL", 0, 0),
    ("first", 1, 1),
    ("graphLink", 1, 1),
    ("humanize", 1, 1),
    ("humanize1024", 1, 1),
    ("humanizeDuration", 1, 1),
    ("humanizePercentage", 1, 1),
    ("humanizeTimestamp", 1, 1),
    ("label", 2, 2),
    ("match", 2, 2),
    ("now", 0, 0),
    ("parseDuration", 1, 1),
    ("pathPrefix", 0, 0),
    ("query", 1, 1),
    ("reReplaceAll", 3, 3),
    ("safeHtml", 1, 1),
    ("sortByLabel", 2, 2),
    ("stripDomain", 1, 1),
    ("stripPort", 1, 1),
    ("strvalue", 1, 1),
    ("tableLink", 1, 1),
    ("title", 1, 1),
    ("toDuration", 1, 1),
    ("toLower", 1, 1),
    ("toTime", 1, 1),
    ("toUpper", 1, 1),
    ("urlQueryEscape", 1, 1),
    ("value", 1, 1),
];

/// The arity of a function, if there is one of that name.
pub(super) fn arity(name: &str) -> Option<Arity> {
    FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|&(_, min, max)| Arity { min, max })
}

/// The function that a misspelt name was meant to be.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    nearest(name, FUNCTIONS.iter().map(|(known, ..)| *known))
}

impl Arity {
    /// Whether `count` arguments are right.
    pub(super) fn takes(self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }

    /// In words: `no argument`, `1 argument`, `2 or more arguments`.
    pub(super) fn words(self) -> String {
        match (self.min, self.max) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (min, MANY) => format!("{min} or more arguments"),
            (min, _) => format!("{min} arguments"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arities_in_words() {
        let words = |name| arity(name).map(Arity::words).unwrap_or_default();
        assert_eq!(words("now"), "no argument");
        assert_eq!(words("humanize"), "1 argument");
        assert_eq!(words("reReplaceAll"), "3 arguments");
        assert_eq!(words("printf"), "1 or more arguments");
        assert_eq!(words("default"), "");
        assert_eq!(meant("humanizeDurations"), Some("humanizeDuration"));
    }

    #[test]
    fn versions_are_of_known_functions() {
        assert!(SINCE.iter().all(|(name, _)| arity(name).is_some()));
    }
}
