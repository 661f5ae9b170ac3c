//! Every option, with the text that `--help` prints.

use camino::{Utf8Path, Utf8PathBuf};
use clap::builder::PossibleValue;
use clap::{Parser, Subcommand, ValueEnum};

use crate::base::Severity;
use crate::diff;
use crate::report::Format;

const EXIT_CODES: &str = "\
Exit codes:
  0  clean
  1  findings at or above --fail-on, or outputs that are not up to date
  2  wrong usage, a fault of the project file, a disk that cannot be written
  3  no spec found

Start with `ninefold init`. Every finding has a code: `ninefold explain CODE` says why it matters.";

/// Compiles service level objectives and alerts to Prometheus rules.
///
/// Specs are YAML files that the owners of a service write. ninefold refuses any alert without an owner, a runbook that
/// exists and a remediation time, and writes recording and alerting rules that Prometheus loads.
#[derive(Debug, Parser)]
#[command(name = "ninefold", version, about, long_about, after_help = EXIT_CODES, max_term_width = 100)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// The project's root; by default the nearest folder above that has a ninefold.yaml
    ///
    /// Without a ninefold.yaml anywhere above, the working directory is the root and the defaults hold.
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) project: Option<Utf8PathBuf>,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are heeded too
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Global options"
    )]
    pub(super) color: Color,
    /// Say nothing but findings
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it the choice of the whole process.
    pub(super) fn write_global(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a first project: settings, a spec, a runbook, owners, a schema for the editor
    Init(Init),
    /// Compile specs to rules
    Build(Build),
    /// Report every fault of the specs; write nothing
    Check(Check),
    /// Say what a finding means and what to do about it, or what was made of an SLO
    Explain(Explain),
    /// Say what a change of specs means
    Diff(Diff),
    /// Run the rule tests that a build wrote
    Test(Test),
    /// Print the JSON Schema of a kind of file, for editors
    Schema(Schema),
}

/// Write a first project: settings, a spec, a runbook, owners, a schema for the editor
///
/// What is written builds without an error, and every line of it says what it is for. A file that exists already is left
/// as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder; by default --project, or the working directory
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<Utf8PathBuf>,
    /// The name of the first service
    #[arg(long, value_name = "NAME", default_value = "checkout")]
    pub(super) service: String,
    /// The team that owns it
    #[arg(long, value_name = "NAME", default_value = "team-checkout")]
    pub(super) owner: String,
}

/// Compile specs to rules
///
/// Writes one rule file per service below the output folder (`out:` in ninefold.yaml, default `generated`), each file whole
/// or not at all. Nothing is written if any spec has an error. Files that no spec makes any more are removed; a file that no
/// build wrote is never touched.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ninefold build                             every spec of the project
  ninefold build --check                     fail if the outputs are not up to date (CI, pre-commit)
  ninefold build slo/checkout.yaml --out -   print the rules of one spec
  ninefold build --target operator --out - | kubectl apply -f -")]
pub(super) struct Build {
    /// Compile these specs (or folders of specs) alone; removes no outputs of others
    #[arg(value_name = "FILES")]
    pub(super) files: Vec<Utf8PathBuf>,
    /// Write nothing; fail if an output is missing, out of date or left over
    #[arg(long)]
    pub(super) check: bool,
    /// Write nothing; print what would change
    #[arg(long)]
    pub(super) diff: bool,
    /// The output folder instead of that of ninefold.yaml; `-` prints all rules as one document, or those of --target
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<Utf8PathBuf>,
    /// Write this target alone
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Read every output back and judge every expression again, by other parsers than our own
    #[arg(long)]
    pub(super) verify: bool,
    #[command(flatten)]
    pub(super) report: Report,
}

/// Report every fault of the specs; write nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ninefold check                        every spec of the project
  ninefold check slo/checkout.yaml      one spec
  ninefold check --format github        annotations in a pull request
  ninefold check --format gitlab --output report.json
                                        a report for GitLab, and findings to read in the log")]
pub(super) struct Check {
    /// Check these specs (or folders of specs) alone
    ///
    /// YAML files that are no specs are passed over.
    #[arg(value_name = "FILES")]
    pub(super) files: Vec<Utf8PathBuf>,
    #[command(flatten)]
    pub(super) report: Report,
}

