//! Units of values: those that Grafana knows, and that there is one.

use super::model::{Board, Panel};
use super::tree::{below, items, text, word};
use super::unit_ids::{PREFIXES, UNITS};
use crate::base::{Diagnostic, Diagnostics, Safety, codes, nearest};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// A unit that Grafana does not know is written behind the raw number: 0.999 of
    /// `percentunits` is "0.999 percentunits", not 99.9 %.
    /// ## Fires
    /// On units that are neither an id nor begin with `suffix:`, `prefix:`, `time:`, `si:`,
    /// `count:`, `currency:` or `bool:`.
    /// ```json
    /// {"panels": [{"fieldConfig": {"defaults": {"unit": "percentunits"}, "overrides": []}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"fieldConfig": {"defaults": {"unit": "percentunit"}, "overrides": []}}]}
    /// ```
    BOARD_UNIT_UNKNOWN = Error "board-unit-unknown";

    /// ## Why
    /// A number without a unit is read as any: seconds, milliseconds, a share.
    /// ## Fires
    /// On `stat`, `gauge`, `table` and `timeseries` panels without a unit, unless `mappings`
    /// are given or a `stat` picks its fields. `none` is a unit.
    /// ```json
    /// {"panels": [{"type": "stat", "fieldConfig": {"defaults": {}, "overrides": []}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "stat", "fieldConfig": {"defaults": {"unit": "none"}, "overrides": []}}]}
    /// ```
    BOARD_UNIT_MISSING = Warning "board-unit-missing";
}

/// The types that need a unit, those of the dashboard-linter.
const MEASURED: &[&str] = &["gauge", "graph", "singlestat", "stat", "table", "timeseries"];

/// Checks the units of all panels.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn() {
        let units = units(panel);
        for unit in &units {
            check_unit(unit, diags);
        }
        if units.is_empty() && MEASURED.contains(&panel.kind) && !needs_none(panel) {
            let message = format!("{} has no unit", panel.name());
            diags.push(
                Diagnostic::new(&BOARD_UNIT_MISSING, panel.at, message)
                    .help("give it `fieldConfig.defaults.unit`; `none` is a unit too"),
            );
        }
    }
}

/// All units of a panel that are not empty.
fn units<'a>(panel: &Panel<'a>) -> Vec<&'a Node> {
    let config = panel.node.get("fieldConfig");
    let default = config.and_then(|config| below(config, &["defaults", "unit"]));
    let overrides = config.map(|config| items(config, "overrides")).unwrap_or_default();
    let properties = overrides.iter().flat_map(|of| items(of, "properties"));
    let overriding = properties.filter(|p| word(p, "id") == "unit").filter_map(|p| p.get("value"));
    let written = |node: &&Node| !node.is_null() && node.as_str() != Some("");
    default.into_iter().chain(overriding).filter(written).collect()
}

/// Whether a panel shows texts rather than numbers.
fn needs_none(panel: &Panel<'_>) -> bool {
    let mapped = below(panel.node, &["fieldConfig", "defaults", "mappings"]).is_some();
    let picked = below(panel.node, &["options", "reduceOptions"])
        .is_some_and(|options| !word(options, "fields").is_empty());
    mapped || panel.kind == "stat" && picked
}

fn check_unit(node: &Node, diags: &mut Diagnostics) {
    if node.is_error() {
        return;
    }
    let Some(unit) = text(node).map(|text| text.as_str()) else {
        let fault = Diagnostic::new(&BOARD_UNIT_UNKNOWN, node.span, "a unit is no text");
        diags.push(fault.label("a text is read here"));
        return;
    };
    let known = UNITS.binary_search(&unit).is_ok() || PREFIXES.iter().any(|p| unit.starts_with(p));
    if known || unit.contains('$') {
        return;
    }
    let fault =
        Diagnostic::new(&BOARD_UNIT_UNKNOWN, node.span, format!("Grafana knows no unit `{unit}`"))
            .label("written behind the raw number");
    diags.push(match nearest(unit, UNITS.iter().copied()) {
        Some(near) => fault
            .help(format!("a similar unit exists: `{near}`; for a text write `suffix: {unit}`"))
            .fix(format!("write `{near}`"), node.span, format!("\"{near}\""), Safety::Suggestion),
        None => fault.help(format!("for a text behind the number write `suffix: {unit}`")),
    });
}
