//! The emitter from end to end: every string of the torture list goes into a spec, is
//! built by the program, and must come back the same from each reader of YAML that
//! rules may pass through, and from Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Scratch, root, tool};

/// What is known of a rule: where it stands in it, and the text there.
type Texts = BTreeMap<String, String>;

/// Strings are dealt out to so many services: neighbours, which often differ in case
/// alone, do not meet in one, where they could not both be names.
const SERVICES: usize = 9;

#[test]
fn every_string_comes_back() {
    let project = Scratch::project();
    let expected = write_specs(&project);
    let rules = project.run(&["build", "--verify", "--out", "-"]).exits(0).stdout;
    assert!(expected.len() > 2_000, "{} texts", expected.len());

    let tree: serde_yaml::Value = serde_yaml::from_str(&rules).expect("a rule document");
    let rust = serde_json::to_value(tree).expect("keys that are strings");
    assert_same(&expected, &texts(&rust), "serde_yaml");
    for (loader, tree) in pyyaml(&rules) {
        assert_same(&expected, &texts(&tree), &loader);
    }
    if let Some(mut promtool) = tool("promtool") {
        project.run(&["build", "--verify"]).exits(0);
        let folder = project.path.join("generated/rules");
        let files =
            std::fs::read_dir(folder).expect("the rules").map(|e| e.expect("a rule").path());
        let output = promtool.args(["check", "rules"]).args(files).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Writes a spec for each part of the torture list; what is to come back of it.
fn write_specs(project: &Scratch) -> Texts {
    let mut expected = Texts::new();
    let strings = std::fs::read_to_string(root().join("tests/data/torture.json"));
    let strings: Vec<String> =
        serde_json::from_str(&strings.expect("the torture list")).expect("a list of strings");
    for part in 0..SERVICES {
        let service = format!("part-{part}");
        let mut slos = String::new();
        let mut alerts = String::new();
        let mut names = BTreeSet::new();
        // A text that is empty is refused where a text is wanted.
        let strings =
            strings.iter().filter(|text| !text.trim().trim_matches('\u{feff}').is_empty());
        for (index, text) in strings.enumerate().skip(part).step_by(SERVICES) {
            let name = format!("P{part}N{index}");
            alerts.push_str(&plain_alert(&name, text, &mut expected));
            let names_slo = is_name(text) && names.insert(text.to_ascii_lowercase());
            slos.push_str(&slo(&name, text, names_slo, &mut expected));
        }
        let spec = format!(
            "ninefold: v1\nservice: {service}\nowner: team-payments\n\
             runbook: runbooks/checkout.md\nremediation: {{page: 1h, ticket: 3d}}\n\
             slos:\n{slos}alerts:\n{alerts}"
        );
        project.write(&format!("slo/{service}.yaml"), &spec);
    }
    expected
}

/// A plain alert that carries `text` wherever it may.
fn plain_alert(name: &str, text: &str, expected: &mut Texts) -> String {
    let quoted = quoted(text);
    let mut alert = format!("  - name: {name}\n    expr: up == 0\n    severity: page\n");
    let mut expect = |place: &str, text: &str| {
        expected.insert(format!("{name} {place}"), text.to_owned());
    };
    // Prose is trimmed: a block scalar ends in a line break that nobody means.
    for key in ["summary", "description"] {
        expect(&format!("annotations.{key}"), text.trim());
        let _ = writeln!(alert, "    {key}: {quoted}");
    }
    let mut labels = String::new();
    let mut annotations = format!("a: {quoted}");
    expect("annotations.a", text);
    if !text.contains("{{") {
        labels = format!("l: {quoted}");
        expect("labels.l", text);
    }
    if is_key(text) {
        let _ = write!(labels, ", {quoted}: {quoted}");
        let _ = write!(annotations, ", {quoted}: {quoted}");
        expect(&format!("labels.{text}"), text);
        expect(&format!("annotations.{text}"), text);
    }
    alert + &format!("    labels: {{{labels}}}\n    annotations: {{{annotations}}}\n")
}

/// An SLO that carries `text` in its labels and annotations, and as its name if
/// `names_it`.
fn slo(name: &str, text: &str, names_it: bool, expected: &mut Texts) -> String {
    let quoted = quoted(text);
    let named = if names_it { &quoted } else { name };
    let labels = if text.contains("{{") { String::new() } else { format!("l: {quoted}") };
    for suffix in ["Page", "Ticket", "NoData", "BudgetExhausted"] {
        let mut expect = |place: &str, text: &str| {
            expected.insert(format!("{name}Slo{suffix} {place}"), text.to_owned());
        };
        expect("annotations.a", text);
        expect("labels.slo", if names_it { text } else { name });
        if !text.contains("{{") {
            expect("labels.l", text);
        }
    }
    format!(
        "  - name: {named}\n    objective: 99.9\n    description: {quoted}\n    labels: {{{labels}}}\n    \
         annotations: {{a: {quoted}}}\n    alerting: {{name: {name}Slo}}\n    \
         sli: {{events: {{bad: e_total, total: t_total}}}}\n"
    )
}

/// Whether a text may be the name of a label; a key of YAML has no 1,024 characters.
fn is_key(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && text.len() < 1_000 && text.chars().all(word) && !text.starts_with("__")
}

/// Whether a text may be the name of an SLO.
fn is_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let end = |c: char| c.is_ascii_alphanumeric();
    text.len() < 64 && text.starts_with(end) && text.ends_with(end) && text.chars().all(inside)
}

/// A text as a YAML scalar in double quotes, with everything but plain ASCII escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out + "\""
}

