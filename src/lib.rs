//! ninefold compiles service level objectives and alerts, written by the people who
//! own a service, to what a Prometheus stack runs; and it refuses any alert without
//! an owner, a runbook that exists and a remediation time.
//!
//! # What flows
//!
//! | stage | function | from | to |
//! |---|---|---|---|
//! | discover | [`workspace::discover`] | a [`World`](base::World), [`Config`](config::Config) | paths |
//! | parse | [`yaml::parse`] | text | [`Document`](yaml::Document)s with spans |
//! | validate | [`yaml::check`], [`spec::decode`] | documents | [`SpecFile`](spec::SpecFile), every field with its place |
//! | read rules | [`rulefile::read`] | documents of a rule file | [`WrittenFile`](ir::WrittenFile): hand-written rules, every field with its place |
//! | resolve | [`resolve::resolve`] | all spec files, the config, the policy's [`Judge`](policy::Judge) | [`Service`](ir::Service)s: SLOs and alerts as meant |
//! | plan | [`plan::plan`] | an [`Slo`](ir::Slo) | [`Plan`](ir::Plan): windows, burn rates, thresholds |
//! | lower | [`lower::lower`] | a service and its plans | [`RuleSet`](ir::RuleSet) |
//! | emit | [`emit::run`], [`emit::run_whole`] | [`Program`](ir::Program), all services | [`Artifact`](ir::Artifact)s |
//! | check boards | [`lint::board`], [`lint::unique`] | a board among the artifacts | findings alone |
//! | write | [`workspace::stage`] | artifacts | [`Change`](workspace::Change)s on the disk |
//!
//! Each stage takes a sink of [`Diagnostics`](base::Diagnostics) last, returns what it
//! could make, and never prints. [`compile`] calls them in this order, each once. Through
//! `plan` all specs are held together; lowering, emitting and writing go service by
//! service, in parallel, so that memory grows with the specs and not with the output.
//!
//! # Where things live
//!
//! ```text
//!  9  main                                     args in, exit code out
//!  8  cli/                                     one file per command
//!  6  compile                                  the pipeline, on one page
//!  5  workspace/ resolve/ plan/ lower/ emit/   the stages, strangers to each other
//!     rulefile/                                hand-written rules, for `check`
//!     lint/                                   checks of Grafana boards
//!     explain/                                an SLO in words, for `explain SERVICE/SLO`
//!     diff/                                   what a change of specs means
//!  4  spec/  ir/  policy/                      as written | as meant | owner, runbook, remediation
//!  3  sli/  config/                            one file per SLI kind | the project file
//!  2  yaml/  promql/  gotmpl/  report/         languages in, findings out
//!  1  base/                                    places, findings, exact numbers, `World`
//! ```
//!
//! A room imports rooms on floors below it alone, and no stage imports another: they
//! meet in `compile.rs`, through the types of `ir/`. A test holds every import against
//! this table.
//!
//! A new SLI kind is a file in `sli/` and its row in `sli/mod.rs`; a new target is a file
//! in `emit/` and its row in `emit/mod.rs`. Keys, messages, JSON Schema and documentation
//! follow from the [`Shape`](yaml::Shape) in that file.
//!
//! # Dependencies, and why
//!
//! | need | crate | why this one |
//! |---|---|---|
//! | YAML in | `granit-parser` | byte spans on every event, comments, recovery, limits, no `unsafe` |
//! | YAML read back | `serde_yaml` (= `yaml_serde`) | the maintained fork, an independent reader for `--verify` and tests |
//! | PromQL's last word | `promql-parser` | its verdict is Prometheus'; it has no positions, so [`promql`] has a parser too |
//! | labels for rule tests | `regex-syntax` | the tree of a matcher's regex, from which a value follows that it takes; `promql-parser` brings it anyway |
//! | schema's last word | `jsonschema` | judges the same trees in tests and under `--verify` |
//! | JSON | `serde_json`, `serde` | reports and schemas |
//! | templates | `minijinja` | strict undefined, fuel, own delimiters, so that `{{ }}` stays Prometheus' and Grafana's |
//! | findings | `annotate-snippets`, `anstream` | rustc's renderer; colours where they are wanted |
//! | arguments | `clap` | `--help` that teaches |
//! | threads | `rayon` | services compile in parallel |
//! | files | `ignore`, `globset`, `camino` | walking without surprises, globs of the project file (in the tree through `ignore`), paths that are UTF-8 |
//! | memory | `mimalloc` (in the program) | a build of 10,000 SLOs takes 1.0 s of processor time instead of 1.45 s (measured) |
//! | diffs | `similar` | `build --check` and `--diff` |
//! | manifest, fingerprints | `sha2` | tells an output that was edited from one that was written, and a finding from those of the last run |
//! | tests | `insta`, `proptest` | whole outputs as snapshots; arbitrary input for parsers and emitters |
//!
//! # Example
//!
//! ```
//! use ninefold::compile::{Scope, Selection, Session, document};
//! use ninefold::workspace::Memory;
//!
//! let spec = r#"
//! ninefold: v1
//! service: checkout
//! owner: team-payments
//! runbook: https://wiki.example.org/checkout
//! remediation: {page: 1h, ticket: 3d}
//! slos:
//!   - name: availability
//!     objective: 99.9
//!     sli:
//!       events:
//!         bad: http_requests_total{job="checkout", code=~"5.."}
//!         total: http_requests_total{job="checkout"}
//! "#;
//! let world = Memory::default().with("slo/checkout.yaml", spec);
//! let mut session = Session::open(&world, "".into());
//! let checked = session.check(&Selection::Project, Scope::default());
//! assert!(session.diags.is_empty());
//! assert!(document(&checked, &session.config).contains("alert: CheckoutAvailabilityPage"));
//! ```

pub mod base;
pub mod cli;
pub mod compile;
pub mod config;
pub mod diff;
pub mod emit;
pub mod explain;
pub mod gotmpl;
pub mod ir;
pub mod lint;
pub mod lower;
pub mod plan;
pub mod policy;
pub mod promql;
pub mod report;
pub mod resolve;
pub mod rulefile;
pub mod sli;
pub mod spec;
pub mod workspace;
pub mod yaml;
