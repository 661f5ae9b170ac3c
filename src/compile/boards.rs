//! Boards between their making and their writing: each is held to what Grafana draws,
//! reads and loads, and all together to what no two may share. Templates are a project's
//! to change, so that a board of ours is not sound because it is ours.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8Path;
use serde_yaml::Value;

use crate::base::{Diagnostics, FileId, SourceMap, Span, Spanned};
use crate::ir::Artifact;
use crate::lint::{self, BoardId};
use crate::promql::Judge;
use crate::yaml;

/// The checks of the boards of one build.
pub(super) struct Boards<'a> {
    /// The judge of their queries. `None`: they are known to be sound.
    pub(super) judge: Option<Judge>,
    /// Where the text of a faulty board is put, so that findings can show it.
    pub(super) sources: Mutex<&'a mut SourceMap>,
    /// What no two boards may share.
    pub(super) ids: Mutex<Vec<BoardId>>,
}

impl Boards<'_> {
    /// Checks an artifact, if it is a board. `path` is where it goes, from the root.
    pub(super) fn check(&self, artifact: &Artifact, path: &Utf8Path, diags: &mut Diagnostics) {
        let Some(text) = board_of(artifact) else { return };
        let id = match self.check_without_places(path, &text) {
            Some(id) => Some(id),
            None => {
                let text: Arc<str> = text.as_ref().into();
                let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
                let file = sources.add(path.to_owned(), Arc::clone(&text));
                drop(sources);
                self.check_text(file, path, &text, diags)
            }
        };
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.extend(id.map(without_places));
    }

    /// Of a sound board, nobody asks where in it something stands. `None`: it is none.
    fn check_without_places(&self, path: &Utf8Path, text: &str) -> Option<BoardId> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut found = Diagnostics::default();
        let id = lint::board(path, &yaml::from_json(&json), self.judge.as_ref(), &mut found);
        id.filter(|_| found.is_empty())
    }

    fn check_text(
        &self,
        file: FileId,
        path: &Utf8Path,
        text: &str,
        diags: &mut Diagnostics,
    ) -> Option<BoardId> {
        let documents = yaml::parse(file, text, diags);
        let root = &documents.first()?.root;
        lint::board(path, root, self.judge.as_ref(), diags)
    }

    /// Checks what no two boards may share.
    pub(super) fn check_together(self, diags: &mut Diagnostics) {
        let mut ids = self.ids.into_inner().unwrap_or_else(PoisonError::into_inner);
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
