//! Markup within a line. A heading with its markup comes in; the text that a
//! reader sees, which is what GitHub makes the slug of, comes out.

/// The text of a heading: links, code and emphasis without their marks, images
/// and tags left out.
pub(super) fn plain(raw: &str) -> String {
    let mut out = Plain { text: String::new(), underscores: Vec::new() };
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let taken = out.step(c, rest).clamp(c.len_utf8(), rest.len());
        rest = rest.get(taken..).unwrap_or_default();
    }
    out.text.trim().to_owned()
}

/// The first `length` bytes of a text, or a few less.
pub(super) fn head(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The tags of a piece of text or HTML, from `<` to `>`.
pub(super) fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.get(rest.find('<')?..)?;
            match tag(rest) {
                Some(tag) => {
                    rest = rest.get(tag.len()..)?;
                    return Some(tag);
                }
                None => rest = rest.get(1..)?,
            }
        }
    })
}

/// The name of the tag that `text` begins with, in lower case.
pub(super) fn tag_name(text: &str) -> String {
    let rest = text.strip_prefix('<').unwrap_or_default();
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().to_ascii_lowercase()
}

/// The value of an attribute of a tag.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        rest = rest.get(rest.find(|c: char| c.is_ascii_whitespace())?..)?.trim_start();
        let Some(value) = strip_name(rest, name) else { continue };
        let Some(value) = value.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        return match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => value.get(1..).and_then(|v| v.split(quote).next()),
            None => value.split(|c: char| c.is_ascii_whitespace() || c == '>').next(),
        };
    }
}

fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let head = text.get(..name.len())?;
    head.eq_ignore_ascii_case(name).then(|| text.get(name.len()..)).flatten()
}

