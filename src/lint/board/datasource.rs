//! Which data source a panel, target, annotation or variable reads, and whether the way
//! it is written leads there on every Grafana.

use super::mention::mention_at;
use super::model::{Board, start};
use super::tree::{key_span, text_of, word};
use crate::base::{Diagnostic, Diagnostics, Safety, Span, codes};
use crate::yaml::{Node, Value};

codes! {
    /// ## Why
    /// A data source is an object of type and uid since Grafana 8.3. A name, or null,
    /// leads to whatever source has the name, or is the default, where the board is
    /// opened.
    /// ## Fires
    /// On panels, targets, annotations and query variables; also where a query has no
    /// data source at all, and where the variable in its uid is none of data sources.
    /// ```json
    /// {"panels": [{"datasource": "Prometheus"}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"datasource": {"type": "prometheus", "uid": "${datasource}"}}]}
    /// ```
    BOARD_DATASOURCE = Error "board-datasource";

    /// ## Why
    /// The uid of a data source is another on every Grafana. A variable of data sources
    /// finds the one that is there.
    /// ## Fires
    /// ```json
    /// {"panels": [{"datasource": {"type": "prometheus", "uid": "PBFA97CFB590B2093"}}]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"datasource": {"type": "prometheus", "uid": "${datasource}"}}]}
    /// ```
    BOARD_DATASOURCE_FIXED = Warning "board-datasource-fixed";

    /// ## Why
    /// New queries, and tools that read boards, take the data source of the panel, not of
    /// its targets.
    /// ## Fires
    /// On a panel that names no data source itself while its targets do.
    /// ```json
    /// {"panels": [
    ///   {"id": 1, "type": "stat", "title": "Up", "description": "Targets that answer.",
    ///    "gridPos": {"h": 4, "w": 4, "x": 0, "y": 0},
    ///    "fieldConfig": {"defaults": {"unit": "none"}, "overrides": []},
    ///    "targets": [
    ///      {"refId": "A", "expr": "up", "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    ///    ]}
    /// ]}
    /// ```
    /// ## Instead
    /// ```json
    /// {"panels": [{"datasource": {"type": "prometheus", "uid": "${datasource}"}}]}
    /// ```
    BOARD_DATASOURCE_PANEL = Warning "board-datasource-panel";
}

/// The uids that Grafana itself answers to.
const BUILTIN: &[&str] =
    &["-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "__expr__", "-100"];

/// A reference to a data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// There is none.
    Missing,
    /// It is no object with a uid, or could not be read.
    Broken,
    /// Grafana itself, or each target has its own.
    Builtin,
    /// A Prometheus.
    Prometheus,
    /// Any other.
    Other,
}

impl Source {
    /// What a reference leads to.
    pub(super) fn read(board: &Board<'_>, node: Option<&Node>) -> Source {
        let Some(node) = node else { return Source::Missing };
        let uid = word(node, "uid");
        if uid.is_empty() {
            return Source::Broken;
        }
        if BUILTIN.contains(&uid) {
            return Source::Builtin;
        }
        let of_variable = || {
            let name = variable_in(uid)?;
            let variable = board.variables.iter().find(|v| v.name == name)?;
            (variable.kind == "datasource").then(|| word(variable.node, "query"))
        };
        let kind = match word(node, "type") {
            "" => of_variable().unwrap_or_default(),
            kind => kind,
        };
        if kind == "prometheus" { Source::Prometheus } else { Source::Other }
    }

    /// What a target reads: its own source, else that of its panel.
    pub(super) fn of_target(
        board: &Board<'_>,
        panel: &super::model::Panel<'_>,
        target: &Node,
    ) -> Source {
        match Source::read(board, target.get("datasource")) {
            Source::Missing => Source::read(board, panel.node.get("datasource")),
            own => own,
        }
    }

    /// Whether queries in PromQL go there.
    pub(super) fn is_prometheus(self) -> bool {
        self == Source::Prometheus
    }
}

/// The variable that a uid is.
fn variable_in(uid: &str) -> Option<&str> {
    let mention = mention_at(uid, 0)?;
    (mention.range.end == uid.len()).then_some(mention.name)
}

