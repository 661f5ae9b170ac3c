//! Hand-written rules: rule files of Prometheus, Mimir and Loki, objects of their
//! operators, ConfigMaps that hold such files. Documents come in; rules with a
//! place for every field come out, and what Prometheus would refuse is reported.

mod blocks;
mod codes;
mod decode;
mod embedded;
mod exprs;
mod labels;
mod read;
mod templated;

pub use read::{Source, is_ours, read};

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = &[codes::CODES];
