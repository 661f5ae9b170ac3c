//! The series of one SLO: what each is called, and how it is read and recorded.

use std::sync::Arc;

use super::Pairs;
use crate::base::{Decimal, Duration};
use crate::ir::{Expression, Plan, Rule, RuleKind, Slo, name};
use crate::promql::{Expr, Matchers, Name, decimal, equal, matchers, max_without, selector_with};

/// The names and the identity of an SLO's series.
pub(super) struct Series<'a> {
    pub(super) slo: &'a Slo,
    pub(super) plan: &'a Plan,
    /// `{service="...", slo="..."}`
    identity: Matchers,
    events_bad: Name,
    events_total: Name,
    window_label: [Name; 1],
}

impl<'a> Series<'a> {
    pub(super) fn new(slo: &'a Slo, plan: &'a Plan) -> Series<'a> {
        let identity = matchers([
            equal(name::SERVICE, Arc::clone(&slo.service)),
            equal(name::SLO, Arc::clone(&slo.name)),
        ]);
        Series {
            slo,
            plan,
            identity,
            events_bad: name::events_bad(plan.base).into(),
            events_total: name::events_total(plan.base).into(),
            window_label: [name::WINDOW.into()],
        }
    }

    /// A series of this SLO.
    pub(super) fn read(&self, name: impl Into<Name>) -> Expr {
        selector_with(name, &self.identity)
    }

    /// Bad events per second.
    pub(super) fn bad(&self) -> Expr {
        self.read(self.events_bad.clone())
    }

    /// All events per second.
    pub(super) fn total(&self) -> Expr {
        self.read(self.events_total.clone())
    }

    /// Sums of bad events per second over each interval of the slow group.
    pub(super) fn bad_tile(&self) -> Expr {
        self.read(name::tile_bad(self.plan.slow, self.plan.base))
    }

    /// Sums of all events per second over each interval of the slow group.
    pub(super) fn total_tile(&self) -> Expr {
        self.read(name::tile_total(self.plan.slow, self.plan.base))
    }

    /// The error ratio over a window.
    pub(super) fn ratio(&self, window: Duration) -> Expr {
        self.read(name::error_ratio(window))
    }

    /// The largest of ratios that differ in their window alone: the ratio without
    /// its label `window`, so that windows can be compared with each other.
    pub(super) fn without_window(&self, ratio: Expr) -> Expr {
        max_without(&self.window_label, ratio)
    }

    /// The error budget as a number.
    pub(super) fn budget(&self) -> Expr {
        decimal(self.slo.objective.budget())
    }

    /// The labels of every series of this SLO.
    pub(super) fn labels(&self) -> Pairs {
        vec![
            (name::SERVICE.into(), Arc::clone(&self.slo.service)),
            (name::SLO.into(), Arc::clone(&self.slo.name)),
        ]
    }

    /// A recording rule for a series of this SLO.
    pub(super) fn record(&self, name: impl Into<Arc<str>>, expr: Expr) -> Rule {
        self.record_with(name, expr, self.labels())
    }

    /// A recording rule with labels of its own.
    pub(super) fn record_with(&self, name: impl Into<Arc<str>>, expr: Expr, labels: Pairs) -> Rule {
        Rule {
            kind: RuleKind::Record(name.into()),
            expr: Expression::Built(expr),
            labels,
            origin: self.slo.origin.span,
        }
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
