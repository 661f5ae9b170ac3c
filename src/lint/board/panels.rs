//! The panels of a board one by one and together: ids, types, targets and their letters.

use std::collections::HashMap;

use super::model::{Board, Panel, start};
use super::tree::{given, integer, text_of};
use crate::base::{Diagnostic, Diagnostics, Span, Text, codes, nearest};

codes! {
    /// ## Why
    /// Links to a panel, and the panels that read another one, go by its id. Of two with
    /// one id Grafana gives one a new id at each load.
    /// ## Fires
    /// On panels without an id, with one that is no whole number above zero, or with that
    /// of another panel, also of one inside a row.
    /// ```json
    /// {"panels": [{"id": 1}, {"id": 1}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"id": 1}, {"id": 2}]}
    /// ```
    BOARD_PANEL_ID = Error "board-panel-id";

    /// ## Why
    /// Grafana draws an error in place of a panel of a type that it does not have.
    /// ## Fires
    /// On types that come with no Grafana and are not called like a plugin
    /// (`vendor-name-panel`).
    /// ```json
    /// {"panels": [{"type": "timeserie"}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "timeseries"}]}
    /// ```
    BOARD_PANEL_TYPE = Error "board-panel-type";

    /// ## Why
    /// A panel that draws data, and has no query, says "No data" for ever.
    /// ## Fires
    /// ```json
    /// {"panels": [{"type": "stat", "targets": []}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "stat", "targets": [{"refId": "A", "expr": "up"}]}]}
    /// ```
    BOARD_TARGETS_MISSING = Error "board-targets-missing";

    /// ## Why
    /// Transformations and overrides find a query by its letter, and so does the answer
    /// of the server: of two queries with one letter one is lost.
    /// ## Fires
    /// On targets without a `refId`, or with that of another target of the panel.
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "up"}, {"refId": "A", "expr": "vector(1)"}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "up"}, {"refId": "B", "expr": "vector(1)"}]}]}
    /// ```
    BOARD_REF_ID = Error "board-ref-id";
}

/// The types that come with Grafana, those of old versions too, sorted. Source: the
/// folders of `public/app/plugins/panel` of grafana/grafana. A new one is to be added: it
/// would be refused unless it has a dash in its name.
const TYPES: &[&str] = &[
    "alertGroups",
    "alertlist",
    "annolist",
    "barchart",
    "bargauge",
    "candlestick",
    "canvas",
    "dashlist",
    "datagrid",
    "debug",
    "flamegraph",
    "gauge",
    "geomap",
    "gettingstarted",
    "graph",
    "heatmap",
    "heatmap-new",
    "histogram",
    "live",
    "logs",
    "logstable",
    "news",
    "nodeGraph",
    "piechart",
    "pluginlist",
    "radialbar",
    "row",
    "singlestat",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "table-old",
    "text",
    "timeseries",
    "traces",
    "trend",
    "welcome",
    "xychart",
];

/// The types that draw nothing without a query.
const DRAWS_DATA: &[&str] = &[
    "barchart",
    "bargauge",
    "candlestick",
    "gauge",
    "graph",
    "heatmap",
    "histogram",
    "piechart",
    "singlestat",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "timeseries",
    "trend",
    "xychart",
];

/// Checks the panels of a board.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    let mut ids: HashMap<i64, Span> = HashMap::new();
    for panel in &board.panels {
        check_id(panel, &mut ids, diags);
        if !panel.is_library() {
            check_type(panel, diags);
        }
    }
    for panel in board.drawn() {
        if panel.targets.is_empty() && DRAWS_DATA.contains(&panel.kind) && has_no_targets(panel) {
            let message = format!("{} has no query", panel.name());
            let fault = Diagnostic::new(&BOARD_TARGETS_MISSING, panel.at, message);
            diags.push(fault.label("draws nothing").help("give it `targets`, or remove it"));
        }
        check_letters(panel, diags);
    }
}

/// Whether a panel has no targets, rather than some that could not be read.
fn has_no_targets(panel: &Panel<'_>) -> bool {
    given(panel.node, "targets").is_none_or(|node| node.as_seq().is_some_and(<[_]>::is_empty))
}

fn check_id(panel: &Panel<'_>, ids: &mut HashMap<i64, Span>, diags: &mut Diagnostics) {
    let Some(node) = given(panel.node, "id") else {
        let message = format!("{} has no id", panel.name());
        let fault = Diagnostic::new(&BOARD_PANEL_ID, panel.at, message);
        diags.push(fault.help("give it an `id` that no other panel of the board has"));
        return;
    };
    if node.is_error() {
        return;
    }
    let Some(id) = integer(node).filter(|id| *id > 0) else {
        let message = format!("the id of {} is no whole number above zero", panel.name());
        diags.push(Diagnostic::new(&BOARD_PANEL_ID, node.span, message));
        return;
    };
    match ids.get(&id) {
        Some(other) => diags.push(
            Diagnostic::new(&BOARD_PANEL_ID, node.span, format!("two panels have the id {id}"))
                .label("again")
                .also(*other, "first"),
        ),
        None => {
            ids.insert(id, node.span);
        }
    }
}

fn check_type(panel: &Panel<'_>, diags: &mut Diagnostics) {
    let node = panel.node.get("type");
    if node.is_some_and(|node| node.is_error()) || TYPES.contains(&panel.kind) {
        return;
    }
    let span = node.map_or(panel.at, |node| node.span);
    if panel.kind.is_empty() {
        let message = format!("{} has no type", panel.name());
        diags.push(Diagnostic::new(&BOARD_PANEL_TYPE, span, message));
        return;
    }
    let near = nearest(panel.kind, TYPES.iter().copied());
    // Plugins are called `vendor-name-panel`.
    if panel.kind.contains('-') && near.is_none() || panel.kind.ends_with("-panel") {
        return;
    }
    let message = format!("no panel is of the type `{}`", panel.kind);
    let fault = Diagnostic::new(&BOARD_PANEL_TYPE, span, message).label("unknown");
    diags.push(match near {
        Some(near) => fault.help(format!("a similar type exists: `{near}`")),
        None => fault.help("plugins are called `vendor-name-panel`"),
    });
}

fn check_letters(panel: &Panel<'_>, diags: &mut Diagnostics) {
    let mut letters: HashMap<&str, Span> = HashMap::new();
    for target in &panel.targets {
        let letter = text_of(target, "refId").filter(|letter| !letter.as_str().is_empty());
        let Some(letter) = letter else {
            let node = target.get("refId");
            if !node.is_some_and(|node| node.is_error()) {
                let span = node.map_or(start(target), |node| node.span);
                let message = format!("a target of {} has no `refId`", panel.name());
                diags.push(
                    Diagnostic::new(&BOARD_REF_ID, span, message).help("give it one, such as `A`"),
                );
            }
            continue;
        };
        repeated(panel, letter, &mut letters, diags);
    }
}

fn repeated<'a>(
    panel: &Panel<'_>,
    letter: &'a Text,
    letters: &mut HashMap<&'a str, Span>,
    diags: &mut Diagnostics,
) {
    let name = letter.as_str();
    match letters.get(name) {
        Some(other) => diags.push(
            Diagnostic::new(
                &BOARD_REF_ID,
                letter.span(),
                format!("two targets of {} have the `refId` `{name}`", panel.name()),
            )
            .label("again")
            .also(*other, "first"),
        ),
        None => {
            letters.insert(name, letter.span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_agree() {
        assert!(TYPES.is_sorted() && DRAWS_DATA.is_sorted());
        assert!(DRAWS_DATA.iter().all(|kind| TYPES.contains(kind)));
    }
}
