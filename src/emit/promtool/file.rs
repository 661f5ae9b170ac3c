//! The file of a service: its tests put together, each over as many SLOs as do not
//! touch each other's series.

use std::collections::BTreeMap;

use super::case::{Case, Scenario};
use super::subject::Subject;
use super::{Cx, Target};
use super::{plain, slo};
use crate::ir::{Artifact, MARK, Program, name};
use crate::promql::Selector;
use crate::sli::FeedSeries;
use crate::yaml::scalar;

/// Rule tests for `promtool test rules`.
pub(in super::super) struct Promtool;

impl Target for Promtool {
    fn name(&self) -> &'static str {
        "promtool"
    }

    fn emit(&self, program: &Program<'_>, cx: &mut Cx<'_>) {
        let service = program.service;
        let mut cases: BTreeMap<(Scenario, usize), Case> = BTreeMap::new();
        let mut batches = Batches::default();
        for (slo, plan) in service.slos.iter().zip(program.plans) {
            let subject = Subject::new(program, slo, plan);
            let own = slo::cases(&subject);
            if own.is_empty() {
                continue;
            }
            let batch = batches.place(&subject);
            for (scenario, case) in own {
                cases.entry((scenario, batch)).or_default().join(case);
            }
        }
        for (scenario, case) in plain::cases(program) {
            cases.insert((scenario, 0), case);
        }
        if cases.is_empty() {
            return;
        }
        if let Some(offset) = program.rules.groups.iter().find_map(|group| group.query_offset) {
            cases.values_mut().for_each(|case| case.look_back(offset));
        }
        let mut text = String::with_capacity(BYTES_PER_SLO * (service.slos.len() + 1));
        text.push_str(&format!("# {MARK} {}; DO NOT EDIT.\n", service.path));
        text.push_str("rule_files:\n  - ");
        text.push_str(&scalar(&format!("../{}", name::rule_file(&service.name))));
        text.push_str("\nevaluation_interval: 1m\ngroup_eval_order:\n");
        for group in &program.rules.groups {
            text.push_str("  - ");
            text.push_str(&scalar(&group.name));
            text.push('\n');
        }
        text.push_str("tests:\n");
        for ((scenario, _), case) in &cases {
            case.write(&scenario.name(), &mut text);
        }
        (cx.take)(Artifact { path: name::test_file(&service.name), text });
    }
}

/// What the tests of an SLO take, more or less.
const BYTES_PER_SLO: usize = 12_000;

/// Which SLOs are tested together: those whose rules do not read each other's series.
#[derive(Default)]
struct Batches<'a> {
    list: Vec<Batch<'a>>,
}

#[derive(Default)]
struct Batch<'a> {
    slos: usize,
    series: Vec<&'a FeedSeries>,
    selectors: Vec<Selector>,
}

/// The most SLOs of a batch, and the most batches that one is tried to fit into.
const MOST: usize = 25;
const TRIED: usize = 8;

impl<'a> Batches<'a> {
    /// The batch of an SLO.
    fn place(&mut self, subject: &Subject<'a>) -> usize {
        let series: Vec<&FeedSeries> =
            subject.slo.feeds.iter().flat_map(|feed| &feed.series).collect();
        let selectors = subject.raw();
        let first = self.list.len().saturating_sub(TRIED);
        let fits = |batch: &Batch<'_>| {
            batch.slos < MOST
                && apart(&series, &batch.selectors, &batch.series)
                && apart(&batch.series, &selectors, &series)
        };
        let found = self.list.iter().skip(first).position(fits).map(|at| first + at);
        let at = found.unwrap_or_else(|| {
            self.list.push(Batch::default());
            self.list.len() - 1
        });
        if let Some(batch) = self.list.get_mut(at) {
            batch.slos += 1;
            batch.series.extend(series);
            batch.selectors.extend(selectors);
        }
        at
    }
}

/// Whether none of the series is taken by one of the selectors, but for those that
/// the selectors' own SLOs have too, with the same values.
fn apart(series: &[&FeedSeries], selectors: &[Selector], known: &[&FeedSeries]) -> bool {
    series.iter().all(|series| match known.iter().find(|other| other.labels == series.labels) {
        Some(same) => series.is_constant() && same.values == series.values,
        None => !selectors.iter().any(|selector| selector.takes(&series.labels)),
    })
}
