//! Where panels stand: 24 columns, no two in one place, rows as Grafana reads them.

use std::collections::BTreeMap;

use super::model::{Board, Panel};
use super::tree::{given, integer, key_span};
use crate::base::{Diagnostic, Diagnostics, Span, codes};

codes! {
    /// ## Why
    /// A board has 24 columns. A panel beyond them, or without a place, is moved
    /// by Grafana to where nobody put it.
    /// ## Fires
    /// Without all four whole numbers of `gridPos`, and unless 0 ≤ x, 0 ≤ y, 1 ≤ w, 1 ≤ h
    /// and x + w ≤ 24.
    /// ```json
    /// {"panels": [{"gridPos": {"h": 8, "w": 14, "x": 12, "y": 0}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"gridPos": {"h": 8, "w": 12, "x": 12, "y": 0}}]}
    /// ```
    BOARD_GRID = Error "board-grid";

    /// ## Why
    /// Of two panels in one place Grafana moves one down, and with it all below.
    /// ## Fires
    /// ```json
    /// {"panels": [
    ///   {"gridPos": {"h": 8, "w": 12, "x": 0, "y": 0}},
    ///   {"gridPos": {"h": 8, "w": 12, "x": 6, "y": 4}}
    /// ]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [
    ///   {"gridPos": {"h": 8, "w": 12, "x": 0, "y": 0}},
    ///   {"gridPos": {"h": 8, "w": 12, "x": 12, "y": 0}}
    /// ]}
    /// ```
    BOARD_OVERLAP = Error "board-overlap";

    /// ## Why
    /// A row is a line across the board that says whether it is folded and, if it is,
    /// which panels it holds. One of another form is drawn otherwise by each version.
    /// ## Fires
    /// On rows of another height than 1 or width than 24, and without `collapsed` or
    /// `panels`.
    /// ```json
    /// {"panels": [
    ///   {"type": "row", "title": "Traffic", "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0}}
    /// ]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [
    ///   {"type": "row", "title": "Traffic", "collapsed": false, "panels": [],
    ///    "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0}}
    /// ]}
    /// ```
    BOARD_ROW = Warning "board-row";

    /// ## Why
    /// The panels of an open row stand behind it in the list. Those inside it are
    /// drawn only when it is folded, so here never.
    /// ## Fires
    /// ```json
    /// {"panels": [
    ///   {"type": "row", "title": "Traffic", "collapsed": false,
    ///    "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0},
    ///    "panels": [{"id": 7, "title": "Requests"}]}
    /// ]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [
    ///   {"type": "row", "title": "Traffic", "collapsed": true,
    ///    "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0},
    ///    "panels": [{"id": 7, "title": "Requests"}]}
    /// ]}
    /// ```
    BOARD_ROW_HIDES = Error "board-row-hides";
}

/// Columns of a board.
const COLUMNS: i64 = 24;

/// A place on the grid that is in order.
struct Place<'a> {
    x: usize,
    w: usize,
    y: i64,
    bottom: i64,
    panel: &'a Panel<'a>,
    span: Span,
}

/// Checks all places of a board.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    let mut spaces: BTreeMap<Option<usize>, Vec<Place<'_>>> = BTreeMap::new();
    for panel in &board.panels {
        if panel.is_row() {
            check_row(panel, diags);
        }
        let hidden = panel.home.and_then(|row| board.panels.get(row)).is_some_and(|row| {
            !row.is_row() || row.node.get("collapsed").and_then(|c| c.as_bool()) != Some(true)
        });
        if let Some(place) = place(panel, diags).filter(|_| !hidden) {
            spaces.entry(panel.home).or_default().push(place);
        }
    }
    for mut places in spaces.into_values() {
        check_overlaps(&mut places, diags);
    }
}

