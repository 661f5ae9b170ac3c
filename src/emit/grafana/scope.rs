//! What the queries of a board select: settings and the board's subject come in;
//! selectors, `on (...)` and `by (...)` go out, from which its panels build queries.
//!
//! Series carry no owner (a renamed team must not break their history), so that a
//! board of an owner joins the info series. The labels that a server adds to what it
//! sends out stand in every join: two clusters of one SLO have two budgets.

use crate::base::{Decimal, Duration};
use crate::config::{Config, Names};
use crate::ir::{Slo, info_name, label_names, name, variable_name, window_label};
use crate::promql::{self, MatchOp, Name, quote_text};

/// A board's selection.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// Whose names the series bear.
    names: Names,
    /// The labels of an SLO's identity, and those that the server adds.
    identity: Vec<Name>,
    /// What every series and alert is held to.
    common: Vec<String>,
    /// What is asked of measured series besides: the groups.
    groups: Vec<String>,
    /// What is asked of the info series besides: owners.
    owner: Vec<String>,
    /// What is asked of alerts besides: owners, by the label that alerts have.
    alert_owner: Vec<String>,
    /// How late samples of rules are written.
    late: Duration,
}

/// How a matcher's value is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand<'a> {
    /// As it is, whatever it holds.
    Text(&'a str),
    /// The variable of the board of this name: one value.
    One(&'a str),
    /// The variable of the board of this name: any number of values.
    Any(&'a str),
}

/// A matcher as PromQL reads it behind Grafana's variables.
pub(super) fn matcher(label: &str, operand: Operand<'_>) -> String {
    let (op, value) = match operand {
        // Escapes of Go's strings, since Grafana would look for variables: `$a`, `[[a]]`.
        Operand::Text(text) => {
            (MatchOp::Equal, quoted(text).replace('$', "\\x24").replace("[[", "[\\x5b"))
        }
        Operand::One(variable) => (MatchOp::Equal, format!("\"${variable}\"")),
        Operand::Any(variable) => (MatchOp::Regex, format!("\"${variable}\"")),
    };
    let op = match op {
        MatchOp::Regex => "=~",
        _ => "=",
    };
    format!("{}{op}{value}", promql::label(label))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_text(text, &mut out);
    out
}

impl Scope {
    /// The selection of all SLOs.
    pub(super) fn new(config: &Config) -> Scope {
        let external: Vec<Name> =
            config.prometheus.external_labels.iter().map(|l| Name::from(&l.value)).collect();
        let common = external
            .iter()
            .map(|label| matcher(label, Operand::Any(&variable_name(label))))
            .collect();
        // Sloth's id says what service and SLO say together.
        let own = label_names(config.names).iter().filter(|label| **label != name::SLOTH_ID);
        let identity = own.map(|label| Name::from(*label)).chain(external).collect();
        Scope {
            names: config.names,
            identity,
            common,
            groups: Vec::new(),
            owner: Vec::new(),
            alert_owner: Vec::new(),
            late: config.prometheus.query_offset.unwrap_or_default(),
        }
    }

    /// Narrows everything by a matcher.
    pub(super) fn narrow(&mut self, matcher: String) {
        self.common.insert(0, matcher);
    }

    /// Narrows measured series and alerts by their groups.
    pub(super) fn group(&mut self, label: &str) {
        self.groups.push(matcher(label, Operand::Any(&variable_name(label))));
    }

    /// Narrows everything by its owner.
    pub(super) fn own(&mut self, alert_label: &str, operand: Operand<'_>) {
        self.owner.push(matcher(name::OWNER, operand));
        self.alert_owner.push(matcher(alert_label, operand));
        // Alerts of others have no owner, which any value of the variable takes too.
        if matches!(operand, Operand::Any(_)) {
            self.alert_owner.push(format!("{}!=\"\"", promql::label(alert_label)));
        }
    }

    /// The label of an SLO's identity that names its service.
    pub(super) fn service_label(&self) -> &'static str {
        match self.names {
            Names::Native => name::SERVICE,
            Names::Sloth => name::SLOTH_SERVICE,
        }
    }

    /// The label of an SLO's identity that names it.
    pub(super) fn slo_label(&self) -> &'static str {
        match self.names {
            Names::Native => name::SLO,
            Names::Sloth => name::SLOTH_SLO,
        }
    }

    /// The label that names the window of a ratio.
    pub(super) fn window_label(&self) -> &'static str {
        window_label(self.names)
    }

    /// `(service, slo, cluster)`: what `on` and `by` need to tell SLOs apart.
    pub(super) fn labels(&self) -> String {
        let labels: Vec<String> = self.identity.iter().map(|label| promql::label(label)).collect();
        format!("({})", labels.join(", "))
    }

    /// A series that each SLO has once, whatever its groups: objective, budget, period.
    pub(super) fn constant(&self, name: &str, only: &str) -> String {
        self.joined(self.now(select(name, &[&self.common], only)), "")
    }

    /// A series that each group of an SLO has.
    pub(super) fn measured(&self, name: &str, only: &str) -> String {
        self.joined(self.now(self.raw(name, only)), "")
    }

    /// A series that each group of an SLO has, as it is at the end of what is shown.
    pub(super) fn measured_at_end(&self, name: &str) -> String {
        self.joined(self.now(format!("{} @ end()", self.raw(name, ""))), " @ end()")
    }

    /// What selects a series of the groups of SLOs, of every owner: for what reads a range
    /// of it.
    pub(super) fn raw(&self, name: &str, only: &str) -> String {
        select(name, &[&self.common, &self.groups], only)
    }

    /// The largest value of a series since the point before, so that no point of a chart
    /// hides a short incident.
    pub(super) fn worst(&self, name: &str, only: &str) -> String {
        format!(
            "max_over_time({})",
            self.now(format!("{}[$__rate_interval]", self.raw(name, only)))
        )
    }

    /// Groups that had a value within a day and have none now.
    pub(super) fn lost(&self, name: &str) -> String {
        let day = self.now(format!("{}[1d]", self.raw(name, "")));
        let now = self.now(self.raw(name, ""));
        self.joined(format!("(last_over_time({day}) unless {now})"), "")
    }

    /// The info series, with owner, objective, window and kind in its labels.
    pub(super) fn info(&self, only: &str) -> String {
        self.now(self.raw_info(only))
    }

    fn raw_info(&self, only: &str) -> String {
        select(info_name(self.names), &[&self.common, &self.owner], only)
    }

    /// `ALERTS` of a state, and of one value of the label `severity` if it is given, some
    /// time ago.
    pub(super) fn alerts(&self, state: &str, severity: Option<&str>, ago: Duration) -> String {
        let state = matcher("alertstate", Operand::Text(state));
        let severity = severity.map(|value| matcher(name::SEVERITY, Operand::Text(value)));
        let own: Vec<String> = std::iter::once(state).chain(severity).collect();
        let series = select("ALERTS", &[&own, &self.alert_owner, &self.common, &self.groups], "");
        back(series, Duration::millis(ago.as_millis() + self.late.as_millis()))
    }

    /// The error ratio over a window.
    pub(super) fn error_ratio(&self, window: Duration, only: &str) -> String {
        self.measured(&name::error_ratio(window), only)
    }

    /// How many times faster than evenly the budget burns, over a window.
    pub(super) fn burn_rate(&self, window: Duration, only: &str) -> String {
        format!(
            "({} / on {} group_left () {})",
            self.error_ratio(window, only),
            self.labels(),
            self.constant(name::BUDGET_RATIO, "")
        )
    }

    /// A selector where rules write late: by so much it looks back.
    fn now(&self, series: String) -> String {
        back(series, self.late)
    }

    /// A series of the owners that are asked for, through the info series.
    fn joined(&self, series: String, at: &str) -> String {
        match self.owner.is_empty() {
            true => series,
            false => {
                let info = self.now(format!("{}{at}", self.raw_info("")));
                format!("({series} and on {} {info})", self.labels())
            }
        }
    }
}

