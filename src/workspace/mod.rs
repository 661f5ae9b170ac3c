//! The only room that touches the disk: reading (`World`, also of a revision of git),
//! finding specs, and writing outputs so that nothing is lost.

mod discover;
mod manifest;
mod revision;
mod world;
mod write;

pub use discover::{Found, PATH_NOT_FOUND, discover};
pub use revision::Revision;
pub use world::{Disk, Memory};
pub use write::{Change, ChangeKind, Mode, Stage, WRITE_FAILED, stage};

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = &[discover::CODES, write::CODES];
