//! The files for pre-commit, GitHub, GitLab and pip: they parse, agree with `docs/ci.md`
//! and call only what the program has. `tests/integrations/run.sh` runs them.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::support::{Scratch, root};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a file of the repository")
}

/// The documents of a YAML text.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|d| Value::deserialize(d).expect("YAML")).collect()
}

/// All texts of a tree that run `ninefold`.
fn scripts(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::String(text) => {
            found.extend(text.lines().filter(|l| l.contains("ninefold ")).map(str::to_owned));
        }
        Value::Sequence(items) => items.iter().for_each(|item| scripts(item, found)),
        Value::Mapping(map) => map.values().for_each(|value| scripts(value, found)),
        _ => {}
    }
}

/// The command and the options of each call in a line of a script.
fn calls(line: &str) -> Vec<(String, Vec<String>)> {
    let mut calls = Vec::new();
    for part in line.split("ninefold ").skip(1) {
        let mut words = part.split([';', '|', '&']).next().unwrap_or_default().split_whitespace();
        let Some(command @ ("check" | "build")) = words.next() else { continue };
        let options = words.filter(|w| w.starts_with('-')).map(str::to_owned);
        calls.push((command.to_owned(), options.collect()));
    }
    calls
}

#[test]
fn they_call_only_what_there_is() {
    let mut called = BTreeSet::new();
    for (path, least) in [(".pre-commit-hooks.yaml", 2), ("action.yml", 2), ("ci/gitlab.yml", 3)] {
        let mut lines = Vec::new();
        documents(&read(path)).iter().for_each(|d| scripts(d, &mut lines));
        let found: Vec<_> = lines.iter().flat_map(|line| calls(line)).collect();
        assert!(found.len() >= least, "{path}: {lines:?}");
        called.extend(found);
    }
    for (command, options) in called {
        let help = Scratch::new().run(&[&command, "--help"]).exits(0).stdout;
        let words: Vec<&str> = help.split([' ', '\n', ',']).collect();
        for option in options {
            let (name, value) = option.split_once('=').unwrap_or((&option, ""));
            assert!(words.contains(&name), "{command} has no {name}");
            if name == "--format" && !value.starts_with('"') {
                let run = Scratch::project().run(&[&command, &option]);
                assert!(run.code == 0, "{command} has no {option}");
            }
        }
    }
}

#[test]
fn calls_are_seen() {
    let line =
        r#"check) ninefold check --project="$P" --quiet ;; x && ninefold build --check || true"#;
    let found = calls(line);
    assert_eq!(found[0].1, ["--project=\"$P\"", "--quiet"]);
    assert_eq!(found[1], ("build".to_owned(), vec!["--check".to_owned()]));
    assert!(calls("Install ninefold by pip").is_empty());
}

/// A commit that only deletes has no files for pre-commit to match or to pass.
#[test]
fn hooks_run_whatever_was_changed() {
    let hooks = documents(&read(".pre-commit-hooks.yaml")).remove(0);
    let hooks = hooks.as_sequence().expect("a list");
    let ids: Vec<&str> = hooks.iter().filter_map(|hook| hook["id"].as_str()).collect();
    assert_eq!(ids, ["ninefold-check", "ninefold-build"]);
    for hook in hooks {
        assert_eq!(hook["always_run"], Value::from(true));
        assert_eq!(hook["pass_filenames"], Value::from(false));
        assert_eq!(hook["require_serial"], Value::from(true));
        assert!(hook.get("files").is_none() && hook.get("types").is_none());
    }
}

/// Workflow expressions in a script are read as code, whatever they hold.
#[test]
fn the_action_keeps_inputs_out_of_its_scripts() {
    let action = documents(&read("action.yml")).remove(0);
    assert_eq!(action["runs"]["using"], Value::from("composite"));
    for step in action["runs"]["steps"].as_sequence().expect("steps") {
        let run = step["run"].as_str().expect("a script");
        assert!(run.starts_with("set -euo pipefail\n"), "{run}");
        assert!(!run.contains("${{"), "{run}");
        assert_eq!(step["shell"], Value::from("bash"));
    }
}

/// What the page configures is there under that name.
#[test]
fn the_page_names_what_there_is() {
    let page = read("docs/ci.md");
    let blocks: Vec<Value> = page
        .split("```yaml\n")
        .skip(1)
        .flat_map(|part| documents(part.split("```").next().unwrap_or_default()))
        .collect();
    assert_eq!(blocks.len(), 4, "two for pre-commit, GitHub, GitLab");
    let hooks = documents(&read(".pre-commit-hooks.yaml")).remove(0);
    let hooks = hooks.as_sequence().expect("a list");
    let shown = |block: &Value| block["repos"][0]["hooks"].as_sequence().cloned().expect("hooks");
    for hook in blocks[..2].iter().flat_map(shown) {
        let ours = hooks.iter().find(|h| h["id"] == hook["id"]).expect("a hook of ours");
        for (key, value) in hook.as_mapping().expect("a map") {
            let key = key.as_str().unwrap_or_default();
            assert!(key == "additional_dependencies" || ours[key] == *value, "{key}");
        }
    }
    let names = |map: &Value| -> BTreeSet<String> {
        let keys = map.as_mapping().expect("a map").keys();
        keys.filter_map(|key| key.as_str().map(str::to_owned)).collect()
    };
    let inputs = names(&documents(&read("action.yml"))[0]["inputs"]);
    for step in blocks[2]["jobs"]["slo"]["steps"].as_sequence().expect("steps") {
        if let Some(with) = step.get("with") {
            assert!(names(with).is_subset(&inputs), "{with:?}");
        }
    }
    let include = &blocks[3]["include"][0];
    let file = include["file"].as_str().expect("a path").trim_start_matches('/');
    let inputs = names(&documents(&read(file))[0]["spec"]["inputs"]);
    assert!(names(&include["inputs"]).is_subset(&inputs));
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(include["ref"], Value::from(version.as_str()), "of the page");
    assert_eq!(page.matches(&version).count(), 4, "all of the page's revisions");
    let wheel = format!("ninefold-{}-py3", env!("CARGO_PKG_VERSION"));
    assert_eq!(page.matches(&wheel).count(), 4, "all of the page's wheels");
}

/// One version, in `Cargo.toml`; every tool of the proof at a fixed one.
#[test]
fn versions_stand_once() {
    let project = read("pyproject.toml");
    assert!(project.contains("dynamic = [\"version\"]\n"));
    assert!(!project.lines().any(|line| line.starts_with("version")));
    let description = format!("description = \"{}\"\n", env!("CARGO_PKG_DESCRIPTION"));
    let license = format!("license = \"{}\"\n", env!("CARGO_PKG_LICENSE"));
    assert!(project.contains(&description) && project.contains(&license), "as in Cargo.toml");
    for line in read("tests/integrations/requirements.txt").lines() {
        assert!(line.starts_with('#') || line.contains("=="), "{line}: not pinned");
    }
}
