//! The judge: no alert without an owner, a runbook that exists and a remediation
//! time. One judge for specs and, with their own settings, hand-written rules.

mod judge;
mod markdown;
mod placeholder;
mod registry;
mod runbook;

pub use judge::{Claim, Judge, Kept, Unread, Written};
pub use registry::{Owner, Registry, SHAPE};

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = &[judge::CODES, registry::CODES, runbook::CODES];
