//! One of the two projects that are compared, and what of it could not be compiled: what
//! is missing there is not gone, if it is written in a file with errors.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::base::{self, Diagnostics, FileId, Severity, SourceMap, World};
use crate::config::Config;
use crate::ir::{Plan, Service};
use crate::yaml::{self, Node};

/// A compiled project.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// How it is called: `HEAD (1a2b3c4)`.
    pub name: &'a str,
    /// Its files.
    pub world: &'a dyn World,
    /// Its settings.
    pub config: &'a Config,
    /// The files that were read.
    pub sources: &'a SourceMap,
    /// What was found in them.
    pub diags: &'a Diagnostics,
    /// The services without errors, with the plans of their SLOs.
    pub services: &'a [(Service, Vec<Plan>)],
}

/// An error of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How the side is called.
    pub side: String,
    /// Its code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// `file:line`, where there is one.
    pub place: Option<String>,
}

impl Side<'_> {
    /// The errors.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let errors = self.diags.iter().filter(|d| d.severity == Severity::Error);
        let fault = |d: &base::Diagnostic| {
            let span = d.primary.span;
            let place = span.file().map(|file| {
                let file = self.sources.file(file);
                format!("{}:{}", file.shown, file.position(span.range().start).line)
            });
            let (side, code) = (self.name.to_owned(), d.code.name);
            Fault { side, code, message: d.message.clone(), place }
        };
        errors.map(fault).collect()
    }
}

/// What is written in files with errors.
#[derive(Debug, Default)]
pub(super) struct Unsure<'a> {
    /// Services, and the names of what is below them.
    written: BTreeMap<String, BTreeSet<String>>,
    /// Files of which not even the names could be read.
    broken: BTreeSet<&'a Utf8Path>,
}

impl<'a> Unsure<'a> {
    /// What of a side could not be compiled.
    pub(super) fn of(side: &Side<'a>) -> Unsure<'a> {
        let errors = side.diags.iter().filter(|d| d.severity == Severity::Error);
        let spans = errors.flat_map(|d| d.others.iter().chain([&d.primary])).map(|l| l.span);
        let files: BTreeSet<FileId> = spans.filter_map(|span| span.file()).collect();
        let mut unsure = Unsure::default();
        for id in files {
            let file = side.sources.file(id);
            let mut faults = Diagnostics::default();
            let documents = yaml::parse(id, &file.text, &mut faults);
            if faults.has_errors() {
                unsure.broken.insert(&file.path);
            }
            for document in documents {
                let Some(service) = document.root.get("service").and_then(Node::as_str) else {
                    continue;
                };
                let names = unsure.written.entry(service.to_owned()).or_default();
                for list in ["slos", "alerts"] {
                    let items = document.root.get(list).and_then(Node::as_seq).unwrap_or_default();
                    let named = items.iter().filter_map(|item| item.get("name")?.as_str());
                    names.extend(named.map(str::to_owned));
                }
            }
        }
        unsure
    }

    /// Whether a service that is missing on a side may be there after all. `path`: where
    /// the other side has it.
    pub(super) fn has_service(&self, side: &Side<'_>, name: &str, path: &Utf8Path) -> bool {
        let unread = || {
            let fault = side.world.read(path).err();
            fault.is_some_and(|fault| fault != base::Fault::NotFound)
        };
        self.written.contains_key(name) || self.broken.contains(path) || unread()
    }

    /// The same of an SLO or alert of a service.
    pub(super) fn has_part(&self, service: &str, name: &str, path: &Utf8Path) -> bool {
        let written = self.written.get(service).is_some_and(|names| names.contains(name));
        written || self.broken.contains(path)
    }
}
