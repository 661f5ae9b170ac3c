//! `build --verify`: the same trees before another judge, the published schema.

use crate::base::{Diagnostic, Diagnostics, Severity, codes};
use crate::yaml::{self, Document};

use super::shape::SHAPE;

codes! {
    /// ## Why
    /// `--verify` holds every spec against its JSON Schema too. The schema refused
    /// what ninefold took: one of them is wrong, and that is a fault of ninefold,
    /// not of the spec.
    /// ## Fires
    /// Never, as far as is known.
    /// ## Instead
    /// Please report it with the spec.
    SCHEMA_DISAGREES = Error "schema-disagrees";
}

/// Reports specs that we took and the schema refuses.
pub fn verify(documents: &[Document], diags: &mut Diagnostics) {
    if diags.count(Severity::Error) > 0 {
        return;
    }
    let schema = yaml::to_schema(&SHAPE, "ninefold spec");
    let Ok(validator) = jsonschema::validator_for(&schema) else { return };
    for document in documents.iter().filter(|d| d.root.get("ninefold").is_some()) {
        let value = yaml::to_json(&document.root);
        for fault in validator.iter_errors(&value) {
            diags.push(
                Diagnostic::new(
                    &SCHEMA_DISAGREES,
                    document.root.span,
                    "the schema refuses this spec",
                )
                .label(format!(
                    "at `{}`: {}",
                    fault.instance_path(),
                    fault.masked()
                )),
            );
        }
    }
}
