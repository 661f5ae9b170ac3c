//! The headings of a runbook and the anchors that GitHub gives them. Markdown
//! comes in; what may stand behind the `#` of a link comes out.

use std::collections::HashMap;

mod inline;

/// A place in a document that a link can lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    /// What stands behind the `#`.
    pub slug: String,
    /// The heading as it is read; empty for an anchor that stands alone.
    pub heading: String,
}

/// The anchors of a document in order: its headings by GitHub's rule, and those
/// set by hand (`<a name="x">`, `<a id="x">`, `## Title {#x}`).
pub(super) fn anchors(markdown: &str) -> Vec<Anchor> {
    let mut found = Found::default();
    let mut reader = Reader::default();
    for line in body(markdown).lines() {
        reader.line(line, &mut found);
    }
    reader.close_html(&mut found);
    found.anchors
}

/// Whether a document says nothing: white space, comments and front matter.
pub(super) fn is_blank(markdown: &str) -> bool {
    let mut rest = body(markdown).trim();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some(end) = comment.find("-->") else { return true };
        rest = comment.get(end + 3..).unwrap_or_default().trim();
    }
    rest.is_empty()
}

/// The document without a byte order mark and YAML front matter.
fn body(markdown: &str) -> &str {
    let text = markdown.strip_prefix('\u{feff}').unwrap_or(markdown);
    let Some(first) = text.split_inclusive('\n').next().filter(|l| l.trim_end() == "---") else {
        return text;
    };
    let mut at = first.len();
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        at += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return text.get(at..).unwrap_or_default();
        }
    }
    text
}

/// The anchors so far, and how often each slug was given out.
#[derive(Default)]
struct Found {
    anchors: Vec<Anchor>,
    given: HashMap<String, usize>,
}

impl Found {
    /// A heading of a line of its own, with its markup.
    fn heading(&mut self, raw: &str) {
        let raw = inline::head(raw, LONGEST);
        self.explicit(raw);
        self.title(raw);
    }

    fn title(&mut self, raw: &str) {
        let (title, id) = attribute(raw.trim());
        let heading = inline::plain(title);
        if let Some(id) = id {
            self.anchors.push(Anchor { slug: id.to_owned(), heading: heading.clone() });
        }
        // GitHub knows no `{#x}`, and makes it part of the slug.
        let slug = slug(&inline::plain(raw.trim()));
        if slug.is_empty() {
            return;
        }
        let before = self.given.entry(slug.clone()).or_default();
        let slug = if *before == 0 { slug } else { format!("{slug}-{before}") };
        *before += 1;
        self.anchors.push(Anchor { slug, heading });
    }

    /// Anchors that were set by hand in a piece of text or HTML.
    fn explicit(&mut self, text: &str) {
        for tag in inline::tags(text) {
            let name = inline::tag_name(tag);
            let id = inline::attribute(tag, "id");
            let named = inline::attribute(tag, "name").filter(|_| name == "a");
            for slug in [id, named].into_iter().flatten().filter(|s| !s.is_empty()) {
                self.anchors.push(Anchor { slug: slug.to_owned(), heading: String::new() });
            }
        }
    }

    /// The anchors and headings of a piece of HTML: `<h2 id="x">Title</h2>`.
    fn html(&mut self, html: &str) {
        self.explicit(html);
        let mut rest = html;
        while let Some(at) = rest.find("<h") {
            rest = rest.get(at + 2..).unwrap_or_default();
            let level = rest.starts_with(|c: char| ('1'..='6').contains(&c));
            let ended = rest.get(1..).is_some_and(|r| r.starts_with(['>', ' ', '\n']));
            let Some(open) = rest.find('>').filter(|_| level && ended) else { continue };
            let inner = rest.get(open + 1..).unwrap_or_default();
            let (inside, after) = inner.split_at(inner.find("</h").unwrap_or(inner.len()));
            let words: Vec<&str> = inline::head(inside, LONGEST).split_whitespace().collect();
            self.title(&words.join(" "));
            rest = after;
        }
    }
}

/// Longer lines are cut before their markup is read, whose cost may grow with
/// the square of their length.
const LONGEST: usize = 2_000;

/// A title and the `x` of a `{#x}` behind it.
fn attribute(title: &str) -> (&str, Option<&str>) {
    let split = title.strip_suffix('}').and_then(|t| t.rsplit_once("{#"));
    match split {
        Some((text, id)) if !id.is_empty() && !id.contains([' ', '{']) => {
            (text.trim_end(), Some(id))
        }
        _ => (title, None),
    }
}

