//! Faults of layout: tabs, indentation that fits nothing, a colon without its space,
//! lines that are neither key nor item. A place comes in; a finding comes out, and
//! what to blank so that the rest can be read.

use std::ops::Range;

use super::codes::{YAML_INDENTATION, YAML_SYNTAX, YAML_TAB};
use super::fault::{Explained, Patch, Scene};
use super::lines::{
    Line, entry_start, line_after, line_at, line_before, quoted, split_entry, text_end,
};
use crate::base::{Count, Diagnostic, Safety, Span, list};

impl Scene<'_> {
    pub(super) fn tab(&self, at: usize) -> Explained {
        let mut line = line_at(self.source, at);
        let tab_in = |line: &Line| {
            let white = &self.source[line.start..line.content()];
            white.find('\t').map(|i| line.start + i)
        };
        let mut found = tab_in(&line);
        // The parser may notice it at the token before.
        while found.is_none()
            && let Some(next) = line_after(self.source, &line)
        {
            let blank = line.is_blank();
            line = next;
            found = tab_in(&line);
            if !(blank || line.is_blank()) {
                break;
            }
        }
        let Some(tab) = found else {
            let tab = self.source[at..].find('\t').map_or(at, |i| at + i);
            let finding = Diagnostic::new(
                &YAML_TAB,
                self.one(tab),
                "a tab stands where YAML takes spaces only",
            )
            .label("a tab")
            .help("use spaces");
            let place = tab..tab + 1;
            let patch = Patch { blank: vec![place], tabs: true, ..Patch::default() };
            return (finding, (self.source[at..].contains('\t')).then_some(patch));
        };
        let mut blank = Vec::new();
        let mut next = Some(line);
        while let Some(line) = next {
            if self.source[line.start..].starts_with("---") {
                break;
            }
            if tab_in(&line).is_some() {
                blank.push(line.start..line.content());
            }
            next = line_after(self.source, &line);
        }
        let more = blank.len() - 1;
        let mut finding =
            Diagnostic::new(&YAML_TAB, self.one(tab), "a tab is used for indentation")
                .label("a tab")
                .help("use spaces: YAML allows no tab here");
        if more > 0 {
            finding = finding.note(format!("{more} more lines of the document begin with tabs"));
        }
        (finding, Some(Patch { blank, tabs: true, ..Patch::default() }))
    }

    /// A colon that would begin a map where none can be.
    pub(super) fn second_colon(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let below = line_before(self.source, &line);
        match split_entry(self.source, &line) {
            // `a: b: c`
            Some((_, value)) if value < at => {
                let range = value..text_end(self.source, value, &line).max(self.after(at));
                let text = self.text(&range);
                let finding = Diagnostic::new(
                    &YAML_SYNTAX,
                    self.one(at),
                    "a second `: ` in an unquoted value",
                )
                .label("would begin a map inside this line")
                .help(format!("quote the value: `{}`", quoted(text)))
                .fix(
                    "quote the value",
                    self.span(&range),
                    quoted(text),
                    Safety::Suggestion,
                );
                (finding, self.mask_below(value))
            }
            // A key below a value that is already there.
            Some((key, _)) => {
                if let Some(glued) = below.as_ref().and_then(|b| self.glued_colon(b)) {
                    return glued;
                }
                let name = self.text(&key).to_string();
                let message = format!("the key `{name}` is indented below a value");
                let mut finding = Diagnostic::new(&YAML_INDENTATION, self.span(&key), message)
                    .label(format!("indented by {}", spaces(line.indent)));
                if let Some(above) = below {
                    // Behind a dash the key, not the line, is what it lines up with.
                    let indent = entry_start(self.source, &above) - above.start;
                    let content = above.content()..text_end(self.source, above.content(), &above);
                    finding = finding
                        .also(
                            self.span(&content),
                            "has a value already, so nothing can stand below it",
                        )
                        .help(format!("indent it by {}, as the key above", spaces(indent)));
                }
                (finding, self.drop_line(&line))
            }
            None => {
                let finding =
                    Diagnostic::new(&YAML_SYNTAX, self.one(at), "a `:` stands where no key can be")
                        .label("not expected here")
                        .help("quote the text if the `:` belongs to it");
                (finding, self.drop_line(&line))
            }
        }
    }

    /// `key:value`: the colon lacks its space.
    fn glued_colon(&self, line: &Line) -> Option<Explained> {
        let start = entry_start(self.source, line);
        let text = self.source.get(start..text_end(self.source, start, line))?;
        let colon = text.find(':')?;
        let (key, rest) = text.split_at(colon);
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if key.is_empty()
            || !key.chars().all(plain)
            || rest.starts_with("://")
            || text.contains(": ")
        {
            return None;
        }
        let place = Span::new(self.file, start + colon, start + colon + 1);
        let finding =
            Diagnostic::new(&YAML_SYNTAX, place, format!("no space after the `:` of `{key}`"))
                .label("read as part of one word")
                .help(format!("write `{key}: {}`", &rest[1..]))
                .fix("add the space", place, ": ", Safety::Safe);
        Some((finding, self.drop_line(line)))
    }

    /// A line that is neither a key nor an item.
    pub(super) fn no_key(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        if let Some(explained) = self.glued_colon(&line) {
            return explained;
        }
        let start = line.content().max(line.start);
        let range = start..text_end(self.source, start, &line).max(start);
        let mut finding = Diagnostic::new(
            &YAML_SYNTAX,
            self.span(&range),
            "this line is neither `key: value` nor `- item`",
        )
        .label("no key and no item");
        let above = line_before(self.source, &line);
        let item = above.is_some_and(|l| self.source[l.content()..].starts_with("- "));
        finding = if item && above.is_some_and(|l| l.indent == line.indent) {
            let text = format!("- {}", self.text(&range));
            finding.help(format!("write `{text}` if it is an item of the list")).fix(
                "add the dash",
                Span::new(self.file, start, start),
                "- ",
                Safety::Suggestion,
            )
        } else {
            finding.help("indent it deeper if it goes on with the value above, or add its key")
        };
        (finding, self.drop_line(&line))
    }

    /// A line whose indentation fits nothing, or text behind a finished value.
    pub(super) fn misplaced(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let content = line.content();
        let behind = self.source[content.min(at)..at].trim_start_matches(['-', ' ']);
        if !behind.is_empty() && !behind.starts_with(['#', '%']) {
            return self.text_behind(at, &line);
        }
        let range = content
            ..text_end(self.source, content, &line)
                .max(self.after(content))
                .min(line.end.max(content));
        let directive = [Some(line), line_before(self.source, &line)]
            .into_iter()
            .flatten()
            .find(|line| self.source[line.start..].starts_with('%'));
        if let Some(directive) = directive {
            let span = Span::new(self.file, directive.start, directive.end);
            let finding =
                Diagnostic::new(&YAML_SYNTAX, span, "a line that begins with `%` is a directive")
                    .label("a directive needs `---` after it")
                    .help("remove it, or quote the text");
            return (finding, None);
        }
        let columns = self.columns_above(&line);
        let (message, label) = if self.source[content..].starts_with("- ") {
            ("a list item stands among keys".to_string(), "not expected here".to_string())
        } else {
            let label = format!("indented by {}", spaces(line.indent));
            ("the indentation fits no line above".to_string(), label)
        };
        let key = split_entry(self.source, &line).map_or(range, |(key, _)| key);
        let mut finding = Diagnostic::new(&YAML_INDENTATION, self.span(&key), message).label(label);
        for (indent, key) in columns.iter().take(2) {
            let label = format!("indented by {}", spaces(*indent));
            finding = finding.also(self.span(key), label);
        }
        if self.source[content..].starts_with("- ") {
            finding = finding.help("indent the items of a list below their key");
            return (finding, self.drop_line(&line));
        }
        let choices: Vec<String> =
            columns.iter().take(3).map(|(_, k)| self.text(k).to_string()).collect();
        if !choices.is_empty() {
            finding = finding.help(format!("align it with {}", list(&choices, "or")));
        }
        (finding, self.drop_line(&line))
    }

    /// The columns that the lines above opened, innermost first, each with the key
    /// that stands there.
    fn columns_above(&self, line: &Line) -> Vec<(usize, Range<usize>)> {
        let mut columns: Vec<(usize, Range<usize>)> = Vec::new();
        let mut at = *line;
        // A bound, so that many faults in a long list cost no square.
        for _ in 0..1_000 {
            let Some(above) = line_before(self.source, &at) else { break };
            at = above;
            let entry = split_entry(self.source, &above);
            let start = entry_start(self.source, &above);
            let key = entry.map_or(start..text_end(self.source, start, &above), |(key, _)| key);
            let indent = key.start - above.start;
            if indent != line.indent && columns.last().is_none_or(|(last, _)| indent < *last) {
                columns.push((indent, key));
            }
            if indent == 0 {
                break;
            }
        }
        columns
    }

    /// `key: [a] b`, `key: "a" b`: text behind a value that has ended.
    pub(super) fn text_behind(&self, at: usize, line: &Line) -> Explained {
        let range = self.value_around(at);
        let text = self.text(&range).to_string();
        let rest = at..text_end(self.source, at, line).max(self.after(at)).min(line.end);
        let finding =
            Diagnostic::new(&YAML_SYNTAX, self.span(&rest), "text behind a value that has ended")
                .label("belongs to no value")
                .help(format!("quote the value as a whole: `{}`", quoted(&text)))
                .fix("quote the value", self.span(&range), quoted(&text), Safety::Suggestion);
        (finding, self.mask_below(range.start))
    }

    /// `key: - item`
    pub(super) fn list_beside_key(&self, at: usize) -> Explained {
        let range = self.value_around(at);
        let finding = Diagnostic::new(
            &YAML_SYNTAX,
            self.one(at),
            "a list item stands on the line of its key",
        )
        .label("a list begins on the next line")
        .help("move it to the next line, or write the list in brackets: `[a, b]`");
        (finding, self.mask_below(range.start))
    }
}

fn spaces(n: usize) -> String {
    Count(n, "space").to_string()
}
