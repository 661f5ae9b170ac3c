//! The few lines of a file that a snippet shows, so that the cost of a finding
//! does not grow with its file. Lines come in; a short text with the same line
//! numbers, and a map of the file's offsets into it, come out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::place::Place;
use crate::base::SourceFile;

/// A longer line is cut around what is shown of it.
const LONGEST_LINE: usize = 500;

/// So many lines beside a labelled one are kept, which the renderer may show to
/// bridge a gap.
const AROUND: usize = 2;

/// Some lines of a file; those between them are there, but empty.
pub(super) struct Window {
    pub(super) text: String,
    /// The number, from 1, of the first line.
    pub(super) first: usize,
    kept: Vec<Kept>,
}

/// A part of a line that is in the window.
struct Kept {
    /// Its bytes in the file.
    source: Range<usize>,
    /// Where it stands in the window.
    at: usize,
    /// How many characters of the line were cut off before it.
    cut: usize,
    /// Where the next line begins in the file; none if this is the last one, or
    /// if its end was cut off.
    next: Option<usize>,
}

impl Window {
    /// The lines of some places in one file.
    pub(super) fn around(file: &SourceFile, places: &[&Place<'_>]) -> Window {
        let wanted: BTreeSet<usize> = places.iter().flat_map(|p| p.lines()).collect();
        let first = wanted.first().copied().unwrap_or(0);
        let last = wanted.last().copied().unwrap_or(0);
        let near: BTreeSet<usize> = wanted
            .iter()
            .flat_map(|line| line.saturating_sub(AROUND)..=line + AROUND)
            .filter(|line| (first..=last).contains(line))
            .collect();
        let mut window = Window { text: String::new(), first: first + 1, kept: Vec::new() };
        for line in first..=last {
            if near.contains(&line) {
                window.keep(file, line, places);
            }
            if line < last || file.line_range(line).end < file.text.len() {
                window.text.push('\n');
            }
        }
        window
    }

    /// Takes a line in, without its line break.
    fn keep(&mut self, file: &SourceFile, line: usize, places: &[&Place<'_>]) {
        let whole = file.line_range(line);
        let text = file.text.get(whole.clone()).unwrap_or_default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let mut from = 0;
        let mut to = text.len();
        if text.len() > LONGEST_LINE {
            let on = |p: &&&Place<'_>| p.lines().contains(&line);
            let label = places.iter().find(on).map_or(0, |p| p.range.start.max(whole.start));
            from =
                (label - whole.start.min(label)).saturating_sub(LONGEST_LINE / 3).min(text.len());
            to = (from + LONGEST_LINE).min(text.len());
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            while !text.is_char_boundary(to) {
                to += 1;
            }
        }
        let cut = text.get(..from).unwrap_or_default().chars().count();
        let source = whole.start + from..whole.start + to;
        let broken = file.text.get(..whole.end).is_some_and(|t| t.ends_with('\n'));
        let next = (broken && to == text.len()).then_some(whole.end);
        self.kept.push(Kept { source, at: self.text.len(), cut, next });
        self.text.push_str(text.get(from..to).unwrap_or_default());
    }

    /// Where a range of the file stands in the window; none if its start was cut
    /// off.
    pub(super) fn find(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let inside = |k: &&Kept| k.source.start <= range.start && range.start <= k.source.end;
        let (index, kept) = match self.kept.iter().enumerate().find(|(_, k)| inside(k)) {
            Some(found) => found,
            // On the line break itself, of two bytes or of a cut line.
            None => {
                let before = |(_, k): &(usize, &Kept)| k.source.end < range.start;
                self.kept.iter().enumerate().rfind(before)?
            }
        };
        if range.start > kept.source.end + 1 {
            return None;
        }
        let start = kept.at + (range.start - kept.source.start).min(kept.source.len());
        let tail = self.kept.iter().skip(index).rev().find(|k| k.source.start < range.end);
        let end = tail.map_or(start, |k| k.at + (range.end - k.source.start).min(k.source.len()));
        Some(start..end.max(start))
    }

    /// The range, if nothing of it was cut off and no end of it lies within a line
    /// break: an edit of the window then shows as it would in the file.
    pub(super) fn find_whole(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let whole = |offset: usize| {
            let inside = |k: &Kept| k.source.start <= offset && offset <= k.source.end;
            if let Some(kept) = self.kept.iter().find(|k| inside(k)) {
                return Some(kept.at + offset - kept.source.start);
            }
            // Behind the last line, with its line break.
            let kept = self.kept.iter().find(|k| k.next == Some(offset))?;
            let at = kept.at + kept.source.len() + 1;
            (at <= self.text.len()).then_some(at)
        };
        Some(whole(range.start)?..whole(range.end)?)
    }

    /// How many characters were cut off before an offset of the window.
    pub(super) fn cut_before(&self, at: usize) -> usize {
        self.kept.iter().rev().find(|k| k.at <= at).map_or(0, |k| k.cut)
    }

    /// Line, from 1, and column in characters, from 1, of an offset of the window.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        (self.first + line, column + 1)
    }
}
