//! Words that fill a field without saying anything.

/// Words that stand for "later" or "nobody", in lower case.
const WORDS: &[&str] = &[
    "todo",
    "tbd",
    "tba",
    "fixme",
    "xxx",
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "nobody",
    "noone",
    "unknown",
    "undefined",
    "unset",
    "placeholder",
    "changeme",
    "change-me",
    "example",
    "owner",
    "runbook",
    "team",
    "me",
    "someone",
    "somebody",
    "later",
    "missing",
];

/// Words that are followed by an excuse: `TODO(anna)`, `tbd: after launch`.
const OPENERS: &[&str] = &["todo", "tbd", "tba", "fixme", "xxx"];

/// Whether a text is a placeholder: empty, a word that stands for nothing,
/// nothing but punctuation, or an unfilled `<...>`.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if !text.chars().any(char::is_alphanumeric) {
        return true;
    }
    if text.starts_with('<') && text.ends_with('>') {
        return true;
    }
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.contains(&bare) || OPENERS.iter().any(|word| opens_with(&text, word))
}

/// Whether the host of an URL is none: nothing, a word for "later", or unfilled.
pub(super) fn is_no_host(host: &str) -> bool {
    let host = host.trim().to_lowercase();
    !host.chars().any(char::is_alphanumeric)
        || (host.starts_with('<') && host.ends_with('>'))
        || OPENERS.contains(&host.as_str())
}

/// Whether `text` begins with `word` and goes on as an excuse, not as a name or a
/// path: `todo: later`, not `todo-team` or `todo/list.md`.
fn opens_with(text: &str, word: &str) -> bool {
    let Some(rest) = text.strip_prefix(word) else { return false };
    rest.starts_with([' ', ':', '(', ',', '!', '?', '.']) && !rest.starts_with(".md")
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_say_nothing() {
        for text in [
            "",
            " ",
            "-",
            "--",
            "?",
            "...",
            "TODO",
            "todo",
            "tbd",
            "TBD!",
            "n/a",
            "N/A",
            "None",
            "<team>",
            "TODO(anna)",
            "tbd: after launch",
            "fixme please",
            "xxx",
            "'-'",
            "changeme",
        ] {
            assert!(is_placeholder(text), "{text:?} says nothing");
        }
    }

    #[test]
    fn hosts_are_told_from_nothing() {
        assert!(["", "-", "<host>", "TODO"].iter().all(|h| super::is_no_host(h)));
        assert!(["runbook", "wiki.example.org", "me"].iter().all(|h| !super::is_no_host(h)));
    }

    #[test]
    fn names_are_no_placeholders() {
        for text in [
            "team-payments",
            "@org/team",
            "todo-team",
            "runbooks/todo.md",
            "todo.md",
            "anna@example.org",
            "na-east",
            "7",
            "Ops",
            "none-shall-pass",
        ] {
            assert!(!is_placeholder(text), "{text:?} is a name");
        }
    }
}
