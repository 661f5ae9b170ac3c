//! The target `promtool`: a file of rule tests per service, which proves that each
//! alert fires when it should, is silent when it should be, resets, and carries what
//! it promises.

mod alert;
mod case;
mod file;
mod pairs;
mod plain;
mod slo;
mod subject;
mod values;

use super::target::{Cx, Target};

pub(super) use file::Promtool;
pub use plain::untested;
