//! The waist of the compiler: SLOs and alerts as meant, plans, programs, rules
//! and artifacts. Nouns only; the stages meet here and nowhere else.

mod artifact;
mod board;
mod identity;
pub mod name;
mod plan;
mod program;
mod rule;
mod shared;
mod slo;
mod written;

pub use artifact::{Artifact, MARK};
pub use board::{BoardId, line, variable_name};
pub use identity::{Identity, info_name, label_names, window_label};
pub use plan::{BurnRate, Plan, Threshold};
pub use program::Program;
pub use rule::{Expression, Rule, RuleGroup, RuleKind, RuleSet};
pub use shared::SharedExpr;
pub use slo::{
    Alert, AlertProof, Alerting, BurnAlert, Labels, Objective, Origin, OwnBurnRate, Promise,
    Service, Slo,
};
pub use written::{Language, WrittenFile, WrittenGroup, WrittenKind, WrittenPair, WrittenRule};
