//! One test of a rule-test file: what goes in, and what is asked when.

use std::borrow::Cow;
use std::sync::Arc;

use crate::promql::Name;
use crate::yaml::Out;

/// Which tests there are, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scenario {
    Burn,
    Outage,
    Between,
    Below,
    Idle,
    FirstErrors,
    Gone,
    Exhausted,
    /// One pair of windows, by its place in the plan.
    Pair(usize),
    /// A plain alert, by its place in the spec, and a test of it.
    Plain(usize, usize),
}

impl Scenario {
    /// What the test is called.
    pub(super) fn name(self) -> String {
        match self {
            Scenario::Burn => "a fast burn fires within its detection time and resets".to_owned(),
            Scenario::Outage => "everything is bad".to_owned(),
            Scenario::Between => "a slow burn makes a ticket and no page".to_owned(),
            Scenario::Below => "a burn below the budget is silent".to_owned(),
            Scenario::Idle => "no traffic is no error".to_owned(),
            Scenario::FirstErrors => "no error yet, then the first ones".to_owned(),
            Scenario::Gone => "the metric is gone".to_owned(),
            Scenario::Exhausted => "the error budget is used up".to_owned(),
            Scenario::Pair(index) => {
                format!("burn rate {}: both windows above the threshold", index + 1)
            }
            Scenario::Plain(_, test) => format!("plain alert, test {}", test + 1),
        }
    }
}

/// One test, of one SLO or of several whose series do not touch each other.
#[derive(Debug, Default)]
pub(super) struct Case {
    /// Minutes, or what a plain alert asks for, between samples.
    pub(super) interval: Option<String>,
    /// Series and their values.
    pub(super) series: Vec<(String, String)>,
    /// Values that expressions must have.
    pub(super) checks: Vec<Check>,
    /// Alerts that must fire or not.
    pub(super) alerts: Vec<AlertTest>,
}

/// What an expression must give at a time.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) at: String,
    pub(super) expr: String,
    /// The labels and the value of each series.
    pub(super) samples: Vec<(String, String)>,
}

/// Which alerts of a name must fire at a time: these and no others.
#[derive(Debug)]
pub(super) struct AlertTest {
    pub(super) at: String,
    pub(super) name: Arc<str>,
    pub(super) firing: Vec<Firing>,
}

/// A firing alert, whole.
#[derive(Debug)]
pub(super) struct Firing {
    pub(super) labels: Vec<(Name, Arc<str>)>,
    pub(super) annotations: Vec<(Name, String)>,
}

impl Case {
    /// Adds the test of another SLO.
    pub(super) fn join(&mut self, other: Case) {
        let new = other
            .series
            .into_iter()
            .filter(|(series, _)| !self.series.iter().any(|(known, _)| known == series));
        let new: Vec<_> = new.collect();
        self.series.extend(new);
        self.checks.extend(other.checks);
        self.alerts.extend(other.alerts);
        self.interval = self.interval.take().or(other.interval);
    }

    /// Whether it asks nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.alerts.is_empty()
    }

    /// At a minute, no alert of this name may fire.
    pub(super) fn silent(&mut self, minute: u32, name: &Arc<str>) {
        self.fires_whole(minute, name, Vec::new());
    }

    /// At a minute, these alerts of this name must fire, and no others.
    pub(super) fn fires_whole(&mut self, minute: u32, name: &Arc<str>, firing: Vec<Firing>) {
        self.alerts.push(AlertTest { at: format!("{minute}m"), name: Arc::clone(name), firing });
    }

    /// At a minute, an expression must give these samples.
    pub(super) fn gives(&mut self, minute: u32, expr: String, samples: Vec<(String, String)>) {
        self.checks.push(Check { at: format!("{minute}m"), expr, samples });
    }

    /// The case as it is written.
    pub(super) fn out(&self, name: String) -> Out<'_> {
        let mut map: Vec<(Cow<'_, str>, Out<'_>)> = vec![
            ("name".into(), Out::str(name)),
            ("interval".into(), Out::raw(self.interval.as_deref().unwrap_or("1m"))),
        ];
        let series = self.series.iter().map(|(series, values)| {
            Out::strs([("series", series.as_str()), ("values", values.as_str())])
        });
        map.push(("input_series".into(), Out::Seq(series.collect())));
        if !self.checks.is_empty() {
            map.push((
                "promql_expr_test".into(),
                Out::Seq(self.checks.iter().map(check).collect()),
            ));
        }
        if !self.alerts.is_empty() {
            map.push(("alert_rule_test".into(), Out::Seq(self.alerts.iter().map(alert).collect())));
        }
        Out::Map(map)
    }
}

fn check<'a>(check: &'a Check) -> Out<'a> {
    let sample = |(labels, value): &'a (String, String)| {
        Out::Map(vec![
            ("labels".into(), Out::str(labels.as_str())),
            ("value".into(), Out::raw(value.as_str())),
        ])
    };
    Out::Map(vec![
        ("expr".into(), Out::str(check.expr.as_str())),
        ("eval_time".into(), Out::raw(check.at.as_str())),
        ("exp_samples".into(), Out::Seq(check.samples.iter().map(sample).collect())),
    ])
}

fn alert<'a>(test: &'a AlertTest) -> Out<'a> {
    let firing = |firing: &'a Firing| {
        let labels = firing.labels.iter().map(|(k, v)| (k.as_str(), &**v));
        let annotations = firing.annotations.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        Out::Map(vec![
            ("exp_labels".into(), Out::strs(labels)),
            ("exp_annotations".into(), Out::strs(annotations)),
        ])
    };
    Out::Map(vec![
        ("eval_time".into(), Out::raw(test.at.as_str())),
        ("alertname".into(), Out::str(&*test.name)),
        ("exp_alerts".into(), Out::Seq(test.firing.iter().map(firing).collect())),
    ])
}
