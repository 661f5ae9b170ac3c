//! Findings as one line each, which editors, problem matchers and `grep` read.
//! Findings come in; lines `path:line:column: severity[code] message` come out.

use super::place::Place;
use super::words::one_line;
use crate::base::{Diagnostic, Diagnostics, SourceMap};

/// One line for each finding; one in no file begins with its severity.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    diags.iter().map(|diagnostic| line(diagnostic, sources)).collect()
}

fn line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let Diagnostic { severity, code, message, .. } = diagnostic;
    let place = Place::of(diagnostic.primary.span, sources);
    let place = place.map_or(String::new(), |place| format!("{}: ", one_line(&place.name())));
    format!("{place}{}[{}] {}\n", severity.name(), code.name, one_line(message))
}
