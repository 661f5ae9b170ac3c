//! The board of a service: its SLOs, one at a time, and its plain alerts. A service with
//! its plans comes in, a board goes out. What differs between SLOs (objective, window,
//! burn rates, remediation) is written out for each class of SLOs that have it in common,
//! so that the board asks no data what the compiler knows.

use std::collections::BTreeSet;

use minijinja::{Value, context};

use super::board::{self, Annotation, Board, Item, Link, Target, Variable, panel, row};
use super::scope::{Class, Operand, Scope, classes, decimals, matcher, subset};
use super::values;
use super::{Setup, prose};
use crate::base::{Decimal, Diagnostics, Duration};
use crate::config::Window;
use crate::ir::{
    BoardId, BurnRate, Plan, Promise, Service, Slo, info_name, line, name, variable_name,
};
use crate::promql;

/// The panels, in the order of the questions of whoever was woken: is a promise broken,
/// how bad is it and how long have we got, who does what, when did it start, is it us or
/// the traffic.
static CATALOGUE: &[Item] = &[
    panel(1, "service/ownership", 8, 8),
    panel(2, "service/budget-left", 4, 4),
    panel(3, "service/period-sli", 4, 4),
    panel(4, "service/objective", 4, 4),
    panel(5, "service/burn-rate", 4, 4),
    panel(6, "service/exhausted-in", 4, 4),
    panel(7, "service/outage-left", 4, 4),
    panel(8, "service/events-left", 4, 4),
    panel(9, "service/alerts-firing", 4, 4),
    row(10, "Error budget"),
    panel(11, "service/budget-over-time", 12, 9),
    panel(12, "service/burn-down", 12, 9),
    row(20, "SLI and burn rate"),
    panel(21, "service/sli", 12, 8),
    panel(22, "service/burn-rates", 12, 8),
    panel(23, "service/burn-rate-alerts", 24, 7),
    row(30, "Traffic and alerts"),
    panel(31, "service/events", 12, 8),
    panel(32, "service/alert-history", 12, 8),
    row(40, "Groups"),
    panel(41, "service/groups", 24, 9),
    row(50, "Plain alerts"),
    panel(51, "service/plain-alerts", 12, 8),
    panel(52, "service/plain-alert-history", 12, 8),
];

/// The variable of the board that chooses the SLO.
const SLO: &str = "slo";

/// An SLO and its plan.
struct Planned<'a> {
    slo: &'a Slo,
    plan: &'a Plan,
}

/// The board of a service.
pub(super) fn board<'a>(
    service: &'a Service,
    plans: &'a [Plan],
    setup: &Setup<'a>,
    diags: &mut Diagnostics,
) -> Board<'a> {
    let planned: Vec<Planned<'_>> =
        service.slos.iter().zip(plans).map(|(slo, plan)| Planned { slo, plan }).collect();
    let groups: BTreeSet<&str> =
        service.slos.iter().flat_map(|slo| &slo.group_by).map(|label| label.as_str()).collect();
    let scope = scope(service, &groups, setup);
    let id = BoardId::Service(&service.name);
    let values = context! {
        ..known(service, &planned, &groups, &scope, setup),
        ..values::queries(&scope),
    };
    Board {
        id,
        made_from: service.path.to_string(),
        tags: tags(service),
        timezone: setup.config.grafana_timezone(),
        from: "now-7d",
        variables: variables(service, &groups, &scope, setup),
        links: links(service, setup),
        annotations: annotations(service, &scope, setup),
        panels: board::panels("service", CATALOGUE, setup.templates, &values, diags),
    }
}

/// The series of the SLO that is chosen.
fn scope(service: &Service, groups: &BTreeSet<&str>, setup: &Setup<'_>) -> Scope {
    let mut scope = Scope::new(setup.config);
    scope.narrow(matcher(scope.slo_label(), Operand::One(SLO)));
    scope.narrow(matcher(scope.service_label(), Operand::Text(&service.name)));
    groups.iter().for_each(|label| scope.group(label));
    scope
}

