//! What a change of specs means: two compiled projects come in; objectives, thresholds,
//! owners and alerts that differ come out, each with its weight, in words, as markdown
//! for a pull request or as JSON.

mod alert;
mod burn;
mod change;
mod compare;
mod format;
mod human;
mod json;
mod labels;
mod markdown;
mod measure;
mod merge;
mod project;
mod side;
mod slo;
mod text;

pub use change::{Change, Comparison, Counts, Part, ServiceDiff, Uncompared, Weight};
pub use compare::compare;
pub use format::Format;
pub use side::{Fault, Side};
