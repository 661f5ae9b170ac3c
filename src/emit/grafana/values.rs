//! Values that templates of several boards read: selections as functions, severities
//! with their colours, owners with their links.

use std::sync::Arc;

use minijinja::{Value, context};

use super::Setup;
use super::scope::Scope;
use crate::base::Duration;
use crate::config::Config;
use crate::ir::{BoardId, Promise, Slo, name, variable_name};

/// What the templates of every board can use: labels and the queries of a scope.
///
/// `only`, where a function takes it, is one more matcher.
pub(super) fn queries(scope: &Scope) -> Value {
    let scope = Arc::new(scope.clone());
    let series = |name: &'static str| {
        let scope = Arc::clone(&scope);
        Value::from_function(move |only: Option<String>| {
            safe(scope.measured(name, &only.unwrap_or_default()))
        })
    };
    let constant = |name: &'static str| {
        let scope = Arc::clone(&scope);
        Value::from_function(move |only: Option<String>| {
            safe(scope.constant(name, &only.unwrap_or_default()))
        })
    };
    let window = |make: fn(&Scope, Duration, &str) -> String| {
        let scope = Arc::clone(&scope);
        Value::from_function(move |window: String, only: Option<String>| {
            let window = Duration::parse(&window).ok_or_else(|| not_a_window(&window))?;
            Ok::<Value, minijinja::Error>(safe(make(&scope, window, &only.unwrap_or_default())))
        })
    };
    let (all_alerts, info, at_end) = (Arc::clone(&scope), Arc::clone(&scope), Arc::clone(&scope));
    context! {
        by => safe(scope.labels()),
        service_label => safe(scope.service_label().to_owned()),
        slo_label => safe(scope.slo_label().to_owned()),
        window_label => safe(scope.window_label().to_owned()),
        objective => constant(name::OBJECTIVE_RATIO),
        budget => constant(name::BUDGET_RATIO),
        days => constant(name::PERIOD_DAYS),
        left => series(name::BUDGET_REMAINING),
        coverage => series(name::PERIOD_COVERAGE),
        period_burn_rate => series(name::PERIOD_BURN_RATE),
        error_ratio => window(Scope::error_ratio),
        burn_rate => window(Scope::burn_rate),
        info => Value::from_function(move |only: Option<String>| {
            safe(info.info(&only.unwrap_or_default()))
        }),
        worst => window(|scope, window, only| scope.worst(&name::error_ratio(window), only)),
        left_at_end => Value::from_function(move || {
            safe(at_end.measured_at_end(name::BUDGET_REMAINING))
        }),
        lost => window(|scope, window, _| scope.lost(&name::error_ratio(window))),
        alerts => Value::from_function(
            move |state: String, severity: Option<String>, ago: Option<String>| {
                let ago = ago.and_then(|ago| Duration::parse(&ago)).unwrap_or_default();
                safe(all_alerts.alerts(&state, severity.as_deref(), ago))
            },
        ),
    }
}

fn not_a_window(text: &str) -> minijinja::Error {
    let kind = minijinja::ErrorKind::InvalidOperation;
    minijinja::Error::new(kind, format!("`{text}` is no window, such as `1h`"))
}

/// A piece of a query: a template may write it out as it is.
pub(super) fn safe(text: impl Into<String>) -> Value {
    Value::from_safe_string(text.into())
}

/// The severities of a project: page and ticket first, then its own by name. `value` is
/// that of the label `severity`.
pub(super) fn severities(config: &Config) -> Vec<Value> {
    let rank = |name: &str| match name {
        "page" => 0,
        "ticket" => 1,
        _ => 2,
    };
    let mut all: Vec<_> = config.severities.iter().collect();
    all.sort_by_key(|(name, _)| (rank(name), Arc::clone(name)));
    let shown = |(name, severity): (&Arc<str>, &crate::config::Severity)| {
        let color = match rank(name) {
            0 => "red",
            1 => "orange",
            _ => "yellow",
        };
        context! { name => &**name, value => &*severity.label, color }
    };
    all.into_iter().map(shown).collect()
}

/// An owner: its name for people, how to reach it, its page.
pub(super) fn owner(owner: &str, setup: &Setup<'_>) -> Value {
    let known = setup.owners.get(owner);
    context! {
        key => owner,
        name => known.and_then(|o| o.name.as_deref()).unwrap_or(owner),
        contact => known.and_then(|o| o.contact.as_deref()),
        url => BoardId::Owner(owner, setup.config.grafana_name()).url(setup.config.grafana_url()),
    }
}

/// A runbook: what it is called in a table, and where it is.
pub(super) fn runbook(promise: &Promise) -> Value {
    let url = &*promise.runbook_url;
    context! { name => runbook_name(url), url => url }
}

/// The last part of a link or path, with its heading: `checkout.md#latency`.
pub(super) fn runbook_name(url: &str) -> &str {
    let end = url.trim_end_matches('/');
    let path = end.split('#').next().unwrap_or(end).trim_end_matches('/');
    let start = path.rfind('/').map_or(0, |at| at + 1);
    match end.get(start..) {
        Some(name) if !name.is_empty() => name,
        _ => end,
    }
}

/// The remediation times of a promise for the severities of alerts that are written, the
/// shortest first: `page` within `1h`.
pub(super) fn remediation(promise: &Promise, severities: &[&str]) -> Vec<Value> {
    let is_written = |(name, _): &(&Arc<str>, &Duration)| severities.contains(&&***name);
    let mut times: Vec<_> = promise.remediation.iter().filter(is_written).collect();
    times.sort_by_key(|(name, time)| (**time, Arc::clone(name)));
    let shown = |(name, time): (&Arc<str>, &Duration)| context! { severity => &**name, time => time.to_string() };
    times.into_iter().map(shown).collect()
}

/// The severities of the alerts of an SLO.
pub(super) fn severities_of(slo: &Slo) -> Vec<&str> {
    let alerting = &slo.alerting;
    let page = alerting.page.as_ref().map(|_| "page");
    let ticket = (alerting.ticket.is_some() || alerting.budget_exhausted).then_some("ticket");
    page.into_iter().chain(ticket).chain(alerting.no_data.as_deref()).collect()
}

/// The legend of series that differ in groups and in labels that the server adds.
pub(super) fn legend(labels: &[&str]) -> String {
    let parts: Vec<String> = labels.iter().map(|label| format!("{{{{{label}}}}}")).collect();
    parts.join(" ")
}

/// How many rows of the grid a table takes that has so many rows of its own: title and
/// head, and 36 px for each of them, in rows of 38 px.
pub(super) fn table_height(rows: usize, least: usize, most: usize) -> usize {
    (rows + 2).clamp(least, most)
}

/// A part of a link that hands the values of labels on to the variables of a board.
pub(super) fn handed_on<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let part = |label: &str| {
        format!("&var-{}=${{__data.fields[\"{label}\"]:percentencode}}", variable_name(label))
    };
    labels.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::runbook_name;

    #[test]
    fn runbooks_are_called_by_their_last_part() {
        for (url, name) in [
            ("https://git.example.com/a/checkout.md#latency", "checkout.md#latency"),
            ("https://wiki.example.com/x/", "x"),
            ("https://wiki.example.com/x#a/b", "x#a/b"),
            ("runbooks/a.md", "a.md"),
        ] {
            assert_eq!(runbook_name(url), name);
        }
    }
}
