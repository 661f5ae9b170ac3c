//! Programs to artifacts: one file per target. A new target is a new file and its
//! row in `ALL`.

mod grafana;
mod operator;
mod prometheus;
mod promtool;
mod prose;
mod rules;
mod setup;
mod size;
mod target;
mod templates;
mod verify;

use crate::base::{Code, Diagnostics};
use crate::config::Config;
use crate::ir::{Artifact, Plan, Program, Service};
use target::{Cx, Target};

pub use prometheus::document;
pub use promtool::untested;
pub use setup::{Setup, templates};
pub use templates::Templates;
pub use verify::verify;

/// Every target.
static ALL: &[&dyn Target] =
    &[&prometheus::Prometheus, &grafana::Grafana, &promtool::Promtool, &operator::Operator];

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] =
    &[grafana::CODES, operator::CODES, target::CODES, templates::CODES, verify::CODES];

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
    setup: &Setup<'_>,
    only: Option<&str>,
    take: &dyn Fn(Artifact),
    diags: &mut Diagnostics,
) {
    let mut cx = Cx { setup, take, diags };
    for target in wanted(setup.config, only) {
        target.emit(program, &mut cx);
    }
}

/// Emits what is made from all services of the project together.
pub fn run_whole(
    services: &[(Service, Vec<Plan>)],
    setup: &Setup<'_>,
    only: Option<&str>,
    take: &dyn Fn(Artifact),
    diags: &mut Diagnostics,
) {
    let mut cx = Cx { setup, take, diags };
    for target in wanted(setup.config, only) {
        target.emit_whole(services, &mut cx);
    }
}

/// The targets of the project, or `only`.
fn wanted<'a>(config: &'a Config, only: Option<&'a str>) -> impl Iterator<Item = &'a dyn Target> {
    let is_wanted = move |target: &&dyn Target| match only {
        Some(name) => target.name() == name,
        None => target::is_on(*target, config),
    };
    ALL.iter().copied().filter(is_wanted)
}