/// The text without `<!-- ... -->`.
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("<!--") {
        out.push_str(rest.get(..at).unwrap_or_default());
        let comment = rest.get(at + 4..).unwrap_or_default();
        rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The text without code spans.
pub(super) fn without_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        out.push_str(before);
        let (_, taken) = code_span(code);
        rest = code.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A longer tag is none, so that text full of `<` is read in linear time.
const LONGEST_TAG: usize = 1_000;

/// The tag that `text` begins with: `<name ...>`, `</name>` or a comment.
fn tag(text: &str) -> Option<&str> {
    let text = head(text, LONGEST_TAG);
    if let Some(comment) = text.strip_prefix("<!--") {
        let end = comment.find("-->")?;
        return text.get(..end + 7);
    }
    let name = text.strip_prefix('<')?;
    let name = name.strip_prefix('/').unwrap_or(name);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return text.get(..=at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// A run of backticks: what is in the code span, if one opens here, and how many
/// bytes it takes; else the run alone.
fn code_span(text: &str) -> (Option<&str>, usize) {
    let run = text.len() - text.trim_start_matches('`').len();
    let mark = text.get(..run).unwrap_or_default();
    let body = text.get(run..).unwrap_or_default();
    let mut from = 0;
    while let Some(at) = body.get(from..).and_then(|b| b.find(mark)).map(|i| from + i) {
        let tail = body.get(at..).unwrap_or_default();
        let length = tail.len() - tail.trim_start_matches('`').len();
        if length == run {
            return (body.get(..at), run + at + run);
        }
        from = at + length;
    }
    (None, run)
}

struct Plain {
    text: String,
    /// Runs of `_` that may open emphasis: where they are in `text`, how many.
    underscores: Vec<(usize, usize)>,
}

impl Plain {
    /// Takes what `rest`, which begins with `c`, begins with; how many bytes.
    fn step(&mut self, c: char, rest: &str) -> usize {
        match c {
            '\\' => self.escape(rest),
            '`' => match code_span(rest) {
                (Some(code), taken) => {
                    self.text.push_str(code.trim());
                    taken
                }
                (None, taken) => taken,
            },
            '<' => self.angle(rest),
            '&' => self.entity(rest),
            '_' => self.underscore(rest),
            '!' if rest.starts_with("![") => {
                link(rest.get(1..).unwrap_or_default()).map_or(1, |l| 1 + l.taken)
            }
            '[' => match link(rest) {
                Some(link) => {
                    // What a link encloses holds no further link, so this ends.
                    self.text.push_str(&plain_label(link.label));
                    link.taken
                }
                None => self.keep(c),
            },
            '*' => 1,
            _ => self.keep(c),
        }
    }

    fn keep(&mut self, c: char) -> usize {
        self.text.push(c);
        c.len_utf8()
    }

    fn escape(&mut self, rest: &str) -> usize {
        match rest.chars().nth(1).filter(char::is_ascii_punctuation) {
            Some(c) => 1 + self.keep(c),
            None => self.keep('\\'),
        }
    }

    /// A tag, a comment or `<https://...>`.
    fn angle(&mut self, rest: &str) -> usize {
        let end = rest.find('>').unwrap_or(0);
        let inner = rest.get(1..end).unwrap_or_default();
        let address = inner.contains("://") || inner.contains('@') && !inner.contains('=');
        if address && !inner.contains(char::is_whitespace) {
            self.text.push_str(inner);
            return end + 1;
        }
        match tag(rest) {
            Some(tag) => tag.len(),
            None => self.keep('<'),
        }
    }

    fn entity(&mut self, rest: &str) -> usize {
        let name = rest.find(';').filter(|end| *end <= 10).and_then(|end| rest.get(1..end));
        let Some(name) = name else { return self.keep('&') };
        let code = match name.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => {
                hex.get(1..).and_then(|h| u32::from_str_radix(h, 16).ok())
            }
            Some(decimal) => decimal.parse().ok(),
            None => match name {
                "amp" => Some(0x26),
                "lt" => Some(0x3c),
                "gt" => Some(0x3e),
                "quot" => Some(0x22),
                "apos" => Some(0x27),
                "nbsp" => Some(0xa0),
                _ => None,
            },
        };
        match code.and_then(char::from_u32) {
            Some(c) => {
                self.text.push(c);
                name.len() + 2
            }
            None => self.keep('&'),
        }
    }

    /// A run of `_`: emphasis if it encloses words, else part of one.
    fn underscore(&mut self, rest: &str) -> usize {
        let run = rest.len() - rest.trim_start_matches('_').len();
        let before = self.text.chars().next_back();
        let after = rest.get(run..).and_then(|r| r.chars().next());
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let opens = !space(after) && !word(before);
        let closes = !space(before) && !word(after);
        let mut left = run;
        while let (true, true, Some((at, length))) = (closes, left > 0, self.underscores.pop()) {
            let both = left.min(length);
            let end = at + length;
            self.text.replace_range(end - both..end, "");
            if length > both {
                self.underscores.push((at, length - both));
            }
            left -= both;
        }
        if left > 0 {
            if opens {
                self.underscores.push((self.text.len(), left));
            }
            self.text.push_str(rest.get(..left).unwrap_or_default());
        }
        run
    }
}

struct Link<'a> {
    label: &'a str,
    taken: usize,
}

/// `[label](target)`, `[label][reference]` or `[label]`.
fn link(text: &str) -> Option<Link<'_>> {
    let close = closing(text, '[', ']')?;
    let label = text.get(1..close)?;
    let rest = text.get(close + 1..).unwrap_or_default();
    let more = match rest.chars().next() {
        Some('(') => closing(rest, '(', ')').map_or(0, |end| end + 1),
        Some('[') => closing(rest, '[', ']').map_or(0, |end| end + 1),
        _ => 0,
    };
    Some(Link { label, taken: close + 1 + more })
}

/// Where the bracket that `text` begins with is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == open => depth += 1,
            c if c == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The text of a link's label. Brackets within are kept as text: a slug drops
/// them anyway, and no nesting can deepen the stack.
fn plain_label(label: &str) -> String {
    let mut out = Plain { text: String::new(), underscores: Vec::new() };
    let mut rest = label;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '[' => out.keep(c),
            _ => out.step(c, rest),
        };
        rest = rest.get(taken.clamp(c.len_utf8(), rest.len())..).unwrap_or_default();
    }
    out.text
}
