//! What a panel tells its reader: title and description.

use super::model::Board;
use super::tree::{given, word};
use crate::base::{Diagnostic, Diagnostics, codes};

codes! {
    /// ## Why
    /// Who reads a board at three in the morning did not make it.
    /// ## Fires
    /// On `stat`, `gauge`, `table` and `timeseries` panels whose title is empty.
    /// ```json
    /// {"panels": [{"type": "timeseries", "title": ""}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "timeseries", "title": "Requests"}]}
    /// ```
    BOARD_PANEL_TITLE = Warning "board-panel-title";

    /// ## Why
    /// A description says what a panel shows and what to make of it. It is one hover
    /// away, where a wiki is not.
    /// ## Fires
    /// On `stat`, `gauge`, `table` and `timeseries` panels without one.
    /// ```json
    /// {"panels": [{"type": "timeseries", "description": ""}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "timeseries", "description": "Requests per second, all regions."}]}
    /// ```
    BOARD_DESCRIPTION_MISSING = Warning "board-description-missing";
}

/// The types that are held to it, those of the dashboard-linter.
const TOLD: &[&str] = &["gauge", "graph", "singlestat", "stat", "table", "timeseries"];

/// Checks the texts of all panels.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn().filter(|panel| TOLD.contains(&panel.kind)) {
        let lacks = |key: &str| {
            let unread = given(panel.node, key).is_some_and(|node| node.is_error());
            !unread && word(panel.node, key).trim().is_empty()
        };
        if lacks("title") {
            let message = format!("a {} panel has no title", panel.kind);
            let fault = Diagnostic::new(&BOARD_PANEL_TITLE, panel.at, message);
            diags.push(fault.help("give it a `title`"));
        }
        if lacks("description") {
            let message = format!("{} has no description", panel.name());
            let fault = Diagnostic::new(&BOARD_DESCRIPTION_MISSING, panel.at, message);
            diags.push(fault.help("say in `description` what it shows"));
        }
    }
}
