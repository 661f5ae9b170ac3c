//! The variables of a board: their names, the one of data sources, and what query
//! variables ask for.

use std::collections::HashMap;

use super::datasource::Source;
use super::mention::mention_at;
use super::model::{Board, Variable};
use super::tree::{given, integer, text, text_of, word};
use crate::base::{Diagnostic, Diagnostics, Span, Text, codes, list};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// A variable is found by its name. Grafana keeps names that begin with `__` for itself.
    /// ## Fires
    /// On names that are empty, hold other characters than letters, digits and `_`, or
    /// begin with `__`.
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "__range", "type": "custom", "query": "1h,1d"}
    /// ]}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "span", "type": "custom", "query": "1h,1d"}
    /// ]}}
    /// ```
    BOARD_VARIABLE_NAME = Error "board-variable-name";

    /// ## Why
    /// Of two variables of one name only one is ever read.
    /// ## Fires
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "slo", "type": "custom", "query": "a,b"},
    ///   {"name": "slo", "type": "custom", "query": "c,d"}
    /// ]}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "slo", "type": "custom", "query": "a,b,c,d"}
    /// ]}}
    /// ```
    BOARD_VARIABLE_DUPLICATE = Error "board-variable-duplicate";

    /// ## Why
    /// A query variable that is filled when the board is opened does not know what came
    /// up since: a time range of last week shows the values of today.
    /// ## Fires
    /// Unless `refresh` is 2, "on time range change".
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 1,
    ///    "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    /// ]}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2,
    ///    "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    /// ]}}
    /// ```
    BOARD_VARIABLE_REFRESH = Warning "board-variable-refresh";

    /// ## Why
    /// A query variable whose query Grafana cannot read is empty, and so is every panel
    /// that uses it.
    /// ## Fires
    /// Unless the query is `label_values(...)`, `label_names(...)`, `metrics(...)` or
    /// `query_result(...)`, and on a `label_values` of anything but a selector.
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "job", "type": "query", "query": "label_value(up, job)", "refresh": 2,
    ///    "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    /// ]}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
    ///   {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2,
    ///    "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    /// ]}}
    /// ```
    BOARD_VARIABLE_QUERY = Error "board-variable-query";

    /// ## Why
    /// A variable of data sources lets one board run on every Grafana. Boards from many
    /// hands are switched together when it is called the same everywhere.
    /// ## Fires
    /// On boards with queries and no variable of the type `datasource`, and where that is
    /// not called `datasource` and labelled `Data source`; of several, each
    /// `prometheus_datasource` and `Prometheus data source`, by its query.
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Source", "type": "datasource", "query": "prometheus"}
    /// ]}}
    /// ```
    /// ## Instead
    /// ```json
    /// {"templating": {"list": [
    ///   {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    /// ]}}
    /// ```
    BOARD_DATASOURCE_VARIABLE = Warning "board-datasource-variable";
}

/// The functions that a query variable may ask.
const FUNCTIONS: &[&str] = &["label_values", "label_names", "metrics", "query_result"];

/// "On time range change".
const ON_TIME_RANGE: i64 = 2;

/// Checks the variables of a board.
pub(super) fn check(board: &Board<'_>, diags: &mut Diagnostics) {
    let mut names: HashMap<&str, Span> = HashMap::new();
    for variable in &board.variables {
        check_name(variable, &mut names, diags);
        if variable.kind != "query" {
            continue;
        }
        let refresh = variable.node.get("refresh");
        if refresh.and_then(integer) != Some(ON_TIME_RANGE) {
            let span = refresh.map_or(variable.at, |node| node.span);
            let message =
                format!("the variable `{}` does not follow the time range", variable.name);
            diags.push(
                Diagnostic::new(&BOARD_VARIABLE_REFRESH, span, message)
                    .help("write `\"refresh\": 2`"),
            );
        }
        if Source::read(board, variable.node.get("datasource")).is_prometheus() {
            check_query(variable, diags);
        }
    }
    check_sources(board, diags);
}

