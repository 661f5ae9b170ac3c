//! The parser's events to a tree: containers closed at their last child, aliases
//! expanded within a budget, `<<` merged, doubled keys reported.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag as WrittenTag};

use super::codes::{YAML_ALIAS, YAML_DUPLICATE_KEY, YAML_NESTING, YAML_SYNTAX, YAML_TAG};
use super::node::{Comment, Entry, Key, Kind, Node, Scalar, Style, Tag};
use super::scalar::{Token, to_text};
use crate::base::{Diagnostic, Diagnostics, FileId, Safety, Span};

/// Deepest nesting of brackets, and of blocks, that is read: no spec comes near,
/// and walking a tree of that depth cannot exhaust a stack.
pub(super) const MAX_DEPTH: usize = 100;
/// Deepest tree once aliases are expanded.
const MAX_EXPANDED_DEPTH: usize = 3 * MAX_DEPTH;
/// Most nodes that the aliases of a document may stand for.
const MAX_EXPANDED: usize = 100_000;
/// Most aliases of a document.
const MAX_ALIASES: usize = 10_000;

/// An event and where it stands in the whole text.
pub(super) struct Placed<'e> {
    pub event: Event<'e>,
    pub range: Range<usize>,
    pub indent: Option<usize>,
    pub tag: Option<Range<usize>>,
}

/// A bare `{{` at this offset: not a map of a map, but a template.
pub(super) struct BareTemplate(pub usize);

/// Builds the tree of one document.
pub(super) struct Builder<'s> {
    file: FileId,
    source: &'s str,
    /// Places whose text is a filler for what could not be read.
    masks: &'s [Range<usize>],
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchor>,
    /// Weight of what is kept for aliases, and of what they stand for.
    stored: usize,
    expanded: usize,
    aliases: usize,
    over_budget: bool,
    /// End of the last scalar, bracket or alias.
    pub last_end: usize,
    pub comments: Vec<Comment>,
    pub diags: Diagnostics,
    /// An entry or more could not be kept.
    pub lost: bool,
}

/// A container that is still open.
struct Frame {
    content: Content,
    start: usize,
    flow: bool,
    anchor: usize,
    weight: usize,
    height: usize,
}

impl Frame {
    fn awaits_key(&self) -> bool {
        matches!(self.content, Content::Map { key: None, .. })
    }
}

enum Content {
    Map { entries: Vec<Entry>, key: Option<Pending>, merges: Vec<(Span, Node)> },
    Seq(Vec<Node>),
}

/// What the next value of a map belongs to.
enum Pending {
    Key(Key),
    Merge(Span),
    Dropped,
}

struct Anchor {
    /// Nothing if it is too large to stand anywhere else.
    node: Option<Node>,
    weight: usize,
    height: usize,
}

/// A node, how many nodes and runs it is made of, and how deep it goes.
struct Built {
    node: Node,
    weight: usize,
    height: usize,
}

