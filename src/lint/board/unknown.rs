//! Variables that a board uses and nobody defines.

use std::collections::BTreeSet;

use super::datasource::Source;
use super::mention::mentions;
use super::model::{Board, Panel};
use super::tree::{below, items, text, text_of, word};
use super::variables::query_of;
use crate::base::{Diagnostic, Diagnostics, Text, codes, nearest};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// Grafana leaves a variable that it does not know as it is: the query asks for the
    /// job called `$jbo`, and finds nothing.
    /// ## Fires
    /// In queries on `$name`, `${name}` and `[[name]]`; in titles, links, text panels and
    /// data sources on `${name}`; on `repeat`.
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "up{job=\"$jbo\"}"}]}]}
    /// ```
    /// ## Instead
    /// A variable of the board, or one of Grafana's own such as `$__rate_interval`.
    /// ```json
    /// {"templating": {"list": [
    ///    {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///    {"name": "job", "type": "custom", "query": "checkout,search"}
    ///  ]},
    ///  "panels": [{"targets": [{"refId": "A", "expr": "up{job=\"$job\"}"}]}]}
    /// ```
    BOARD_VARIABLE_UNKNOWN = Error "board-variable-unknown";
}

/// The variables that Grafana fills into queries, sorted. Source: "Global variables" in
/// its documentation, and those of links and cells.
const GLOBAL: &[&str] = &[
    "__all_variables",
    "__auto",
    "__cell",
    "__cell_0",
    "__cell_1",
    "__dashboard",
    "__data",
    "__field",
    "__from",
    "__interval",
    "__interval_ms",
    "__name",
    "__org",
    "__range",
    "__range_ms",
    "__range_s",
    "__rate_interval",
    "__rate_interval_ms",
    "__searchFilter",
    "__series",
    "__timeFilter",
    "__timezone",
    "__to",
    "__url_time_range",
    "__user",
    "__value",
    "__valueindex",
    "timeFilter",
];

/// Checks all uses of variables.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in &board.panels {
        check_panel(board, panel, diags);
        for target in &panel.targets {
            check_source(board, target, diags);
            let asks = Source::of_target(board, panel, target).is_prometheus();
            if let Some(expr) = text_of(target, "expr").filter(|_| asks) {
                check_text(board, expr, true, diags);
            }
            if let Some(legend) = text_of(target, "legendFormat") {
                check_text(board, legend, false, diags);
            }
        }
    }
    check_links(board, items(board.root, "links"), diags);
    for annotation in &board.annotations {
        check_source(board, annotation, diags);
        let asks = Source::read(board, annotation.get("datasource")).is_prometheus();
        let expr =
            text_of(annotation, "expr").or(below(annotation, &["target", "expr"]).and_then(text));
        if let Some(expr) = expr.filter(|_| asks) {
            check_text(board, expr, true, diags);
        }
    }
    for variable in &board.variables {
        check_source(board, variable.node, diags);
        let asks = Source::read(board, variable.node.get("datasource")).is_prometheus();
        if let Some(query) = query_of(variable).filter(|_| asks && variable.kind == "query") {
            check_text(board, query, true, diags);
        }
    }
}

fn check_panel(board: &Board<'_>, panel: &Panel<'_>, diags: &mut Diagnostics) {
    check_source(board, panel.node, diags);
    if let Some(title) = text_of(panel.node, "title") {
        check_text(board, title, false, diags);
    }
    if let Some(repeat) = text_of(panel.node, "repeat").filter(|text| !text.as_str().is_empty())
        && !board.defines(repeat.as_str())
    {
        report(board, repeat.as_str(), repeat, 0..repeat.as_str().len(), diags);
    }
    if panel.kind == "text"
        && let Some(content) = below(panel.node, &["options", "content"]).and_then(text)
    {
        check_text(board, content, false, diags);
    }
    check_links(board, items(panel.node, "links"), diags);
    let Some(config) = panel.node.get("fieldConfig") else { return };
    if let Some(defaults) = config.get("defaults") {
        check_links(board, items(defaults, "links"), diags);
    }
    let properties = items(config, "overrides").iter().flat_map(|of| items(of, "properties"));
    for property in properties.filter(|property| word(property, "id") == "links") {
        check_links(board, items(property, "value"), diags);
    }
}

fn check_source(board: &Board<'_>, holder: &Node, diags: &mut Diagnostics) {
    let Some(source) = holder.get("datasource") else { return };
    let uid = text(source).or(text_of(source, "uid"));
    // Those that an export put in are reported as such.
    if let Some(uid) = uid.filter(|uid| !uid.as_str().starts_with("${DS_")) {
        check_text(board, uid, true, diags);
    }
}

fn check_links(board: &Board<'_>, links: &[Node], diags: &mut Diagnostics) {
    for link in links {
        for key in ["url", "title"] {
            if let Some(text) = text_of(link, key) {
                check_text(board, text, false, diags);
            }
        }
    }
}

/// Reports the unknown variables of a text, each once; `$name` without braces only in a query.
fn check_text(board: &Board<'_>, text: &Text, is_query: bool, diags: &mut Diagnostics) {
    let source = text.as_str();
    // `label_replace` may name the groups of its regex.
    let has_groups = source.contains("(?P<") || source.contains("(?<");
    let mut reported = BTreeSet::new();
    for mention in mentions(source) {
        let name = mention.name;
        let in_braces = mention.is_closed && source[mention.range.clone()].starts_with('$');
        let own = name.starts_with("__") && (!is_query || is_global(name)) || name == "timeFilter";
        if own || !(is_query || in_braces) || board.defines(name) || !reported.insert(name) {
            continue;
        }
        if !(has_groups && source.contains(&format!("<{name}>"))) {
            report(board, name, text, mention.range, diags);
        }
    }
}

fn is_global(name: &str) -> bool {
    GLOBAL.contains(&name) || name.starts_with("__interval_") || name.starts_with("__auto_interval")
}

fn report(
    board: &Board<'_>,
    name: &str,
    text: &Text,
    range: std::ops::Range<usize>,
    diags: &mut Diagnostics,
) {
    let fault = Diagnostic::new(
        &BOARD_VARIABLE_UNKNOWN,
        text.slice(range),
        format!("the board has no variable `{name}`"),
    )
    .label("left as it is");
    let own = board.variables.iter().map(|variable| variable.name);
    let near = nearest(name, own.chain(GLOBAL.iter().copied()).filter(|n| !n.is_empty()));
    diags.push(match near {
        Some(near) => fault.help(format!("a similar variable exists: `{near}`")),
        None => fault.help("define it in `templating`"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(GLOBAL.is_sorted());
    }
}
