//! One test of a rule-test file: what goes in, and what is asked when.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::Duration;
use crate::promql::Name;
use crate::yaml::write_pair;

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
    pub(super) fn name(self) -> Cow<'static, str> {
        match self {
            Scenario::Burn => "a fast burn fires within its detection time and resets".into(),
            Scenario::Outage => "everything is bad".into(),
            Scenario::Between => "a slow burn makes a ticket and no page".into(),
            Scenario::Below => "a burn below the budget is silent".into(),
            Scenario::Idle => "no traffic is no error".into(),
            Scenario::FirstErrors => "no error yet, then the first ones".into(),
            Scenario::Gone => "the metric is gone".into(),
            Scenario::Exhausted => "the error budget is used up".into(),
            Scenario::Pair(index) => {
                format!("burn rate {}: both windows above the threshold", index + 1).into()
            }
            Scenario::Plain(_, test) => format!("plain alert, test {}", test + 1).into(),
        }
    }
}

/// One test, of one SLO or of several whose series do not touch each other.
#[derive(Debug, Default)]
pub(super) struct Case {
    /// Minutes, or what a plain alert asks for, between samples.
    pub(super) interval: Option<String>,
    /// Series and their values.
    pub(super) series: Vec<(Arc<str>, String)>,
    /// Values that expressions must have.
    pub(super) checks: Vec<Check>,
    /// Alerts that must fire or not.
    pub(super) alerts: Vec<AlertTest>,
}

/// What an expression must give at a time.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) at: Duration,
    pub(super) expr: String,
    /// The labels and the value of each series.
    pub(super) samples: Vec<(String, String)>,
}

/// Which alerts of a name must fire at a time: these and no others.
#[derive(Debug)]
pub(super) struct AlertTest {
    pub(super) at: Duration,
    pub(super) name: Arc<str>,
    pub(super) firing: Vec<Firing>,
}

/// A firing alert, whole.
#[derive(Debug)]
pub(super) struct Firing {
    pub(super) labels: Vec<(Name, Arc<str>)>,
    pub(super) annotations: Vec<(Name, Arc<str>)>,
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
        let at = Duration::minutes(minute.into());
        self.alerts.push(AlertTest { at, name: Arc::clone(name), firing });
    }

    /// At a minute, an expression must give these samples.
    pub(super) fn gives(&mut self, minute: u32, expr: String, samples: Vec<(String, String)>) {
        self.checks.push(Check { at: Duration::minutes(minute.into()), expr, samples });
    }

    /// Asks everything as late as rules that look so far back are. In whole minutes,
    /// since rules are evaluated every minute.
    ///
    /// An alert fires when its rule is evaluated. What a rule records has the time
    /// that it looked back to, and so has `ALERTS`: an expression is asked at that
    /// time, and something else at the end keeps the rules going.
    pub(super) fn look_back(&mut self, offset: Duration) {
        let offset = offset.as_millis();
        let later = |at: Duration| {
            Duration::minutes(at.as_millis().saturating_add(offset).div_ceil(MINUTE))
        };
        let asked = |at: Duration| Duration::millis(later(at).as_millis().saturating_sub(offset));
        let last = self.checks.iter().map(|check| later(check.at)).max_by_key(|at| at.as_millis());
        self.alerts.iter_mut().for_each(|test| test.at = later(test.at));
        self.checks.iter_mut().for_each(|check| check.at = asked(check.at));
        let goes_on =
            |end: Duration| self.alerts.iter().any(|t| t.at.as_millis() >= end.as_millis());
        if let Some(at) = last.filter(|end| !goes_on(*end)) {
            let samples = vec![("{}".to_owned(), "1".to_owned())];
            self.checks.push(Check { at, expr: "vector(1)".to_owned(), samples });
        }
    }

    /// Appends the case as it is written, an item of a list.
    pub(super) fn write(&self, name: &str, text: &mut String) {
        text.push_str("  - ");
        write_pair("name", name, 4, text);
        text.push_str("    interval: ");
        text.push_str(self.interval.as_deref().unwrap_or("1m"));
        text.push_str("\n    input_series:\n");
        for (series, values) in &self.series {
            text.push_str("      - ");
            write_pair("series", series, 8, text);
            text.push_str("        ");
            write_pair("values", values, 8, text);
        }
        if !self.checks.is_empty() {
            text.push_str("    promql_expr_test:\n");
            self.checks.iter().for_each(|check| check.write(text));
        }
        if !self.alerts.is_empty() {
            text.push_str("    alert_rule_test:\n");
            self.alerts.iter().for_each(|test| test.write(text));
        }
    }
}

/// A minute in milliseconds.
const MINUTE: u64 = 60_000;

/// A time as it is written: whole minutes as such.
fn time(at: Duration) -> String {
    match at.as_millis() {
        ms if ms.is_multiple_of(MINUTE) => format!("{}m", ms / MINUTE),
        _ => at.to_string(),
    }
}

impl Check {
    fn write(&self, text: &mut String) {
        text.push_str("      - ");
        write_pair("expr", &self.expr, 8, text);
        text.push_str("        eval_time: ");
        text.push_str(&time(self.at));
        text.push_str("\n        exp_samples:\n");
        for (labels, value) in &self.samples {
            text.push_str("          - ");
            write_pair("labels", labels, 12, text);
            text.push_str("            value: ");
            text.push_str(value);
            text.push('\n');
        }
    }
}

impl AlertTest {
    fn write(&self, text: &mut String) {
        // The name of an alert is a plain word, whatever stands around it.
        if self.firing.is_empty() {
            for part in ["      - {eval_time: ", &time(self.at), ", alertname: ", &self.name] {
                text.push_str(part);
            }
            text.push_str(", exp_alerts: []}\n");
            return;
        }
        text.push_str("      - eval_time: ");
        text.push_str(&time(self.at));
        text.push_str("\n        alertname: ");
        text.push_str(&self.name);
        text.push_str("\n        exp_alerts:\n");
        for firing in &self.firing {
            text.push_str("          - exp_labels:\n");
            for (name, value) in &firing.labels {
                text.push_str("              ");
                write_pair(name, value, 14, text);
            }
            text.push_str("            exp_annotations:\n");
            for (name, value) in &firing.annotations {
                text.push_str("              ");
                write_pair(name, value, 14, text);
            }
        }
    }
}
