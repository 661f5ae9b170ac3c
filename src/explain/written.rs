//! Where the keys that decide on an SLO are written: found again in the files, since
//! what is meant no longer says what was inherited.

use crate::base::{Diagnostics, SourceFile, SourceMap, Span};
use crate::config;
use crate::ir::Slo;
use crate::yaml::{self, Node};

/// The maps in which keys are looked for, the nearest first.
pub(super) struct Written<'a> {
    slo: Option<Node>,
    service: Option<Node>,
    project: Option<(&'a SourceFile, Node)>,
    sources: &'a SourceMap,
}

impl<'a> Written<'a> {
    /// Finds an SLO in the file that it comes from.
    pub(super) fn of(slo: &Slo, sources: &'a SourceMap) -> Written<'a> {
        let mut written = Written { slo: None, service: None, project: None, sources };
        let span = slo.origin.span;
        if let Some(file) = span.file() {
            let text = &sources.file(file).text;
            for document in yaml::parse(file, text, &mut Diagnostics::default()) {
                let slos = document.root.get("slos").and_then(Node::as_seq).unwrap_or_default();
                let own = |item: &&Node| item.get("name").is_some_and(|name| name.span == span);
                if let Some(slo) = slos.iter().find(own) {
                    written.slo = Some(slo.clone());
                    written.service = Some(document.root.clone());
                }
            }
        }
        written.project = project(sources);
        written
    }

    /// `file:line` of a key of the SLO.
    pub(super) fn of_slo(&self, key: &str) -> Option<String> {
        self.place(&self.slo, key)
    }

    /// `file:line` of the nearest of a key: on the SLO, on its service.
    pub(super) fn nearest(&self, key: &str) -> Option<String> {
        self.of_slo(key).or_else(|| self.place(&self.service, key))
    }

    /// `file:line` of each of a key whose values are merged.
    pub(super) fn merged(&self, key: &str) -> Option<String> {
        let both = [self.place(&self.service, key), self.of_slo(key)];
        let places: Vec<String> = both.into_iter().flatten().collect();
        (!places.is_empty()).then(|| places.join(", "))
    }

    /// `file:line` of a key of the project file, given as a path.
    pub(super) fn of_project(&self, path: &[&str]) -> Option<String> {
        let (key, above) = path.split_last()?;
        let (file, root) = self.project.as_ref()?;
        let map = above.iter().try_fold(root, |node, key| node.get(key))?;
        Some(line(file, map.entry(key)?.key.span))
    }

    fn place(&self, node: &Option<Node>, key: &str) -> Option<String> {
        self.shown(node.as_ref()?.entry(key)?.key.span)
    }

    /// `file:line` of a span.
    pub(super) fn shown(&self, span: Span) -> Option<String> {
        Some(line(self.sources.file(span.file()?), span))
    }
}

fn line(file: &SourceFile, span: Span) -> String {
    format!("{}:{}", file.shown, file.position(span.range().start).line)
}

/// The project file and its document, where there is one.
fn project(sources: &SourceMap) -> Option<(&SourceFile, Node)> {
    let source = sources.files().find(|file| file.path == config::FILE)?;
    // Its places are looked up in `source`: any id will do.
    let id = SourceMap::default().add(source.path.clone(), source.text.clone());
    let documents = yaml::parse(id, &source.text, &mut Diagnostics::default());
    let ours = documents.into_iter().map(|document| document.root);
    Some((source, ours.into_iter().find(|root| root.get("ninefold").is_some())?))
}
