//! `ninefold schema`: prints the JSON Schemas of our files, made from the same
//! Shapes that judge them.

use std::fs;

use camino::Utf8Path;

use super::Outcome;
use super::args::{Schema, SchemaKind};
use super::show;
use crate::{config, policy, spec, yaml};

pub(super) fn run(options: &Schema) -> Outcome {
    let Some(folder) = &options.write else {
        show::text(&schema(options.kind));
        return Outcome::Clean;
    };
    match write_schemas(folder) {
        Ok(()) => Outcome::Clean,
        Err(error) => {
            show::failure(&format!("the schemas cannot be written to `{folder}`: {error}"))
        }
    }
}

/// Writes all schemas into a folder.
pub(super) fn write_schemas(folder: &Utf8Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for (kind, file) in FILES {
        fs::write(folder.join(file), schema(kind))?;
    }
    Ok(())
}

/// The kinds and the names of their files.
const FILES: [(SchemaKind, &str); 3] = [
    (SchemaKind::Spec, "spec.v1.json"),
    (SchemaKind::Project, "project.v1.json"),
    (SchemaKind::Owners, "owners.v1.json"),
];

fn schema(kind: SchemaKind) -> String {
    let (shape, title) = match kind {
        SchemaKind::Spec => (&spec::SHAPE, "ninefold spec"),
        SchemaKind::Project => (&config::SHAPE, "ninefold project file"),
        SchemaKind::Owners => (&policy::SHAPE, "ninefold owners registry"),
    };
    // A tree of JSON values always has a text.
    let text = serde_json::to_string_pretty(&yaml::to_schema(shape, title)).unwrap_or_default();
    format!("{text}\n")
}
