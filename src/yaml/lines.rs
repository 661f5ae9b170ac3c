//! Lines of a YAML text that the parser could not read: where a value begins and
//! ends, what is indented below it. Offsets come in, offsets go out.

use std::ops::Range;

/// A line without its break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
    /// How many spaces and tabs it begins with.
    pub indent: usize,
}

impl Line {
    /// Where its text begins.
    pub(super) fn content(&self) -> usize {
        self.start + self.indent
    }

    /// The line without its break.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn is_blank(&self) -> bool {
        self.content() >= self.end
    }
}

fn is_break(b: u8) -> bool {
    matches!(b, b'\n' | b'\r')
}

/// The line that holds `offset`.
pub(super) fn line_at(source: &str, offset: usize) -> Line {
    let bytes = source.as_bytes();
    let offset = offset.min(bytes.len());
    let start = bytes[..offset].iter().rposition(|b| is_break(*b)).map_or(0, |i| i + 1);
    let end = bytes[offset..].iter().position(|b| is_break(*b)).map_or(bytes.len(), |i| offset + i);
    let indent = bytes[start..end].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    Line { start, end, indent }
}

/// The line after `line`.
pub(super) fn line_after(source: &str, line: &Line) -> Option<Line> {
    let width = match source.as_bytes().get(line.end..)? {
        [b'\r', b'\n', ..] => 2,
        [_, ..] => 1,
        [] => return None,
    };
    Some(line_at(source, line.end + width))
}

/// The nearest line before `line` that is not blank and no comment.
pub(super) fn line_before(source: &str, line: &Line) -> Option<Line> {
    let mut start = line.start;
    while start > 0 {
        let bytes = source.as_bytes();
        let crlf = start > 1 && bytes[start - 1] == b'\n' && bytes[start - 2] == b'\r';
        let before = line_at(source, start - 1 - usize::from(crlf));
        if !before.is_blank() && bytes[before.content()] != b'#' {
            return Some(before);
        }
        start = before.start;
    }
    None
}

/// The lines after `line` that are indented deeper than `indent`, with the blank
/// ones between them.
pub(super) fn lines_below(source: &str, line: &Line, indent: usize) -> Vec<Range<usize>> {
    let mut below = Vec::new();
    let mut blank = Vec::new();
    let mut at = *line;
    while let Some(next) = line_after(source, &at) {
        if next.is_blank() {
            blank.push(next.start..next.end);
        } else if next.indent > indent {
            below.append(&mut blank);
            below.push(next.start..next.end);
        } else {
            break;
        }
        at = next;
    }
    below
}

/// Where the text of a line begins behind its `- ` and `? `.
pub(super) fn entry_start(source: &str, line: &Line) -> usize {
    let mut at = line.content();
    while let Some(rest) = source.get(at..line.end) {
        let marker = rest.starts_with("- ") || rest.starts_with("? ");
        if !marker {
            break;
        }
        at += 1 + rest[1..].bytes().take_while(|b| *b == b' ').count();
    }
    at
}

/// The key of a line and where its value begins, if it has the form `key: value`.
pub(super) fn split_entry(source: &str, line: &Line) -> Option<(Range<usize>, usize)> {
    let start = entry_start(source, line);
    let text = source.get(start..line.end)?;
    let from = match text.as_bytes().first()? {
        quote @ (b'"' | b'\'') => text[1..].find(char::from(*quote))? + 2,
        _ => 0,
    };
    let rest = &text[from..];
    let colon = from
        + rest
            .char_indices()
            .find(|(i, c)| {
                *c == ':' && matches!(rest.as_bytes().get(i + 1), None | Some(b' ' | b'\t'))
            })?
            .0;
    let spaces = text[colon + 1..].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
    Some((start..start + colon, start + colon + 1 + spaces))
}

/// The end of what begins at `from` in a line: before a comment and the white
/// space that leads to it.
pub(super) fn text_end(source: &str, from: usize, line: &Line) -> usize {
    let text = source.get(from..line.end).unwrap_or_default();
    let comment = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
    from + text[..comment].trim_end().len()
}

/// The end of the quoted text that begins at `start`, its quote included.
pub(super) fn quote_end(source: &str, start: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let quote = *bytes.get(start)?;
    let mut i = start + 1;
    loop {
        match *bytes.get(i)? {
            b'\\' if quote == b'"' => i += 2,
            b if b == quote && quote == b'\'' && bytes.get(i + 1) == Some(&quote) => i += 2,
            b if b == quote => return Some(i + 1),
            _ => i += 1,
        }
    }
}

/// The outermost bracket that is opened at or after `from` and still open at `to`;
/// brackets in quotes and comments do not count.
pub(super) fn open_bracket(source: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut open = Vec::new();
    let mut at = from;
    while at < to.min(bytes.len()) {
        let begins =
            at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b',');
        match bytes[at] {
            b'"' | b'\'' if begins => match quote_end(source, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => return open.first().copied(),
            },
            b'#' if begins => at = line_at(source, at).end,
            b'[' | b'{' => open.push(at),
            b']' | b'}' => {
                open.pop();
            }
            _ => {}
        }
        at += 1;
    }
    open.first().copied()
}

/// `text` as a quoted scalar: in double quotes if nothing in it needs an escape.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_values_and_their_ends() {
        let text = "  - \"a: b\": c # d\n    e:\n\tx: y\n";
        let line = line_at(text, 8);
        let (key, value) = split_entry(text, &line).expect("an entry");
        assert_eq!(&text[key], "\"a: b\"");
        assert_eq!(&text[value..text_end(text, value, &line)], "c");
        let next = line_after(text, &line).expect("a line");
        let (key, value) = split_entry(text, &next).expect("an entry");
        assert_eq!((&text[key], value), ("e", next.end));
        assert_eq!(line_before(text, &next).map(|l| l.start), Some(0));
        assert_eq!(lines_below(text, &line, 2), vec![18..24]);
    }

    #[test]
    fn finds_the_end_of_quotes() {
        assert_eq!(quote_end(r#""a\"b" c"#, 0), Some(6));
        assert_eq!(quote_end("'a''b' c", 0), Some(6));
        assert_eq!(quote_end("\"a\\", 0), None);
    }

    #[test]
    fn finds_the_bracket_that_is_open() {
        let text = "[a, {b: '}', c: [1]}, # ]\n- x";
        assert_eq!(open_bracket(text, 0, text.len()), Some(0));
        assert_eq!(open_bracket("a: [1] b", 0, 8), None);
        assert_eq!(open_bracket("a: \"[\" b", 0, 9), None);
    }

    #[test]
    fn quotes_what_has_quotes() {
        assert_eq!(quoted("{{ $x }}"), "\"{{ $x }}\"");
        assert_eq!(quoted("it's \"x\""), "'it''s \"x\"'");
    }
}
