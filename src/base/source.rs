//! Files and places in them. A file comes in as text with the path it is shown
//! under; spans, lines and columns come out, also for text that a YAML scalar
//! decoded (folded, escaped) on its way.

use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

/// A file of the [`SourceMap`]. The order of ids is the order of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file, or nowhere ([`Span::NONE`]) for what the
/// compiler made itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    file: u32,
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The place of what stands in no file.
    pub const NONE: Span = Span { file: u32::MAX, start: 0, end: 0 };

    /// Bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file: file.0, start: clamp(start), end: clamp(end) }
    }

    /// The file, unless this is [`Span::NONE`].
    pub fn file(self) -> Option<FileId> {
        (self.file != u32::MAX).then_some(FileId(self.file))
    }

    /// Whether this is [`Span::NONE`].
    pub fn is_none(self) -> bool {
        self.file == u32::MAX
    }

    /// This span, or `other` where this one is nowhere.
    pub fn or(self, other: Span) -> Span {
        if self.is_none() { other } else { self }
    }

    /// The smallest span that holds both. A span that is nowhere, or in another
    /// file, adds nothing.
    pub fn to(self, other: Span) -> Span {
        if self.is_none() {
            return other;
        }
        if other.file != self.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The bytes as a range for slicing the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The empty span at the end of this one.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// A file longer than 4 GiB is refused before it is read, so an offset always
/// fits; the clamp only keeps a broken promise from wrapping around.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A value and the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Spanned<T> {
        Spanned { value, span }
    }

    /// The same place, another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// A run of decoded bytes and the source bytes that they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset of the run in the decoded text.
    pub at: u32,
    /// Offset of the run in the file.
    pub source: u32,
    /// Length of the run in the file. A run whose decoded length equals it was
    /// copied byte for byte; any other (an escape, a folded line break) is one
    /// place that cannot be pointed into.
    pub len: u32,
}

/// Decoded text with a map of its offsets to the file: what a YAML scalar says,
/// and where each byte of it stands.
///
/// ```
/// use ninefold::base::{SourceMap, Text};
/// let mut map = SourceMap::default();
/// let file = map.add("a.yaml".into(), "key: rate(x)".into());
/// let text = Text::verbatim("rate(x)", file, 5);
/// assert_eq!(text.slice(5..6).range(), 10..11);
/// ```
#[derive(Clone, Debug)]
pub struct Text {
    value: Arc<str>,
    span: Span,
    /// Sorted by `at`; the first begins at 0. Empty for text of no file.
    pieces: Box<[Piece]>,
}

impl Text {
    /// Text that stands in `file` from byte `start` on exactly as it is.
    pub fn verbatim(value: &str, file: FileId, start: usize) -> Text {
        let span = Span::new(file, start, start + value.len());
        Text::mapped(
            value.into(),
            span,
            vec![Piece { at: 0, source: span.start, len: span.end - span.start }],
        )
    }

    /// Text that was decoded from `span`, with the map of its runs. `pieces` are
    /// sorted by `at` and begin at 0.
    pub fn mapped(value: Arc<str>, span: Span, pieces: Vec<Piece>) -> Text {
        Text { value, span, pieces: pieces.into() }
    }

    /// Text that the compiler made: every place in it is [`Span::NONE`].
    pub fn made(value: &str) -> Text {
        Text { value: value.into(), span: Span::NONE, pieces: Box::default() }
    }

    /// Another text of the same length that stands at the same places, such as one
    /// with sample values for variables. `None` if the lengths differ.
    pub fn disguised(&self, value: &str) -> Option<Text> {
        let same = value.len() == self.value.len();
        same.then(|| Text { value: value.into(), span: self.span, pieces: self.pieces.clone() })
    }

    /// This text, which was read from the decoded text of `outer`, at its places in
    /// the file of `outer`: a rule file that stands in a scalar of another file.
    pub fn within(&self, outer: &Text) -> Text {
        let span = outer.slice(self.span.range());
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for (index, piece) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(index + 1).map_or(self.value.len(), |p| p.at as usize);
            let (at, source, len) = (piece.at as usize, piece.source as usize, piece.len as usize);
            let mut from = source;
            while next - at == len && from < source + len {
                let (start, end, run) = outer.run_of(from);
                let until = end.min(source + len).max(from + 1);
                let exact = end - start == run.len as usize;
                let shift = if exact { from - start } else { 0 };
                let length = if exact { until - from } else { run.len as usize };
                pieces.push(Piece {
                    at: clamp(at + from - source),
                    source: run.source + clamp(shift),
                    len: clamp(length),
                });
                from = until;
            }
            if next - at != len {
                let place = outer.slice(source..source + len);
                pieces.push(Piece {
                    at: piece.at,
                    source: place.start,
                    len: place.end - place.start,
                });
            }
        }
        if outer.pieces.is_empty() {
            pieces.clear();
        }
        Text::mapped(self.value.clone(), span, pieces)
    }

    /// Start and end, in the decoded text, of the run that holds the byte at `offset`.
    fn run_of(&self, offset: usize) -> (usize, usize, Piece) {
        let index = self.pieces.partition_point(|p| p.at as usize <= offset).saturating_sub(1);
        let next = self.pieces.get(index + 1).map_or(self.value.len(), |p| p.at as usize);
        let nothing = Piece { at: 0, source: self.span.start, len: 0 };
        let piece = self.pieces.get(index).copied().unwrap_or(nothing);
        (piece.at as usize, next, piece)
    }

    /// Nothing, at the place of this text.
    pub fn truncated(&self) -> Text {
        Text { value: "".into(), span: self.span, pieces: Box::default() }
    }

    /// The decoded text.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The place of the whole scalar, quotes included.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The place in the file of the decoded bytes `range`. An empty range gives
    /// an empty span before the byte at its start.
    pub fn slice(&self, range: Range<usize>) -> Span {
        let Some(file) = self.span.file() else { return Span::NONE };
        if self.pieces.is_empty() {
            return self.span;
        }
        let start = self.source_of(range.start).0;
        let end = if range.end > range.start { self.source_of(range.end - 1).1 } else { start };
        Span::new(file, start, end.max(start))
    }

    /// Start and end in the file of the decoded byte at `offset`.
    fn source_of(&self, offset: usize) -> (usize, usize) {
        let index = self.pieces.partition_point(|p| p.at as usize <= offset).saturating_sub(1);
        let piece = self.pieces[index];
        let next = self.pieces.get(index + 1).map_or(self.value.len(), |p| p.at as usize);
        let (at, source, len) = (piece.at as usize, piece.source as usize, piece.len as usize);
        if next - at != len {
            return (source, source + len);
        }
        let place = source + (offset - at).min(len);
        (place, (place + 1).min(source + len))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.value == other.value
    }
}