fn back(series: String, ago: Duration) -> String {
    if ago.is_zero() { series } else { format!("{series} offset {ago}") }
}

/// `name{matchers, only}`
fn select(name: &str, matchers: &[&[String]], only: &str) -> String {
    let all = matchers.iter().copied().flatten().map(String::as_str);
    let all: Vec<&str> = all.chain((!only.is_empty()).then_some(only)).collect();
    match all.is_empty() {
        true => name.to_owned(),
        false => format!("{name}{{{}}}", all.join(", ")),
    }
}

/// SLOs that have a property in common.
#[derive(Clone, Debug)]
pub(super) struct Class<'a, K> {
    /// The property.
    pub(super) key: K,
    /// Their names.
    slos: Vec<&'a str>,
    /// Whether it holds every SLO of the service.
    is_all: bool,
}

/// SLOs by a property, in the order in which each value of it first stands.
pub(super) fn classes<'a, T, K: PartialEq>(
    items: &'a [T],
    slo: impl Fn(&'a T) -> &'a Slo,
    key: impl Fn(&'a T) -> K,
) -> Vec<Class<'a, K>> {
    let mut classes: Vec<Class<'a, K>> = Vec::new();
    for item in items {
        let (key, name) = (key(item), &*slo(item).name);
        match classes.iter_mut().find(|class| class.key == key) {
            Some(class) => class.slos.push(name),
            None => classes.push(Class { key, slos: vec![name], is_all: false }),
        }
    }
    if let [only] = classes.as_mut_slice() {
        only.is_all = true;
    }
    classes
}