/// Checks all references of a board.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    for panel in board.drawn() {
        let own = panel.node.get("datasource");
        if own.is_some() {
            check_reference(board, panel.node, &panel.name(), diags);
        }
        let mut bare = None;
        for target in &panel.targets {
            if target.get("datasource").is_some() {
                check_reference(board, target, &format!("a target of {}", panel.name()), diags);
            } else {
                bare = bare.or(Some(*target));
            }
        }
        match (own, bare) {
            (None, Some(target)) => {
                let message = format!("a target of {} has no data source", panel.name());
                missing(start(target), message, diags);
            }
            (None, None) if !panel.targets.is_empty() => {
                let message = format!("{} names no data source itself", panel.name());
                diags.push(
                    Diagnostic::new(&BOARD_DATASOURCE_PANEL, panel.at, message)
                        .label("only its targets do")
                        .help("give it the `datasource` of its targets"),
                );
            }
            _ => {}
        }
    }
    for annotation in &board.annotations {
        let name = format!("the annotation `{}`", word(annotation, "name"));
        required(board, annotation, &name, diags);
    }
    for variable in board.variables.iter().filter(|v| matches!(v.kind, "query" | "adhoc")) {
        required(board, variable.node, &format!("the variable `{}`", variable.name), diags);
    }
}

fn required(board: &Board<'_>, holder: &Node, name: &str, diags: &mut Diagnostics) {
    if holder.get("datasource").is_some() {
        return check_reference(board, holder, name, diags);
    }
    let span = text_of(holder, "name").map_or(start(holder), |text| text.span());
    missing(span, format!("{name} has no data source"), diags);
}

fn missing(span: Span, message: String, diags: &mut Diagnostics) {
    diags.push(
        Diagnostic::new(&BOARD_DATASOURCE, span, message).label("reads the default one").help(HELP),
    );
}

/// How a reference is written.
const HELP: &str = "write `{\"type\": \"prometheus\", \"uid\": \"${datasource}\"}`";

fn check_reference(board: &Board<'_>, holder: &Node, name: &str, diags: &mut Diagnostics) {
    let Some(node) = holder.get("datasource").filter(|node| !node.is_error()) else { return };
    let found = |what: &str| {
        Diagnostic::new(
            &BOARD_DATASOURCE,
            node.span,
            format!("the data source of {name} is {what}"),
        )
        .help(HELP)
    };
    if node.as_map().is_none() {
        let fault = match node.as_value() {
            Some(Value::Null) => found("null").label("the default one"),
            Some(Value::Str(written)) => {
                let variable = variable_in(written).is_some();
                let fault = found("no object").label("a name, not a uid");
                let fixed = "{\"type\": \"prometheus\", \"uid\": \"${datasource}\"}";
                match variable && variable_in(written) == Some("datasource") {
                    true => fault.fix("write type and uid", node.span, fixed, Safety::Suggestion),
                    false => fault,
                }
            }
            _ => found("no object").label("no object of type and uid"),
        };
        diags.push(fault);
        return;
    }
    let uid = word(node, "uid");
    if uid.is_empty() {
        let broken = node.get("uid").is_some_and(Node::is_error);
        if !broken {
            let span = key_span(holder, "datasource");
            let message = format!("the data source of {name} has no uid");
            diags.push(Diagnostic::new(&BOARD_DATASOURCE, span, message).help(HELP));
        }
        return;
    }
    let span = node.get("uid").map_or(node.span, |uid| uid.span);
    match variable_in(uid) {
        // Those of the import dialog, and unknown ones, are reported as such.
        Some(variable) => {
            let known = board.variables.iter().find(|v| v.name == variable);
            if let Some(other) = known.filter(|v| v.kind != "datasource") {
                diags.push(
                    Diagnostic::new(
                        &BOARD_DATASOURCE,
                        span,
                        format!("the variable `{variable}` is none of data sources"),
                    )
                    .also(other.at, format!("of the type `{}`", other.kind))
                    .help(HELP),
                );
            }
        }
        None if BUILTIN.contains(&uid) || uid.contains(['$', '[']) => {}
        None => {
            let message = format!("the data source of {name} is that of one Grafana");
            diags.push(
                Diagnostic::new(&BOARD_DATASOURCE_FIXED, span, message)
                    .label("another one elsewhere")
                    .help("write `${datasource}`, the name of a variable of data sources"),
            );
        }
    }
}
