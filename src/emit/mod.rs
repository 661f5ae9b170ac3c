//! Programs to artifacts: one file per target. A new target is a new file and its
//! row in `ALL`.

mod operator;
mod prometheus;
mod promtool;
mod rules;
mod size;
mod target;
mod verify;

use crate::base::{Code, Diagnostics};
use crate::config::Config;
use crate::ir::{Artifact, Program};
use target::{Cx, Target};

pub use prometheus::document;
pub use promtool::untested;
pub use verify::verify;

/// Every target.
static ALL: &[&dyn Target] = &[&prometheus::Prometheus, &promtool::Promtool, &operator::Operator];

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] = &[operator::CODES, target::CODES, verify::CODES];

/// The names of the targets.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|target| target.name()).collect()
}

/// Reports targets of the project file that do not exist, and options that
/// contradict each other.
pub fn check_targets(config: &Config, diags: &mut Diagnostics) {
    target::check(ALL, config, diags);
}

/// Emits a program for the targets of the project, or for `only`.
pub fn run(
    program: &Program<'_>,
    config: &Config,
    only: Option<&str>,
    take: &dyn Fn(Artifact),
    diags: &mut Diagnostics,
) {
    let wanted = |target: &&&dyn Target| match only {
        Some(name) => target.name() == name,
        None => target::is_on(**target, config),
    };
    let mut cx = Cx { config, take, diags };
    for target in ALL.iter().filter(wanted) {
        target.emit(program, &mut cx);
    }
}
