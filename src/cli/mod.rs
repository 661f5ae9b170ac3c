//! The command line: one file per command. Arguments come in; text goes to the
//! terminal, and an exit code out.

mod args;
mod build;
mod check;
mod diff;
mod explain;
mod init;
mod project;
mod promtool;
mod schema;
mod show;
mod test;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Nothing to complain about.
    Clean,
    /// Findings at or above `--fail-on`, or drift.
    Findings,
    /// Wrong usage, a project that cannot be opened, a disk that cannot be
    /// written.
    Broken,
    /// Nothing was found to work on.
    Nothing,
}

impl Outcome {
    /// This one, or [`Outcome::Broken`] where the report could not be written.
    fn unless_broken(self, reported: Outcome) -> Outcome {
        if reported == Outcome::Broken { reported } else { self }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Broken => 2,
            Outcome::Nothing => 3,
        })
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    // clap exits with 2 on wrong usage and 0 after `--help`, as we would.
    let args = Args::parse();
    args.global.color.write_global();
    let outcome = match &args.command {
        Command::Init(options) => init::run(options, &args.global),
        Command::Build(options) => build::run(options, &args.global),
        Command::Check(options) => check::run(options, &args.global),
        Command::Diff(options) => diff::run(options, &args.global),
        Command::Explain(options) => explain::run(options, &args.global),
        Command::Test(options) => test::run(options, &args.global),
        Command::Schema(options) => schema::run(options),
    };
    outcome.into()
}