/// What the templates can use besides queries.
fn known(
    service: &Service,
    planned: &[Planned<'_>],
    groups: &BTreeSet<&str>,
    scope: &Scope,
    setup: &Setup<'_>,
) -> Value {
    let external = &setup.config.prometheus.external_labels;
    let told_apart: Vec<&str> =
        groups.iter().copied().chain(external.iter().map(|label| &*label.value)).collect();
    let most_pairs = planned.iter().map(|p| p.plan.burn_rates.len()).max().unwrap_or_default();
    let base = planned.first().map_or(Duration::minutes(5), |p| p.plan.base);
    let measured = |name: String| {
        let scope = scope.clone();
        Value::from_function(move |only: Option<String>| {
            values::safe(scope.measured(&name, &only.unwrap_or_default()))
        })
    };
    context! {
        service => &*service.name,
        has_slos => !planned.is_empty(),
        slos => planned.iter().map(|p| slo(service, p, setup)).collect::<Vec<_>>(),
        owners => owners(service).into_iter().map(|owner| values::owner(owner, setup)).collect::<Vec<_>>(),
        same_owner => owners(service).len() == 1,
        remediation => common_remediation(service),
        plain_alerts => service.alerts.iter().map(|alert| context! {
            name => &*alert.name,
            severity => &*alert.severity,
            owner => values::owner(&alert.promise.owner, setup),
            runbook => values::runbook(&alert.promise),
            remediation => values::remediation(&alert.promise, &[&alert.severity]),
        }).collect::<Vec<_>>(),
        plain => plain_of(service, setup),
        severities => values::severities(setup.config),
        is_grouped => !told_apart.is_empty(),
        has_groups => !groups.is_empty(),
        groups_and_by => values::safe(together(scope, groups)),
        told_apart => told_apart.iter().copied().collect::<Value>(),
        legend => values::legend(&told_apart),
        events_bad => measured(name::events_bad(base)),
        events_total => measured(name::events_total(base)),
        decimals => decimals(planned.iter().map(|p| p.slo.objective.percent)),
        objectives => objectives(planned),
        periods => periods(planned, scope),
        remediations => remediations(planned),
        burns => burns(planned),
        burn_windows => burn_windows(planned, scope),
        pairs => pairs(planned, scope),
        pairs_height => values::table_height(most_pairs, 4, 9),
        burn_legend => burn_legend(planned, scope, &told_apart),
    }
}

fn slo(service: &Service, Planned { slo, plan }: &Planned<'_>, setup: &Setup<'_>) -> Value {
    let budget = part(plan.period, slo.objective.budget());
    let days = plan.period.as_whole_days().unwrap_or_default();
    let board = BoardId::Service(&service.name).url(setup.config.grafana_url());
    context! {
        name => &*slo.name,
        description => slo.description.as_deref(),
        url => format!("{board}?var-slo={}", prose::component(&slo.name)),
        objective => slo.objective.percent.to_string(),
        budget => budget.to_string(),
        window => match plan.window {
            Window::Rolling(_) => format!("{days} days"),
            Window::Month => "a month".to_owned(),
        },
        owner => values::owner(&slo.promise.owner, setup),
        runbook => values::runbook(&slo.promise),
        remediation => values::remediation(&slo.promise, &values::severities_of(slo)),
    }
}

/// A share of a duration, in whole seconds.
fn part(whole: Duration, share: Decimal) -> Duration {
    let seconds = whole.as_millis() as f64 / 1_000.0 * share.to_f64();
    Duration::seconds(seconds.round() as u64)
}

fn promises(service: &Service) -> impl Iterator<Item = &Promise> {
    let slos = service.slos.iter().map(|slo| &slo.promise);
    slos.chain(service.alerts.iter().map(|alert| &alert.promise))
}

/// The owners, each once, in the order in which they stand.
fn owners(service: &Service) -> Vec<&str> {
    let mut owners: Vec<&str> = Vec::new();
    for promise in promises(service) {
        if !owners.contains(&&*promise.owner) {
            owners.push(&promise.owner);
        }
    }
    owners
}

/// The remediation times that all SLOs promise; `none` where they differ.
fn common_remediation(service: &Service) -> Value {
    let mut all = service
        .slos
        .iter()
        .map(|slo| values::remediation(&slo.promise, &values::severities_of(slo)));
    let first = all.next();
    match first.filter(|first| all.all(|other| other == *first)) {
        Some(times) => Value::from(times),
        None => Value::from(()),
    }
}

/// `ALERTS` of the plain alerts, as a function of their state and severity.
fn plain_of(service: &Service, setup: &Setup<'_>) -> Value {
    let scope = plain(service, setup);
    Value::from_function(move |state: String, severity: Option<String>| {
        values::safe(scope.alerts(&state, severity.as_deref(), Duration::default()))
    })
}

/// The plain alerts: those of the service that are none of an SLO.
fn plain(service: &Service, setup: &Setup<'_>) -> Scope {
    let mut scope = Scope::new(setup.config);
    let names: Vec<&str> = service.alerts.iter().map(|alert| &*alert.name).collect();
    // Names of alerts are letters, digits and `_`.
    scope.narrow(format!("alertname=~\"{}\"", names.join("|")));
    scope.narrow(matcher(name::SERVICE, Operand::Text(&service.name)));
    scope
}

/// `(service, slo, cluster, region)`
fn together(scope: &Scope, groups: &BTreeSet<&str>) -> String {
    let own = scope.labels();
    let own = own.trim_matches(['(', ')']).to_owned();
    let groups = groups.iter().map(|label| promql::label(label));
    let all: Vec<String> = std::iter::once(own).chain(groups).collect();
    format!("({})", all.join(", "))
}

/// The objectives: which SLOs each is of, and as a ratio.
fn objectives(planned: &[Planned<'_>]) -> Vec<Value> {
    let by = classes(planned, |p| p.slo, |p| p.slo.objective.ratio());
    by.iter()
        .map(|class| context! { fields => class.pattern("$"), ratio => class.key.to_f64() })
        .collect()
}

/// How many kinds of SLOs a query tells apart at most: each makes it longer, and those of
/// a service with more are left out with their panels.
const MAX_CLASSES: usize = 24;
/// How many windows a chart shows at most; with more, those that every SLO has.
const MAX_WINDOWS: usize = 16;

/// The windows of objectives: how the error ratio over each is called, and what sums up
/// its events.
fn periods(planned: &[Planned<'_>], scope: &Scope) -> Vec<Value> {
    let by =
        classes(planned, |p| p.slo, |p| (p.plan.window, p.plan.slow, p.plan.base, p.plan.fast));
    match by.len() > MAX_CLASSES {
        true => Vec::new(),
        false => by.iter().map(|class| period(class, scope)).collect(),
    }
}

fn period(class: &Class<'_, (Window, Duration, Duration, Duration)>, scope: &Scope) -> Value {
    let (window, slow, base, fast) = class.key;
    let only = class.matcher(scope);
    context! {
        only => &only,
        is_month => window == Window::Month,
        window => values::safe(window.length().to_string()),
        step => values::safe(slow.to_string()),
        seconds => values::safe(Decimal::ratio(millis(fast), Decimal::from(1_000), 3).to_string()),
        bad => values::safe(scope.measured(&name::tile_bad(slow, base), &only)),
        total => values::safe(scope.raw(&name::tile_total(slow, base), &only)),
    }
}

fn millis(duration: Duration) -> Decimal {
    Decimal::from(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX))
}

/// The remediation times, in seconds: what the time until the budget is gone is held to.
fn remediations(planned: &[Planned<'_>]) -> Vec<Value> {
    let seconds = |slo: &Slo, severity: &str| {
        let is_written = values::severities_of(slo).contains(&severity);
        let time = slo.promise.remediation.get(severity).filter(|_| is_written);
        time.map(|time| time.as_millis() / 1_000)
    };
    let key = |p: &Planned<'_>| (seconds(p.slo, "page"), seconds(p.slo, "ticket"));
    classes(planned, |p| p.slo, key)
        .iter()
        .map(|class| {
            let (page, ticket) = class.key;
            // Without a promise: red where nothing is left.
            let soon = page.or(ticket).unwrap_or(1);
            // Steps of thresholds ascend.
            let later = ticket.filter(|later| *later > soon);
            context! { fields => class.pattern("$"), soon, later }
        })
        .collect()
}

/// How many times the budget each threshold of a plan is, lowest first.
#[derive(Clone, Debug, PartialEq)]
struct Burns {
    steps: Vec<(f64, &'static str)>,
    /// Those of a tile over an hour: the lowest of a ticket, and that of the page whose
    /// long window is an hour, or the highest where none is.
    hour: Vec<(f64, &'static str)>,
}

fn burns_of(p: &Planned<'_>) -> Burns {
    let budget = p.slo.objective.budget();
    let mut steps: Vec<(f64, &'static str)> = Vec::new();
    for rate in &p.plan.burn_rates {
        let color = if &*rate.severity == "page" { "red" } else { "orange" };
        let factor = times(rate.threshold_ratio(budget), budget);
        match steps.iter_mut().find(|(known, _)| *known == factor) {
            Some((_, known)) if color == "red" => *known = color,
            Some(_) => {}
            None => steps.push((factor, color)),
        }
    }
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let factor = |rate: &BurnRate| times(rate.threshold_ratio(budget), budget);
    let pages = || p.plan.burn_rates_of("page");
    let of_hour = pages().find(|rate| rate.long == Duration::hours(1)).map(factor);
    let page = of_hour.or_else(|| pages().map(factor).reduce(f64::max));
    let ticket = p.plan.burn_rates_of("ticket").map(factor).reduce(f64::min);
    let ticket = ticket.filter(|ticket| page.is_none_or(|page| *ticket < page));
    let hour = ticket.map(|at| (at, "orange")).into_iter().chain(page.map(|at| (at, "red")));
    Burns { hour: hour.collect(), steps }
}

/// How many times the budget a ratio is.
fn times(ratio: Decimal, budget: Decimal) -> f64 {
    Decimal::ratio(ratio, budget, 4).to_f64()
}

fn burns(planned: &[Planned<'_>]) -> Vec<Value> {
    let by = classes(planned, |p| p.slo, burns_of);
    by.iter()
        .map(|class| {
            let step = |(value, color): &(f64, &str)| context! { value => *value, color => *color };
            context! {
                fields => class.pattern("(?: |$)"),
                steps => class.key.steps.iter().map(step).collect::<Vec<_>>(),
                hour => class.key.hour.iter().map(step).collect::<Vec<_>>(),
            }
        })
        .collect()
}

/// The windows whose burn rates are shown: both of pages, the long ones of tickets.
fn shown_windows(plan: &Plan) -> Vec<Duration> {
    let mut windows = vec![plan.base];
    for rate in &plan.burn_rates {
        windows.push(rate.long);
        windows.extend((&*rate.severity == "page").then_some(rate.short));
    }
    windows.sort_unstable();
    windows.dedup();
    windows
}

/// Every window that is shown of any SLO, and the query of the SLOs that show it.
fn burn_windows(planned: &[Planned<'_>], scope: &Scope) -> Vec<Value> {
    let mut all: Vec<Duration> = planned.iter().flat_map(|p| shown_windows(p.plan)).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_WINDOWS {
        // Recorded for every plan.
        all.retain(|window| [5, 60, 360].map(Duration::minutes).contains(window));
        let query = |window| values::safe(scope.burn_rate(window, ""));
        return all.into_iter().map(query).collect();
    }
    let query = |window: Duration| {
        let shown = subset(planned, |p| p.slo, |p| shown_windows(p.plan).contains(&window));
        values::safe(scope.burn_rate(window, &shown.matcher(scope)))
    };
    all.into_iter().map(query).collect()
}

/// What the lines of burn rates are called. Where thresholds differ between SLOs the name
/// begins with the SLO, since thresholds are found by the name.
fn burn_legend(planned: &[Planned<'_>], scope: &Scope, told_apart: &[&str]) -> String {
    let is_one = classes(planned, |p| p.slo, burns_of).len() <= 1;
    let slo = (!is_one).then_some(scope.slo_label());
    let labels: Vec<&str> =
        slo.into_iter().chain([scope.window_label()]).chain(told_apart.iter().copied()).collect();
    values::legend(&labels)
}

/// A pair of windows and its factor, for the table.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    severity: String,
    long: Duration,
    short: Duration,
    factor: f64,
    /// How many bad events there must be in the long window, and what counts them.
    enough: Option<(u32, String)>,
}

fn pairs_of(p: &Planned<'_>) -> Vec<Pair> {
    let budget = p.slo.objective.budget();
    let pair = |rate: &BurnRate| Pair {
        severity: rate.severity.to_string(),
        long: rate.long,
        short: rate.short,
        factor: times(rate.threshold_ratio(budget), budget),
        enough: (p.plan.min_bad_events > 1).then(|| (p.plan.min_bad_events, counted(p.plan, rate))),
    };
    p.plan.burn_rates.iter().map(pair).collect()
}

/// The series whose sum over a window, times the fast interval, is its bad events.
fn counted(plan: &Plan, rate: &BurnRate) -> String {
    match rate.long >= Duration::days(1) {
        true => name::tile_bad(plan.slow, plan.base),
        false => name::events_bad(plan.base),
    }
}

/// Every pair of any SLO, with the queries of the SLOs that have it.
fn pairs(planned: &[Planned<'_>], scope: &Scope) -> Vec<Value> {
    let mut all: Vec<Pair> = Vec::new();
    for pair in planned.iter().flat_map(pairs_of) {
        if !all.contains(&pair) {
            all.push(pair);
        }
    }
    if all.len() > MAX_CLASSES {
        return Vec::new();
    }
    let row = |pair: &Pair| {
        let only = subset(planned, |p| p.slo, |p| pairs_of(p).contains(pair)).matcher(scope);
        context! {
            title => values::safe(format!("{} {} / {}", pair.severity, pair.long, pair.short)),
            long => values::safe(scope.burn_rate(pair.long, &only)),
            short => values::safe(scope.burn_rate(pair.short, &only)),
            factor => values::safe(pair.factor.to_string()),
            enough => pair.enough.as_ref().map(|(least, bad)| {
                let sum = scope.raw(bad, &only);
                let seconds = planned.first().map_or(30.0, |p| p.plan.fast.as_millis() as f64 / 1_000.0);
                values::safe(format!("sum_over_time({sum}[{}]) * {seconds} >= bool {least}", pair.long))
            }),
            only => only,
        }
    };
    all.iter().map(row).collect()
}

fn tags(service: &Service) -> Vec<String> {
    let mut tags = ["slo", "generated", "service-board"].map(str::to_owned).to_vec();
    tags.push(format!("service:{}", service.name));
    tags.extend(owners(service).into_iter().map(|owner| format!("owner:{}", line(owner))));
    tags
}

fn variables<'a>(
    service: &Service,
    groups: &BTreeSet<&str>,
    scope: &Scope,
    setup: &Setup<'a>,
) -> Vec<Variable<'a>> {
    let mut variables = vec![Variable::Datasource(setup.config.grafana_datasource())];
    if service.slos.is_empty() {
        let mut scope = Scope::new(setup.config);
        let text = matcher(name::SERVICE, Operand::Text(&service.name));
        scope.narrow(text.clone());
        variables.extend(labels(setup, |label| format!("label_values(ALERTS{{{text}}}, {label})")));
        return variables;
    }
    variables.push(Variable::Custom {
        name: SLO,
        label: "SLO",
        values: service.slos.iter().map(|slo| slo.name.to_string()).collect(),
    });
    let own = matcher(scope.service_label(), Operand::Text(&service.name));
    let info = info_name(setup.config.names);
    variables.extend(labels(setup, |label| format!("label_values({info}{{{own}}}, {label})")));
    let chosen = matcher(scope.slo_label(), Operand::One(SLO));
    let left = name::BUDGET_REMAINING;
    variables.extend(groups.iter().map(|label| Variable::Label {
        name: variable_name(label),
        label: (*label).to_owned(),
        query: format!("label_values({left}{{{own}, {chosen}}}, {})", promql::label(label)),
    }));
    variables
}

/// A variable for each label that the server adds.
pub(super) fn labels<'a>(setup: &Setup<'a>, query: impl Fn(&str) -> String) -> Vec<Variable<'a>> {
    let external = setup.config.prometheus.external_labels.iter();
    external
        .map(|label| Variable::Label {
            name: variable_name(&label.value),
            label: label.value.to_string(),
            query: query(&promql::label(&label.value)),
        })
        .collect()
}

/// How many links to runbooks a board has at most: the table of ownership has them all.
const MAX_RUNBOOKS: usize = 4;

fn links(service: &Service, setup: &Setup<'_>) -> Vec<Link> {
    let page = |url: &str| url.split('#').next().unwrap_or(url).to_owned();
    let mut runbooks: Vec<String> = Vec::new();
    for url in promises(service).map(|promise| page(&promise.runbook_url)) {
        if !runbooks.contains(&url) {
            runbooks.push(url);
        }
    }
    let is_one = runbooks.len() == 1;
    let runbook = |url: &String| {
        let title = match is_one {
            true => "Runbook".to_owned(),
            false => format!("Runbook {}", plain_title(values::runbook_name(url))),
        };
        Some(Link { title, to: Target::Page(prose::link(url)?), icon: "doc" })
    };
    let base = setup.config.grafana_url();
    let mut links: Vec<Link> = runbooks.iter().filter_map(runbook).take(MAX_RUNBOOKS).collect();
    links.push(overview(setup));
    links.extend(owners(service).into_iter().map(|owner| {
        let id = BoardId::Owner(owner, setup.config.grafana_name());
        Link {
            title: plain_title(&id.title()),
            to: Target::Board(id.url(base)),
            icon: "external link",
        }
    }));
    links
}

/// The link to the overview.
pub(super) fn overview(setup: &Setup<'_>) -> Link {
    let id = BoardId::Overview(setup.config.grafana_name());
    let base = setup.config.grafana_url();
    Link { title: id.title(), to: Target::Board(id.url(base)), icon: "dashboard" }
}

/// The title of a link without what Grafana takes for a variable.
pub(super) fn plain_title(text: &str) -> String {
    text.replace('$', "\u{ff04}").replace("[[", "[ [")
}

/// Pages and tickets of the SLO, and what of the plain alerts fires.
fn annotations(service: &Service, scope: &Scope, setup: &Setup<'_>) -> Vec<Annotation> {
    let mut all = Vec::new();
    for (severity, title, color) in [("page", "Pages", "red"), ("ticket", "Tickets", "orange")] {
        let value = setup.config.severity_label(severity);
        if !service.slos.is_empty() {
            all.push(Annotation {
                name: title.to_owned(),
                color,
                expr: scope.alerts("firing", Some(value), Duration::default()),
                text: format!("{{{{{}}}}}", scope.slo_label()),
                // A ticket may last for weeks and would tint every chart.
                enable: severity == "page",
            });
        }
    }
    if !service.alerts.is_empty() {
        all.push(Annotation {
            name: "Plain alerts".to_owned(),
            color: "yellow",
            expr: plain(service, setup).alerts("firing", None, Duration::default()),
            text: "{{severity}}".to_owned(),
            enable: true,
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_in_time_is_that_of_the_workbook() {
        let share = Decimal::parse("0.001").expect("a decimal");
        assert_eq!(part(Duration::days(30), share).to_string(), "43m12s");
    }
}
