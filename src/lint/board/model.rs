//! A board as the checks see it: the tree comes in; its variables, annotations and all
//! panels, also those inside rows, go out. What has another form than Grafana reads is
//! reported here, once, and left out.

use super::tree::{given, items, key_span, text_of, word};
use crate::base::{Diagnostic, Diagnostics, Span, Spanned, Text, codes};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// Grafana reads a board by its form: a list where it wants an object is dropped, or
    /// the whole file is refused.
    /// ## Fires
    /// On panels, targets, variables and annotations that are no objects, on lists that
    /// are no lists, and on `rows`, the layout of before Grafana 5.
    /// ```json
    /// {"panels": {"title": "Requests"}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"title": "Requests"}]}
    /// ```
    BOARD_MALFORMED = Error "board-malformed";
}

/// A board.
pub(super) struct Board<'a> {
    /// The classic object.
    pub(super) root: &'a Node,
    /// Where to point for what is missing.
    pub(super) at: Span,
    /// Its uid, also from the metadata of a resource.
    pub(super) uid: Option<&'a Text>,
    /// The folder that it names itself.
    pub(super) folder: Option<String>,
    /// Its variables.
    pub(super) variables: Vec<Variable<'a>>,
    /// Its annotation queries.
    pub(super) annotations: Vec<&'a Node>,
    /// All panels; a row before those inside it.
    pub(super) panels: Vec<Panel<'a>>,
}

/// A variable of `templating`.
pub(super) struct Variable<'a> {
    /// The object.
    pub(super) node: &'a Node,
    /// Its name, empty where it has none.
    pub(super) name: &'a str,
    /// Its type.
    pub(super) kind: &'a str,
    /// Where to point.
    pub(super) at: Span,
}

/// A panel, or a row.
pub(super) struct Panel<'a> {
    /// The object.
    pub(super) node: &'a Node,
    /// Its type; empty where it has none.
    pub(super) kind: &'a str,
    /// The row that it is inside of, by its index.
    pub(super) home: Option<usize>,
    /// Where to point.
    pub(super) at: Span,
    /// Its targets.
    pub(super) targets: Vec<&'a Node>,
}

impl<'a> Board<'a> {
    /// The board that a document is, if it is one.
    pub(super) fn find(root: &'a Node, diags: &mut Diagnostics) -> Option<Board<'a>> {
        let (node, uid, folder) = classic(root)?;
        let first = node.as_map().and_then(|entries| entries.first());
        let title = text_of(node, "title").map(Text::span);
        let at = title.or(first.map(|entry| entry.key.span)).unwrap_or(node.span);
        let mut board = Board {
            root: node,
            at,
            uid: uid.or(text_of(node, "uid")),
            folder,
            variables: Vec::new(),
            annotations: Vec::new(),
            panels: Vec::new(),
        };
        if node.get("rows").is_some() && node.get("panels").is_none() {
            let fault = malformed(key_span(node, "rows"), "`rows` is a layout of before Grafana 5")
                .label("its panels are not checked")
                .help("open the board in Grafana, save it and export it again");
            diags.push(fault);
        }
        for node in nested(node, "templating", diags) {
            board.variables.push(Variable::new(node));
        }
        board.annotations = nested(node, "annotations", diags);
        board.collect(diags);
        Some(board)
    }

    /// All panels, outside in. A stack, since rows may be nested without end.
    fn collect(&mut self, diags: &mut Diagnostics) {
        let mut open = vec![(self.root, None)];
        while let Some((node, home)) = open.pop() {
            for panel in objects(node, "panels", "panel", diags) {
                let targets = objects(panel, "targets", "target", diags);
                if panel.get("panels").is_some() {
                    open.push((panel, Some(self.panels.len())));
                }
                self.panels.push(Panel::new(panel, home, targets));
            }
        }
    }

    /// Whether a variable of this name is defined.
    pub(super) fn defines(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable.name == name)
    }

    /// The panels that are drawn from what stands here: no rows, no library panels.
    pub(super) fn drawn(&self) -> impl Iterator<Item = &Panel<'a>> {
        self.panels.iter().filter(|panel| !panel.is_row() && !panel.is_library())
    }

    /// Uid or title with its place.
    pub(super) fn spanned(text: Option<&Text>) -> Option<Spanned<String>> {
        text.map(|text| Spanned::new(text.as_str().to_owned(), text.span()))
    }
}

