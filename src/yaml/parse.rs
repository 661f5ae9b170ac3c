//! Text to documents. A fault that has a known extent is reported and blanked in
//! a copy of the same length, and the document is read again, so that one run
//! shows all its faults; after any other the rest of the document is given up.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, options};

use super::build::{Builder, MAX_DEPTH, Placed};
use super::fault::{self, Patch};
use super::lines::line_at;
use super::node::{Comment, Document, Kind, Node, Scalar, Style};
use crate::base::{Diagnostics, FileId, Span, Text};

/// Most faults of one document that are worked around.
const MAX_PATCHES: usize = 50;

/// Reads all documents of `text`, the text of `file` without a byte order mark.
///
/// A document of comments alone is none, unless `---` begins it: then its root is
/// null. Faults are reported to `diags`; what could be read is returned
/// nevertheless, with [`Kind::Error`] in the place of what could not.
pub fn parse(file: FileId, text: &str, diags: &mut Diagnostics) -> Vec<Document> {
    let mut reader = Reader {
        file,
        documents: Vec::new(),
        pending: Vec::new(),
        diags,
        masks: Vec::new(),
        state: State::default(),
        closed: None,
        // A directive rules the documents after it, so none is read on its own.
        whole: !(text.starts_with('%') || text.contains("\n%")),
    };
    let mut work = Cow::Borrowed(text);
    let mut base = 0;
    while let Some((start, patch)) = reader.read(&work, base) {
        base = start;
        apply(work.to_mut(), &patch);
        reader.add_mask(patch.mask);
    }
    let Reader { mut documents, pending, .. } = reader;
    if let Some(last) = documents.last_mut() {
        last.comments.extend(pending);
    }
    documents
}

/// Overwrites what a patch names with fillers of the same length.
fn apply(text: &mut String, patch: &Patch) {
    let mut bytes = std::mem::take(text).into_bytes();
    let fillers = patch.mask.iter().map(|m| (m, b'_')).chain(patch.blank.iter().map(|b| (b, b' ')));
    for (range, filler) in fillers {
        for byte in bytes.get_mut(range.clone()).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = filler;
            }
        }
    }
    // Ranges end at characters, so this stays UTF-8; if one did not, the
    // replacement characters only make further faults.
    *text = String::from_utf8(bytes)
        .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
}

struct Reader<'d> {
    file: FileId,
    documents: Vec<Document>,
    /// Comments that belong to the document to come.
    pending: Vec<Comment>,
    diags: &'d mut Diagnostics,
    /// Places of fillers, sorted, apart from each other.
    masks: Vec<Range<usize>>,
    state: State,
    /// The last document, if it ended by itself: its start and its state.
    closed: Option<(usize, State)>,
    /// Documents can be read again on their own.
    whole: bool,
}

/// What happened to the document at hand.
#[derive(Clone, Copy, Default)]
struct State {
    /// How many faults were worked around.
    patches: usize,
    /// Tabs were replaced.
    tabs: bool,
    /// Content was dropped.
    broken: bool,
    /// Where the last fault was that took lines away.
    dropped: Option<usize>,
}

