//! What an SLI measures, as expressions: those of its base series, so that how a spec is
//! laid out changes nothing.

use super::text::one_line;
use crate::base::{Diagnostics, Duration, Text};
use crate::ir::{Alert, Slo};
use crate::promql::{Expr, parse, print_line, selector};
use crate::sli::Base;

/// An expression and its one form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// As it is printed.
    pub(super) text: String,
    /// `None`: it could not be read.
    expr: Option<Expr>,
}

impl Form {
    fn of(expr: Expr) -> Form {
        Form { text: print_line(&expr), expr: Some(expr) }
    }

    /// The expression of a plain alert.
    pub(super) fn of_alert(alert: &Alert) -> Form {
        let text = alert.expr.as_str();
        match parse(&Text::made(text), &mut Diagnostics::default()) {
            Some(expr) => Form::of(expr),
            None => Form { text: one_line(text), expr: None },
        }
    }

    /// Whether both are the same, the order of matchers and of labels aside.
    pub(super) fn is_same(&self, other: &Form) -> bool {
        let same = |(a, b): (&Expr, &Expr)| a.same(b);
        self.text == other.text || self.expr.as_ref().zip(other.expr.as_ref()).is_some_and(same)
    }
}

/// What finds an SLI again under another name: its kind, what is bad, all events.
pub(super) type Key = (&'static str, String, String);

/// What an SLI measures.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    /// The kind.
    pub(super) kind: &'static str,
    /// What is bad, per second; `total` stands for all events.
    pub(super) bad: Form,
    /// All events, per second.
    pub(super) total: Form,
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
        let (bad, total) = (Form::of(made.bad), Form::of(made.total));
        Measure { kind: slo.sli.kind(), bad, total }
    }

    /// What finds it again under another name.
    pub(super) fn key(&self) -> Key {
        (self.kind, self.bad.text.clone(), self.total.text.clone())
    }
}
