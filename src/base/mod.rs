//! The ground floor: places in files, findings, exact numbers, names that are
//! nearly right, and the one door to all reading of files. Imports nothing.

mod decimal;
mod diag;
mod duration;
mod source;
mod suggest;
mod words;
mod world;

pub use decimal::Decimal;
pub(crate) use diag::codes;
pub use diag::{Code, Diagnostic, Diagnostics, Edit, Fix, Label, Safety, Severity};
pub use duration::Duration;
pub use source::{FileId, Piece, Position, SourceFile, SourceMap, Span, Spanned, Text};
pub use suggest::nearest;
pub use words::{Count, list};
pub use world::{Fault, World};