/// GitHub's rule: lower case; letters, marks, digits, `_` and `-` stay; a space
/// becomes `-`; all else goes. Source: `TableOfContentsFilter` of html-pipeline,
/// `text.downcase.gsub(/[^\p{Word}\- ]/u, "").tr(" ", "-")`.
fn slug(text: &str) -> String {
    let kept = text.chars().flat_map(char::to_lowercase).filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if is_word(c) => Some(c),
        _ => None,
    });
    kept.collect()
}

/// Whether Ruby's `\p{Word}` holds: letters, marks, decimal digits and connector
/// punctuation. The standard library knows letters and numbers; the marks and
/// the numbers that are no decimal digits stand here.
fn is_word(c: char) -> bool {
    let mark = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}');
    let connector = matches!(c, '‿' | '⁀' | '⁔' | '＿');
    let other_number = matches!(c,
        '²' | '³' | '¹' | '¼'..='¾' | '\u{2070}' | '\u{2074}'..='\u{2079}'
        | '\u{2080}'..='\u{2089}' | '\u{2150}'..='\u{215f}' | '\u{2460}'..='\u{249b}'
        | '\u{24ea}'..='\u{24ff}' | '\u{2776}'..='\u{2793}');
    mark || connector || (c.is_alphanumeric() && !other_number)
}

/// The state between the lines of a document: which block is open.
#[derive(Default)]
struct Reader {
    /// The open paragraph, which an underline would make a heading.
    paragraph: Vec<String>,
    fence: Option<Fence>,
    html: Option<Html>,
    /// How far the content of the innermost list item is indented.
    list: usize,
    blank_before: bool,
}

struct Fence {
    mark: char,
    length: usize,
    list: usize,
}

/// An open block of HTML and what ends it; a blank line if nothing is named.
struct Html {
    text: String,
    end: Option<&'static str>,
}

impl Reader {
    fn line(&mut self, line: &str, found: &mut Found) {
        let line = line.replace('\t', "    ");
        let blank = line.trim().is_empty();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if self.in_fence(&line, indent, blank) {
            return;
        }
        if self.html.is_some() {
            self.in_html(&line, blank, found);
            return;
        }
        if blank {
            self.paragraph.clear();
            self.blank_before = true;
            return;
        }
        if indent < self.list {
            // Only text may go on in an item without being indented as it is.
            let text = line.trim_start();
            let block = is_rule(text) || atx(text).is_some() || fence(text, 0).is_some();
            if block {
                self.paragraph.clear();
            }
            if block || self.blank_before {
                self.list = 0;
            }
        }
        self.blank_before = false;
        let base = indent.min(self.list);
        self.block(line.get(base..).unwrap_or_default(), base, found);
    }

    /// A line of a fenced block, if one is open.
    fn in_fence(&mut self, line: &str, indent: usize, blank: bool) -> bool {
        let Some(fence) = &self.fence else { return false };
        if !blank && indent < fence.list {
            // The list item ends, and the fence with it.
            self.fence = None;
            self.list = 0;
            return false;
        }
        let inside = line.get(indent.min(fence.list)..).unwrap_or_default();
        let text = inside.trim_start_matches(' ');
        let shallow = inside.len() - text.len() <= 3;
        let run = text.len() - text.trim_start_matches(fence.mark).len();
        let closes =
            shallow && run >= fence.length && text.trim_matches(fence.mark).trim().is_empty();
        if closes {
            self.fence = None;
        }
        true
    }

    fn in_html(&mut self, line: &str, blank: bool, found: &mut Found) {
        let Some(html) = &mut self.html else { return };
        let closes = match html.end {
            Some(end) => line.to_ascii_lowercase().contains(end),
            None => blank,
        };
        html.text.push('\n');
        html.text.push_str(line);
        if closes {
            self.close_html(found);
        }
    }

    fn close_html(&mut self, found: &mut Found) {
        if let Some(html) = self.html.take() {
            found.html(&inline::without_comments(&html.text));
        }
    }

    /// A line that begins or continues a block, without the `base` spaces that
    /// the open list takes.
    fn block(&mut self, line: &str, base: usize, found: &mut Found) {
        let mut text = line.trim_start_matches(' ');
        let mut indent = line.len() - text.len();
        let mut quoted = false;
        // Each pass takes the mark of one container, so the text gets shorter.
        loop {
            if indent >= 4 {
                // Indented code, or more of a paragraph.
                if !self.paragraph.is_empty() {
                    self.paragraph.push(text.to_owned());
                }
                return;
            }
            let rest = if let Some(rest) = text.strip_prefix('>') {
                quoted = true;
                rest
            } else if let Some(width) = item(text).filter(|_| !is_rule(text)) {
                let rest = text.get(width..).unwrap_or_default();
                let spaces = rest.len() - rest.trim_start_matches(' ').len();
                let content = width + if (1..=4).contains(&spaces) { spaces } else { 1 };
                if !quoted {
                    self.list = base + line.len() - text.len() + content;
                }
                rest
            } else {
                break;
            };
            self.paragraph.clear();
            let inner = rest.strip_prefix(' ').unwrap_or(rest);
            text = inner.trim_start_matches(' ');
            indent = inner.len() - text.len();
        }
        self.leaf(text, found);
    }

