//! Specs as written: the shape of the language, and the tree decoded to types in
//! which every field knows its place. Defaults and inheritance come later.

mod alerting;
mod decode;
mod file;
mod proof;
mod shape;
mod verify;

pub use alerting::{AlertingSpec, BurnAlertSpec, BurnRateSpec};
pub use decode::{Kind, decode};
pub use file::{
    AlertExpr, AlertSpec, Pair, Remediation, ServiceSpec, SloSpec, SpecFile, TextPair, Unread,
    Written,
};
pub use proof::{AlertTest, TestSeries};
pub use shape::{NAME, OWNER, SHAPE};
pub use verify::verify;

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] =
    &[alerting::CODES, decode::CODES, proof::CODES, verify::CODES];