fn parser_options() -> Options {
    options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

impl Reader<'_> {
    /// Reads the documents from `base` on. Returns where to read again and what to
    /// blank before, `None` at the end.
    fn read(&mut self, source: &str, base: usize) -> Option<(usize, Patch)> {
        self.pending.retain(|comment| (comment.span.start as usize) < base);
        // The parser does not count a byte order mark in its offsets.
        let rest = source.get(base..)?.trim_start_matches('\u{feff}');
        let base = source.len() - rest.len();
        let mut parser = Parser::new_from_str_with_options(rest, parser_options());
        let masks = self.masks.clone();
        let before = self.documents.len();
        let mut builder: Option<Builder<'_>> = None;
        let mut opened = Opened { start: base, explicit: false };
        loop {
            let fault = match parser.next_event()? {
                Ok((event, span)) => {
                    let range =
                        span.byte_range().map_or(base..base, |r| r.start + base..r.end + base);
                    match event {
                        Event::DocumentStart(explicit, _) => {
                            opened = Opened { start: range.start, explicit };
                            builder = Some(Builder::new(self.file, source, &masks, range.start));
                            continue;
                        }
                        Event::DocumentEnd => {
                            if let Some(done) = builder.take() {
                                let state = self.state;
                                self.close(done, &opened, range.start);
                                self.closed = Some((opened.start, state));
                            }
                            continue;
                        }
                        _ => {}
                    }
                    let tag = span
                        .tag_span()
                        .and_then(|s| s.byte_range())
                        .map(|r| r.start + base..r.end + base);
                    let placed = Placed { event, range, indent: span.indent, tag };
                    match &mut builder {
                        Some(builder) => match builder.event(&placed) {
                            Ok(()) => continue,
                            Err(template) => fault::Cause::Template(template.0),
                        },
                        None => {
                            self.between(placed);
                            continue;
                        }
                    }
                }
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(0) + base;
                    fault::Cause::Scan(error.kind().clone(), at.min(source.len()))
                }
            };
            let from = match (&builder, self.closed.take()) {
                (Some(_), _) => Some(opened.start),
                // Behind a document that seemed complete: it goes on after all.
                (None, Some((start, state))) if start >= base => {
                    self.reopen(start, state);
                    Some(start)
                }
                (None, _) => (self.documents.len() == before).then_some(base),
            };
            if let Some(again) = self.fault(source, &fault, builder.as_ref(), from) {
                return Some(again);
            }
            self.state.broken = true;
            let done =
                builder.take().unwrap_or_else(|| Builder::new(self.file, source, &[], fault.at()));
            self.close(done, &opened, fault.at());
            if parser.proceed_next_document().is_err() {
                return None;
            }
        }
    }

    /// A comment before a document.
    fn between(&mut self, placed: Placed<'_>) {
        if let Event::Comment(text, _) = placed.event {
            let span = Span::new(self.file, placed.range.start, placed.range.end);
            self.pending.push(Comment { text: text.trim().to_string(), span });
        }
    }

    /// Reports a fault; says how to read on behind it, if there is a way.
    fn fault(
        &mut self,
        source: &str,
        cause: &fault::Cause,
        builder: Option<&Builder<'_>>,
        from: Option<usize>,
    ) -> Option<(usize, Patch)> {
        let scene = fault::Scene {
            file: self.file,
            source,
            bracket: builder.and_then(Builder::open_bracket),
            last_end: builder.map_or(from.unwrap_or(cause.at()), |b| b.last_end),
        };
        let (diagnostic, patch) = fault::explain(&scene, cause);
        let place = diagnostic.primary.span.range();
        if self.masks.iter().any(|mask| mask.start < place.end && place.start < mask.end) {
            // The filler itself does not fit: its fault was reported.
            return None;
        }
        // Tabs that were replaced leave the lines askew, and lines that were dropped
        // leave those below them without a home: what follows from that would only
        // repeat the finding.
        let orphan = self.state.dropped.is_some_and(|last| fault::follows(source, last, cause));
        if !((self.state.tabs || orphan) && fault::is_layout(&diagnostic, cause)) {
            self.diags.push(diagnostic);
        }
        let patch = patch?;
        self.state.tabs |= patch.tabs;
        let changes = patch
            .mask
            .iter()
            .map(|range| (range, b'_'))
            .chain(patch.blank.iter().map(|range| (range, b' ')))
            .any(|(range, filler)| {
                let text = source.get(range.clone()).unwrap_or_default();
                text.bytes().any(|b| b != filler && !matches!(b, b'\n' | b'\r'))
            });
        if !changes || !self.whole || self.state.patches >= MAX_PATCHES {
            return None;
        }
        self.state.patches += 1;
        self.state.broken |= patch.lost;
        if fault::drops_lines(source, &patch) {
            self.state.dropped = Some(place.start);
        }
        Some((line_at(source, from?).start, patch))
    }

    /// Takes the last document back, to read it again from `start`.
    fn reopen(&mut self, start: usize, state: State) {
        let is_last = |d: &Document| d.span.start as usize == start;
        if self.documents.last().is_some_and(is_last)
            && let Some(document) = self.documents.pop()
        {
            self.pending.splice(0..0, document.comments);
        }
        self.state = state;
    }

    /// Notes where a filler stands; one that it touches becomes part of it.
    fn add_mask(&mut self, mask: Option<Range<usize>>) {
        let Some(mut mask) = mask else { return };
        let start = self.masks.partition_point(|m| m.end < mask.start);
        let end = self.masks.partition_point(|m| m.start <= mask.end);
        for old in self.masks.drain(start..end.max(start)) {
            mask = mask.start.min(old.start)..mask.end.max(old.end);
        }
        self.masks.insert(start, mask);
    }

    /// Hands a document over.
    fn close(&mut self, mut builder: Builder<'_>, opened: &Opened, end: usize) {
        let root = builder.finish();
        self.diags.append(std::mem::take(&mut builder.diags));
        let broken = std::mem::take(&mut self.state).broken || builder.lost;
        self.closed = None;
        let nothing = Span::new(self.file, opened.start, opened.start);
        let unread = Node { span: nothing, kind: if broken { Kind::Error } else { null(nothing) } };
        let root = root.unwrap_or(unread);
        let mut comments = std::mem::take(&mut self.pending);
        comments.append(&mut builder.comments);
        if root.is_null() && !opened.explicit && !broken && root.span.range().is_empty() {
            self.pending = comments;
            return;
        }
        let start = Span::new(self.file, opened.start, opened.start);
        let end = if broken { end.max(opened.start) } else { builder.last_end.max(opened.start) };
        let span = start.to(Span::new(self.file, opened.start, end));
        self.documents.push(Document { root, comments, span, broken });
    }
}

fn null(span: Span) -> Kind {
    Kind::Scalar(Scalar {
        text: Text::mapped("".into(), span, Vec::new()),
        style: Style::Plain,
        tag: None,
    })
}

/// How a document begins.
struct Opened {
    start: usize,
    explicit: bool,
}
