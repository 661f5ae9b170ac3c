//! Findings for people. A finding comes in; its message, its places in the
//! source, its notes, help and fixes come out as text.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Patch, Renderer, Snippet};

use super::place::Place;
use super::window::Window;
use crate::base::{Count, Diagnostic, Diagnostics, Fix, Label, Severity, SourceMap};

/// How findings look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to write ANSI escapes.
    pub color: bool,
    /// Columns of the terminal; longer source lines are cut around the label.
    pub width: usize,
}

impl Default for Style {
    /// No colour, wide enough for most lines: what a file or a test gets.
    fn default() -> Style {
        Style { color: false, width: 140 }
    }
}

/// Labels of one file further apart are shown in snippets of their own.
const FAR: usize = 400;

/// A label on more lines is shown on its first.
const TALL: usize = 6;

/// All findings, an empty line after each.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width.max(20));
    let mut out = String::new();
    for diagnostic in diags.iter() {
        out.push_str(&one(diagnostic, sources, &renderer));
        out.push_str("\n\n");
    }
    out
}

/// How many findings there are, for the end of a run: `2 errors and 1 warning in
/// 3 files`.
pub fn summary(diags: &Diagnostics, files: usize) -> String {
    let errors = diags.count(Severity::Error);
    let warnings = diags.count(Severity::Warning);
    let found = match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        (_, 0) => Count(errors, "error").to_string(),
        (0, _) => Count(warnings, "warning").to_string(),
        _ => format!("{} and {}", Count(errors, "error"), Count(warnings, "warning")),
    };
    if files == 0 { found } else { format!("{found} in {}", Count(files, "file")) }
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(single_line(&diagnostic.message)).id(diagnostic.code.name);
    let mut main = Group::with_title(title);
    let mut notes = diagnostic.notes.clone();
    let mut columns = Vec::new();
    for part in parts(diagnostic, sources) {
        let (snippet, column) = part.snippet(&mut notes);
        columns.extend(column);
        main = main.element(snippet);
    }
    let message = |level: Level<'static>, text: &str| Element::from(level.message(text.to_owned()));
    main = main.elements(notes.iter().map(|note| message(Level::NOTE, note)));
    let fixed = |help: &String| diagnostic.fixes.iter().any(|fix| fix.title == *help);
    let help = diagnostic.help.iter().filter(|help| !fixed(help));
    main = main.elements(help.map(|help| message(Level::HELP, help)));
    let mut groups = Vec::new();
    for fix in &diagnostic.fixes {
        match patch(fix, sources) {
            Some(group) => groups.push(group),
            None => main = main.element(message(Level::HELP, &fix.title)),
        }
    }
    groups.insert(0, main);
    let mut text = renderer.render(&groups);
    for (shown, right) in columns {
        // The renderer counts columns of a line that was cut.
        text = text.replacen(&shown, &right, 1);
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A message is a title, which has one line.
fn single_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Labels that one snippet shows.
struct Part<'a> {
    labels: Vec<(AnnotationKind, Place<'a>, &'a str)>,
}

/// The labels of a finding by file, the primary one's first.
fn parts<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Part<'a>> {
    let primary = std::iter::once((AnnotationKind::Primary, &diagnostic.primary));
    let others = diagnostic.others.iter().map(|label| (AnnotationKind::Context, label));
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (kind, label) in primary.chain(others) {
        let Label { span, text } = label;
        let Some(place) = Place::of(*span, sources) else { continue };
        let part = parts.iter_mut().find(|part| part.takes(&place));
        let entry = (kind, place, text.as_str());
        match part {
            Some(part) => part.labels.push(entry),
            None => parts.push(Part { labels: vec![entry] }),
        }
    }
    parts
}

/// A column that the renderer will show, and the one it should: `path:1:300`.
type Column = Option<(String, String)>;

impl<'a> Part<'a> {
    /// Whether a place is in the same file and not far away.
    fn takes(&self, place: &Place<'_>) -> bool {
        self.labels.first().is_some_and(|(_, first, _)| {
            std::ptr::eq(first.file, place.file)
                && first.lines().start.abs_diff(place.lines().start) <= FAR
        })
    }

