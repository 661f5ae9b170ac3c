//! Small wording helpers for messages: counts and lists.

use std::fmt;

/// A count with its noun: `1 alert`, `3 alerts`.
///
/// ```
/// use ninefold::base::Count;
/// assert_eq!(Count(2, "alert").to_string(), "2 alerts");
/// ```
pub struct Count(pub usize, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

/// Names in backticks, joined by commas and, before the last, by `word`.
///
/// ```
/// use ninefold::base::list;
/// assert_eq!(list(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
/// ```
pub fn list<S: AsRef<str>>(names: &[S], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}
