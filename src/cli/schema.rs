//! `ninefold schema`: prints the JSON Schemas of our files, made from the same
//! Shapes that judge them, and that of our reports.

use std::fs;

use camino::Utf8Path;

use super::Outcome;
use super::args::{Schema, SchemaKind};
use super::show;
use crate::{config, policy, report, spec, yaml};

pub(super) fn run(options: &Schema) -> Outcome {
    let Some(folder) = &options.write else {
        show::text(&schema(options.kind));
        return Outcome::Clean;
    };
    match write_schemas(folder, &FILES) {
        Ok(()) => Outcome::Clean,
        Err(error) => {
            show::failure(&format!("the schemas cannot be written to `{folder}`: {error}"))
        }
    }
}

/// Writes the schemas of what people write into a folder.
pub(super) fn write_for_editors(folder: &Utf8Path) -> std::io::Result<()> {
    write_schemas(folder, &FILES[..3])
}

fn write_schemas(folder: &Utf8Path, files: &[(SchemaKind, &str)]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for (kind, file) in files {
        fs::write(folder.join(file), schema(*kind))?;
    }
    Ok(())
}

/// The kinds and the names of their files; the last is for programs, not editors.
const FILES: [(SchemaKind, &str); 4] = [
    (SchemaKind::Spec, "spec.v1.json"),
    (SchemaKind::Project, "project.v1.json"),
    (SchemaKind::Owners, "owners.v1.json"),
    (SchemaKind::Report, "report.v1.json"),
];

fn schema(kind: SchemaKind) -> String {
    let (shape, title) = match kind {
        SchemaKind::Spec => (&spec::SHAPE, "ninefold spec"),
        SchemaKind::Project => (&config::SHAPE, "ninefold project file"),
        SchemaKind::Owners => (&policy::SHAPE, "ninefold owners registry"),
        SchemaKind::Report => return report::SCHEMA.to_owned(),
    };
    // A tree of JSON values always has a text.
    let text = serde_json::to_string_pretty(&yaml::to_schema(shape, title)).unwrap_or_default();
    format!("{text}\n")
}
