//! Other people's expressions: what Prometheus reads, we read. Rule files of the
//! corpus come in, where it is there; every expression that the second parser accepts
//! is accepted by us, and counts are printed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ninefold::base::{Diagnostics, Text};
use ninefold::promql::{Judge, Options, check};
use serde_yaml::Value;

use crate::support::corpus;

/// The folders with rule files, and how many expressions each holds at least.
pub(crate) const FOLDERS: &[(&str, usize)] = &[
    ("awesome-prometheus-alerts", 900),
    ("kube-prometheus", 200),
    ("prometheus", 60),
    ("sloth/examples/_gen", 200),
];

#[test]
fn what_prometheus_reads_we_read() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for (folder, least) in FOLDERS {
        let expressions = expressions(&corpus.join(folder));
        let judge = Judge::default();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (expr, path) in &expressions {
            let mut diags = Diagnostics::default();
            let read = check(&Text::made(expr), Options::default(), &judge, &mut diags);
            let accepted = promql_parser::parser::parse(expr).is_ok();
            *counts.entry(outcome(read.is_some(), accepted)).or_default() += 1;
            assert_eq!(read.is_none(), diags.has_errors(), "{expr}");
            if accepted && read.is_none() {
                let faults: Vec<&str> = diags.iter().map(|fault| &*fault.message).collect();
                wrong.push(format!("{}: {}\n{expr}", path.display(), faults.join(", ")));
            }
            // What the second parser does not know yet is said to be new.
            let new = || diags.iter().any(|fault| fault.code.name == "promql-newer");
            assert!(read.is_none() || accepted || new(), "{expr}");
        }
        println!("{folder}: {} distinct expressions, {counts:?}", expressions.len());
        assert!(expressions.len() >= *least, "{folder}: {} expressions", expressions.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn outcome(ours: bool, theirs: bool) -> &'static str {
    match (ours, theirs) {
        (true, true) => "accepted by both",
        (true, false) => "accepted by us alone",
        (false, true) => "refused by us alone",
        (false, false) => "refused by both",
    }
}

/// The distinct expressions of the rule files below a folder, and a file of each.
pub(crate) fn expressions(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the corpus") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
                let text = fs::read_to_string(&path).expect("a file of the corpus");
                for document in serde_yaml::Deserializer::from_str(&text) {
                    // Some files are broken on purpose.
                    let tree: Value = serde::Deserialize::deserialize(document).unwrap_or_default();
                    collect(&tree, &path, &mut found);
                }
            }
        }
    }
    found
}

/// Takes every text at a key `expr`, however deep.
fn collect(tree: &Value, path: &Path, found: &mut BTreeMap<String, PathBuf>) {
    match tree {
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, path, found)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value.as_str()) {
                    (Some("expr"), Some(expr)) => {
                        found.insert(expr.to_owned(), path.to_owned());
                    }
                    _ => collect(value, path, found),
                }
            }
        }
        _ => {}
    }
}
