//! Titles that are cut: the width of a tile against the length of its title.

use super::model::Board;
use super::tree::{below, integer, text_of};
use crate::base::{Diagnostic, Diagnostics, codes};

codes! {
    /// ## Why
    /// A title that is longer than its tile ends in dots: "Error budget re…".
    /// ## Fires
    /// On `stat` and `gauge` panels with more than four characters per column.
    /// ```json
    /// {"panels": [
    ///   {"type": "stat", "title": "Error budget remaining",
    ///    "gridPos": {"h": 4, "w": 4, "x": 0, "y": 0}}
    /// ]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [
    ///   {"type": "stat", "title": "Budget left",
    ///    "gridPos": {"h": 4, "w": 4, "x": 0, "y": 0}}
    /// ]}
    /// ```
    BOARD_TITLE_CUT = Warning "board-title-cut";
}

/// Characters that fit into one column: about 16 in a tile 4 wide, as Grafana's own
/// components of version 13 draw it.
const PER_COLUMN: i64 = 4;

/// Checks the titles of all tiles.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn().filter(|panel| matches!(panel.kind, "stat" | "gauge")) {
        let Some(title) = text_of(panel.node, "title") else { continue };
        let width = below(panel.node, &["gridPos", "w"]).and_then(integer);
        let Some(width) = width.filter(|w| (1..=24).contains(w)) else { continue };
        // How long the value of a variable is nobody knows.
        if title.as_str().contains(['$', '[']) {
            continue;
        }
        let (length, room) = (title.as_str().chars().count(), width * PER_COLUMN);
        if usize::try_from(room).is_ok_and(|room| length > room) {
            diags.push(
                Diagnostic::new(
                    &BOARD_TITLE_CUT,
                    title.span(),
                    format!("a title of {length} characters is cut in a panel {width} wide"),
                )
                .label(format!("room for about {room}"))
                .help("shorten it, or make the panel wider"),
            );
        }
    }
}