impl Eq for Text {}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A file that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// The path that outputs name: relative to the project's root.
    pub path: Utf8PathBuf,
    /// The path that messages name: relative to the working directory.
    pub shown: Utf8PathBuf,
    /// The text.
    pub text: Arc<str>,
    /// Offset of the first byte of each line.
    lines: Vec<u32>,
}

impl SourceFile {
    /// The index, from 0, of the line that holds the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// The bytes of line `index` (from 0) with its line break; of the last line
    /// for an index beyond the end.
    pub fn line_range(&self, index: usize) -> Range<usize> {
        let index = index.min(self.lines.len() - 1);
        let end = self.lines.get(index + 1).map_or(self.text.len(), |&next| next as usize);
        self.lines[index] as usize..end
    }

    /// Line and column of the byte at `offset`.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line_of(offset);
        let start = self.lines[line] as usize;
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Position { line: line + 1, column: before.chars().count() + 1 }
    }
}

/// All files of a run, in the order in which their findings are shown.
#[derive(Debug, Default)]
pub struct SourceMap {
    /// The way from the working directory to the project's root.
    prefix: Utf8PathBuf,
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// A map whose files are shown below `prefix`, the way from the working
    /// directory to the project's root.
    pub fn showing(prefix: Utf8PathBuf) -> SourceMap {
        SourceMap { prefix, files: Vec::new() }
    }

    /// How messages name a path of the project.
    pub fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        if self.prefix.as_str().is_empty() { path.to_owned() } else { self.prefix.join(path) }
    }

    /// Takes a file in. `path` is relative to the project's root.
    pub fn add(&mut self, path: Utf8PathBuf, text: Arc<str>) -> FileId {
        let shown = self.shown(&path);
        let lines = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| clamp(i + 1)))
            .collect();
        let id = FileId(clamp(self.files.len()));
        self.files.push(SourceFile { path, shown, text, lines });
        id
    }

    /// The file of an id that this map gave out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files in order.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The root-relative path of the file that a span is in.
    pub fn path(&self, span: Span) -> Option<&Utf8Path> {
        span.file().map(|id| self.file(id).path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> (SourceMap, FileId) {
        let mut map = SourceMap::default();
        let file = map.add("a.yaml".into(), text.into());
        (map, file)
    }

    #[test]
    fn positions_count_characters_and_lines_from_one() {
        let (map, file) = map("ab\nçd\n");
        let source = map.file(file);
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(5), Position { line: 2, column: 2 });
        assert_eq!(source.position(99), Position { line: 3, column: 1 });
        assert_eq!(source.line_range(1), 3..7);
    }

    #[test]
    fn text_maps_through_escapes_and_folds() {
        // Source `"a\tb` : decoded `a<TAB>b`, the escape is two source bytes.
        let (_, file) = map("\"a\\tb\"");
        let pieces = vec![
            Piece { at: 0, source: 1, len: 1 },
            Piece { at: 1, source: 2, len: 2 },
            Piece { at: 2, source: 4, len: 1 },
        ];
        let text = Text::mapped("a\tb".into(), Span::new(file, 0, 6), pieces);
        assert_eq!(text.slice(0..1).range(), 1..2);
        assert_eq!(text.slice(1..2).range(), 2..4);
        assert_eq!(text.slice(1..3).range(), 2..5);
        assert_eq!(text.slice(3..3).range(), 5..5);
    }

    #[test]
    fn text_in_text_maps_to_the_file() {
        // Source `|\n  ab\n  cd`: decoded `ab\ncd`, in which `b\nc` stands.
        let (_, file) = map("|\n  ab\n  cd");
        let pieces = vec![Piece { at: 0, source: 4, len: 3 }, Piece { at: 3, source: 9, len: 2 }];
        let outer = Text::mapped("ab\ncd".into(), Span::new(file, 0, 11), pieces);
        let inner = Text::verbatim("b\nc", file, 1).within(&outer);
        assert_eq!(inner.span().range(), 5..10);
        assert_eq!(inner.slice(0..1).range(), 5..6);
        assert_eq!(inner.slice(2..3).range(), 9..10);
    }

    #[test]
    fn spans_join_only_within_one_file() {
        let (mut map, a) = map("0123456789");
        let b = map.add("b.yaml".into(), "".into());
        let one = Span::new(a, 2, 4);
        assert_eq!(one.to(Span::new(a, 6, 7)).range(), 2..7);
        assert_eq!(one.to(Span::new(b, 0, 9)), one);
        assert_eq!(Span::NONE.to(one), one);
        assert_eq!(Span::NONE.or(one), one);
    }
}