/// The labels and annotations of the alerts of a rule document.
fn texts(document: &serde_json::Value) -> Texts {
    let mut texts = Texts::new();
    let list = |value: &serde_json::Value, key| value[key].as_array().cloned().unwrap_or_default();
    for rule in list(document, "groups").iter().flat_map(|group| list(group, "rules")) {
        let Some(alert) = rule["alert"].as_str() else { continue };
        for part in ["labels", "annotations"] {
            for (key, value) in rule[part].as_object().expect("every alert has both") {
                let value =
                    value.as_str().map_or_else(|| format!("no string: {value}"), str::to_owned);
                texts.insert(format!("{alert} {part}.{key}"), value);
            }
        }
    }
    texts
}

/// What PyYAML reads, once by itself and once through libyaml.
fn pyyaml(rules: &str) -> Vec<(String, serde_json::Value)> {
    const SCRIPT: &str = "\
import json, sys
try:
    import yaml
except ImportError:
    sys.exit(3)
text = sys.stdin.buffer.read()
loaders = [name for name in ('SafeLoader', 'CSafeLoader') if hasattr(yaml, name)]
print(json.dumps([[name, yaml.load(text, getattr(yaml, name))] for name in loaders], default=repr))
";
    let Some(mut python) = tool("python3") else { return Vec::new() };
    let child = python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("python starts");
    let mut input = child.stdin.take().expect("it was piped");
    // Closed here, or where python ends early.
    let _ = input.write_all(rules.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("python ends");
    if output.status.code() == Some(3) {
        eprintln!("skipped: python3 has no yaml");
        return Vec::new();
    }
    assert!(output.status.success(), "PyYAML refuses the rules");
    serde_json::from_slice(&output.stdout).expect("what json wrote")
}

#[track_caller]
fn assert_same(expected: &Texts, found: &Texts, reader: &str) {
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(place, text)| found.get(*place) != Some(*text))
        .map(|(place, text)| format!("{place}: {text:?} became {:?}", found.get(place)))
        .collect();
    assert!(wrong.is_empty(), "{reader}: {} differ\n{}", wrong.len(), wrong.join("\n"));
}
