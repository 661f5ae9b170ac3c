//! What tells one board of a project from another: made by the check of a board, held
//! against each other by `unique`.

use camino::Utf8PathBuf;

use crate::base::Spanned;

/// What must be unique over all boards of a project.
#[derive(Clone, Debug)]
pub struct BoardId {
    /// Its uid, where it has one.
    pub uid: Option<Spanned<String>>,
    /// Its title, where it has one.
    pub title: Option<Spanned<String>>,
    /// The folder of Grafana that it goes to, where that is known.
    pub folder: Option<String>,
    /// Its file.
    pub path: Utf8PathBuf,
}
