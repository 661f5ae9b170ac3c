//! A service, compiled: its SLOs with their plans, and the rules made of them.

use super::plan::Plan;
use super::rule::RuleSet;
use super::slo::Service;

/// What the targets read. Lives only while one service is emitted.
#[derive(Debug)]
pub struct Program<'a> {
    /// The service as meant.
    pub service: &'a Service,
    /// The plans of its SLOs, in their order.
    pub plans: &'a [Plan],
    /// The rules.
    pub rules: RuleSet,
}