    /// A line that holds no mark of a container any more.
    fn leaf(&mut self, text: &str, found: &mut Found) {
        if let Some(fence) = fence(text, self.list) {
            self.paragraph.clear();
            self.fence = Some(fence);
        } else if let Some(title) = atx(text) {
            self.paragraph.clear();
            found.heading(title);
        } else if is_underline(text) && !self.paragraph.is_empty() {
            let title = std::mem::take(&mut self.paragraph).join(" ");
            found.heading(&title);
        } else if let Some(end) = html_block(text, self.paragraph.is_empty()) {
            self.paragraph.clear();
            let closed = end.is_some_and(|end| {
                let from = if end == "-->" { 4 } else { 0 };
                text.get(from..).is_some_and(|t| t.to_ascii_lowercase().contains(end))
            });
            self.html = Some(Html { text: text.to_owned(), end });
            if closed {
                self.close_html(found);
            }
        } else if is_rule(text) {
            self.paragraph.clear();
        } else {
            self.paragraph.push(text.trim_end().to_owned());
            found.explicit(&inline::without_code(inline::head(text, LONGEST)));
        }
    }
}

/// The title of `## Title ##`.
fn atx(text: &str) -> Option<&str> {
    let level = text.len() - text.trim_start_matches('#').len();
    let rest = text.get(level..).filter(|r| r.is_empty() || r.starts_with(' '))?;
    if !(1..=6).contains(&level) {
        return None;
    }
    let rest = rest.trim();
    let bare = rest.trim_end_matches('#');
    // A run of `#` at the end belongs to the mark only if a space precedes it.
    Some(if bare.is_empty() || bare.ends_with(' ') { bare.trim_end() } else { rest })
}

/// `===` or `---` below a paragraph.
fn is_underline(text: &str) -> bool {
    let text = text.trim_end();
    !text.is_empty() && (text.bytes().all(|b| b == b'=') || text.bytes().all(|b| b == b'-'))
}

/// `---`, `* * *`, `___`.
fn is_rule(text: &str) -> bool {
    let marks: String = text.chars().filter(|c| *c != ' ').collect();
    let same = |m: char| marks.len() >= 3 && marks.chars().all(|c| c == m);
    same('-') || same('*') || same('_')
}

/// The width of the mark of a list item: `-`, `*`, `+`, `1.`, `1)`.
fn item(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text.get(digits..).unwrap_or_default();
    let marked = match digits {
        0 => rest.starts_with(['-', '*', '+']),
        1..=9 => rest.starts_with(['.', ')']),
        _ => false,
    };
    let after = rest.get(1..).unwrap_or_default();
    (marked && (after.is_empty() || after.starts_with(' '))).then_some(digits + 1)
}

fn fence(text: &str, list: usize) -> Option<Fence> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    let valid = length >= 3 && (mark == '~' || !info.contains('`'));
    valid.then_some(Fence { mark, length, list })
}

/// Whether a block of HTML begins here, and what ends it. A tag that is none of
/// a block's own does not interrupt a paragraph.
fn html_block(text: &str, fresh: bool) -> Option<Option<&'static str>> {
    const VERBATIM: [(&str, &str); 4] = [
        ("pre", "</pre>"),
        ("script", "</script>"),
        ("style", "</style>"),
        ("textarea", "</textarea>"),
    ];
    const BLOCKS: [&str; 36] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "col",
        "colgroup",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "section",
        "summary",
        "table",
        "ul",
    ];
    if text.starts_with("<!--") {
        return Some(Some("-->"));
    }
    if !text.starts_with('<') {
        return None;
    }
    let name = inline::tag_name(text);
    if let Some((_, end)) = VERBATIM.iter().find(|(tag, _)| *tag == name) {
        return Some(Some(end));
    }
    if BLOCKS.contains(&name.as_str()) {
        return Some(None);
    }
    let alone = inline::tags(text).next().is_some_and(|tag| text.trim_end() == tag);
    (fresh && alone && !name.is_empty()).then_some(None)
}

#[cfg(test)]
mod tests;
