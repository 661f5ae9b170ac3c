//! Where each byte of a scalar stands in the file. The token, its style and the
//! text that the parser decoded come in; a [`Text`] with its map comes out. The
//! token is decoded a second time here, and trusted only if both readings agree.

use std::ops::Range;

use super::node::Style;
use crate::base::{FileId, Piece, Span, Text};

/// A scalar as the parser saw it.
pub(super) struct Token<'s> {
    /// The whole text that offsets count in.
    pub source: &'s str,
    /// The token: quotes included; of a block scalar from its first content
    /// character, or `header` where that is known.
    pub range: Range<usize>,
    /// Where the `|` or `>` of a block scalar stands.
    pub header: Option<usize>,
    /// The columns that a block scalar's lines are indented by.
    pub indent: Option<usize>,
    /// How it is written.
    pub style: Style,
}

/// The decoded text `value` of `token` with its map, and how many runs that has.
pub(super) fn to_text(file: FileId, token: &Token<'_>, value: &str) -> (Text, usize) {
    let mut tracer = Tracer::new(token.source, value);
    let range = token.range.clone();
    let span = match token.style {
        Style::Plain => {
            tracer.flow(range.clone(), Quote::None);
            range
        }
        Style::Single => {
            tracer.flow(inner(&range), Quote::Single);
            range
        }
        Style::Double => {
            tracer.flow(inner(&range), Quote::Double);
            range
        }
        Style::Literal | Style::Folded => tracer.block(token),
    };
    if !tracer.sound || tracer.at != value.len() {
        tracer.pieces = vec![piece(0, &span)];
    }
    if tracer.pieces.is_empty() {
        let inside = if matches!(token.style, Style::Single | Style::Double) { 1 } else { 0 };
        tracer.pieces = vec![piece(0, &(span.start + inside..span.start + inside))];
    }
    let count = tracer.pieces.len();
    (Text::mapped(value.into(), Span::new(file, span.start, span.end), tracer.pieces), count)
}

/// What stands between the quotes.
fn inner(range: &Range<usize>) -> Range<usize> {
    let start = range.start + 1;
    start..range.end.saturating_sub(1).max(start)
}

