//! Headings and what stands below them, to lines of at most [`WIDTH`] columns.

/// How wide a line is at most, where its words allow.
pub(super) const WIDTH: usize = 100;

/// The text under construction.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// A line at the margin, after an empty one.
    pub(super) fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(0, text);
    }

    /// Lines as they are.
    pub(super) fn lines<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        lines.into_iter().for_each(|line| self.line(INDENT, line.as_ref()));
    }

    /// A paragraph: broken between words, later lines indented.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.wrapped(INDENT, text.split_whitespace(), " ");
    }

    /// Items, as many in a line as fit.
    pub(super) fn items<'a>(&mut self, items: impl IntoIterator<Item = &'a str>) {
        self.wrapped(2 * INDENT, items, "  ");
    }

    fn wrapped<'a>(
        &mut self,
        indent: usize,
        words: impl IntoIterator<Item = &'a str>,
        space: &str,
    ) {
        let mut line = String::new();
        let mut own = indent;
        for word in words {
            let length = own + line.chars().count() + space.len() + word.chars().count();
            if !line.is_empty() && length > WIDTH {
                self.line(own, &line);
                line.clear();
                own = if space.len() == 1 { indent + INDENT } else { indent };
            }
            if !line.is_empty() {
                line.push_str(space);
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(own, &line);
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        if !text.is_empty() {
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(text);
        }
        self.text.push('\n');
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// What stands below a heading is this much to the right of it.
const INDENT: usize = 2;
