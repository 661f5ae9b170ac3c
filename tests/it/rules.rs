//! Hand-written rules: what Prometheus takes we take, what it refuses we refuse, and
//! what differs is listed with a reason. Files of the corpus come in, where it is
//! there; verdicts are held against promtool's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use ninefold::base::Severity;
use ninefold::compile::{Scope, Selection, Session};
use ninefold::workspace::Memory;
use proptest::prelude::*;

use crate::battery::{BATTERY, DIFFERENCES};
use crate::support::{Scratch, corpus, releases, root};

/// A code and its severity.
type Finding = (&'static str, Severity);

/// What `check` finds in a rule file of a project for one version of Prometheus.
pub(crate) fn findings(version: &str, text: &str) -> Vec<Finding> {
    let project = format!("ninefold: project/v1\nprometheus: {{version: \"{version}\"}}\n");
    let world = Memory::default().with("ninefold.yaml", project).with("rules/hand.yaml", text);
    let mut session = Session::open(&world, Utf8PathBuf::new());
    session.check(&Selection::Project, Scope { verify: false, rules: true });
    session.diags.iter().map(|d| (d.code.name, d.severity)).collect()
}

/// The errors that are about the form of rules, and not about who answers them.
fn refusals(version: &str, text: &str) -> Vec<&'static str> {
    let found = findings(version, text).into_iter();
    let errors = found.filter(|(_, severity)| *severity == Severity::Error);
    errors.map(|(name, _)| name).filter(|name| !is_policy(name)).collect()
}

fn is_policy(code: &str) -> bool {
    ["owner-", "runbook-", "remediation-", "policy-"].iter().any(|start| code.starts_with(start))
}

/// `model/rulefmt/rulefmt_test.go` of Prometheus: 16 of 16.
#[test]
fn rulefmt_decides_as_we_do() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    let files = yaml_files(&corpus.join("prometheus/rulefmt"));
    assert_eq!(files.len(), 16);
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        // Under the names of old is what that test says of these two.
        let version = if name.starts_with("legacy") { "2.53" } else { "3.5" };
        let text = fs::read_to_string(&path).expect("a file of the corpus");
        let mut refused = refusals(version, &text);
        // `{{ $.labels.service }}` in two of them loads, and fails at every alert.
        refused.retain(|code| *code != "template-unknown-field");
        if refused.is_empty() == name.contains(".bad.") || refused.len() > 1 {
            wrong.push(format!("{name}: {refused:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The rule files of promtool's own tests and of the rule manager's.
#[test]
fn the_files_of_prometheus_are_decided_as_it_does() {
    let Some(corpus) = corpus() else { return };
    let refused: BTreeMap<&str, &str> = BTreeMap::from([
        ("promtool/bad-rules-syntax.yml", "promql-syntax"),
        ("promtool/rules-bad.yml", "template-unknown-variable"),
        ("promtool/rules_extrafields.yml", "unknown-key"),
        ("fixtures/invalid_rules.yaml", "unknown-key"),
        // Prometheus loads it, and drops the second document.
        ("fixtures/rules_multi_doc.yaml", "rule-document-ignored"),
    ]);
    let mut seen = 0;
    let mut wrong = Vec::new();
    for folder in ["promtool", "fixtures"] {
        for path in yaml_files(&corpus.join("prometheus").join(folder)) {
            let text = fs::read_to_string(&path).expect("a file of the corpus");
            if !text.lines().any(|line| line.starts_with("groups:")) {
                continue;
            }
            let name = path.file_name().expect("a name").to_string_lossy();
            let name = format!("{folder}/{name}");
            let mut found = refusals("3.14", &text);
            found.dedup();
            let expected: Vec<&str> = refused.get(name.as_str()).copied().into_iter().collect();
            if found != expected {
                wrong.push(format!("{name}: {found:?}"));
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 20, "{seen} files");
}

/// Each small file before every promtool on this machine, as that release's project
/// would be checked.
#[test]
fn promtool_decides_as_we_do() {
    assert!(BATTERY.len() >= 50, "{} files", BATTERY.len());
    let scratch = Scratch::new();
    for (name, text) in BATTERY {
        scratch.write(&format!("{name}.yaml"), text);
    }
    let mut wrong = Vec::new();
    for release in releases() {
        let version = release.name();
        for (name, text) in BATTERY {
            let mut promtool = release.promtool();
            let promtool = promtool.current_dir(&scratch.path);
            let output = promtool.args(["check", "rules", &format!("{name}.yaml")]).output();
            let output = output.expect("promtool starts");
            let theirs = output.status.success();
            let refused = refusals(&version, text);
            let differs = DIFFERENCES
                .iter()
                .any(|(listed, below, _)| listed == name && release.version < *below);
            if (theirs == refused.is_empty()) == differs {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                wrong.push(format!("{version} {name}: {refused:?}, promtool: {theirs} {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, _, reason) in DIFFERENCES {
        assert!(BATTERY.iter().any(|(listed, _)| listed == name), "{name} is in the battery");
        assert!(reason.contains(' '), "{name} says why");
    }
}

/// Nothing in rules that people run is taken for a fault of form.
#[test]
fn rules_in_use_are_read_without_a_fault() {
    let mut folders = vec![root().join("tests/rules")];
    if let Some(corpus) = corpus() {
        folders.push(corpus.join("awesome-prometheus-alerts/dist/rules"));
        folders.push(corpus.join("kube-prometheus/manifests"));
    }
    let mut wrong = Vec::new();
    for path in folders.iter().flat_map(|folder| yaml_files(folder)) {
        let text = fs::read_to_string(&path).expect("a file of rules");
        let refused = refusals("3.14", &text);
        if !refused.is_empty() {
            wrong.push(format!("{}: {refused:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All YAML files below a folder, sorted.
pub(crate) fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of rules") {
            let path = entry.expect("an entry").path();
            match path.extension().and_then(|e| e.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("yml" | "yaml") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// A scalar of any form.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~é]{0,12}",
        "(up|x|1|5m|\\{\\{ \\$labels.a \\}\\}|\\{% if %\\}|'|\"|null|~|[|>]\n  a: b\n)",
        "[a-z_]{1,8}: [a-z0-9]{0,4}",
        "\\[[a-z:, ]{0,8}\\]",
    ]
}

/// A rule file of which any part may be anything.
fn file() -> impl Strategy<Value = String> {
    let keys = "(groups|name|rules|alert|record|expr|for|labels|annotations|limit|kind|apiVersion|spec|data|items|namespace)";
    let line = (0..6_usize, proptest::bool::ANY, keys, scalar());
    proptest::collection::vec(line, 0..14).prop_map(|lines| {
        let line = |(depth, item, key, value): (usize, bool, String, String)| {
            let dash = if item { "- " } else { "" };
            format!("{}{dash}{key}: {value}\n", "  ".repeat(depth))
        };
        lines.into_iter().map(line).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_makes_the_reader_panic(text in file()) {
        findings("2.53", &text);
    }

    #[test]
    fn nothing_in_a_rule_makes_the_reader_panic(key in "(alert|record|expr|for|labels|annotations|keep_firing_for)", value in scalar()) {
        let head = "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: up == 0\n";
        findings("3.5", &format!("{head}        {key}: {value}\n"));
        let inner = format!("{head}        {key}: {value}\n");
        let inner: String = inner.lines().map(|line| format!("    {line}\n")).collect();
        findings("3.5", &format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n{inner}"));
    }
}
