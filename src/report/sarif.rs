//! Findings as a log in SARIF 2.1.0, for code scanning. Findings come in; one JSON
//! object comes out: a run with the rules that found something and a result for
//! each finding. Columns count characters from 1, and ends lie behind the last one.
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use serde_json::{Value, json};

use super::identity::Identities;
use super::place::{Place, project_file};
use super::words::{details, one_line};
use crate::base::{Code, Diagnostic, Diagnostics, Fix, SourceMap};

/// Where the standard publishes its schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The log, indented, with a line break at its end. There is a run even where
/// nothing was found: it closes the alerts of the last one.
pub(super) fn render(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut codes: Vec<&Code> = diags.iter().map(|d| d.code).collect();
    codes.sort_by_key(|code| code.name);
    codes.dedup_by_key(|code| code.name);
    let mut identities = Identities::default();
    let results: Vec<Value> =
        diags.iter().map(|d| result(d, sources, &codes, &mut identities)).collect();
    let version = env!("CARGO_PKG_VERSION");
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ninefold",
                "version": version,
                "semanticVersion": version,
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &Code) -> Value {
    let mut rule = json!({
        "id": code.name,
        "defaultConfiguration": {"level": code.severity.name()},
    });
    let (why, text) = (code.why(), code.text());
    // The standard wants no empty texts.
    if !why.is_empty() {
        rule["shortDescription"] = json!({"text": format!("{why}.")});
        rule["fullDescription"] = json!({"text": first_section(&text)});
        rule["help"] = json!({"text": text, "markdown": text});
    }
    rule
}

/// What stands below the first heading.
fn first_section(text: &str) -> String {
    let lines = text.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    lines.join("\n").trim_end().to_owned()
}

fn result(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    codes: &[&Code],
    identities: &mut Identities,
) -> Value {
    let place = Place::of(diagnostic.primary.span, sources);
    let path = place.as_ref().map_or_else(|| project_file(sources), |p| p.path().to_owned());
    // Code scanning refuses results without a place: those are on the project file.
    let location = match &place {
        Some(place) => physical(place),
        None => json!({"artifactLocation": {"uri": uri(&path)}, "region": {"startLine": 1}}),
    };
    let mut lines = vec![one_line(&diagnostic.message)];
    lines.extend(details(diagnostic));
    let mut result = json!({
        "ruleId": diagnostic.code.name,
        "ruleIndex": codes.binary_search_by_key(&diagnostic.code.name, |code| code.name).ok(),
        "level": diagnostic.severity.name(),
        "message": {"text": message(&lines.join("\n"))},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"ninefold/v1": identities.next(diagnostic, &path)},
    });
    let related: Vec<Value> = diagnostic
        .others
        .iter()
        .filter_map(|label| Some((label, Place::of(label.span, sources)?)))
        .enumerate()
        .map(|(id, (label, place))| {
            let mut related = json!({"id": id, "physicalLocation": physical(&place)});
            if !label.text.is_empty() {
                related["message"] = json!({"text": message(&label.text)});
            }
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    let fixes: Vec<Value> = diagnostic.fixes.iter().filter_map(|f| fix(f, sources)).collect();
    if !fixes.is_empty() {
        result["fixes"] = fixes.into();
    }
    result
}

/// A fix, its edits by file; none where an edit has no place.
fn fix(fix: &Fix, sources: &SourceMap) -> Option<Value> {
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let place = Place::of(edit.span, sources)?;
        let mut replacement = json!({"deletedRegion": region(&place)});
        if !edit.text.is_empty() {
            replacement["insertedContent"] = json!({"text": edit.text});
        }
        match changes.iter_mut().find(|(path, _)| *path == place.path()) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((place.path(), vec![replacement])),
        }
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(path, replacements)| {
            json!({"artifactLocation": {"uri": uri(path)}, "replacements": replacements})
        })
        .collect();
    (!changes.is_empty())
        .then(|| json!({"description": {"text": message(&fix.title)}, "artifactChanges": changes}))
}

fn physical(place: &Place<'_>) -> Value {
    json!({"artifactLocation": {"uri": uri(place.path())}, "region": region(place)})
}

fn region(place: &Place<'_>) -> Value {
    let (start, end) = (place.start(), place.end());
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// The text of a message: braces are doubled (section 3.11.5), and what would be a
/// link `[text](target)` is kept from being one (3.11.6).
fn message(text: &str) -> String {
    let text = text.replace('{', "{{").replace('}', "}}");
    match text.contains("](") {
        true => text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]"),
        false => text,
    }
}

/// A path as a relative reference. Source: RFC 3986, section 3.3; a colon is
/// encoded, since the part before it would be a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
