//! The PromQL of a board: targets, annotations and query variables go through our parser
//! and the judge, with sample values for variables.

use super::counters;
use super::datasource::Source;
use super::model::{Board, Panel};
use super::sample::{Bare, sample};
use super::tree::{given, text, text_of};
use super::variables::series_of;
use crate::base::{Diagnostic, Diagnostics, Span, Text, codes};
use crate::promql::{self, Expr, Judge, Options, ValueType};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// A query without an expression is an error in Grafana, and a panel without data.
    /// ## Fires
    /// On targets and annotations of Prometheus.
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": ""}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "up"}]}]}
    /// ```
    BOARD_QUERY_EMPTY = Error "board-query-empty";

    /// ## Why
    /// Over a span of time Prometheus draws numbers and vectors. It refuses a range or a
    /// text.
    /// ## Fires
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "queue_length[5m]"}]}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"targets": [{"refId": "A", "expr": "avg_over_time(queue_length[5m])"}]}]}
    /// ```
    BOARD_QUERY_TYPE = Error "board-query-type";
}

/// Checks the queries of a board; without a judge only that there are some.
pub(super) fn check(board: &Board<'_>, judge: Option<&Judge>, diags: &mut Diagnostics) {
    for panel in board.drawn() {
        for target in &panel.targets {
            if Source::of_target(board, panel, target).is_prometheus() {
                check_target(panel, target, judge, diags);
            }
        }
    }
    for annotation in &board.annotations {
        let built_in = given(annotation, "builtIn").is_some();
        if !built_in && Source::read(board, annotation.get("datasource")).is_prometheus() {
            check_annotation(annotation, judge, diags);
        }
    }
    let Some(judge) = judge else { return };
    for variable in board.variables.iter().filter(|variable| variable.kind == "query") {
        if Source::read(board, variable.node.get("datasource")).is_prometheus()
            && let Some(series) = series_of(variable)
        {
            read(&series, judge, diags);
        }
    }
}

fn check_target(panel: &Panel<'_>, target: &Node, judge: Option<&Judge>, diags: &mut Diagnostics) {
    let flag = |key: &str| target.get(key).and_then(Node::as_bool) == Some(true);
    let is_instant = flag("instant") && !flag("range");
    let what = || format!("a query of {}", panel.name());
    let Some(written) = expression(target, target.get("expr"), what, diags) else { return };
    let Some(expr) = judge.and_then(|judge| read(written, judge, diags)) else { return };
    counters::check(written, &expr, is_instant, diags);
    if !is_instant {
        check_drawn(&expr, diags);
    }
}

fn check_annotation(annotation: &Node, judge: Option<&Judge>, diags: &mut Diagnostics) {
    let expr = annotation.get("expr").or(annotation.get("target").and_then(|t| t.get("expr")));
    let what = || match text_of(annotation, "name") {
        Some(name) => format!("the annotation `{}`", name.as_str()),
        None => "an annotation".to_owned(),
    };
    let Some(written) = expression(annotation, expr, what, diags) else { return };
    if let Some(expr) = judge.and_then(|judge| read(written, judge, diags)) {
        check_drawn(&expr, diags);
    }
}

/// The text of an expression; reported where there is none.
fn expression<'a>(
    holder: &Node,
    expr: Option<&'a Node>,
    what: impl FnOnce() -> String,
    diags: &mut Diagnostics,
) -> Option<&'a Text> {
    if expr.is_some_and(Node::is_error) {
        return None;
    }
    let written = expr.and_then(text).filter(|text| !text.as_str().trim().is_empty());
    if written.is_none() {
        let span = expr.map_or(super::model::start(holder), |node| node.span);
        let message = format!("{} has no expression", what());
        let help = "write the query in `expr`, or remove it";
        diags.push(Diagnostic::new(&BOARD_QUERY_EMPTY, span, message).help(help));
    }
    written
}

fn check_drawn(expr: &Expr, diags: &mut Diagnostics) {
    let what = match promql::value_type(expr) {
        ValueType::Matrix => "a range of time",
        ValueType::Str => "a text",
        _ => return,
    };
    diags.push(
        Diagnostic::new(&BOARD_QUERY_TYPE, expr.span, format!("{what} cannot be drawn"))
            .label(what)
            .help("put it into a function such as `rate` or `avg_over_time`"),
    );
}

/// Reads and judges an expression. A variable that may be a number or a metric is tried
/// as both; a fault that may be one of the sample values alone is not reported.
pub(super) fn read(text: &Text, judge: &Judge, diags: &mut Diagnostics) -> Option<Expr> {
    if text.as_str().len() > promql::MAX_BYTES {
        return promql::check(text, Options::default(), judge, diags);
    }
    let sampled = sample(text.as_str(), Bare::Number);
    let (expr, found) = judged(text, &sampled.text, judge)?;
    let (expr, found) = match expr {
        None if sampled.open > 0 => {
            let named = sample(text.as_str(), Bare::Name);
            let (second, also) = judged(text, &named.text, judge)?;
            let agree = sampled.open == 1 || first(&found) == first(&also);
            match second {
                Some(second) => (Some(second), also),
                None if agree => (None, found),
                None => return None,
            }
        }
        expr => (expr, found),
    };
    if expr.is_none() && sampled.is_guess {
        return None;
    }
    for fault in found.iter() {
        let mut fault = fault.clone();
        // A fix is PromQL, and may hold sample values: it would not fit into the JSON.
        fault.fixes.clear();
        if sampled.replaced > 0 && expr.is_none() {
            fault = fault.note("read with sample values in the place of variables");
        }
        diags.push(fault);
    }
    expr
}

fn judged(text: &Text, value: &str, judge: &Judge) -> Option<(Option<Expr>, Diagnostics)> {
    let mut found = Diagnostics::default();
    let expr = promql::check(&text.disguised(value)?, Options::default(), judge, &mut found);
    Some((expr, found))
}

/// Code and place of the first finding.
fn first(found: &Diagnostics) -> Option<(&'static str, Span)> {
    found.iter().next().map(|fault| (fault.code.name, fault.primary.span))
}
