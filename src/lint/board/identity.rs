//! The board itself: what it is found by, how it is read, whether it can be provisioned.

use super::model::Board;
use super::tree::{given, text, text_of};
use crate::base::{Diagnostic, Diagnostics, Safety, codes};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// The uid is in every link to a board. Grafana refuses one that it cannot put into
    /// an address.
    /// ## Fires
    /// On other characters than letters, digits, `-` and `_`, and on more than 40 of them.
    /// ```json
    /// {"uid": "slo/checkout"}
    /// ```
    /// ## Instead
    /// ```json
    /// {"uid": "slo-checkout"}
    /// ```
    BOARD_UID_INVALID = Error "board-uid-invalid";

    /// ## Why
    /// A board without a uid gets another one on each Grafana: links to it lead nowhere.
    /// ## Fires
    /// ```json
    /// {"uid": ""}
    /// ```
    /// ## Instead
    /// ```json
    /// {"uid": "slo-checkout"}
    /// ```
    BOARD_UID_MISSING = Warning "board-uid-missing";

    /// ## Why
    /// Grafana refuses a board without a title.
    /// ## Fires
    /// ```json
    /// {"title": ""}
    /// ```
    /// ## Instead
    /// ```json
    /// {"title": "SLO / checkout"}
    /// ```
    BOARD_TITLE_MISSING = Error "board-title-missing";

    /// ## Why
    /// The `id` is the row in the database that the board was exported from. Where it is
    /// loaded again it is another board, or none.
    /// ## Fires
    /// ```json
    /// {"id": 12}
    /// ```
    /// ## Instead
    /// ```json
    /// {"id": null}
    /// ```
    BOARD_ID_SET = Warning "board-id-set";

    /// ## Why
    /// Grafana brings a board up to date from the version that it says. Without one it is
    /// taken for the oldest, and every change since then is made to it.
    /// ## Fires
    /// ```json
    /// {"schemaVersion": null}
    /// ```
    /// ## Instead
    /// ```json
    /// {"schemaVersion": 39}
    /// ```
    BOARD_SCHEMA_VERSION = Error "board-schema-version";

    /// ## Why
    /// How often a board is loaded anew is a text; false is what old versions wrote for
    /// never.
    /// ## Fires
    /// ```json
    /// {"refresh": false}
    /// ```
    /// ## Instead
    /// ```json
    /// {"refresh": ""}
    /// ```
    BOARD_REFRESH = Warning "board-refresh";

    /// ## Why
    /// `__inputs` and `${DS_...}` are filled in by the import dialog. A board that is
    /// loaded from a file has no dialog: none of its queries finds its data source.
    /// ## Fires
    /// ```json
    /// {"__inputs": [{"name": "DS_PROMETHEUS", "type": "datasource"}]}
    /// ```
    /// ## Instead
    /// A variable of data sources:
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    /// ]}}
    /// ```
    BOARD_INPUTS = Error "board-inputs";

    /// ## Why
    /// A board that comes from a file is written over with the next release. What was
    /// changed in the browser is lost.
    /// ## Fires
    /// ```json
    /// {"editable": true}
    /// ```
    /// ## Instead
    /// ```json
    /// {"editable": false}
    /// ```
    BOARD_EDITABLE = Warning "board-editable";
}

/// The longest uid that Grafana takes.
const MAX_UID: usize = 40;