fn check_name<'a>(
    variable: &Variable<'a>,
    names: &mut HashMap<&'a str, Span>,
    diags: &mut Diagnostics,
) {
    let name = variable.name;
    if variable.node.get("name").is_some_and(Node::is_error) {
        return;
    }
    let fault = |message: String| Diagnostic::new(&BOARD_VARIABLE_NAME, variable.at, message);
    if name.is_empty() {
        diags.push(fault("a variable has no name".to_owned()).help("give it a `name`"));
        return;
    }
    if name.starts_with("__") {
        let message = format!("the name `{name}` is kept for variables of Grafana");
        diags.push(fault(message).label("begins with `__`"));
    } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        let message = format!("no query can name the variable `{name}`");
        diags.push(fault(message).help("use letters, digits and `_`"));
    }
    match names.get(name) {
        Some(first) => diags.push(
            Diagnostic::new(
                &BOARD_VARIABLE_DUPLICATE,
                variable.at,
                format!("two variables are called `{name}`"),
            )
            .label("again")
            .also(*first, "first"),
        ),
        None => {
            names.insert(name, variable.at);
        }
    }
}

/// The query of a query variable: a text, or an object that holds it.
pub(super) fn query_of<'a>(variable: &Variable<'a>) -> Option<&'a Text> {
    let query = given(variable.node, "query")?;
    text(query).or(text_of(query, "query"))
}

/// Function and argument of a query, the latter by its place.
fn call(query: &str) -> Option<(&str, std::ops::Range<usize>)> {
    let open = query.find('(')?;
    let close = query.trim_end().strip_suffix(')')?.len();
    (open < close).then_some((query.get(..open)?.trim(), open + 1..close))
}

fn check_query(variable: &Variable<'_>, diags: &mut Diagnostics) {
    let Some(query) = query_of(variable) else {
        // An object without a query is one of the builder of Grafana: its keys say all.
        let written = variable.node.get("query");
        if written.is_none_or(|node| node.is_null() || node.as_str().is_some()) {
            let message = format!("the variable `{}` has no query", variable.name);
            diags.push(Diagnostic::new(&BOARD_VARIABLE_QUERY, variable.at, message));
        }
        return;
    };
    let fault = |span: Span, message: String| Diagnostic::new(&BOARD_VARIABLE_QUERY, span, message);
    let source = query.as_str();
    // A query of variables alone is whatever they say.
    if mention_at(source.trim(), 0).is_some_and(|m| m.range.end == source.trim().len()) {
        return;
    }
    let found = call(source);
    let Some((function, inside)) = found.filter(|(name, _)| FUNCTIONS.contains(name)) else {
        let message = format!("the query of the variable `{}` asks nothing", variable.name);
        let help = format!("write one of {}", list(FUNCTIONS, "or"));
        diags.push(fault(query.span(), message).label("passed over").help(help));
        return;
    };
    if function != "label_values" {
        return;
    }
    let (series, label) = parts(source, inside);
    let name = source.get(label.clone()).unwrap_or_default();
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain && mention_at(name, 0).is_none() {
        diags.push(
            fault(query.slice(label), format!("`{name}` is no label"))
                .label("the name of a label is read here"),
        );
    }
    if let Some(series) = series {
        let text = source.get(series.clone()).unwrap_or_default();
        if is_computed(text) {
            diags.push(
                fault(query.slice(series), "`label_values` takes a selector".to_owned())
                    .label("computed")
                    .help("name the series alone, or use `query_result`"),
            );
        }
    }
}

/// Series, where given, and label of the argument of `label_values`.
fn parts(
    source: &str,
    inside: std::ops::Range<usize>,
) -> (Option<std::ops::Range<usize>>, std::ops::Range<usize>) {
    let argument = source.get(inside.clone()).unwrap_or_default();
    let comma = argument.rfind(',').filter(|at| {
        // A comma inside the braces of the only argument is none between two.
        !argument.get(*at..).is_some_and(|rest| rest.contains('}'))
    });
    let trimmed = |range: std::ops::Range<usize>| {
        let text = source.get(range.clone()).unwrap_or_default();
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    };
    match comma {
        Some(at) => {
            let series = trimmed(inside.start..inside.start + at);
            ((!series.is_empty()).then_some(series), trimmed(inside.start + at + 1..inside.end))
        }
        None => (None, trimmed(inside)),
    }
}

