//! One SLO, section by section.

use super::alerts::{self, Alert};
use super::page::Page;
use super::table::Table;
use super::written::Written;
use super::{burn, inhibition, silent};
use crate::base::{Decimal, Duration, SourceMap};
use crate::config::{Config, Window};
use crate::ir::{Identity, Labels, Plan, RuleGroup, RuleKind, RuleSet, Slo, name};
use crate::sli;

/// An SLO with all that was made of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The SLO as meant.
    pub slo: &'a Slo,
    /// Its plan.
    pub plan: &'a Plan,
    /// The rules of its service.
    pub rules: &'a RuleSet,
    /// The settings.
    pub config: &'a Config,
    /// The files that were read.
    pub sources: &'a SourceMap,
}

/// Explains an SLO: text of lines of at most 100 columns, where names allow.
pub fn slo(subject: Subject<'_>) -> String {
    let Subject { slo, plan, rules, config, sources } = subject;
    let groups = alerts::groups(rules, slo);
    let own = alerts::alerts(&groups);
    let written = Written::of(slo, sources);
    let mut page = Page::default();
    page.heading(&format!("{}/{}", slo.service, slo.name));
    if let Some(description) = &slo.description {
        page.paragraph(description);
    }
    page.heading("Written");
    page.lines(origins(subject, &written).lines());
    page.heading("Error budget");
    budget(slo, plan, &mut page);
    base_series(slo, plan, &groups, &mut page);
    if !plan.burn_rates.is_empty() {
        burn_rates(subject, &own, &mut page);
    }
    page.heading("Never alerts");
    for sentence in silent::sentences(slo, plan, &own) {
        page.paragraph(&sentence);
    }
    alert_names(slo, &own, &mut page);
    series_names(slo, plan, &groups, &mut page);
    let snippet = inhibition::snippet(slo, plan, &own, config);
    if !snippet.is_empty() {
        page.heading("Alertmanager: no ticket while the same SLO pages");
        page.lines(snippet);
    }
    page.finish()
}

/// What decides on the SLO, with its place.
fn origins(subject: Subject<'_>, written: &Written<'_>) -> Table {
    let Subject { slo, plan, config, .. } = subject;
    let promise = &slo.promise;
    let times: Vec<String> = promise.remediation.iter().map(|(s, t)| format!("{s} {t}")).collect();
    let groups: Vec<&str> = slo.group_by.iter().map(|label| label.as_str()).collect();
    let scrape = config.prometheus.scrape_interval.value;
    let project = |path: &[&str]| written.of_project(path);
    let or_default = |place: Option<String>| place.unwrap_or_else(|| "default".to_owned());
    let mut rows = vec![
        ("objective", format!("{}%", slo.objective.percent), written.of_slo("objective")),
        (
            "window",
            plan.window.to_string(),
            Some(or_default(written.nearest("window").or_else(|| project(&["window"])))),
        ),
        ("sli", slo.sli.kind().to_owned(), written.of_slo("sli")),
    ];
    if !groups.is_empty() {
        rows.push(("group_by", groups.join(", "), written.nearest("group_by")));
    }
    rows.extend([
        ("owner", promise.owner.to_string(), written.nearest("owner")),
        ("runbook", promise.runbook_url.to_string(), written.nearest("runbook")),
        ("remediation", times.join(", "), written.merged("remediation")),
        (
            "scrape interval",
            scrape.to_string(),
            Some(or_default(project(&["prometheus", "scrape_interval"]))),
        ),
    ]);
    let names = |labels: &Labels| labels.keys().map(|key| &**key).collect::<Vec<_>>().join(", ");
    let labels = [project(&["labels"]), written.merged("labels")];
    let labels: Vec<String> = labels.into_iter().flatten().collect();
    let rate = slo.expected_rate.as_ref().map(|rate| format!("{} per day", rate.value));
    let others = [
        ("labels", names(&slo.labels), Some(labels.join(", "))),
        ("annotations", names(&slo.annotations), written.merged("annotations")),
        ("expected_rate", rate.unwrap_or_default(), written.nearest("expected_rate")),
        (
            "query_offset",
            config.prometheus.query_offset.map(|offset| offset.to_string()).unwrap_or_default(),
            project(&["prometheus", "query_offset"]),
        ),
    ];
    rows.extend(others.into_iter().filter(|(_, value, _)| !value.is_empty()));
    rows.extend(written.of_slo("alerting").map(|place| ("alerting", String::new(), Some(place))));
    let row = |(key, value, place): (&str, String, Option<String>)| {
        let place = place.map(|place| format!("({place})"));
        let words: Vec<String> =
            [Some(value), place].into_iter().flatten().filter(|w| !w.is_empty()).collect();
        vec![key.to_owned(), words.join(" ")]
    };
    Table { head: Vec::new(), rows: rows.into_iter().map(row).collect(), words: 2 }
}