/// Checks what a board says of itself.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    check_uid(board, diags);
    let root = board.root;
    let titled = text_of(root, "title").is_some_and(|title| !title.as_str().trim().is_empty());
    if !titled && !root.get("title").is_some_and(Node::is_error) {
        let span = root.get("title").map_or(board.at, |title| title.span);
        let fault = Diagnostic::new(&BOARD_TITLE_MISSING, span, "the board has no title");
        diags.push(fault.help("give it a `title` that is unique in its folder"));
    }
    if let Some(id) = given(root, "id").filter(|id| !id.is_error()) {
        diags.push(
            Diagnostic::new(&BOARD_ID_SET, id.span, "the board has the id of one database")
                .label("another board elsewhere")
                .fix("write null", id.span, "null", Safety::Safe),
        );
    }
    if given(root, "schemaVersion").is_none() {
        let message = "the board does not say its schema version";
        diags.push(
            Diagnostic::new(&BOARD_SCHEMA_VERSION, board.at, message)
                .help("give it the `schemaVersion` of the Grafana that wrote it, such as 39"),
        );
    }
    if let Some(refresh) = given(root, "refresh").filter(|node| !node.is_error())
        && text(refresh).is_none()
    {
        let fault = Diagnostic::new(&BOARD_REFRESH, refresh.span, "`refresh` is no text");
        let help = "write a time such as `\"1m\"`, or `\"\"` for never";
        diags.push(fault.label("read as never").help(help));
    }
    if given(root, "editable").and_then(Node::as_bool) != Some(false) {
        let span = root.get("editable").map_or(board.at, |node| node.span);
        diags.push(
            Diagnostic::new(&BOARD_EDITABLE, span, "the board can be edited in the browser")
                .label("changes made there are lost")
                .help("write `\"editable\": false`"),
        );
    }
    check_inputs(board, diags);
}

fn check_uid(board: &Board<'_>, diags: &mut Diagnostics) {
    let Some(uid) = board.uid.filter(|uid| !uid.as_str().is_empty()) else {
        let written = given(board.root, "uid").filter(|uid| text(uid).is_none());
        match written {
            Some(node) if node.is_error() => {}
            Some(node) => diags.push(
                Diagnostic::new(&BOARD_UID_INVALID, node.span, "the uid is no text")
                    .label("a text is read here"),
            ),
            None => diags.push(
                Diagnostic::new(&BOARD_UID_MISSING, board.at, "the board has no uid")
                    .label("a new one on each Grafana")
                    .help("give it a `uid` of letters, digits, `-` and `_`"),
            ),
        }
        return;
    };
    let text = uid.as_str();
    if let Some((at, bad)) =
        text.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))
    {
        let span = uid.slice(at..at + bad.len_utf8());
        diags.push(
            Diagnostic::new(&BOARD_UID_INVALID, span, format!("`{bad}` may not stand in a uid"))
                .help("use letters, digits, `-` and `_`"),
        );
    }
    let length = text.chars().count();
    if length > MAX_UID {
        let message = format!("a uid of {length} characters is refused by Grafana");
        let fault = Diagnostic::new(&BOARD_UID_INVALID, uid.span(), message);
        diags.push(fault.label(format!("longer than {MAX_UID}")));
    }
}

fn check_inputs(board: &Board<'_>, diags: &mut Diagnostics) {
    if let Some(entry) = board.root.entry("__inputs").filter(|e| !e.value.is_null()) {
        let inputs = entry.value.as_seq();
        if inputs.is_none_or(|list| !list.is_empty()) {
            diags.push(
                Diagnostic::new(&BOARD_INPUTS, entry.key.span, "the board has inputs")
                    .label("asked for by the import dialog alone")
                    .help(HELP),
            );
        }
    }
    let panels = board
        .panels
        .iter()
        .flat_map(|panel| std::iter::once(panel.node).chain(panel.targets.iter().copied()));
    let variables = board.variables.iter().map(|variable| variable.node);
    for node in panels.chain(board.annotations.iter().copied()).chain(variables) {
        let Some(source) = node.get("datasource") else { continue };
        let uid = text(source).or(text_of(source, "uid"));
        let Some(uid) = uid.filter(|uid| is_input(uid.as_str())) else { continue };
        let message = format!("`{}` is filled in by the import dialog alone", uid.as_str());
        diags.push(Diagnostic::new(&BOARD_INPUTS, uid.span(), message).help(HELP));
    }
}

/// What to do about inputs.
const HELP: &str = "use a variable of the type `datasource`, and its name as uid: `${datasource}`";

/// Whether a uid is one that an export for other Grafanas put in.
fn is_input(uid: &str) -> bool {
    uid.starts_with("${DS_") && uid.ends_with('}')
}
