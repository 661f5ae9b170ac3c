//! What a matcher takes: a matcher and a value come in, out comes whether they
//! match; or values come out that it takes. Rule tests are fed with such labels.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use promql_parser::label::Matcher as Judged;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::ast::{MatchOp, Matcher, Selector};
use super::name::Name;
use super::regex::{compiled, portable};

impl Matcher {
    /// Whether it takes a value, anchored at both ends as in Prometheus; a label
    /// that a series has not is the empty value. A broken regex takes nothing.
    pub fn matches(&self, value: &str) -> bool {
        match self.op {
            MatchOp::Equal => self.value.as_str() == value,
            MatchOp::NotEqual => self.value.as_str() != value,
            MatchOp::Regex => known(&self.value, |regex| regex.takes(value)) == Some(true),
            MatchOp::NotRegex => known(&self.value, |regex| regex.takes(value)) == Some(false),
        }
    }

    /// The matcher that takes exactly what this one does not.
    pub fn negated(&self) -> Matcher {
        let op = match self.op {
            MatchOp::Equal => MatchOp::NotEqual,
            MatchOp::NotEqual => MatchOp::Equal,
            MatchOp::Regex => MatchOp::NotRegex,
            MatchOp::NotRegex => MatchOp::Regex,
        };
        Matcher { op, ..self.clone() }
    }

    /// A few values that it is likely to take, the plainest first: the value of
    /// `=`, `500` for `=~"5.."`. None for what only excludes.
    pub fn examples(&self) -> Vec<String> {
        match self.op {
            MatchOp::Equal => vec![self.value.as_str().to_owned()],
            MatchOp::Regex => {
                known(&self.value, |regex| regex.examples.clone()).unwrap_or_default()
            }
            MatchOp::NotEqual | MatchOp::NotRegex => Vec::new(),
        }
    }
}

impl Selector {
    /// Whether it takes a series of these labels, the metric's name among them as
    /// `__name__`.
    pub fn takes(&self, labels: &[(Name, Arc<str>)]) -> bool {
        let value = |name: &str| {
            labels.iter().find(|(label, _)| label.as_str() == name).map_or("", |(_, value)| value)
        };
        self.name.as_ref().is_none_or(|name| name.as_str() == value("__name__"))
            && self.matchers.iter().all(|matcher| matcher.matches(value(&matcher.label)))
    }
}

/// A regex of a matcher, compiled.
struct Known {
    judged: Judged,
    examples: Vec<String>,
}

impl Known {
    fn takes(&self, value: &str) -> bool {
        self.judged.is_match(value)
    }
}

/// How many regexes are remembered. Of 10,000 SLOs nearly all say `5..`.
const REMEMBERED: usize = 256;

thread_local! {
    /// Compiling one takes a thousand times as long as matching with it.
    static KNOWN: RefCell<HashMap<Box<str>, Option<Rc<Known>>>> = RefCell::default();
}

/// What `ask` says of a regex; `None` where it does not compile.
fn known<T>(text: &str, ask: impl FnOnce(&Known) -> T) -> Option<T> {
    let regex = KNOWN.with_borrow_mut(|known| {
        if let Some(regex) = known.get(text) {
            return regex.clone();
        }
        let regex = compiled(MatchOp::Regex, text)
            .map(|judged| Rc::new(Known { judged, examples: examples(text) }));
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(text.into(), regex.clone());
        regex
    })?;
    Some(ask(&regex))
}

/// Texts that a regex takes: each alternative once, repetitions as short as they
/// may be. What is found is a guess where the regex looks around itself.
fn examples(regex: &str) -> Vec<String> {
    let parsed = regex_syntax::ParserBuilder::new().nest_limit(100).build().parse(&portable(regex));
    let mut found = parsed.map(|hir| texts(&hir)).unwrap_or_default();
    // An empty value is a label that is not there: the last choice.
    found.sort_by_key(String::is_empty);
    found
}

