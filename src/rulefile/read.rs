//! One file: its text and documents come in, its rules come out, unless it holds none
//! and nobody said that it should.

use camino::Utf8Path;
use rayon::prelude::*;

use super::blocks::{Block, Form, What, looks_like_rules, what};
use super::codes::{RULE_DOCUMENT_IGNORED, RULE_NONE, RULE_TEMPLATED};
use super::decode::Reader;
use super::exprs::Bench;
use super::templated;
use crate::base::{Count, Diagnostic, Diagnostics, FileId, Safety, Span, nearest};
use crate::config::Config;
use crate::ir::{MARK, WrittenFile, WrittenGroup};
use crate::promql::Judge;
use crate::yaml::codes::UNKNOWN_KEY;
use crate::yaml::{self, Document};

/// A file that may hold rules.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file.
    pub file: FileId,
    /// Where it is, relative to the root.
    pub path: &'a Utf8Path,
    /// Its text.
    pub text: &'a str,
    /// Whether `rules:` of the project file matches it: then it should hold rules.
    /// What was merely named on the command line need not.
    pub is_matched: bool,
    /// Whether another engine fills it in first. Set by [`read`].
    pub is_templated: bool,
}

impl Source<'_> {
    /// Whether what stands at a place is made by another template engine.
    pub(super) fn is_unknown(&self, span: Span) -> bool {
        let written = || self.text.get(span.range()).unwrap_or_default();
        self.is_templated && (written().contains("{{") || written().contains("{%"))
    }
}

/// Whether a file begins as one that ninefold wrote.
pub fn is_ours(text: &str) -> bool {
    text.lines().take(3).any(|line| line.starts_with('#') && line.contains(MARK))
}

/// Reads the rules of a file. `None` if it holds none and need not.
pub fn read(
    source: Source<'_>,
    config: &Config,
    judge: &Judge,
    diags: &mut Diagnostics,
) -> Option<WrittenFile> {
    let mut source = source;
    let mut own = Diagnostics::default();
    let mut documents = yaml::parse(source.file, source.text, &mut own);
    if own.has_errors() && templated::is_templated(source.text) {
        let masked = templated::masked(source.text);
        let mut rest = Diagnostics::default();
        documents = yaml::parse(source.file, &masked, &mut rest);
        source.is_templated = true;
        own = Diagnostics::default();
        own.push(filled_in(&source, rest.has_errors()));
    }
    let blocks = blocks(&source, &documents, &mut own)?;
    diags.append(own);
    let mut reader = Reader { source, config, diags, form: Form::Prometheus, broken: false };
    let mut groups: Vec<WrittenGroup> =
        blocks.iter().flat_map(|block| reader.groups(block)).collect();
    let path = source.path.as_str();
    let is_loki = path.split('/').any(|part| part.starts_with("loki") || part.contains(".logs."));
    let bench = Bench { source, prometheus: &config.prometheus, judge, is_loki };
    for group in &mut groups {
        let language = group.language;
        let judged = |rule: &mut _| {
            let mut diags = Diagnostics::default();
            bench.rule(rule, language, &mut diags);
            diags
        };
        let found: Vec<Diagnostics> = group.rules.par_iter_mut().map(judged).collect();
        found.into_iter().for_each(|found| diags.append(found));
    }
    let file = WrittenFile { path: source.path.to_owned(), groups };
    let is_whole = documents.iter().all(|d| !d.broken);
    if file.count() == 0 && is_whole && !diags.has_errors() {
        diags.push(
            Diagnostic::new(&RULE_NONE, Span::new(source.file, 0, 0), "the file holds no rule")
                .label("watches nothing")
                .help("add rules, or leave it out of `rules:` in `ninefold.yaml`"),
        );
    }
    Some(file)
}

/// The blocks of all documents that Prometheus, or an operator, would read.
fn blocks(
    source: &Source<'_>,
    documents: &[Document],
    diags: &mut Diagnostics,
) -> Option<Vec<Block>> {
    let mut found = Vec::new();
    // Of a rule file, Prometheus reads the first document alone, also if it is empty.
    let mut first: Option<(Span, bool)> = None;
    let mut is_known = false;
    for document in documents {
        let span =
            document.root.as_map().and_then(|e| e.first()).map_or(document.span, |e| e.key.span);
        match what(source.file, document, diags) {
            What::Rules(blocks) => {
                let blocks: Vec<Block> = blocks
                    .into_iter()
                    .filter(|block| source.is_matched || looks_like_rules(block))
                    .collect();
                let plain = |block: &Block| block.form == Form::Prometheus;
                if let Some((first, true)) = first.filter(|_| blocks.iter().any(plain)) {
                    diags.push(ignored(span, first));
                } else {
                    first = first.or(blocks.first().map(|block| (span, plain(block))));
                    found.extend(blocks);
                }
            }
            What::Empty => first = first.or(Some((document.span, true))),
            What::Foreign => is_known = true,
            What::Unknown if source.is_matched && !source.is_templated => {
                unknown(document, diags);
            }
            What::Unknown => {}
        }
    }
    match found.is_empty() {
        false => Some(found),
        // Also a file that is empty, or broken beyond reading, should hold rules.
        true if source.is_matched && !is_known => Some(found),
        true => {
            // What is wrong with a file of another kind is not for us to say.
            None
        }
    }
}

fn ignored(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&RULE_DOCUMENT_IGNORED, span, "Prometheus does not read this document")
        .label("its rules are dropped with a line in the log")
        .also(first, "the first document, which is all that is read")
        .help("move the groups into the first document, or into a file of their own")
}

/// Reports a document of a rule file that is none.
fn unknown(document: &Document, diags: &mut Diagnostics) {
    let Some(entry) = document.root.as_map().and_then(|entries| entries.first()) else { return };
    let name = entry.key.name.as_str();
    let report =
        Diagnostic::new(&UNKNOWN_KEY, entry.key.span, format!("a rule file has no key `{name}`"))
            .label("refused with the whole file");
    diags.push(match nearest(name, ["groups"]) {
        Some(near) => {
            report.fix(format!("write `{near}`"), entry.key.span, near, Safety::Suggestion)
        }
        None => {
            report.help("begin it with `groups:`, or leave it out of `rules:` in `ninefold.yaml`")
        }
    });
}

fn filled_in(source: &Source<'_>, has_more: bool) -> Diagnostic {
    let at = source.text.find("{{").into_iter().chain(source.text.find("{%")).min().unwrap_or(0);
    let actions = source.text.matches("{{").count() + source.text.matches("{%").count();
    let span = Span::new(source.file, at, at + 2);
    let report =
        Diagnostic::new(&RULE_TEMPLATED, span, "the file is filled in by another template engine")
            .label(format!(
                "the first of {}; what they write is passed over",
                Count(actions, "action")
            ));
    let report = match has_more {
        true => report.note("without them the file is no YAML: part of it was not read"),
        false => report,
    };
    report.help("check what the engine makes of it, such as `helm template . > rendered.yaml`")
}
