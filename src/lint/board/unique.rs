//! What no two boards of a project may share. Identities of all boards come in, in the
//! order of their files.

use std::collections::BTreeMap;

use super::id::BoardId;
use crate::base::{Diagnostic, Diagnostics, Span, Spanned, codes};

codes! {
    /// ## Why
    /// Two boards with one uid freeze Grafana's provisioning of the whole folder: it logs
    /// "no database write permissions because of duplicates" and takes no file any more.
    /// ## Fires
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "Checkout"}
    /// ```
    /// `boards/search.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "Search"}
    /// ```
    /// ## Instead
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "Checkout"}
    /// ```
    /// `boards/search.json`:
    /// ```json
    /// {"uid": "slo-search", "title": "Search"}
    /// ```
    BOARD_UID_DUPLICATE = Error "board-uid-duplicate";

    /// ## Why
    /// Two boards of one title in one folder freeze Grafana's provisioning as two of one
    /// uid do.
    /// ## Fires
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "SLO"}
    /// ```
    /// `boards/search.json`:
    /// ```json
    /// {"uid": "slo-search", "title": "SLO"}
    /// ```
    /// ## Instead
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "SLO / checkout"}
    /// ```
    /// `boards/search.json`:
    /// ```json
    /// {"uid": "slo-search", "title": "SLO / search"}
    /// ```
    BOARD_TITLE_DUPLICATE = Error "board-title-duplicate";

    /// ## Why
    /// On macOS and Windows two files whose names differ only in case are one file.
    /// ## Fires
    /// `boards/Checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "Checkout"}
    /// ```
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-other", "title": "Other"}
    /// ```
    /// ## Instead
    /// `boards/checkout.json`:
    /// ```json
    /// {"uid": "slo-checkout", "title": "Checkout"}
    /// ```
    /// `boards/other.json`:
    /// ```json
    /// {"uid": "slo-other", "title": "Other"}
    /// ```
    BOARD_PATH_CASE = Error "board-path-case";
}

/// Reports duplicate uids, duplicate titles in a folder and files whose names differ only
/// in case. Without a folder of its own a board is in that of its file.
pub fn unique(boards: &[BoardId], diags: &mut Diagnostics) {
    let mut uids: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    let mut titles: BTreeMap<(&str, &str), (usize, Span)> = BTreeMap::new();
    let mut paths: BTreeMap<String, &BoardId> = BTreeMap::new();
    for (index, board) in boards.iter().enumerate() {
        let given = |text: &&Spanned<String>| !text.value.is_empty();
        if let Some(uid) = board.uid.as_ref().filter(given) {
            let (other, first) = *uids.entry(&uid.value).or_insert((index, uid.span));
            if other != index {
                let message = format!("two boards have the uid `{}`", uid.value);
                diags.push(
                    Diagnostic::new(&BOARD_UID_DUPLICATE, uid.span, message)
                        .label("again")
                        .also(first, "first")
                        .help("give one of them another uid"),
                );
            }
        }
        if let Some(title) = board.title.as_ref().filter(given) {
            let parent = board.path.parent().map(|path| path.as_str()).unwrap_or_default();
            let folder = board.folder.as_deref().unwrap_or(parent);
            let place = (index, title.span);
            let (other, first) = *titles.entry((folder, &title.value)).or_insert(place);
            if other != index {
                let message = format!("two boards of one folder are called `{}`", title.value);
                diags.push(
                    Diagnostic::new(&BOARD_TITLE_DUPLICATE, title.span, message)
                        .label("again")
                        .also(first, "first")
                        .help("give one of them another title, or another folder"),
                );
            }
        }
        let first = *paths.entry(board.path.as_str().to_lowercase()).or_insert(board);
        if first.path != board.path {
            let place = |board: &BoardId| {
                let text = board.title.as_ref().or(board.uid.as_ref());
                text.map_or(Span::NONE, |text| text.span)
            };
            let message =
                format!("the files `{}` and `{}` differ only in case", first.path, board.path);
            diags.push(
                Diagnostic::new(&BOARD_PATH_CASE, place(board), message)
                    .also(place(first), "the other file")
                    .help("rename one of them"),
            );
        }
    }
}
