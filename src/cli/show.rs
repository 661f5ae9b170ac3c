//! What a command prints: findings in the format asked for, and one line that
//! says what was done.

use std::fs;
use std::io::IsTerminal as _;

use camino::Utf8Path;

use super::Outcome;
use super::args::{Global, Report};
use crate::base::{Diagnostics, Severity, SourceMap};
use crate::report::{Format, Style};
use crate::workspace::PATH_NOT_FOUND;

/// Where findings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// They are what the command is asked for.
    Out,
    /// They accompany what the command is asked for.
    Error,
}

/// Prints all findings.
pub(super) fn findings(diags: &Diagnostics, sources: &SourceMap, format: Format, stream: Stream) {
    let style = Style { color: true, width: width() };
    let text = format.render(diags, sources, style);
    match stream {
        Stream::Out => print(anstream::stdout(), &text),
        Stream::Error => print(anstream::stderr(), &text),
    }
}

/// Prints all findings as the options say, and writes them to a file where they name
/// one: [`Outcome::Broken`] where that fails.
pub(super) fn report(
    diags: &Diagnostics,
    sources: &SourceMap,
    options: &Report,
    stream: Stream,
) -> Outcome {
    findings(diags, sources, options.shown(), stream);
    let Some(path) = options.file() else { return Outcome::Clean };
    let text = options.format.render(diags, sources, Style::default());
    match write(path, &text, sources) {
        Ok(()) => Outcome::Clean,
        Err(fault) => failure(&format!("the report cannot be written to `{path}`: {fault}")),
    }
}

/// Writes a report, never over a file that it is about.
fn write(path: &Utf8Path, text: &str, sources: &SourceMap) -> Result<(), String> {
    let folder = path.parent().filter(|folder| !folder.as_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(format!("there is no folder `{folder}`"));
    }
    if let Ok(real) = path.canonicalize_utf8() {
        let is_it = |shown: &Utf8Path| shown.canonicalize_utf8().is_ok_and(|other| other == real);
        if sources.files().any(|file| is_it(&file.shown)) {
            return Err("it is a file of the project that was read".to_owned());
        }
    }
    fs::write(path, text).map_err(|error| error.to_string())
}

/// Prints a text to standard output as it is.
pub(super) fn text(text: &str) {
    print(std::io::stdout(), text);
}

/// Prints a text to standard error as it is.
pub(super) fn aside(text: &str) {
    print(std::io::stderr(), text);
}

/// Prints a line to standard error, unless nothing but findings is wanted.
pub(super) fn line(global: &Global, text: &str) {
    if !global.quiet {
        print(anstream::stderr(), &format!("{text}\n"));
    }
}

/// Prints what went wrong outside of any file.
pub(super) fn failure(text: &str) -> Outcome {
    print(anstream::stderr(), &format!("error: {text}\n"));
    Outcome::Broken
}

/// Whether the command line itself names what does not exist.
pub(super) fn is_usage(diags: &Diagnostics) -> bool {
    diags.iter().any(|d| std::ptr::eq(d.code, &PATH_NOT_FOUND))
}

/// What findings make of a run.
pub(super) fn outcome(diags: &Diagnostics, report: &Report) -> Outcome {
    let counts = |severity| severity >= report.fail_on && diags.count(severity) > 0;
    let failed = [Severity::Error, Severity::Warning].into_iter().any(counts);
    if failed { Outcome::Findings } else { Outcome::Clean }
}

/// A reader that went away (`| head`) is no fault of this run.
fn print(mut stream: impl std::io::Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Columns that messages may take: those of the terminal, as far as it says so.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    match columns {
        Some(columns) if std::io::stderr().is_terminal() => columns,
        _ => 140,
    }
}
