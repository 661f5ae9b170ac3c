//! Thresholds: a base, then steps upwards, in colours that can be seen.

use super::model::{Board, Panel};
use super::tree::{below, items, key_span, number, word};
use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// The first step of thresholds is the base, from minus infinity on; each further
    /// step holds from its value. Without the base small values have no colour, and steps
    /// that go down are passed over.
    /// ## Fires
    /// ```json
    /// {"panels": [{"fieldConfig": {"defaults": {"unit": "percentunit",
    ///   "thresholds": {"mode": "absolute", "steps": [
    ///     {"color": "red", "value": 0}, {"color": "green", "value": 0.5}]}}}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"fieldConfig": {"defaults": {"unit": "percentunit",
    ///   "thresholds": {"mode": "absolute", "steps": [
    ///     {"color": "red", "value": null}, {"color": "green", "value": 0.5}]}}}}]}
    /// ```
    BOARD_THRESHOLDS = Error "board-thresholds";

    /// ## Why
    /// A line that takes its colour from thresholds vanishes where that is `transparent`.
    /// ## Fires
    /// ```json
    /// {"panels": [{"type": "timeseries", "fieldConfig": {"defaults": {"unit": "none",
    ///   "color": {"mode": "thresholds"},
    ///   "thresholds": {"mode": "absolute", "steps": [
    ///     {"color": "transparent", "value": null}, {"color": "red", "value": 1}]}}}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"type": "timeseries", "fieldConfig": {"defaults": {"unit": "none",
    ///   "color": {"mode": "thresholds"},
    ///   "thresholds": {"mode": "absolute", "steps": [
    ///     {"color": "green", "value": null}, {"color": "red", "value": 1}]}}}}]}
    /// ```
    BOARD_INVISIBLE = Error "board-invisible";
}

/// Checks the thresholds of all panels, those of overrides too.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn() {
        let Some(config) = panel.node.get("fieldConfig") else { continue };
        let properties: Vec<&Node> =
            items(config, "overrides").iter().flat_map(|of| items(of, "properties")).collect();
        // The defaults, then what overrides them.
        let all = |id: &str| -> Vec<&Node> {
            let overriding = properties.iter().filter(|p| word(p, "id") == id);
            let default = below(config, &["defaults", id]).into_iter();
            default.chain(overriding.filter_map(|p| p.get("value"))).collect()
        };
        let (colors, thresholds) = (all("color"), all("thresholds"));
        let by_thresholds = colors.iter().any(|color| word(color, "mode") == "thresholds");
        for thresholds in thresholds.into_iter().filter(|node| !node.is_null() && !node.is_error())
        {
            check_steps(panel, thresholds, diags);
            if panel.kind == "timeseries" && by_thresholds {
                check_colors(panel, thresholds, diags);
            }
        }
    }
}

fn fault(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&BOARD_THRESHOLDS, span, message)
}

fn check_steps(panel: &Panel<'_>, thresholds: &Node, diags: &mut Diagnostics) {
    if thresholds.get("steps").is_some_and(Node::is_error) {
        return;
    }
    let steps = items(thresholds, "steps");
    let Some(first) = steps.first() else {
        let message = format!("the thresholds of {} have no steps", panel.name());
        let help = "give them `steps`, the first with the value null";
        diags.push(fault(key_span(thresholds, "steps"), message).help(help));
        return;
    };
    // JSON cannot say minus infinity: null, or no value at all, is the base.
    if let Some(base) = first.get("value").filter(|value| !value.is_null() && !value.is_error()) {
        let message = format!("the first threshold of {} is no base", panel.name());
        let help = "begin with a step whose value is null: the colour below all others";
        diags.push(fault(base.span, message).label("null is read here").help(help));
    }
    let mut last: Option<(f64, Span)> = first.get("value").and_then(|v| Some((number(v)?, v.span)));
    for step in steps.iter().skip(1) {
        let value = step.get("value");
        if step.is_error() || value.is_some_and(Node::is_error) {
            continue;
        }
        let Some((value, span)) = value.and_then(|node| Some((number(node)?, node.span))) else {
            let span = value.map_or(step.span, |node| node.span);
            let message = format!("a threshold of {} has no value", panel.name());
            diags.push(fault(span, message).label("a number is read here"));
            continue;
        };
        if let Some((before, other)) = last.filter(|(before, _)| *before > value) {
            let message = format!("the thresholds of {} go down", panel.name());
            diags.push(
                fault(span, message)
                    .label(format!("below {before}"))
                    .also(other, "the step before")
                    .help("order the steps by value"),
            );
        }
        last = Some((value, span));
    }
}

fn check_colors(panel: &Panel<'_>, thresholds: &Node, diags: &mut Diagnostics) {
    for step in items(thresholds, "steps") {
        if word(step, "color") == "transparent" {
            let span = step.get("color").map_or(step.span, |color| color.span);
            diags.push(
                Diagnostic::new(
                    &BOARD_INVISIBLE,
                    span,
                    format!("the line of {} cannot be seen", panel.name()),
                )
                .label("the colour of the line too")
                .help("name a colour, or set `color.mode` to another than `thresholds`"),
            );
        }
    }
}