/// The most texts that are kept of one part, and the longest.
const MOST: usize = 16;
const LONGEST: usize = 200;

/// Recursion is bounded by the nesting that the parser takes.
fn texts(hir: &Hir) -> Vec<String> {
    let mut all = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => {
            vec![String::from_utf8_lossy(&literal.0).into_owned()]
        }
        HirKind::Class(class) => characters(class),
        HirKind::Capture(group) => texts(&group.sub),
        HirKind::Repetition(repeated) => {
            let once = texts(&repeated.sub);
            let most = repeated.max.unwrap_or(u32::MAX);
            let counts = [repeated.min, repeated.min.saturating_add(1)];
            let counts = counts.into_iter().filter(|n| *n <= most && *n as usize <= LONGEST);
            counts.flat_map(|n| once.iter().map(move |t| t.repeat(n as usize))).collect()
        }
        HirKind::Concat(parts) => {
            parts.iter().fold(vec![String::new()], |heads, part| joined(&heads, &texts(part)))
        }
        HirKind::Alternation(parts) => parts.iter().flat_map(texts).collect(),
    };
    let mut seen = std::collections::HashSet::new();
    all.retain(|text| text.len() <= LONGEST && seen.insert(text.clone()));
    all.truncate(MOST);
    all
}

/// Heads and tails put together: the first tail behind each head, then the other
/// tails behind the first head.
fn joined(heads: &[String], tails: &[String]) -> Vec<String> {
    let (Some(head), Some(tail)) = (heads.first(), tails.first()) else { return Vec::new() };
    let first = heads.iter().map(|head| format!("{head}{tail}"));
    let others = tails.iter().skip(1).map(|tail| format!("{head}{tail}"));
    first.chain(others).collect()
}

/// A few characters of a class, the plainest that it has.
fn characters(class: &Class) -> Vec<String> {
    let has = |c: char| match class {
        Class::Unicode(class) => class.ranges().iter().any(|r| r.start() <= c && c <= r.end()),
        Class::Bytes(class) => {
            c.is_ascii()
                && class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&(c as u8)))
        }
    };
    let plain = ('0'..='9').chain('a'..='z').chain('A'..='Z').chain("-_/. :".chars());
    let mut found: Vec<String> = plain.filter(|c| has(*c)).take(4).map(String::from).collect();
    if found.is_empty()
        && let Class::Unicode(class) = class
    {
        found.extend(class.ranges().first().map(|r| r.start().to_string()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::build::matcher;
    use super::*;

    #[test]
    fn examples_match() {
        for (regex, first) in [
            ("5..", "500"),
            ("4..|5..", "400"),
            ("(?:GET|POST)", "GET"),
            ("eu-[a-z]+-\\d", "eu-a-0"),
            (".+", "0"),
            (".*", "0"),
            ("(?i)timeout|error", "TIMEOUT"),
            ("/api/v[12]/.*", "/api/v1/"),
            ("\\Qa.b\\E", "a.b"),
            ("x{3}", "xxx"),
        ] {
            let m = matcher("code", MatchOp::Regex, regex);
            let examples = m.examples();
            assert_eq!(
                examples.first().map(|e| e.to_ascii_uppercase()),
                Some(first.to_ascii_uppercase()),
                "{regex}: {examples:?}"
            );
            assert!(examples.iter().all(|e| m.matches(e)), "{regex}: {examples:?}");
            assert!(!examples.iter().any(|e| m.negated().matches(e)), "{regex}");
        }
    }

    #[test]
    fn matching_is_anchored() {
        let m = matcher("code", MatchOp::Regex, "5..");
        assert!(m.matches("503") && !m.matches("5030") && !m.matches("1503"));
        assert!(!matcher("code", MatchOp::Regex, "(").matches("("), "a broken regex");
    }

    #[test]
    fn a_regex_of_many_repetitions_gives_no_endless_text() {
        assert!(examples("(a{900}){900}").is_empty());
    }
}