/// The budget in per cent, in minutes of a total outage and, where the traffic is
/// told, in events.
fn budget(slo: &Slo, plan: &Plan, page: &mut Page) {
    let budget = slo.objective.budget();
    let minutes =
        |d: Duration| Decimal::from(u32::try_from(d.as_millis() / 60_000).unwrap_or(u32::MAX));
    let outage = budget * minutes(plan.period);
    let time = Duration::millis((outage.to_f64() * 60_000.0).round() as u64);
    let of = if slo.group_by.is_empty() { "" } else { ", for each group" };
    page.paragraph(&format!(
        "{}% of the events of {} may be bad: {outage} minutes ({}) of a total outage{of}.",
        budget.to_percent(),
        match plan.window {
            Window::Rolling(length) => length.to_string(),
            Window::Month => format!("a calendar month ({} here)", plan.period),
        },
        burn::seconds(time),
    ));
    if let Some(rate) = &slo.expected_rate {
        let days = minutes(plan.period).to_f64() / 1440.0;
        let events = format!("{:.1}", budget.to_f64() * rate.value.to_f64() * days);
        page.paragraph(&format!(
            "At the expected {} events per day: {} bad events.",
            rate.value,
            events.trim_end_matches(".0")
        ));
    }
}

/// The two expressions that all else is derived from.
fn base_series(slo: &Slo, plan: &Plan, groups: &[&RuleGroup], page: &mut Page) {
    let kind = sli::fields().into_iter().find(|field| field.name == slo.sli.kind());
    let doc = kind.map(|field| field.doc.trim_end_matches('.')).unwrap_or_default();
    page.heading(&format!("Measured: {}", slo.sli.kind()));
    match slo.sli.is_instant() {
        true => page.paragraph(&format!("{doc}; as events per second, at each evaluation:")),
        false => page.paragraph(&format!("{doc}; as events per second over {}:", plan.base)),
    }
    let names = [("bad", name::events_bad(plan.base)), ("total", name::events_total(plan.base))];
    for (word, wanted) in names {
        let rules = groups.iter().flat_map(|group| &group.rules);
        for rule in rules {
            if matches!(&rule.kind, RuleKind::Record(name) if name.as_str() == wanted) {
                let text = rule.expr.text();
                let lines = text.lines().enumerate().map(|(index, line)| match index {
                    0 => format!("{word:5}  {line}"),
                    _ => format!("       {line}"),
                });
                page.lines(lines);
            }
        }
    }
}

fn burn_rates(subject: Subject<'_>, alerts: &[Alert<'_>], page: &mut Page) {
    let Subject { slo, plan, config, .. } = subject;
    let budget = slo.objective.budget();
    page.heading("Burn rates: fires while the error ratio of both windows is above the threshold");
    page.lines(burn::pairs(plan, budget).lines());
    page.heading("Fires after, at this share of bad events");
    page.lines(burn::detection(slo, plan).lines());
    let scrape = config.prometheus.scrape_interval.value.as_millis();
    let offset = config.prometheus.query_offset;
    let offset_ms = offset.map_or(0, Duration::as_millis);
    let late = |(suffix, word): (&str, &str)| {
        let alert = alerts.iter().find(|alert| alert.name.ends_with(suffix))?;
        let interval = alert.interval?;
        let most = Duration::millis(interval.as_millis() + scrape + offset_ms);
        Some(format!("{most} ({word})"))
    };
    let late: Vec<String> =
        [(name::PAGE, "page"), (name::TICKET, "ticket")].into_iter().filter_map(late).collect();
    let traffic = match (plan.min_bad_events, &slo.expected_rate) {
        (..=1, _) => "At steady traffic".to_owned(),
        (least, Some(rate)) => format!(
            "At the expected {} events per day, and {least} bad events within the long window",
            rate.value
        ),
        (least, None) => format!(
            "At steady traffic, where there are {least} bad events within the long window by then"
        ),
    };
    let parts = match offset {
        Some(offset) => format!("a scrape, an evaluation and the query offset of {offset}"),
        None => "a scrape and an evaluation".to_owned(),
    };
    page.paragraph(&format!("{traffic}; {parts} add up to {}.", late.join(", ")));
    page.heading("Resets after, once errors of this share have ended");
    page.lines(burn::reset(slo, plan).lines());
    page.paragraph("An alert ends with its slowest pair, and `keeps` later (below).");
}

fn alert_names(slo: &Slo, alerts: &[Alert<'_>], page: &mut Page) {
    page.heading("Alerts");
    if alerts.is_empty() {
        return page.paragraph("None.");
    }
    page.lines(alerts::table(alerts).lines());
    let common = alerts::common_labels(alerts);
    let groups = slo.group_by.iter().map(|label| format!("{} of the group", label.as_str()));
    let labels: Vec<String> = common.iter().cloned().chain(groups).collect();
    page.paragraph(&format!("labels: {}", labels.join(", ")));
    for alert in alerts {
        let own = alerts::own_labels(alert, &common);
        if !own.is_empty() {
            page.paragraph(&format!("{}: {}", alert.name, own.join(", ")));
        }
    }
    let runbooks = alerts::runbooks(alerts);
    for (url, names) in &runbooks {
        match runbooks.len() {
            1 => page.paragraph(&format!("runbook: {url}")),
            _ => page.paragraph(&format!("runbook of {}: {url}", names.join(", "))),
        }
    }
}

fn series_names(slo: &Slo, plan: &Plan, groups: &[&RuleGroup], page: &mut Page) {
    let identity = Identity::new(plan.names, &slo.service, &slo.name);
    let by: Vec<&str> = slo.group_by.iter().map(|label| label.as_str()).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    page.heading(&format!("Series {{{}}}{by}", identity.text));
    for group in groups {
        let every = group.interval.map(|i| format!(", every {i}")).unwrap_or_default();
        page.lines([format!("group {}{every}", group.name)]);
        page.items(alerts::series(group));
    }
}