    /// The snippet. A label that has no room in it becomes a note.
    fn snippet(
        &self,
        notes: &mut Vec<String>,
    ) -> (Snippet<'a, annotate_snippets::Annotation<'a>>, Column) {
        let shown: Vec<Place<'a>> = self.labels.iter().map(|(_, place, _)| short(place)).collect();
        let places: Vec<&Place<'a>> = shown.iter().collect();
        // Every part has a label, so the path is that of a file.
        let path = places.first().map_or("", |p| p.path());
        let Some(file) = places.first().map(|p| p.file) else {
            return (Snippet::source(""), None);
        };
        let window = Window::around(file, &places);
        let mut column = None;
        let mut annotations = Vec::new();
        for ((kind, place, text), shown) in self.labels.iter().zip(&shown) {
            let Some(range) = window.find(&shown.range) else {
                notes.push(format!("{}: {text}", place.name()));
                continue;
            };
            let cut = window.cut_before(range.start);
            if column.is_none() && cut > 0 {
                let (line, at) = window.position(range.start);
                let name = |column: usize| format!("{path}:{line}:{column}");
                column = Some((name(at), name(at + cut)));
            }
            let annotation = kind.span(range);
            annotations.push(match text.is_empty() {
                true => annotation,
                false => annotation.label(*text),
            });
        }
        let first = window.first;
        (Snippet::source(window.text).line_start(first).path(path).annotations(annotations), column)
    }
}

/// A place on few enough lines to be drawn.
fn short<'a>(place: &Place<'a>) -> Place<'a> {
    let lines = place.lines();
    let mut range = place.range.clone();
    if lines.len() > TALL {
        let line = place.file.line_range(lines.start);
        let text = place.file.text.get(line.clone()).unwrap_or_default();
        range.end = (line.start + text.trim_end().len()).max(range.start);
    }
    Place { file: place.file, range }
}

/// A fix as a diff; none if it is too large or too odd to be one.
fn patch<'a>(fix: &'a Fix, sources: &'a SourceMap) -> Option<Group<'a>> {
    let mut group = Group::with_title(Level::HELP.secondary_title(single_line(&fix.title)));
    let mut places: Vec<(Place<'a>, &'a str)> = Vec::new();
    for edit in &fix.edits {
        places.push((Place::of(edit.span, sources)?, &edit.text));
    }
    if places.is_empty() || places.iter().any(|(place, _)| place.lines().len() > TALL) {
        return None;
    }
    for (file, edits) in by_file(&places) {
        let sorted = edits.windows(2).all(|pair| match pair {
            [(a, _), (b, _)] => a.range.end <= b.range.start && a.range.start < b.range.start,
            _ => true,
        });
        let at = |edit: Option<&(&Place<'a>, &'a str)>| edit.map_or(0, |(p, _)| p.lines().start);
        if !sorted || at(edits.last()) - at(edits.first()) > FAR {
            return None;
        }
        let lines: Vec<&Place<'a>> = edits.iter().map(|(place, _)| *place).collect();
        let window = Window::around(file, &lines);
        let mut patches = Vec::new();
        for (place, text) in &edits {
            patches.push(Patch::new(window.find_whole(&place.range)?, *text));
        }
        let snippet = Snippet::source(window.text).line_start(window.first).patches(patches);
        let path = (by_file(&places).len() > 1).then(|| file.shown.as_str());
        group = group.element(snippet.path(path));
    }
    Some(group)
}

/// Edits of one file.
type Edits<'p, 'a> = Vec<(&'p Place<'a>, &'a str)>;

/// The edits by file, in order.
fn by_file<'p, 'a>(
    places: &'p [(Place<'a>, &'a str)],
) -> Vec<(&'a crate::base::SourceFile, Edits<'p, 'a>)> {
    let mut files: Vec<(&'a crate::base::SourceFile, Edits<'p, 'a>)> = Vec::new();
    for (place, text) in places {
        match files.iter_mut().find(|(file, _)| std::ptr::eq(*file, place.file)) {
            Some((_, edits)) => edits.push((place, text)),
            None => files.push((place.file, vec![(place, text)])),
        }
    }
    files
}