impl<'s> Builder<'s> {
    pub(super) fn new(
        file: FileId,
        source: &'s str,
        masks: &'s [Range<usize>],
        start: usize,
    ) -> Builder<'s> {
        Builder {
            file,
            source,
            masks,
            stack: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            stored: 0,
            expanded: 0,
            aliases: 0,
            over_budget: false,
            last_end: start,
            comments: Vec::new(),
            diags: Diagnostics::default(),
            lost: false,
        }
    }

    /// Where the outermost bracket that is still open stands.
    pub(super) fn open_bracket(&self) -> Option<usize> {
        self.stack.iter().find(|frame| frame.flow).map(|frame| frame.start)
    }

    /// Takes an event of the document.
    pub(super) fn event(&mut self, placed: &Placed<'_>) -> Result<(), BareTemplate> {
        let range = placed.range.clone();
        match &placed.event {
            Event::Scalar(value, style, anchor, tag) => {
                let built = self.scalar(placed, value, *style, tag.as_deref());
                self.last_end = range.end.max(self.last_end);
                self.keep(*anchor, &built);
                self.attach(built);
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = *style == StructureStyle::Flow;
                if flow && self.source.get(range.start..).is_some_and(|s| s.starts_with("{{")) {
                    return Err(BareTemplate(range.start));
                }
                self.check_tag(tag.as_deref(), "map", placed);
                let map = Content::Map { entries: Vec::new(), key: None, merges: Vec::new() };
                self.open(map, &range, flow, *anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", placed);
                let flow = *style == StructureStyle::Flow;
                self.open(Content::Seq(Vec::new()), &range, flow, *anchor);
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(Some(range.end)),
            Event::Alias(id) => {
                self.last_end = range.end;
                let built = self.alias(*id, &range);
                self.attach(built);
            }
            Event::UnresolvedAlias(name) => {
                self.last_end = range.end;
                self.unknown_alias(name, &range);
                self.attach(error(self.span(&range)));
            }
            Event::Comment(text, _) => {
                let text = text.trim().to_string();
                self.comments.push(Comment { text, span: self.span(&range) });
            }
            _ => {}
        }
        Ok(())
    }

    /// Closes what is open and hands the tree out, if anything was read.
    pub(super) fn finish(&mut self) -> Option<Node> {
        while !self.stack.is_empty() {
            self.close(None);
        }
        self.root.take()
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    fn scalar(
        &mut self,
        placed: &Placed<'_>,
        value: &str,
        style: ScalarStyle,
        tag: Option<&WrittenTag>,
    ) -> Built {
        let range = placed.range.clone();
        let next = self.masks.partition_point(|mask| mask.end <= range.start);
        if self.masks.get(next).is_some_and(|mask| mask.start < range.end) {
            return error(self.span(&range));
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let tag = self.scalar_tag(tag, placed);
        let block = matches!(style, Style::Literal | Style::Folded);
        let unwritten = !block && range.is_empty();
        let (range, value) = if unwritten {
            let colon = self.source.as_bytes().get(range.start) == Some(&b':');
            let place = range.start + usize::from(colon);
            (place..place, "")
        } else {
            (range, value)
        };
        let header = if block { self.block_header() } else { None };
        let token = Token { source: self.source, range, header, indent: placed.indent, style };
        let (text, runs) = to_text(self.file, &token, value);
        let span = text.span();
        Built {
            node: Node { span, kind: Kind::Scalar(Scalar { text, style, tag }) },
            weight: runs,
            height: 1,
        }
    }

    /// Where the `|` or `>` after the last token stands: past colon, dashes,
    /// anchor, tag and comments.
    fn block_header(&self) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let mut i = self.last_end;
        loop {
            match bytes.get(i)? {
                b'|' | b'>' => return Some(i),
                b'#' => i += bytes[i..].iter().position(|b| matches!(b, b'\n' | b'\r'))?,
                b'&' | b'!' => i += bytes[i..].iter().position(u8::is_ascii_whitespace)?,
                b' ' | b'\t' | b'\n' | b'\r' | b':' | b'-' | b'?' => i += 1,
                _ => return None,
            }
        }
    }

    fn scalar_tag(&mut self, tag: Option<&WrittenTag>, placed: &Placed<'_>) -> Option<Tag> {
        let tag = tag?;
        match tag.core_suffix() {
            Some("str") => return Some(Tag::Str),
            Some("int" | "float" | "bool" | "null") => return Some(Tag::Core),
            _ => {}
        }
        if tag.parts() == ("", "!") {
            return Some(Tag::Str);
        }
        self.unknown_tag(tag, placed);
        None
    }

    fn check_tag(&mut self, tag: Option<&WrittenTag>, own: &str, placed: &Placed<'_>) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(own)
            && tag.parts() != ("", "!")
        {
            self.unknown_tag(tag, placed);
        }
    }

    fn unknown_tag(&mut self, tag: &WrittenTag, placed: &Placed<'_>) {
        let span = self.span(placed.tag.as_ref().unwrap_or(&placed.range));
        let written = tag.original();
        self.diags.push(
            Diagnostic::new(&YAML_TAG, span, format!("the tag `{written}` means nothing here"))
                .label("a word that begins with `!` is a tag")
                .help("remove it, or quote the value if the `!` belongs to it"),
        );
    }

    fn unknown_alias(&mut self, name: &str, range: &Range<usize>) {
        let span = self.span(range);
        self.diags.push(
            Diagnostic::new(&YAML_ALIAS, span, format!("no anchor `&{name}` stands before this"))
                .label("a word that begins with `*` refers to an anchor")
                .help("quote it if the `*` belongs to the text")
                .fix("quote it", span, format!("\"*{name}\""), Safety::Suggestion),
        );
    }

    fn open(&mut self, content: Content, range: &Range<usize>, flow: bool, anchor: usize) {
        if flow {
            self.last_end = range.end;
        }
        self.stack.push(Frame { content, start: range.start, flow, anchor, weight: 1, height: 1 });
    }

    /// Closes the innermost container; `end` is known if a token closed it.
    fn close(&mut self, end: Option<usize>) {
        let Some(frame) = self.stack.pop() else { return };
        let start = Span::new(self.file, frame.start, frame.start);
        let mut span = start;
        let kind = match frame.content {
            Content::Seq(items) => {
                // An item that an alias stands for lies elsewhere.
                if let Some(last) = items.last() {
                    span = join(span, last.span);
                }
                Kind::Seq(items)
            }
            Content::Map { mut entries, key, merges } => {
                self.lost |= key.is_some();
                if let Some(entry) = entries.last() {
                    span = join(join(span, entry.key.span), entry.value.span);
                }
                self.report_doubles(&entries);
                self.merge(&mut entries, merges);
                Kind::Map(entries)
            }
        };
        if let Some(end) = end.filter(|_| frame.flow) {
            span = Span::new(self.file, frame.start, end);
            self.last_end = self.last_end.max(end);
        }
        let built = Built { node: Node { span, kind }, weight: frame.weight, height: frame.height };
        self.keep(frame.anchor, &built);
        self.attach(built);
    }

    /// Puts a finished node where it belongs.
    fn attach(&mut self, built: Built) {
        // Of keys within keys the outermost is reported.
        let outer = self.stack.len().saturating_sub(1);
        let nested = !matches!(built.node.kind, Kind::Scalar(_))
            && self.stack.iter().take(outer).any(Frame::awaits_key);
        let Some(frame) = self.stack.last_mut() else {
            self.root.get_or_insert(built.node);
            return;
        };
        frame.weight += built.weight;
        frame.height = frame.height.max(built.height + 1);
        let node = built.node;
        match &mut frame.content {
            Content::Seq(items) => items.push(node),
            Content::Map { entries, key, merges } => match key.take() {
                Some(Pending::Key(key)) => entries.push(Entry { key, value: node }),
                Some(Pending::Merge(span)) => merges.push((span, node)),
                Some(Pending::Dropped) => {}
                None => {
                    let (pending, fault) = to_key(node);
                    self.lost |= matches!(pending, Pending::Dropped);
                    *key = Some(pending);
                    if let Some(fault) = fault.filter(|_| !nested) {
                        self.diags.push(fault);
                    }
                }
            },
        }
    }

    /// Remembers a node that has an anchor.
    fn keep(&mut self, anchor: usize, built: &Built) {
        if anchor == 0 {
            return;
        }
        self.stored += built.weight;
        let fits = self.stored <= 2 * MAX_EXPANDED;
        let node = fits.then(|| built.node.clone());
        self.anchors.insert(anchor, Anchor { node, weight: built.weight, height: built.height });
    }

    fn alias(&mut self, id: usize, range: &Range<usize>) -> Built {
        let span = self.span(range);
        self.aliases += 1;
        let Some(anchor) = self.anchors.get(&id) else {
            self.diags.push(
                Diagnostic::new(&YAML_ALIAS, span, "an alias stands inside its own anchor")
                    .label("would never end")
                    .help("write the value out"),
            );
            return error(span);
        };
        let weight = anchor.weight;
        if self.stack.len() + anchor.height > MAX_EXPANDED_DEPTH {
            self.diags.push(
                Diagnostic::new(&YAML_NESTING, span, "aliases nest too deeply")
                    .label(format!("more than {MAX_EXPANDED_DEPTH} levels deep"))
                    .help("write the value out"),
            );
            return error(span);
        }
        if self.aliases <= MAX_ALIASES
            && self.expanded + weight <= MAX_EXPANDED
            && let Some(node) = &anchor.node
        {
            self.expanded += weight;
            return Built { node: node.clone(), weight, height: anchor.height };
        }
        if !self.over_budget {
            self.over_budget = true;
            let limit = format!("at most {MAX_ALIASES} aliases and {MAX_EXPANDED} nodes are");
            self.diags.push(
                Diagnostic::new(&YAML_ALIAS, span, "aliases stand for too much")
                    .label(format!("{limit} expanded in a document"))
                    .help("write the values out, or split the document"),
            );
        }
        error(span)
    }

    fn report_doubles(&mut self, entries: &[Entry]) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for (index, Entry { key, .. }) in entries.iter().enumerate() {
            // Most maps are small: no table for them.
            let first = if entries.len() <= 8 {
                entries[..index].iter().find(|e| e.key.name == key.name).map(|e| e.key.span)
            } else {
                let first = seen.get(key.name.as_str()).copied();
                if first.is_none() {
                    seen.insert(&key.name, key.span);
                }
                first
            };
            if let Some(first) = first {
                let message = format!("the key `{}` stands twice in one map", key.name);
                self.diags.push(
                    Diagnostic::new(&YAML_DUPLICATE_KEY, key.span, message)
                        .label("again here")
                        .also(first, "first here")
                        .help("remove or rename one of them"),
                );
            }
        }
    }

    /// Adds the entries of `<<` that are not written out; the first map that has
    /// a key wins.
    fn merge(&mut self, entries: &mut Vec<Entry>, merges: Vec<(Span, Node)>) {
        if merges.is_empty() {
            return;
        }
        let mut known: HashMap<String, ()> =
            entries.iter().map(|entry| (entry.key.name.clone(), ())).collect();
        for (place, node) in merges {
            let maps = match node.kind {
                Kind::Seq(maps) => maps,
                _ => vec![node],
            };
            for map in maps {
                match map.kind {
                    Kind::Map(more) => {
                        for entry in more {
                            if known.insert(entry.key.name.clone(), ()).is_none() {
                                entries.push(entry);
                            }
                        }
                    }
                    Kind::Error => self.lost = true,
                    _ => self.diags.push(
                        Diagnostic::new(&YAML_ALIAS, place, "`<<` takes a map or a list of maps")
                            .label("merges a map into this one")
                            .also(map.span, "is no map")
                            .help("name the anchor of a map: `<<: *name`"),
                    ),
                }
            }
        }
    }
}

/// `span` up to the end of `child`, unless that stands before it, as the content
/// of an alias does.
fn join(span: Span, child: Span) -> Span {
    if child.start >= span.start { span.to(child) } else { span }
}

fn error(span: Span) -> Built {
    Built { node: Node { span, kind: Kind::Error }, weight: 1, height: 1 }
}

/// What a node in the place of a key is.
fn to_key(node: Node) -> (Pending, Option<Diagnostic>) {
    match node.kind {
        Kind::Scalar(scalar) => {
            let name = scalar.text.as_str().to_string();
            if name == "<<" && scalar.style == Style::Plain && scalar.tag.is_none() {
                return (Pending::Merge(node.span), None);
            }
            (Pending::Key(Key { name, span: node.span }), None)
        }
        Kind::Error => (Pending::Dropped, None),
        Kind::Map(_) | Kind::Seq(_) => {
            let what = if matches!(node.kind, Kind::Map(_)) { "map" } else { "list" };
            let fault =
                Diagnostic::new(&YAML_SYNTAX, node.span, format!("a {what} is used as a key"))
                    .label("a key is a single word")
                    .help("quote it if it is meant as a text");
            (Pending::Dropped, Some(fault))
        }
    }
}
