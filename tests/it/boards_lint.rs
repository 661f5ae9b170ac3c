//! The documentation of every code of boards: what stands below `## Fires` fires that
//! code and no other error, what stands below `## Instead` is clean. Fragments are laid
//! over a sound board.

use camino::Utf8PathBuf;
use ninefold::base::{Code, Diagnostics, Severity, SourceMap};
use ninefold::lint::{self, board, unique};
use ninefold::promql::Judge;
use ninefold::yaml;
use serde_json::{Map, Value, json};

use crate::explain::section;

#[test]
fn examples_of_boards_fire_their_code_alone() {
    faulty("## Fires", |code, found| {
        let fires = found.iter().any(|(name, _)| *name == code.name);
        fires && found.iter().all(|(name, _)| *name == code.name)
    });
}

#[test]
fn what_to_write_instead_is_a_clean_board() {
    faulty("## Instead", |_, found| found.is_empty());
}

/// Holds the examples below a heading against what is right.
fn faulty(heading: &str, right: impl Fn(&Code, &[(&'static str, Severity)]) -> bool) {
    let mut wrong = Vec::new();
    let boards: Vec<_> = lint::CODES.iter().copied().flatten().copied().collect();
    assert!(boards.len() > 30, "the codes of boards are registered");
    for code in boards {
        let examples = examples(code, heading);
        assert!(!examples.is_empty(), "{} has no example below {heading}", code.name);
        let found = findings(&examples);
        if !right(code, &found) {
            eprintln!("{} {heading}: {found:?}", code.name);
            wrong.push(code.name);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new(), "wrong below {heading}");
}

/// The `json` blocks below a heading, each with the file that the line before it names.
fn examples(code: &Code, heading: &str) -> Vec<(String, String)> {
    let section = section(code, heading);
    let mut found = Vec::new();
    let mut rest = section.as_str();
    while let Some((before, after)) = rest.split_once("```json\n") {
        let (block, after) = after.split_once("```").expect("a fence is closed");
        let line = before.trim_end().lines().last().unwrap_or_default();
        let path = line.strip_prefix('`').and_then(|line| line.strip_suffix("`:"));
        found.push((path.unwrap_or("boards/a.json").to_owned(), block.to_owned()));
        rest = after;
    }
    found
}

/// What all boards of an example say, alone and together.
fn findings(examples: &[(String, String)]) -> Vec<(&'static str, Severity)> {
    let judge = Judge::default();
    let mut map = SourceMap::default();
    let mut diags = Diagnostics::default();
    let mut ids = Vec::new();
    for (path, fragment) in examples {
        let text = laid_over(fragment);
        let path = Utf8PathBuf::from(path);
        let file = map.add(path.clone(), text.as_str().into());
        let documents = yaml::parse(file, &text, &mut diags);
        let root = &documents.first().expect("a document").root;
        ids.push(board(&path, root, Some(&judge), &mut diags).expect("a board"));
    }
    unique(&ids, &mut diags);
    diags.iter().map(|d| (d.code.name, d.severity)).collect()
}

/// A fragment laid over the sound board: its keys in place of the board's, each of its
/// panels over a sound panel unless it has all that a panel needs. Null removes a key.
fn laid_over(fragment: &str) -> String {
    let fragment: Value = serde_json::from_str(fragment).expect("an example is JSON");
    let mut board = sound_board();
    for (key, value) in fragment.as_object().expect("an example is an object") {
        let value = match value.as_array().filter(|_| key == "panels") {
            Some(panels) => {
                let over = |(index, panel): (usize, &Value)| {
                    let mut sound = sound_panel(index);
                    merge(&mut sound, panel);
                    Value::Object(sound)
                };
                panels.iter().enumerate().map(over).collect()
            }
            None => value.clone(),
        };
        set(&mut board, key, &value);
    }
    serde_json::to_string_pretty(&board).expect("JSON")
}

/// Lays a panel over another; the panels and targets inside it too.
fn merge(sound: &mut Map<String, Value>, panel: &Value) {
    let panel = panel.as_object().expect("a panel");
    if ["id", "type", "gridPos", "targets"].iter().all(|key| panel.contains_key(*key)) {
        sound.clear();
    }
    if panel.get("type").is_some_and(|kind| kind == "row") {
        for key in ["targets", "fieldConfig", "options"] {
            sound.remove(key);
        }
    }
    for (key, value) in panel {
        let value = match value.as_array() {
            Some(inner) if key == "panels" => {
                let over = |panel: &Value| {
                    let mut sound = sound_panel(5);
                    merge(&mut sound, panel);
                    Value::Object(sound)
                };
                inner.iter().map(over).collect()
            }
            _ => value.clone(),
        };
        set(sound, key, &value);
    }
}

fn set(map: &mut Map<String, Value>, key: &str, value: &Value) {
    match value {
        Value::Null => {
            map.remove(key);
        }
        value => {
            map.insert(key.to_owned(), value.clone());
        }
    }
}

fn sound_panel(index: usize) -> Map<String, Value> {
    let panel = json!({
        "id": index + 1,
        "type": "timeseries",
        "title": "Up",
        "description": "Whether targets answer.",
        "gridPos": {"h": 8, "w": 24, "x": 0, "y": 8 * index},
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "fieldConfig": {"defaults": {"unit": "none"}, "overrides": []},
        "options": {},
        "targets": [{"refId": "A", "expr": "up"}]
    });
    panel.as_object().expect("an object").clone()
}

fn sound_board() -> Map<String, Value> {
    let board = json!({
        "id": null,
        "uid": "sound",
        "title": "Sound",
        "editable": false,
        "refresh": "1m",
        "schemaVersion": 39,
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
        ]},
        "panels": [sound_panel(0)]
    });
    board.as_object().expect("an object").clone()
}
