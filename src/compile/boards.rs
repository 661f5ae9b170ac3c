//! Boards between their making and their writing: each is held to what Grafana draws,
//! reads and loads, and all together to what no two may share. Templates are a project's
//! to change, so that a board of ours is not sound because it is ours.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use serde_yaml::Value;

use crate::base::{Diagnostics, SourceMap, Span, Spanned};
use crate::ir::Artifact;
use crate::lint::{self, BoardId};
use crate::promql::Judge;
use crate::yaml;

/// The checks of the boards of one build.
#[derive(Default)]
pub(super) struct Boards {
    /// The judge of their queries. `None`: they are known to be sound.
    judge: Option<Judge>,
    /// What no two boards may share.
    ids: Mutex<Vec<BoardId>>,
    /// Boards with findings, which are told once all are there: services compile in any
    /// order.
    faulty: Mutex<Vec<(Utf8PathBuf, Arc<str>)>>,
}

impl Boards {
    /// Checks, with a judge of queries where they may not be sound.
    pub(super) fn judged_by(judge: Option<Judge>) -> Boards {
        Boards { judge, ..Boards::default() }
    }

    /// Checks an artifact, if it is a board. `path` is where it goes, from the root.
    pub(super) fn check(&self, artifact: &Artifact, path: Utf8PathBuf) {
        let Some(text) = board_of(artifact) else { return };
        match self.check_without_places(&path, &text) {
            Some(id) => self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id),
            None => {
                let mut faulty = self.faulty.lock().unwrap_or_else(PoisonError::into_inner);
                faulty.push((path, text.as_ref().into()));
            }
        }
    }

    /// Of a sound board, nobody asks where in it something stands. `None`: it is none.
    fn check_without_places(&self, path: &Utf8Path, text: &str) -> Option<BoardId> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut found = Diagnostics::default();
        let id = lint::board(path, &yaml::from_json(&json), self.judge.as_ref(), &mut found);
        id.filter(|_| found.is_empty())
    }

    /// Tells what is wrong with boards, each in its own text, and what no two may share.
    pub(super) fn tell(self, sources: &mut SourceMap, diags: &mut Diagnostics) {
        let mut ids = self.ids.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut faulty = self.faulty.into_inner().unwrap_or_else(PoisonError::into_inner);
        faulty.sort();
        for (path, text) in faulty {
            let file = sources.add(path.clone(), Arc::clone(&text));
            let documents = yaml::parse(file, &text, diags);
            let root = documents.first().map(|document| &document.root);
            let id = root.and_then(|root| lint::board(&path, root, self.judge.as_ref(), diags));
            ids.extend(id.map(without_places));
        }
        ids.sort_by(|a, b| a.path.cmp(&b.path));
        lint::unique(&ids, diags);
    }
}

/// The JSON of a board: the artifact itself, or what stands in an object of Kubernetes.
fn board_of(artifact: &Artifact) -> Option<Cow<'_, str>> {
    if !artifact.path.starts_with("dashboards") {
        return None;
    }
    match artifact.path.extension()? {
        "json" => Some(Cow::Borrowed(&artifact.text)),
        "yaml" => {
            let object: Value = serde_yaml::from_str(&artifact.text).ok()?;
            let data = object.get("data").and_then(Value::as_mapping);
            let first = data.and_then(|data| data.values().next());
            let json = first.or_else(|| object.get("spec")?.get("json"))?;
            Some(Cow::Owned(json.as_str()?.to_owned()))
        }
        _ => None,
    }
}

/// An identity whose places are in no file: a finding names the files.
fn without_places(id: BoardId) -> BoardId {
    let nowhere = |text: Spanned<String>| Spanned::new(text.value, Span::NONE);
    BoardId { uid: id.uid.map(nowhere), title: id.title.map(nowhere), ..id }
}
