//! A span as readers are told it: path, line, column. A span comes in, even one
//! that fits its file badly; its file and a range on character boundaries come
//! out.

use std::ops::Range;

use camino::Utf8Path;

use crate::base::{Position, SourceFile, SourceMap, Span};

/// The file of a span and its bytes there.
pub(super) struct Place<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) range: Range<usize>,
}

impl<'a> Place<'a> {
    /// The place of a span; none for [`Span::NONE`].
    pub(super) fn of(span: Span, sources: &'a SourceMap) -> Option<Place<'a>> {
        let file = sources.file(span.file()?);
        let text = &*file.text;
        let mut start = (span.start as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (span.end as usize).clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Some(Place { file, range: start..end })
    }

    /// The path that messages name.
    pub(super) fn path(&self) -> &'a str {
        self.file.shown.as_str()
    }

    pub(super) fn start(&self) -> Position {
        self.file.position(self.range.start)
    }

    pub(super) fn end(&self) -> Position {
        self.file.position(self.range.end)
    }

    /// `path:line:column`.
    pub(super) fn name(&self) -> String {
        let Position { line, column } = self.start();
        format!("{}:{line}:{column}", self.path())
    }

    /// The lines, from 0, that it is on. One that ends with a line break is not
    /// on the next line.
    pub(super) fn lines(&self) -> Range<usize> {
        let last = self.range.end.saturating_sub(1).max(self.range.start);
        self.file.line_of(self.range.start)..self.file.line_of(last) + 1
    }
}

/// The project file as messages name it: where readers that want a file are sent
/// for a finding that is in none.
pub(super) fn project_file(sources: &SourceMap) -> String {
    sources.shown(Utf8Path::new("ninefold.yaml")).into_string()
}
