//! Transformations by their ids.

use super::model::{Board, start};
use super::tree::{items, text_of};
use crate::base::{Diagnostic, Diagnostics, codes, nearest};

codes! {
    /// ## Why
    /// On a transformation that it does not know Grafana stops: the panel shows an error,
    /// not a table.
    /// ## Fires
    /// ```json
    /// {"panels": [{"transformations": [{"id": "organise", "options": {}}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"transformations": [{"id": "organize", "options": {}}]}]}
    /// ```
    BOARD_TRANSFORMATION_UNKNOWN = Error "board-transformation-unknown";
}

/// The ids, sorted. Source: `DataTransformerID` of the npm package `@grafana/data`, 12.3.1
/// and 13.2.3 (the same and `smoothing`). Its `standardTransformers` are some of them, the
/// rest come with Grafana itself.
const TRANSFORMATIONS: &[&str] = &[
    "append",
    "calculateField",
    "concatenate",
    "configFromData",
    "convertFieldType",
    "convertFrameType",
    "ensureColumns",
    "extractFields",
    "fieldLookup",
    "filterByRefId",
    "filterByValue",
    "filterFields",
    "filterFieldsByName",
    "filterFrames",
    "formatString",
    "formatTime",
    "groupBy",
    "groupToNestedTable",
    "groupingToMatrix",
    "heatmap",
    "histogram",
    "joinByField",
    "joinByLabels",
    "labelsToFields",
    "limit",
    "merge",
    "noop",
    "order",
    "organize",
    "partitionByValues",
    "prepareTimeSeries",
    "reduce",
    "regression",
    "rename",
    "renameByRegex",
    "rowsToFields",
    "seriesToColumns",
    "seriesToRows",
    "smoothing",
    "sortBy",
    "spatial",
    "timeSeriesTable",
    "transpose",
];

/// Checks the transformations of all panels.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn() {
        for node in items(panel.node, "transformations").iter().filter(|node| !node.is_error()) {
            let id = text_of(node, "id");
            let name = id.map(|id| id.as_str()).unwrap_or_default();
            let unread = node.get("id").is_some_and(|id| id.is_error());
            if unread || TRANSFORMATIONS.contains(&name) {
                continue;
            }
            let span = id.map_or(start(node), |id| id.span());
            let message = match name {
                "" => format!("a transformation of {} has no id", panel.name()),
                name => format!("Grafana knows no transformation `{name}`"),
            };
            let fault =
                Diagnostic::new(&BOARD_TRANSFORMATION_UNKNOWN, span, message).label("unknown");
            diags.push(match nearest(name, TRANSFORMATIONS.iter().copied()) {
                Some(near) => fault.help(format!("a similar transformation exists: `{near}`")),
                None => fault,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(TRANSFORMATIONS.is_sorted());
    }
}
