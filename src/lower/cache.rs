//! What SLOs of one plan have in common: asked for by plan and budget, built once,
//! shared between threads. Of 10,000 SLOs nearly all have one of a few plans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Decimal, Duration};
use crate::ir::{Plan, SharedExpr, Slo};

/// Everything shared so far.
#[derive(Debug, Default)]
pub struct Cache {
    shelves: Mutex<HashMap<Key, Arc<Shelf>>>,
}

/// What the shared expressions of an SLO depend on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    plan: Plan,
    budget: Decimal,
    is_instant: bool,
    /// The length of the service's and the SLO's name together.
    length: usize,
}

/// The expressions of one plan.
#[derive(Debug)]
pub(super) struct Shelf {
    /// The length of the names of all SLOs that share it.
    pub(super) length: usize,
    expressions: Mutex<HashMap<Slot, Arc<SharedExpr>>>,
}

/// Which expression of an SLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// The error ratio over a window.
    Ratio(Duration),
    /// The error ratio over the calendar month.
    Month,
    /// The condition of the alert with this suffix.
    Alert(&'static str),
}

impl Cache {
    /// What the SLO shares with others.
    pub(super) fn shelf(&self, slo: &Slo, plan: &Plan) -> Arc<Shelf> {
        let key = Key {
            plan: plan.clone(),
            budget: slo.objective.budget(),
            is_instant: slo.sli.is_instant(),
            length: slo.service.len() + slo.name.len(),
        };
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let new = Shelf { length: key.length, expressions: Mutex::default() };
        Arc::clone(shelves.entry(key).or_insert_with(|| Arc::new(new)))
    }
}

impl Shelf {
    /// The expression in a slot; `build` makes it where it is the first of its kind.
    pub(super) fn get(&self, slot: Slot, build: impl FnOnce() -> SharedExpr) -> Arc<SharedExpr> {
        let mut known = self.expressions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(slot).or_insert_with(|| Arc::new(build())))
    }
}