impl<'a> Variable<'a> {
    fn new(node: &'a Node) -> Variable<'a> {
        let name = text_of(node, "name");
        let at = name.map_or(start(node), Text::span);
        Variable { node, name: word(node, "name"), kind: word(node, "type"), at }
    }
}

impl<'a> Panel<'a> {
    fn new(node: &'a Node, home: Option<usize>, targets: Vec<&'a Node>) -> Panel<'a> {
        let titled = text_of(node, "title").filter(|title| !title.as_str().is_empty());
        let at = titled.or(text_of(node, "type")).map_or(start(node), Text::span);
        Panel { node, kind: word(node, "type"), home, at, targets }
    }

    /// Whether it is a row.
    pub(super) fn is_row(&self) -> bool {
        self.kind == "row"
    }

    /// Whether it stands in for a panel that Grafana keeps elsewhere.
    pub(super) fn is_library(&self) -> bool {
        given(self.node, "libraryPanel").is_some()
    }

    /// Its title, empty where it has none.
    pub(super) fn title(&self) -> &'a str {
        word(self.node, "title")
    }

    /// What messages call it.
    pub(super) fn name(&self) -> String {
        let what = if self.is_row() { "row" } else { "panel" };
        match self.title() {
            "" => format!("the {what} without a title"),
            title => format!("the {what} `{title}`"),
        }
    }
}

/// A place to point at for an object: its first key.
pub(super) fn start(node: &Node) -> Span {
    let first = node.as_map().and_then(|entries| entries.first());
    first.map_or(node.span, |entry| entry.key.span)
}

/// The classic object of a document, the uid that its wrapper gives it and its folder.
fn classic(root: &Node) -> Option<(&Node, Option<&Text>, Option<String>)> {
    if word(root, "apiVersion").starts_with("dashboard.grafana.app/") {
        let spec = root.get("spec").filter(|spec| spec.get("elements").is_none())?;
        let metadata = root.get("metadata");
        let uid = metadata.and_then(|metadata| text_of(metadata, "name"));
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        let folder = annotations.map(|node| word(node, "grafana.app/folder"));
        spec.as_map()?;
        return Some((spec, uid, folder.filter(|f| !f.is_empty()).map(str::to_owned)));
    }
    if let Some(inner) = root.get("dashboard").filter(|inner| is_board(inner)) {
        let meta = root.get("meta").unwrap_or(root);
        let folder = word(meta, "folderUid");
        return Some((inner, None, (!folder.is_empty()).then(|| folder.to_owned())));
    }
    is_board(root).then_some((root, None, None))
}

/// Whether a node looks like the classic object.
fn is_board(node: &Node) -> bool {
    let has = |key: &str| node.get(key).is_some();
    let listed = |key: &str| node.get(key).is_some_and(|n| n.as_seq().is_some());
    listed("panels")
        || listed("rows")
        || (has("schemaVersion") && (has("title") || has("panels") || has("templating")))
}

/// The objects of the list in `{"list": [...]}` below a key.
fn nested<'a>(node: &'a Node, key: &str, diags: &mut Diagnostics) -> Vec<&'a Node> {
    let Some(holder) = given(node, key).filter(|holder| !holder.is_error()) else {
        return Vec::new();
    };
    if holder.as_map().is_none() {
        diags.push(malformed(holder.span, format!("`{key}` is no object")).label("no object"));
        return Vec::new();
    }
    let what = if key == "templating" { "variable" } else { "annotation" };
    objects(holder, "list", what, diags)
}

/// The objects of the list below a key. What is neither null nor a list of objects is
/// reported.
fn objects<'a>(node: &'a Node, key: &str, what: &str, diags: &mut Diagnostics) -> Vec<&'a Node> {
    let Some(list) = given(node, key).filter(|list| !list.is_error()) else { return Vec::new() };
    if list.as_seq().is_none() {
        let fault = malformed(key_span(node, key), format!("`{key}` is no list"));
        diags.push(fault.label(format!("a list of {what}s is read here")));
        return Vec::new();
    }
    let mut found = Vec::new();
    for item in items(node, key).iter().filter(|item| !item.is_error()) {
        match item.as_map() {
            Some(_) => found.push(item),
            None => {
                let fault = malformed(item.span, format!("a {what} is no object"));
                diags.push(fault.label("no object"));
            }
        }
    }
    found
}

fn malformed(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&BOARD_MALFORMED, span, message)
}
