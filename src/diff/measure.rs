//! What an SLI measures, as text: the expressions of its base series in their one
//! canonical form, so that how a spec is laid out changes nothing.

use super::text::one_line;
use crate::base::{Diagnostics, Duration, Text};
use crate::ir::{Alert, Slo};
use crate::promql::{parse, print_line, selector};
use crate::sli::Base;

/// What an SLI measures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Measure {
    /// The kind.
    pub(super) kind: &'static str,
    /// What is bad, per second; `total` stands for all events.
    pub(super) bad: String,
    /// All events, per second.
    pub(super) total: String,
}

impl Measure {
    /// What an SLO measures. Groups and intervals are told apart from it, and are the same
    /// for all here.
    pub(super) fn of(slo: &Slo) -> Measure {
        let base = Base {
            range: Duration::minutes(5),
            interval: Duration::seconds(1),
            by: Vec::new(),
            total: selector("total", &[]),
            first_bad: selector("first_bad", &[]),
            first_errors: false,
        };
        let made = slo.sli.base_series(&base);
        let (bad, total) = (print_line(&made.bad), print_line(&made.total));
        Measure { kind: slo.sli.kind(), bad, total }
    }
}

/// The expression of a plain alert in its one form.
pub(super) fn expression(alert: &Alert) -> String {
    let text = alert.expr.as_str();
    match parse(&Text::made(text), &mut Diagnostics::default()) {
        Some(expr) => print_line(&expr),
        None => one_line(text),
    }
}