/// Run the rule tests that a build wrote
///
/// `ninefold build` writes a file of rule tests for each service (target `promtool`), which prove that each alert fires when it
/// should, is silent when it should be, resets, and carries its owner, runbook and remediation time. This runs promtool over
/// them, several files at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ninefold test                                every service of the project
  ninefold test slo/checkout.yaml              one spec
  ninefold test --promtool ./promtool          another promtool than that on the path")]
pub(super) struct Test {
    /// Test the services of these specs (or folders of specs) alone
    #[arg(value_name = "FILES")]
    pub(super) files: Vec<Utf8PathBuf>,
    /// The promtool to run; by default the one on the path
    #[arg(long, value_name = "PATH")]
    pub(super) promtool: Option<Utf8PathBuf>,
}

/// How findings are reported.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
    /// Write the findings to this file, and show them for people here
    ///
    /// The path is relative to the working directory, and its folder must exist. A file that is there already is replaced,
    /// but never one that the findings are about. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<Utf8PathBuf>,
    /// The least severity that makes the command fail: error, warning
    #[arg(long, value_name = "SEVERITY", default_value = "error", value_parser = parse_severity)]
    pub(super) fail_on: Severity,
}

/// Say what a finding means and what to do about it, or what was made of an SLO
///
/// Of an SLO: its error budget, when each burn rate fires and resets, what never alerts, its alerts and series by name, and
/// the inhibition rule for Alertmanager.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ninefold explain                           every code, in a line
  ninefold explain runbook-missing           a code
  ninefold explain checkout                  the SLOs and alerts of a service
  ninefold explain checkout/availability     an SLO")]
pub(super) struct Explain {
    /// A code, SERVICE or SERVICE/SLO; without one, all codes are listed
    #[arg(value_name = "WHAT")]
    pub(super) what: Option<String>,
}

/// Say what a change of specs means
///
/// Compares the specs of a revision of git with those of the working tree, or with those of another revision: objectives and
/// their budgets, thresholds and how long an outage lasts until it pages, owners, runbooks, remediation times, alerts that are
/// new or gone, history that is lost. How specs are laid out is no change. What makes a promise weaker is said first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ninefold diff                                  the working tree against the last commit
  ninefold diff main                             the working tree against main
  ninefold diff v1.2 v1.3                        two revisions
  ninefold diff main...HEAD --format markdown    what a branch changed, for its pull request
  ninefold diff main...HEAD --fail-on weaker     fail where something is promised no longer")]
pub(super) struct Diff {
    /// The older side; also REV..REV2, and REV...REV2 for what REV2 changed since both parted
    #[arg(value_name = "REV", default_value = "HEAD")]
    pub(super) from: Option<String>,
    /// The newer side; by default the working tree
    #[arg(value_name = "REV2")]
    pub(super) to: Option<String>,
    /// How the comparison is written: human, markdown, json
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = parse_diff_format)]
    pub(super) format: diff::Format,
    /// Fail (exit code 1) if something changed in this direction; by default a comparison never fails
    #[arg(long, value_name = "WEIGHT")]
    pub(super) fail_on: Option<FailOn>,
}

/// What makes `diff` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Less is promised, or somebody is told later or not at all.
    Weaker,
}

/// Print the JSON Schema of a kind of file, for editors
///
/// An editor that knows the schema completes keys and explains them. For the YAML language server of most editors, begin a
/// spec with `# yaml-language-server: $schema=PATH`.
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// Which kind of file
    #[arg(value_name = "KIND", default_value = "spec")]
    pub(super) kind: SchemaKind,
    /// Write all schemas into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    pub(super) write: Option<Utf8PathBuf>,
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// A spec, `ninefold: v1`.
    Spec,
    /// The project file, `ninefold: project/v1`.
    Project,
    /// An owners registry, `ninefold: owners/v1`.
    Owners,
    /// What `check --format json` writes.
    Report,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}

impl Report {
    /// The file that the findings go to.
    pub(super) fn file(&self) -> Option<&Utf8Path> {
        self.output.as_deref().filter(|path| *path != "-")
    }

    /// The format of what is shown on the terminal.
    pub(super) fn shown(&self) -> Format {
        if self.file().is_some() { Format::Human } else { self.format }
    }
}

fn parse_diff_format(text: &str) -> Result<diff::Format, String> {
    let names = diff::Format::NAMES.join(", ");
    diff::Format::named(text).ok_or_else(|| format!("the formats are {names}"))
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    match text {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        _ => Err("the severities are error, warning".to_owned()),
    }
}