fn place<'a>(panel: &'a Panel<'a>, diags: &mut Diagnostics) -> Option<Place<'a>> {
    let Some(grid) = given(panel.node, "gridPos") else {
        let message = format!("{} has no place on the board", panel.name());
        diags.push(
            Diagnostic::new(&BOARD_GRID, panel.at, message)
                .label("without `gridPos`")
                .help("give it a `gridPos` with `x`, `y`, `w` and `h`"),
        );
        return None;
    };
    if grid.is_error() {
        return None;
    }
    let span = key_span(panel.node, "gridPos");
    let mut read = |key: &str, least: i64| {
        let Some(node) = grid.get(key) else {
            let message = format!("`gridPos` of {} has no `{key}`", panel.name());
            diags.push(Diagnostic::new(&BOARD_GRID, span, message).label("not all of x, y, w, h"));
            return None;
        };
        let value = integer(node).filter(|n| *n >= least);
        if value.is_none() && !node.is_error() {
            let message = format!("`{key}` of {} is no place on the board", panel.name());
            let label = format!("a whole number from {least} on is read here");
            diags.push(Diagnostic::new(&BOARD_GRID, node.span, message).label(label));
        }
        value
    };
    let (x, y, w, h) = (read("x", 0), read("y", 0), read("w", 1), read("h", 1));
    let (x, y, w, h) = (x?, y?, w?, h?);
    if x + w > COLUMNS {
        let message = format!("{} reaches to column {}", panel.name(), x + w);
        diags.push(
            Diagnostic::new(&BOARD_GRID, span, message)
                .label(format!("x + w is at most {COLUMNS}")),
        );
        return None;
    }
    let column = |n: i64| usize::try_from(n).unwrap_or_default();
    Some(Place { x: column(x), w: column(w), y, bottom: y + h, panel, span })
}

/// Reports each panel that lies on an earlier one: from top to bottom, each column
/// knows the panel that reaches lowest in it.
fn check_overlaps(places: &mut [Place<'_>], diags: &mut Diagnostics) {
    places.sort_by_key(|place| (place.y, place.x));
    let mut lowest: [Option<usize>; COLUMNS as usize] = [None; COLUMNS as usize];
    for (index, place) in places.iter().enumerate() {
        let mut hit = None;
        for slot in lowest.iter_mut().skip(place.x).take(place.w) {
            let above = slot.and_then(|other| places.get(other));
            match above {
                Some(above) if above.bottom > place.y => {
                    hit = hit.or(Some(above));
                    if place.bottom > above.bottom {
                        *slot = Some(index);
                    }
                }
                _ => *slot = Some(index),
            }
        }
        if let Some(above) = hit {
            let message = format!("{} lies on {}", place.panel.name(), above.panel.name());
            diags.push(
                Diagnostic::new(&BOARD_OVERLAP, place.span, message)
                    .label(format!("begins at y {}", place.y))
                    .also(above.span, format!("reaches to y {}", above.bottom))
                    .help(format!("move it to `y: {}` or another column", above.bottom)),
            );
        }
    }
}

fn check_row(row: &Panel<'_>, diags: &mut Diagnostics) {
    let mut faults = Vec::new();
    if let Some(grid) = given(row.node, "gridPos") {
        for (key, right) in [("h", 1), ("w", COLUMNS)] {
            if grid.get(key).and_then(integer).is_some_and(|n| n != right) {
                faults.push(format!("`{key}` is not {right}"));
            }
        }
    }
    let collapsed = given(row.node, "collapsed");
    let folded = collapsed.and_then(|node| node.as_bool());
    if folded.is_none() && !collapsed.is_some_and(|node| node.is_error()) {
        faults.push("`collapsed` is neither true nor false".to_owned());
    }
    let inside = given(row.node, "panels");
    if inside.is_none() {
        faults.push("`panels` is missing".to_owned());
    }
    if !faults.is_empty() {
        let message = format!("{} is not as Grafana writes rows", row.name());
        diags.push(
            Diagnostic::new(&BOARD_ROW, row.at, message)
                .label(faults.join(", "))
                .help("give it `h: 1`, `w: 24`, `collapsed` and a list of `panels`"),
        );
    }
    let holds = inside.and_then(|node| node.as_seq()).is_some_and(|list| !list.is_empty());
    if holds && folded != Some(true) {
        let message = format!("{} is open and hides the panels inside it", row.name());
        diags.push(
            Diagnostic::new(&BOARD_ROW_HIDES, key_span(row.node, "panels"), message)
                .label("never drawn")
                .help("put them behind the row in the list, or set `collapsed` to true"),
        );
    }
}
