//! Variables as texts of a board mention them: `$name`, `${name}`, `${name.field}`,
//! `${name:format}`, `[[name]]`, `[[name:format]]`. The forms are those of the regex in
//! Grafana's `public/app/features/variables/utils.ts`.

use std::ops::Range;

/// The most bytes of a format or path, so that a text of openings alone is not read
/// through for each.
const LONGEST_FORMAT: usize = 200;

/// A variable in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention<'a> {
    /// Where, `$` and braces included.
    pub(super) range: Range<usize>,
    /// Its name.
    pub(super) name: &'a str,
    /// Whether it is written in braces or brackets, so that it can be nothing else.
    pub(super) is_closed: bool,
}

/// All variables in a text, from left to right.
pub(super) fn mentions(text: &str) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find(['$', '['])) {
        at += offset;
        match mention_at(text, at) {
            Some(mention) => {
                at = mention.range.end;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    found
}

/// The variable that begins at a byte. A name of digits alone is a group of a regex.
pub(super) fn mention_at(text: &str, at: usize) -> Option<Mention<'_>> {
    let rest = text.get(at..)?;
    let closed = |open: &str, close: &str| {
        let inner = rest.strip_prefix(open)?;
        let name = leading_name(inner);
        let after = inner.get(name.len()..)?;
        let begins = after.starts_with(close) || after.starts_with([':', '.']);
        let near = after.get(..after.floor_char_boundary(LONGEST_FORMAT))?;
        let end = if begins { near.find(close)? } else { return None };
        let sound = !name.is_empty() && end != 1;
        let length = open.len() + name.len() + end + close.len();
        sound.then_some((name, length, true))
    };
    let (name, length, is_closed) = if rest.starts_with("[[") {
        closed("[[", "]]")?
    } else if rest.starts_with("${") {
        closed("${", "}")?
    } else {
        let name = leading_name(rest.strip_prefix('$')?);
        (name, name.len() + 1, false)
    };
    let named = name.bytes().any(|b| !b.is_ascii_digit());
    named.then_some(Mention { range: at..at + length, name, is_closed })
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(&str, &str)> {
        mentions(text).into_iter().map(|m| (m.name, &text[m.range])).collect()
    }

    #[test]
    fn all_forms_are_seen() {
        assert_eq!(
            names("$a ${b} ${c:csv} [[d]] [[e:raw]] ${__data.fields.slo} ${__from:date:seconds}"),
            [
                ("a", "$a"),
                ("b", "${b}"),
                ("c", "${c:csv}"),
                ("d", "[[d]]"),
                ("e", "[[e:raw]]"),
                ("__data", "${__data.fields.slo}"),
                ("__from", "${__from:date:seconds}"),
            ]
        );
        assert_eq!(names("rate(x[[[r]]])"), [("r", "[[r]]")]);
        assert_eq!(names("$a$b"), [("a", "$a"), ("b", "$b")]);
    }

    #[test]
    fn other_dollars_are_none() {
        for text in ["$1", "${1}", "$", "${", "${a", "a$", "[[", "[[a", "[a]", "$$", "${a b}", "$é"]
        {
            assert_eq!(names(text), [], "{text}");
        }
    }
}