/// Whether what should be a selector has an operator or a call outside its braces.
fn is_computed(text: &str) -> bool {
    let before = text.split('{').next().unwrap_or_default();
    before.contains(['(', '+', '*', '/', '>', '<']) || text.trim_end().ends_with([')', ']'])
}

/// The PromQL in the query of a variable, at its place: all else is blank.
pub(super) fn series_of(variable: &Variable<'_>) -> Option<Text> {
    let query = query_of(variable)?;
    let source = query.as_str();
    let (function, inside) = call(source)?;
    let range = match function {
        "label_values" => {
            let series = parts(source, inside).0?;
            (!is_computed(source.get(series.clone())?)).then_some(series)?
        }
        "query_result" => inside,
        _ => return None,
    };
    let blank = |text: &str| " ".repeat(text.len());
    let value = [
        blank(source.get(..range.start)?),
        source.get(range.clone())?.to_owned(),
        blank(source.get(range.end..)?),
    ]
    .concat();
    query.disguised(&value)
}

/// Names and labels of the variables of data sources, as the dashboard-linter wants them.
fn check_sources(board: &Board<'_>, diags: &mut Diagnostics) {
    let sources: Vec<&Variable<'_>> =
        board.variables.iter().filter(|variable| variable.kind == "datasource").collect();
    if sources.is_empty() && board.drawn().any(|panel| !panel.targets.is_empty()) {
        diags.push(
            Diagnostic::new(
                &BOARD_DATASOURCE_VARIABLE,
                board.at,
                "the board has no variable of data sources",
            )
            .label("bound to one Grafana")
            .help("add a variable `datasource` of the type `datasource`"),
        );
    }
    for variable in &sources {
        let query = word(variable.node, "query");
        let mut names = vec![format!("{}_datasource", query.to_lowercase())];
        let mut labels = vec![format!("{} data source", capital(query))];
        if sources.len() == 1 {
            names.insert(0, "datasource".to_owned());
            labels.insert(0, "Data source".to_owned());
        }
        let label = word(variable.node, "label");
        if !names.iter().any(|name| name == variable.name) {
            let message = format!("the variable of data sources is called `{}`", variable.name);
            let help = format!("call it {}", list(&names, "or"));
            diags
                .push(Diagnostic::new(&BOARD_DATASOURCE_VARIABLE, variable.at, message).help(help));
        } else if !labels.iter().any(|known| known == label) {
            let span = text_of(variable.node, "label").map_or(variable.at, Text::span);
            let message = format!("the variable `{}` is labelled `{label}`", variable.name);
            let help = format!("label it {}", list(&labels, "or"));
            diags.push(Diagnostic::new(&BOARD_DATASOURCE_VARIABLE, span, message).help(help));
        }
    }
}

/// A word with its first letter as a capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(query: &str) -> (Option<&str>, &str) {
        let (_, inside) = call(query).expect("a call");
        let (series, label) = parts(query, inside);
        (series.map(|range| &query[range]), &query[label])
    }

    #[test]
    fn label_values_has_series_and_label() {
        assert_eq!(split("label_values(up, job)"), (Some("up"), "job"));
        assert_eq!(split("label_values(job)"), (None, "job"));
        assert_eq!(
            split("label_values( up{a=\"b\",c=\"d\"} , job ) "),
            (Some("up{a=\"b\",c=\"d\"}"), "job")
        );
        assert_eq!(split("label_values(up{a=\"b\",c=\"d\"})"), (None, "up{a=\"b\",c=\"d\"}"));
        assert!(call("label_values(").is_none() && call(")(").is_none());
    }
}
