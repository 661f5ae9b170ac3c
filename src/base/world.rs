//! The one door to all reading of files. `workspace/` holds the disk and the
//! memory behind it; the stages are handed a `&dyn World`.

use std::fmt;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is there.
    NotFound,
    /// A folder is there.
    Folder,
    /// It is not UTF-8; the offset of the first byte that is not.
    NotUtf8(usize),
    /// It lies outside the project's root, by `..` or through a symbolic link.
    Outside,
    /// It is longer than [`Fault::TooLarge`].
    TooLarge(u64),
    /// What the system says.
    System(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotFound => f.write_str("no such file"),
            Fault::Folder => f.write_str("it is a folder"),
            Fault::NotUtf8(offset) => write!(f, "not UTF-8 text: byte {offset} is no character"),
            Fault::Outside => f.write_str("it lies outside the project"),
            Fault::TooLarge(bytes) => {
                write!(f, "{} MB are too many, at most 64 MB are read", bytes / 1_000_000)
            }
            Fault::System(text) => f.write_str(text),
        }
    }
}

/// All reading of files: a project's root and what lies below it. Paths are
/// relative to the root, with `/` between their parts.
pub trait World: Sync {
    /// The text of a file, without a byte order mark.
    fn read(&self, path: &Utf8Path) -> Result<Arc<str>, Fault>;

    /// The paths of all files below a folder (`""`: the root), sorted, with
    /// hidden folders left out.
    fn files(&self, under: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Fault>;
}

impl dyn World + '_ {
    /// No file longer than this is read: 64 MB.
    pub const MAX_BYTES: u64 = 64_000_000;
}