fn piece(at: usize, source: &Range<usize>) -> Piece {
    let fit = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Piece { at: fit(at), source: fit(source.start), len: fit(source.len()) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Decodes a token again, comparing with the value and noting each run.
struct Tracer<'s> {
    source: &'s str,
    value: &'s [u8],
    /// How much of the value is accounted for.
    at: usize,
    pieces: Vec<Piece>,
    /// The last run is a copy and may grow.
    open: bool,
    /// The value was as expected so far.
    sound: bool,
}

impl<'s> Tracer<'s> {
    fn new(source: &'s str, value: &'s str) -> Tracer<'s> {
        let value = value.as_bytes();
        Tracer { source, value, at: 0, pieces: Vec::new(), open: false, sound: true }
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.source.as_bytes().get(offset).copied()
    }

    /// Takes `decoded` off the value.
    fn take(&mut self, decoded: &[u8]) {
        self.sound =
            self.sound && self.value.get(self.at..).is_some_and(|rest| rest.starts_with(decoded));
        self.at += decoded.len();
    }

    /// A run that was copied byte for byte.
    fn copy(&mut self, run: Range<usize>) {
        let Some(text) = self.source.get(run.clone()) else {
            self.sound = false;
            return;
        };
        if text.is_empty() {
            return;
        }
        let at = self.at;
        self.take(text.as_bytes());
        match self.pieces.last_mut() {
            Some(last) if self.open && (last.source + last.len) as usize == run.start => {
                last.len = last.len.saturating_add(piece(0, &run).len);
            }
            _ => self.pieces.push(piece(at, &run)),
        }
        self.open = true;
    }

    /// A run that was decoded to something else.
    fn put(&mut self, decoded: &str, run: Range<usize>) {
        if decoded.is_empty() {
            self.open = false;
            return;
        }
        let at = self.at;
        self.take(decoded.as_bytes());
        self.pieces.push(piece(at, &run));
        self.open = false;
    }

    /// Length of the line break at `offset`, 0 if there is none.
    fn line_break(&self, offset: usize) -> usize {
        match (self.byte(offset), self.byte(offset + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => 0,
        }
    }

    /// Passes white space and line breaks: where it ends, and how many breaks.
    fn pass_breaks(&self, mut offset: usize, end: usize) -> (usize, usize) {
        let mut breaks = 0;
        while offset < end {
            let width = self.line_break(offset);
            if width > 0 {
                breaks += 1;
                offset += width;
            } else if self.is_blank(offset) {
                offset += 1;
            } else {
                break;
            }
        }
        (offset.min(end), breaks)
    }

    fn is_blank(&self, offset: usize) -> bool {
        matches!(self.byte(offset), Some(b' ' | b'\t'))
    }

    /// Plain and quoted scalars: one line break is a space, each further one a
    /// line feed, with the white space around them dropped.
    fn flow(&mut self, range: Range<usize>, quote: Quote) {
        let (mut i, end) = (range.start, range.end);
        let mut run = i;
        while i < end && self.sound {
            match self.byte(i) {
                Some(b'\n' | b'\r') => {
                    let mut stop = i;
                    while stop > run && self.is_blank(stop - 1) {
                        stop -= 1;
                    }
                    self.copy(run..stop);
                    let (next, breaks) = self.pass_breaks(i, end);
                    let folded = if breaks == 1 { " ".into() } else { "\n".repeat(breaks - 1) };
                    self.put(&folded, stop..next);
                    i = next;
                    run = next;
                }
                Some(b'\'') if quote == Quote::Single => {
                    self.copy(run..i + 1);
                    i += 2;
                    run = i;
                }
                Some(b'\\') if quote == Quote::Double => {
                    self.copy(run..i);
                    i = self.escape(i, end);
                    run = i;
                }
                _ => i += 1,
            }
        }
        self.copy(run..end.max(run));
    }

    /// An escape of a double-quoted scalar; returns where it ends.
    fn escape(&mut self, start: usize, end: usize) -> usize {
        if self.line_break(start + 1) > 0 {
            let (next, breaks) = self.pass_breaks(start + 1, end);
            self.put(&"\n".repeat(breaks - 1), start..next);
            return next;
        }
        let (decoded, length) = match self.byte(start + 1) {
            Some(b'0') => ('\0', 2),
            Some(b'a') => ('\x07', 2),
            Some(b'b') => ('\x08', 2),
            Some(b't' | b'\t') => ('\t', 2),
            Some(b'n') => ('\n', 2),
            Some(b'v') => ('\x0b', 2),
            Some(b'f') => ('\x0c', 2),
            Some(b'r') => ('\r', 2),
            Some(b'e') => ('\x1b', 2),
            Some(b'N') => ('\u{85}', 2),
            Some(b'_') => ('\u{a0}', 2),
            Some(b'L') => ('\u{2028}', 2),
            Some(b'P') => ('\u{2029}', 2),
            Some(same @ (b' ' | b'"' | b'/' | b'\\')) => (char::from(same), 2),
            Some(b'x') => self.hex(start, 2),
            Some(b'u') => self.hex(start, 4),
            Some(b'U') => self.hex(start, 8),
            _ => {
                self.sound = false;
                ('\0', 2)
            }
        };
        self.put(decoded.encode_utf8(&mut [0; 4]), start..start + length);
        start + length
    }

    /// The character of `\x41`, `\u0041` or `\U00000041`, also of a surrogate
    /// pair, and the length of its escape.
    fn hex(&mut self, start: usize, digits: usize) -> (char, usize) {
        let length = 2 + digits;
        let code = |from: usize| {
            self.source.get(from + 2..from + length).and_then(|s| u32::from_str_radix(s, 16).ok())
        };
        let first = code(start).unwrap_or(u32::MAX);
        if (0xD800..0xDC00).contains(&first) {
            let second = code(start + length).unwrap_or(0);
            let low = second.wrapping_sub(0xDC00) & 0x3FF;
            let joined = 0x1_0000 + ((first - 0xD800) << 10) + low;
            return (char::from_u32(joined).unwrap_or('\0'), 2 * length);
        }
        (char::from_u32(first).unwrap_or('\0'), length)
    }

    /// Literal and folded scalars; returns the place of the whole token.
    fn block(&mut self, token: &Token<'_>) -> Range<usize> {
        let content = token.range.start;
        let start = token.header.unwrap_or(content);
        let first = match token.header {
            Some(header) => self.line_after(header),
            None => self.line_of(content),
        };
        let indent = token.indent.unwrap_or(content - self.line_of(content).min(content));
        let lines = Lines { first: first.min(content.max(first)), end: token.range.end, indent };
        let last =
            if token.style == Style::Literal { self.literal(&lines) } else { self.folded(&lines) };
        let header_end = self.line_end(start).min(token.range.end.max(start));
        start..last.unwrap_or(header_end).max(start)
    }

    fn line_of(&self, offset: usize) -> usize {
        let before = self.source.get(..offset).unwrap_or_default();
        before.rfind(['\n', '\r']).map_or(0, |i| i + 1)
    }

    fn line_end(&self, offset: usize) -> usize {
        let rest = self.source.get(offset..).unwrap_or_default();
        rest.find(['\n', '\r']).map_or(self.source.len(), |i| offset + i)
    }

    fn line_after(&self, offset: usize) -> usize {
        let end = self.line_end(offset);
        end + self.line_break(end)
    }

    /// Content of the line at `line` without its indentation and break, and the
    /// start of the next line.
    fn content(&self, line: usize, lines: &Lines) -> (Range<usize>, usize) {
        let end = self.line_end(line).min(lines.end.max(line));
        let mut start = line;
        while start < end && start - line < lines.indent && self.byte(start) == Some(b' ') {
            start += 1;
        }
        (start..end, end + self.line_break(end))
    }

    /// Lines as they are. Returns the end of the last one with content.
    fn literal(&mut self, lines: &Lines) -> Option<usize> {
        let (mut line, mut last) = (lines.first, None);
        while self.at < self.value.len() && line < lines.end && self.sound {
            let (content, next) = self.content(line, lines);
            if !content.is_empty() {
                last = Some(content.end);
            }
            self.copy(content.clone());
            if self.at < self.value.len() {
                match next - content.end {
                    1 if self.byte(content.end) == Some(b'\n') => self.copy(content.end..next),
                    _ => self.put("\n", content.end..next),
                }
            }
            line = next;
        }
        self.rest(line.min(self.source.len()));
        last
    }

    /// Lines folded: between two lines of text one break is a space, each further
    /// one a line feed; beside a line that begins with white space all are kept.
    fn folded(&mut self, lines: &Lines) -> Option<usize> {
        let (mut line, mut breaks, mut last) = (lines.first, 0, None);
        let mut spaced_before: Option<bool> = None;
        let mut fold = line;
        while self.at < self.value.len() && line < lines.end && self.sound {
            let (content, next) = self.content(line, lines);
            if !content.is_empty() {
                let spaced = self.is_blank(content.start);
                let folded = match spaced_before {
                    Some(false) if !spaced && breaks == 1 => " ".to_string(),
                    Some(false) if !spaced => "\n".repeat(breaks - 1),
                    _ => "\n".repeat(breaks),
                };
                self.put(&folded, fold..content.start);
                self.copy(content.clone());
                spaced_before = Some(spaced);
                last = Some(content.end);
                fold = content.end;
                breaks = 0;
            }
            breaks += usize::from(next > content.end);
            line = next;
        }
        self.rest(fold.max(line.min(fold)));
        last
    }

    /// The line feeds at the end that chomping kept.
    fn rest(&mut self, offset: usize) {
        let left = self.value.len().saturating_sub(self.at);
        if left > 0 && self.sound {
            let end = self.pass_breaks(offset, self.source.len()).0;
            let end = self.line_of(end).max(offset);
            self.put(&"\n".repeat(left), offset..end);
        }
    }
}

/// The lines of a block scalar.
struct Lines {
    first: usize,
    end: usize,
    indent: usize,
}

#[cfg(test)]
mod tests {
    use crate::base::{Diagnostics, SourceMap};
    use crate::yaml::{Node, parse};
    use proptest::prelude::*;

    /// The value of `k` in `text`.
    fn value(text: &str) -> Node {
        let mut map = SourceMap::default();
        let file = map.add("a.yaml".into(), text.into());
        let mut diags = Diagnostics::default();
        let documents = parse(file, text, &mut diags);
        assert!(diags.is_empty(), "{text:?}: {:?}", diags.iter().next());
        documents[0].root.get("k").expect("a key k").clone()
    }

    /// Asserts the decoded text, and that each letter of it maps to itself, in
    /// order, one source byte each.
    fn maps(text: &str, decoded: &str) {
        let node = value(text);
        let scalar = node.as_scalar().expect("a scalar");
        assert_eq!(scalar.text.as_str(), decoded, "{text:?}");
        let mut before = None;
        for (i, byte) in decoded.bytes().enumerate() {
            let range = scalar.text.slice(i..i + 1).range();
            assert!(range.end <= text.len(), "{text:?} byte {i}");
            assert!(before <= Some(range.start), "{text:?} byte {i} goes back");
            before = Some(range.start);
            if byte.is_ascii_alphabetic() {
                assert_eq!(range.len(), 1, "{text:?} byte {i}");
                assert_eq!(text.as_bytes()[range.start], byte, "{text:?} byte {i}");
            }
        }
    }

    #[test]
    fn all_five_styles_map_back() {
        maps("k: abc def", "abc def");
        maps("k: abc\n  def  \n\n\n  ghi\n", "abc def\n\nghi");
        maps("k: 'ab''cd'", "ab'cd");
        maps("k: 'ab \n  cd\n\n  ef '", "ab cd\nef ");
        maps("k: \"a\\tb\\x20c\\u263ad\\U0001F600e\\\"f\"", "a\tb c\u{263a}d\u{1f600}e\"f");
        maps("k: \"a\\uD83D\\uDE00b\"", "a\u{1f600}b");
        maps("k: \"a \\\n    b\\\n\n   c  \n  d\"", "a b\nc d");
        maps(
            "k: \"a\\N\\_\\L\\P\\e\\0\\a\\b\\v\\f\\r\\/\\ \\\\b\"",
            "a\u{85}\u{a0}\u{2028}\u{2029}\x1b\0\x07\x08\x0b\x0c\r/ \\b",
        );
        maps("k: |\n  ab\n    cd\n\n  ef\n", "ab\n  cd\n\nef\n");
        maps("k: |2-\n    ab\n  cd\n\n", "  ab\ncd");
        maps("k: |\n\n  ab\n   \n  cd\n\n\nx: 1", "\nab\n \ncd\n");
        maps("k: |+ # note | x\r\n  ab\r\n\r\n  cd\r\n\r\nx: 1\r\n", "ab\n\ncd\n\n");
        maps("k: |\n  ab", "ab\n");
        maps(
            "k: >\n\n  ab\n  cd\n\n  ef\n   gh\n   ij\n  kl\n\n  mn\n",
            "\nab cd\nef\n gh\n ij\nkl\nmn\n",
        );
        maps("k: >+\r\n  ab\r\n  cd\r\n\r\n\r\n", "ab cd\n\n\n");
        maps("k: >-\n  ab\n  \u{e9}cd\n", "ab \u{e9}cd");
        maps("k: &a !!str |\n  ab\n", "ab\n");
    }

    #[test]
    fn tokens_span_header_to_last_letter() {
        for (text, token) in [
            ("k: |\n  ab\n  cd\n\nx: 1", "|\n  ab\n  cd"),
            ("k: >-\n  ab\n", ">-\n  ab"),
            ("k: 'a b' # c", "'a b'"),
            ("k: abc # c", "abc"),
            ("k: |\nx: 1", "|"),
            ("k:\n  |\n  ab\nx: 1", "|\n  ab"),
        ] {
            assert_eq!(&text[value(text).span.range()], token, "{text:?}");
        }
        let empty = value("k: # c\nx: 1");
        assert_eq!((empty.span.range(), empty.is_null()), (2..2, true));
        assert_eq!(value("k: ''").as_text().expect("a text").slice(0..0).range(), 4..4);
    }

    proptest! {
        #[test]
        fn block_scalars_of_any_lines_map_back(
            lines in proptest::collection::vec("[a-z]{1,4}|[ ]{0,3}[a-z]{1,3}|\t[a-z]|", 1..8),
            style in "[|>][-+]?",
            crlf in any::<bool>(),
        ) {
            // A line of spaces alone would be longer than a blank one.
            let blank = |l: &String| l.trim().is_empty();
            let mut lines: Vec<&str> =
                lines.iter().map(|l| if blank(l) { "" } else { l.as_str() }).collect();
            lines.push("z");
            let eol = if crlf { "\r\n" } else { "\n" };
            let mut text = format!("k: {}2{}{eol}", &style[..1], &style[1..]);
            for line in &lines {
                text.push_str(&if line.is_empty() { eol.to_string() } else { format!("  {line}{eol}") });
            }
            text.push_str("x: 1");
            let node = value(&text);
            let decoded = node.as_str().expect("a text").to_string();
            maps(&text, &decoded);
        }

        #[test]
        fn flow_scalars_of_any_text_map_back(
            words in proptest::collection::vec("[a-z]{1,4}", 1..8),
            gaps in proptest::collection::vec("[ ]|\n  |\n\n   | \n \t ", 8),
            style in 0..3,
        ) {
            let mut body = String::new();
            for (word, gap) in words.iter().zip(&gaps) {
                body.push_str(word);
                body.push_str(gap);
            }
            body.push('z');
            let text = match style {
                0 => format!("k: {body}"),
                1 => format!("k: '{}'", body.replace('e', "''")),
                _ => format!("k: \"{}\"", body.replace('e', "\\\"").replace('f', "\\\n  ")),
            };
            let node = value(&text);
            let decoded = node.as_str().expect("a text").to_string();
            maps(&text, &decoded);
        }
    }
}
