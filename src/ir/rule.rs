//! Prometheus rules, ours and hand-written ones alike.

use std::borrow::Cow;
use std::sync::Arc;

use super::shared::SharedExpr;
use crate::base::{Duration, Span, Text};
use crate::promql::{self, Expr, Name};

/// Rule groups, in the order in which they are written.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The groups.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated one after the other, at one timestamp.
#[derive(Debug)]
pub struct RuleGroup {
    /// Unique within the project.
    pub name: String,
    /// How often it is evaluated; the server's default if `None`.
    pub interval: Option<Duration>,
    /// How far back it is evaluated; not at all if `None`.
    pub query_offset: Option<Duration>,
    /// The rules, in the order of their evaluation.
    pub rules: Vec<Rule>,
}

/// A recording or an alerting rule.
#[derive(Debug)]
pub struct Rule {
    /// What it makes.
    pub kind: RuleKind,
    /// What it evaluates.
    pub expr: Expression,
    /// What is stamped on the result, in the order in which it is written.
    pub labels: Vec<(Name, Arc<str>)>,
    /// The SLO or alert that it was made for.
    pub origin: Span,
}

/// What a rule makes.
#[derive(Debug)]
pub enum RuleKind {
    /// A series of this name.
    Record(Name),
    /// An alert.
    Alert {
        /// Its name.
        name: Arc<str>,
        /// How long the expression must hold.
        for_: Option<Duration>,
        /// How long it goes on firing after the expression stopped to hold.
        keep_firing_for: Option<Duration>,
        /// Go templates for whoever is woken, in the order in which they are
        /// written.
        annotations: Vec<(Name, Arc<str>)>,
    },
}

/// The expression of a rule.
#[derive(Debug)]
pub enum Expression {
    /// Built by lowering: printed in the one canonical form.
    Built(Expr),
    /// Built once for all SLOs of a plan, and the identity of this one.
    Shared(Arc<SharedExpr>, Arc<str>),
    /// Written by a user: written out as it is.
    Written(Text),
}

impl Expression {
    /// The text that is written out.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Expression::Built(tree) => promql::print(tree).into(),
            Expression::Shared(shared, identity) => shared.text(identity).into(),
            Expression::Written(text) => text.as_str().trim().into(),
        }
    }
}
