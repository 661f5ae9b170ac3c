//! The published JSON Schemas: committed as they are printed, sound in themselves,
//! and of one verdict with the program about every file of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use ninefold::base::{Diagnostics, SourceMap};
use ninefold::yaml::{self, Document, Shape};
use ninefold::{config, policy, spec};
use serde_json::Value;

use crate::support::{Scratch, root};

const FILES: [&str; 4] = ["owners.v1.json", "project.v1.json", "report.v1.json", "spec.v1.json"];

#[test]
fn the_committed_schemas_are_those_that_are_printed() {
    let scratch = Scratch::new();
    scratch.run(&["schema", "--write", "schemas"]).exits(0);
    let folder = root().join("schemas");
    assert_eq!(names(&folder), FILES, "committed");
    assert_eq!(names(&scratch.path.join("schemas")), FILES, "printed");
    for name in FILES {
        let committed = fs::read_to_string(folder.join(name)).expect("a schema");
        let printed = scratch.read(&format!("schemas/{name}"));
        assert_eq!(committed, printed, "{name}: run `ninefold schema --write schemas`");
    }
}

#[test]
fn each_is_a_schema_and_explains_every_key() {
    for name in FILES {
        let schema = schema(name);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        let fault = jsonschema::meta::validate(&schema).err().map(|fault| fault.to_string());
        assert_eq!(fault, None, "{name}");
        let mut silent = Vec::new();
        undescribed(&schema, name, &mut silent);
        assert!(silent.is_empty(), "keys without a description: {silent:#?}");
    }
}

/// Over all cases, examples and what `init` writes: what one takes the other takes.
#[test]
fn schema_and_program_agree() {
    let scratch = Scratch::new();
    scratch.run(&["init"]).exits(0);
    let mut files = Vec::new();
    for folder in [root().join("tests/cases"), root().join("examples"), scratch.path.clone()] {
        yaml_files(&folder, &mut files);
    }
    let kinds: [(&Shape, Value); 3] = [
        (&spec::SHAPE, schema("spec.v1.json")),
        (&config::SHAPE, schema("project.v1.json")),
        (&policy::SHAPE, schema("owners.v1.json")),
    ];
    let judges: Vec<(&Shape, jsonschema::Validator)> = kinds
        .iter()
        .map(|(shape, schema)| (*shape, jsonschema::validator_for(schema).expect("a schema")))
        .collect();
    let mut seen = [0; 3];
    let mut refused = 0;
    for path in &files {
        let text = fs::read_to_string(path).expect("a YAML file in UTF-8");
        for document in documents(&text) {
            // Each document goes before all three: two of them are the wrong ones.
            for (index, (shape, schema)) in judges.iter().enumerate() {
                let ours = yaml::check(&document.root, shape, true, &mut Diagnostics::default());
                let value = yaml::to_json(&document.root);
                let faults: Vec<String> = schema
                    .iter_errors(&value)
                    .map(|f| format!("{}: {f}", f.instance_path()))
                    .collect();
                assert_eq!(
                    ours,
                    faults.is_empty(),
                    "{} before schema {index}: we {}, the schema says {faults:#?}",
                    path.display(),
                    if ours { "took it" } else { "refused it" },
                );
                seen[index] += usize::from(ours);
                refused += usize::from(!ours);
            }
        }
    }
    // A test over nothing would hold too.
    assert!(seen.iter().all(|count| *count >= 3) && refused > 50, "{seen:?}, {refused}");
}

/// The documents of a text, none if any has a YAML fault: those have no JSON.
fn documents(text: &str) -> Vec<Document> {
    let mut diags = Diagnostics::default();
    let file = SourceMap::default().add("a.yaml".into(), text.into());
    let documents = yaml::parse(file, text, &mut diags);
    if diags.is_empty() { documents } else { Vec::new() }
}

fn yaml_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            yaml_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder of schemas");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn schema(name: &str) -> Value {
    let text = fs::read_to_string(root().join("schemas").join(name)).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

/// The paths of all properties that no text explains.
fn undescribed(schema: &Value, path: &str, silent: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (key, property) in properties {
            let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
            if text.trim().is_empty() {
                silent.push(format!("{path}.{key}"));
            }
        }
    }
    match schema {
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| undescribed(value, &format!("{path}.{key}"), silent));
        }
        Value::Array(list) => list.iter().for_each(|value| undescribed(value, path, silent)),
        _ => {}
    }
}