/// The SLOs of which something holds.
pub(super) fn subset<'a, T>(
    items: &'a [T],
    slo: impl Fn(&'a T) -> &'a Slo,
    holds: impl Fn(&'a T) -> bool,
) -> Class<'a, ()> {
    let slos: Vec<&str> = items.iter().filter(|i| holds(i)).map(|i| &*slo(i).name).collect();
    Class { key: (), is_all: slos.len() == items.len(), slos }
}

impl<K> Class<'_, K> {
    /// What selects its series among those of the service; empty where it has all.
    pub(super) fn matcher(&self, scope: &Scope) -> String {
        match self.is_all {
            true => String::new(),
            false => {
                let names = self.slos.join("|").replace('.', "\\.");
                format!("{}=~{}", scope.slo_label(), quoted(&names))
            }
        }
    }

    /// A regular expression of Grafana (JavaScript) for the names that its fields begin
    /// with. Where the class has all, the names are left out of the legend.
    pub(super) fn pattern(&self, end: &str) -> String {
        match self.is_all {
            true => "/.*/".to_owned(),
            false => format!("/^(?:{}){end}/", self.slos.join("|").replace('.', "\\.")),
        }
    }
}

/// How many decimals a share needs as per cent so that an objective is told from 100 %,
/// with one to spare: 3 for 99.95.
pub(super) fn decimals(objectives: impl Iterator<Item = Decimal>) -> usize {
    let places = |d: Decimal| d.to_string().split_once('.').map_or(0, |(_, places)| places.len());
    objectives.map(places).max().unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use super::{Operand, Scope, matcher};
    use crate::base::Duration;
    use crate::config::Config;
    use crate::ir::name;

    #[test]
    fn hostile_values_stay_in_their_quotes() {
        let owner = matcher("owner", Operand::Text("a\"} or $slo [[slo]] \\ {{x}} |\n"));
        assert_eq!(owner, r#"owner="a\"} or \x24slo [\x5bslo]] \\ {{x}} |\n""#);
        assert_eq!(matcher("a.b", Operand::Any("a_b")), "\"a.b\"=~\"$a_b\"");
    }

    #[test]
    fn owners_join_the_info_series() {
        let mut scope = Scope::new(&Config::default());
        assert_eq!(scope.measured(name::BUDGET_REMAINING, ""), name::BUDGET_REMAINING);
        scope.own("team", Operand::Text("payments"));
        assert_eq!(
            scope.constant(name::BUDGET_RATIO, ""),
            "(slo:error_budget:ratio and on (service, slo) ninefold_slo_info{owner=\"payments\"})"
        );
        assert_eq!(
            scope.alerts("firing", Some("critical"), Duration::default()),
            "ALERTS{alertstate=\"firing\", severity=\"critical\", team=\"payments\"}"
        );
    }
}
