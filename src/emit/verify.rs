//! `build --verify`: reads an output back with another parser than our own and
//! judges every expression in it again. A finding here is a fault of ours.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::base::{Diagnostic, Diagnostics, Span, Text, codes};
use crate::config::is_object_name;
use crate::ir::Artifact;
use crate::promql;

codes! {
    /// ## Why
    /// `--verify` read an output back and found in it what no output may have.
    /// This is a fault of ninefold, not of the spec.
    /// ## Fires
    /// Never, as far as is known.
    /// ## Instead
    /// Please report it with the spec that it is made from.
    OUTPUT_INVALID = Error "output-invalid";
}

/// Reports an artifact that does not read back as rules, rule tests or boards, holds an expression that
/// the judge of PromQL refuses, or an object that Kubernetes would refuse.
pub fn verify(artifact: &Artifact, diags: &mut Diagnostics) {
    let mut report = |fault: String| {
        let message = format!("the output `{}` is not valid: {fault}", artifact.path);
        diags.push(Diagnostic::new(&OUTPUT_INVALID, Span::NONE, message));
    };
    if artifact.path.starts_with("dashboards") {
        return board_faults(artifact).into_iter().for_each(report);
    }
    let mut objects = BTreeSet::new();
    for document in serde_yaml::Deserializer::from_str(&artifact.text) {
        let tree = match Value::deserialize(document) {
            Ok(tree) => tree,
            Err(error) => return report(error.to_string()),
        };
        let groups = match tree.get("kind") {
            None => &tree,
            Some(_) => {
                let name = text(&tree["metadata"], "name").to_owned();
                object_faults(&tree).into_iter().for_each(&mut report);
                if !objects.insert(name.clone()) {
                    report(format!("two objects are called `{name}`"));
                }
                &tree["spec"]
            }
        };
        let faults = match tree.get("tests") {
            Some(_) => test_faults(&tree),
            None => group_faults(groups),
        };
        faults.into_iter().for_each(&mut report);
    }
}

/// What no file of boards may be: other than JSON, or an object of another name than its
/// board's. What Grafana would not draw is checked at every build.
fn board_faults(artifact: &Artifact) -> Vec<String> {
    let parsed = match artifact.path.extension() {
        Some("json") => serde_json::from_str::<Value>(&artifact.text).map_err(|e| e.to_string()),
        _ => serde_yaml::from_str::<Value>(&artifact.text).map_err(|e| e.to_string()),
    };
    let tree = match parsed {
        Ok(tree) => tree,
        Err(fault) => return vec![fault],
    };
    let name = match tree.get("metadata") {
        Some(metadata) => text(metadata, "name"),
        None => return Vec::new(),
    };
    let inner = match (tree.get("data"), tree.get("spec")) {
        (Some(data), _) => text(data, &format!("{name}.json")).to_owned(),
        (None, Some(spec)) if spec.get("json").is_some() => text(spec, "json").to_owned(),
        (None, spec) => serde_json::to_string(&spec).unwrap_or_default(),
    };
    let uid = serde_json::from_str::<Value>(&inner).ok();
    let uid = uid.as_ref().map(|board| text(board, "uid")).unwrap_or_default();
    let mut faults = Vec::new();
    if !is_object_name(name) || uid != name {
        faults.push(format!("the object `{name}` holds the board `{uid}`"));
    }
    faults
}

/// What Kubernetes would refuse of an object, whatever its rules.
fn object_faults(tree: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let kind = (text(tree, "apiVersion"), text(tree, "kind"));
    if kind != ("monitoring.coreos.com/v1", "PrometheusRule") {
        faults.push(format!("an object is a `{}` of `{}`", kind.1, kind.0));
    }
    let name = text(&tree["metadata"], "name");
    if !is_object_name(name) {
        faults.push(format!("no object can be called `{name}`"));
    }
    let labels = tree["metadata"].get("labels").and_then(Value::as_mapping);
    if !labels.into_iter().flatten().all(|(k, v)| k.is_string() && v.is_string()) {
        faults.push(format!("a label of `{name}` is no text"));
    }
    faults
}

fn group_faults(tree: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    let groups = list(tree, "groups");
    for group in groups {
        let name = text(group, "name");
        if name.is_empty() || !names.insert(name) {
            faults.push(format!("the group name `{name}` is empty or there twice"));
        }
    }
    let rules: Vec<&Value> = groups.iter().flat_map(|group| list(group, "rules")).collect();
    if rules.is_empty() {
        faults.push("it holds no rule".to_owned());
    }
    let judge = promql::Judge::default();
    for rule in rules {
        faults.extend(expression_fault(text(rule, "expr"), &judge));
        for key in ["labels", "annotations"] {
            let map = rule.get(key).and_then(Value::as_mapping);
            if !map.into_iter().flatten().all(|(k, v)| k.is_string() && v.is_string()) {
                faults.push(format!("one of the {key} of a rule is no text"));
            }
        }
    }
    faults
}

/// What promtool would refuse of a file of rule tests.
fn test_faults(tree: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let judge = promql::Judge::default();
    if list(tree, "rule_files").is_empty() || list(tree, "tests").is_empty() {
        faults.push("it tests nothing".to_owned());
    }
    for test in list(tree, "tests") {
        for check in list(test, "promql_expr_test") {
            faults.extend(expression_fault(text(check, "expr"), &judge));
        }
        for series in list(test, "input_series") {
            faults.extend(expression_fault(text(series, "series"), &judge));
            if text(series, "values").is_empty() {
                faults.push(format!("`{}` has no values", text(series, "series")));
            }
        }
    }
    faults
}

/// Why an expression is refused.
fn expression_fault(expr: &str, judge: &promql::Judge) -> Option<String> {
    let mut found = Diagnostics::default();
    let sound = promql::check(&Text::made(expr), promql::Options::default(), judge, &mut found);
    if sound.is_some() {
        return None;
    }
    let fault = found.iter().next().map(|f| f.message.clone()).unwrap_or_default();
    Some(format!("`{expr}`: {fault}"))
}

/// A text below a key; empty where there is none.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A list below a key; empty where there is none.
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_sequence).map(Vec::as_slice).unwrap_or_default()
}
