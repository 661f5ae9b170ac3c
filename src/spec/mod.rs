//! Specs as written: the shape of the language, and the tree decoded to types in
//! which every field knows its place. Defaults and inheritance come later.

mod decode;
mod file;
mod shape;
mod verify;

pub use decode::{Kind, decode, empty_file};
pub use file::{
    AlertExpr, AlertSpec, Pair, Remediation, ServiceSpec, SloSpec, SpecFile, TextPair, Written,
};
pub use shape::{NAME, OWNER, SHAPE};
pub use verify::verify;

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = &[decode::CODES, verify::CODES];
