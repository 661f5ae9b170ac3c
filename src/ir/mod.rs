//! The waist of the compiler: SLOs and alerts as meant, plans, programs, rules
//! and artifacts. Nouns only; the stages meet here and nowhere else.

mod artifact;
pub mod name;
mod plan;
mod program;
mod rule;
mod shared;
mod slo;

pub use artifact::{Artifact, MARK};
pub use plan::{BurnRate, Plan, Threshold};
pub use program::Program;
pub use rule::{Expression, Rule, RuleGroup, RuleKind, RuleSet};
pub use shared::{SharedExpr, identity, identity_text};
pub use slo::{Alert, Labels, Objective, Origin, Promise, Service, Slo};
