//! The series of one SLO: what each is called, and how it is read and recorded.

use std::sync::Arc;

use super::Pairs;
use super::cache::{Shelf, Slot};
use crate::base::{Decimal, Duration};
use crate::config::Window;
use crate::ir::{Expression, Identity, Plan, Rule, RuleKind, SharedExpr, Slo, name, window_label};
use crate::promql::{Expr, Name, max_without, number, selector_with};

/// The names and the identity of an SLO's series.
#[derive(Clone)]
pub(super) struct Series<'a> {
    pub(super) slo: &'a Slo,
    pub(super) plan: &'a Plan,
    /// `{service="...", slo="..."}`
    identity: Identity,
    events_bad: Name,
    events_total: Name,
    bad_tile: Name,
    total_tile: Name,
    /// The ratio of each window, by name.
    ratios: Vec<(Duration, Name)>,
    budget: Name,
    window_label: [Name; 1],
    shelf: Arc<Shelf>,
}

impl<'a> Series<'a> {
    pub(super) fn new(slo: &'a Slo, plan: &'a Plan, shelf: Arc<Shelf>) -> Series<'a> {
        let windows = plan.fast_windows.iter().chain(&plan.slow_windows);
        Series {
            slo,
            plan,
            identity: Identity::new(plan.names, &slo.service, &slo.name),
            events_bad: name::events_bad(plan.base).into(),
            events_total: name::events_total(plan.base).into(),
            bad_tile: name::tile_bad(plan.slow, plan.base).into(),
            total_tile: name::tile_total(plan.slow, plan.base).into(),
            ratios: windows.map(|w| (*w, name::error_ratio(*w).into())).collect(),
            budget: slo.objective.budget().to_string().into(),
            window_label: [window_label(plan.names).into()],
            shelf,
        }
    }

    /// A series of this SLO.
    pub(super) fn read(&self, name: impl Into<Name>) -> Expr {
        selector_with(name, &self.identity.matchers)
    }

    /// Bad events per second.
    pub(super) fn bad(&self) -> Expr {
        self.read(&self.events_bad)
    }

    /// All events per second.
    pub(super) fn total(&self) -> Expr {
        self.read(&self.events_total)
    }

    /// Sums of bad events per second over each interval of the slow group.
    pub(super) fn bad_tile(&self) -> Expr {
        self.read(&self.bad_tile)
    }

    /// Sums of all events per second over each interval of the slow group.
    pub(super) fn total_tile(&self) -> Expr {
        self.read(&self.total_tile)
    }

    /// Sums of bad events per second over an hour.
    pub(super) fn bad_hour(&self) -> Expr {
        self.read(name::hour_bad(self.plan.base))
    }

    /// Sums of all events per second over an hour.
    pub(super) fn total_hour(&self) -> Expr {
        self.read(name::hour_total(self.plan.base))
    }

    /// The error ratio over the window of the objective.
    pub(super) fn period_ratio(&self) -> Expr {
        match self.plan.window {
            Window::Rolling(window) => self.ratio(window),
            Window::Month => self.read(name::MONTH_ERROR_RATIO),
        }
    }

    /// The error ratio over a window.
    pub(super) fn ratio(&self, window: Duration) -> Expr {
        self.read(self.ratio_name(window))
    }

    /// The name of the error ratio over a window.
    pub(super) fn ratio_name(&self, window: Duration) -> Name {
        let known = self.ratios.iter().find(|(w, _)| *w == window);
        known.map_or_else(|| name::error_ratio(window).into(), |(_, name)| name.clone())
    }

    /// The largest of ratios that differ in their window alone: the ratio without
    /// its label `window`, so that windows can be compared with each other.
    pub(super) fn without_window(&self, ratio: Expr) -> Expr {
        max_without(&self.window_label, ratio)
    }

    /// The error budget as a number.
    pub(super) fn budget(&self) -> Expr {
        number(&self.budget)
    }

    /// An expression that depends on nothing but the plan, the budget and the
    /// identity: built once for all SLOs that have the first two in common.
    pub(super) fn shared(&self, slot: Slot, build: impl FnOnce(&Series<'_>) -> Expr) -> Expression {
        let shared = self.shelf.get(slot, || {
            SharedExpr::new(self.plan.names, self.shelf.length, |identity| {
                build(&Series { identity, ..self.clone() })
            })
        });
        Expression::Shared(shared, Arc::clone(&self.identity.text))
    }

    /// The labels of every series of this SLO.
    pub(super) fn labels(&self) -> Pairs {
        self.identity.labels.clone()
    }

    /// These labels and the one that names a window.
    pub(super) fn labels_of(&self, window: &dyn ToString) -> Pairs {
        let mut labels = self.labels();
        let [label] = &self.window_label;
        labels.push((label.clone(), window.to_string().into()));
        labels
    }

    /// A recording rule for a series of this SLO.
    pub(super) fn record(&self, name: impl Into<Name>, expr: Expr) -> Rule {
        self.record_with(name, Expression::Built(expr), self.labels())
    }

    /// A recording rule with labels of its own.
    pub(super) fn record_with(
        &self,
        name: impl Into<Name>,
        expr: Expression,
        labels: Pairs,
    ) -> Rule {
        Rule { kind: RuleKind::Record(name.into()), expr, labels, origin: self.slo.origin.span }
    }

    /// The period in days.
    pub(super) fn days(&self) -> u64 {
        self.plan.period.as_millis() / Duration::days(1).as_millis()
    }

    /// The budget in per cent, for people.
    pub(super) fn budget_percent(&self) -> Decimal {
        Decimal::from(100) - self.slo.objective.percent
    }
}
