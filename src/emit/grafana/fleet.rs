//! Boards over several services: the overview of all SLOs, and a page for each owner.
//! Services with their plans come in, boards go out. What they show is asked of the
//! series, so that their size does not grow with the number of SLOs; only what no series
//! says (links, runbooks) is written out.

use std::collections::BTreeSet;

use minijinja::{Value, context};

use super::board::{self, Annotation, Board, Item, Link, Target, Variable, panel, row};
use super::scope::{Operand, Scope, decimals, matcher};
use super::service::{labels, overview, plain_title};
use super::values;
use super::{Setup, prose};
use crate::base::{Count, Decimal, Diagnostics, Duration};
use crate::ir::{BoardId, Plan, Promise, Service, info_name, line, name};
use crate::promql;

/// Services and the plans of their SLOs.
pub(super) type Services = [(Service, Vec<Plan>)];

static OVERVIEW: &[Item] = &[
    panel(1, "overview/slos", 4, 4),
    panel(2, "overview/meeting", 4, 4),
    panel(3, "overview/exhausted", 4, 4),
    panel(4, "overview/burning", 4, 4),
    panel(5, "overview/pages", 4, 4),
    panel(6, "overview/no-data", 4, 4),
    panel(7, "overview/table", 24, 14),
    panel(11, "overview/firing", 24, 7),
    panel(8, "overview/least-budget", 12, 10),
    panel(9, "overview/low-traffic", 12, 10),
    panel(10, "overview/budget-over-time", 24, 9),
];

static OWNER: &[Item] = &[
    panel(1, "owner/runbooks", 12, 8),
    panel(2, "owner/slos", 4, 4),
    panel(3, "owner/pages", 4, 4),
    panel(4, "owner/tickets", 4, 4),
    panel(5, "owner/least-budget", 4, 4),
    panel(6, "owner/pages-30d", 4, 4),
    panel(7, "owner/time-paging", 4, 4),
    panel(8, "owner/table", 24, 10),
    row(10, "On call"),
    panel(14, "owner/firing", 24, 6),
    panel(11, "owner/pages-by-alert", 12, 9),
    panel(12, "owner/paging-per-day", 12, 9),
    panel(13, "owner/alert-history", 24, 8),
];

/// The overview of all SLOs.
pub(super) fn all<'a>(
    services: &Services,
    setup: &Setup<'a>,
    diags: &mut Diagnostics,
) -> Board<'a> {
    let mut scope = Scope::new(setup.config);
    scope.narrow(matcher(scope.service_label(), Operand::Any("service")));
    scope.own(&setup.config.owner_label.value, Operand::Any("owner"));
    let slos = services.iter().map(|(service, _)| service.slos.len()).sum();
    let values = context! {
        table_height => values::table_height(slos, 6, 16),
        ..context! { ..known(services, &scope, setup), ..values::queries(&scope) }
    };
    let info = info_name(setup.config.names);
    let mut variables = vec![Variable::Datasource(setup.config.grafana_datasource())];
    variables.extend(labels(setup, |label| format!("label_values({info}, {label})")));
    let own = |name: &str, label: &str, source: &str| Variable::Label {
        name: name.to_owned(),
        label: label.to_owned(),
        query: format!("label_values({info}, {source})"),
    };
    variables.push(own("owner", "Owner", name::OWNER));
    variables.push(own("service", "Service", scope.service_label()));
    Board {
        id: BoardId::Overview(setup.config.grafana_name()),
        made_from: "all specs of the project".to_owned(),
        tags: ["slo", "generated", "overview"].map(str::to_owned).to_vec(),
        timezone: setup.config.grafana_timezone(),
        from: "now-7d",
        variables,
        links: vec![tagged("Owners", "owner-page"), tagged("Services", "service-board")],
        annotations: annotations(&scope, setup),
        panels: board::panels("overview", OVERVIEW, setup.templates, &values, diags),
    }
}

/// A list of boards.
fn tagged(title: &str, tag: &'static str) -> Link {
    Link { title: title.to_owned(), to: Target::Tagged(tag), icon: "external link" }
}

/// Every owner of anything, sorted.
pub(super) fn owners(services: &Services) -> BTreeSet<&str> {
    services
        .iter()
        .flat_map(|(service, _)| promises(service).map(|(_, _, promise, _)| &*promise.owner))
        .collect()
}

/// What a service promises: of what, whether that is an SLO, what, and for which
/// severities.
fn promises(service: &Service) -> impl Iterator<Item = (&str, bool, &Promise, Vec<&str>)> {
    let slos = service.slos.iter();
    let slos = slos.map(|slo| (&*slo.name, true, &slo.promise, values::severities_of(slo)));
    let alerts = service.alerts.iter();
    slos.chain(alerts.map(|a| (&*a.name, false, &a.promise, vec![&*a.severity])))
}

/// The page of an owner.
pub(super) fn owner<'a>(
    owner: &'a str,
    services: &Services,
    setup: &Setup<'a>,
    diags: &mut Diagnostics,
) -> Board<'a> {
    let mut scope = Scope::new(setup.config);
    scope.own(&setup.config.owner_label.value, Operand::Text(owner));
    let base = setup.config.grafana_url();
    let is_theirs = |promise: &Promise| &*promise.owner == owner;
    let slos = services.iter().flat_map(|(service, _)| &service.slos);
    let slos = slos.filter(|slo| is_theirs(&slo.promise)).count();
    let values = context! {
        table_height => values::table_height(slos, 4, 12),
        ..context! {
            ..theirs(owner, services, setup),
            ..context! { ..known(services, &scope, setup), ..values::queries(&scope) }
        }
    };
    let info = info_name(setup.config.names);
    let own = matcher(name::OWNER, Operand::Text(owner));
    let mut variables = vec![Variable::Datasource(setup.config.grafana_datasource())];
    variables.extend(labels(setup, |label| format!("label_values({info}{{{own}}}, {label})")));
    let mut links = vec![overview(setup)];
    for (service, _) in
        services.iter().filter(|(s, _)| promises(s).any(|(_, _, p, _)| &*p.owner == owner))
    {
        let id = BoardId::Service(&service.name);
        let (title, to) = (plain_title(&id.title()), Target::Board(id.url(base)));
        links.push(Link { title, to, icon: "dashboard" });
    }
    links.truncate(MAX_LINKS);
    Board {
        id: BoardId::Owner(owner, setup.config.grafana_name()),
        made_from: "all specs of the project".to_owned(),
        tags: vec![
            "slo".to_owned(),
            "generated".to_owned(),
            "owner-page".to_owned(),
            format!("owner:{}", line(owner)),
        ],
        timezone: setup.config.grafana_timezone(),
        from: "now-7d",
        variables,
        links,
        annotations: annotations(&scope, setup),
        panels: board::panels("owner", OWNER, setup.templates, &values, diags),
    }
}

/// How many links the top of a page has at most: the list of services has them all.
const MAX_LINKS: usize = 7;

/// What an owner owns, with runbooks and remediation times.
fn theirs(owner: &str, services: &Services, setup: &Setup<'_>) -> Value {
    let base = setup.config.grafana_url();
    let mut rows = Vec::new();
    let (mut slos, mut alerts) = (0, 0);
    let mut own = Vec::new();
    for (service, _) in services {
        let board = BoardId::Service(&service.name).url(base);
        let mut any = false;
        for (name, is_slo, promise, severities) in
            promises(service).filter(|(_, _, p, _)| &*p.owner == owner)
        {
            any = true;
            *(if is_slo { &mut slos } else { &mut alerts }) += 1;
            let url = match is_slo {
                true => format!("{board}?var-slo={}", prose::component(name)),
                false => board.clone(),
            };
            rows.push(context! {
                service => &*service.name,
                name,
                url,
                runbook => values::runbook(promise),
                remediation => values::remediation(promise, &severities),
            });
        }
        if any {
            own.push(context! { name => &*service.name, url => board });
        }
    }
    context! {
        owner => values::owner(owner, setup),
        owned => own,
        promises => rows,
        counts => format!("{}, {}", Count(slos, "SLO"), Count(alerts, "plain alert")),
    }
}

/// What the templates of both can use besides queries.
fn known(services: &Services, scope: &Scope, setup: &Setup<'_>) -> Value {
    let config = setup.config;
    let external = &config.prometheus.external_labels;
    let external: Vec<&str> = external.iter().map(|label| &*label.value).collect();
    let plan = services.iter().find_map(|(_, plans)| plans.first());
    let (base, fast) =
        plan.map_or((Duration::minutes(5), Duration::seconds(30)), |p| (p.base, p.fast));
    let seconds = Decimal::ratio(
        Decimal::from(u32::try_from(fast.as_millis()).unwrap_or(u32::MAX)),
        Decimal::from(1_000),
        3,
    );
    let page = config.severity_label("page");
    let ticket = config.severity_label("ticket");
    let root = config.grafana_url().unwrap_or_default().trim_end_matches('/');
    let objectives = services.iter().flat_map(|(s, _)| &s.slos).map(|slo| slo.objective.percent);
    let uid = "${__data.fields.uid}";
    let handed = values::handed_on(external.iter().copied());
    let slo_label = scope.slo_label();
    context! {
        severities => values::severities(config),
        page,
        ticket,
        // The service of plain alerts stands in `service`, whatever the names of SLOs.
        alert_by => values::safe(alert_labels(scope, &external)),
        events_in_hour => values::safe(events_in_hour(scope, &name::events_total(base), &seconds.to_string(), &measured_kinds(services))),
        with_uid => values::safe(with_uid(services, scope)),
        firing_with_uid => values::safe(firing_with_uid(services, scope)),
        owner_label => values::safe(promql::label(&config.owner_label.value)),
        decimals => decimals(objectives),
        told_apart => external.iter().copied().collect::<Value>(),
        legend => values::legend(&[&[scope.service_label(), slo_label], external.as_slice()].concat()),
        slo_link => format!("{root}/d/{uid}?var-slo=${{__data.fields.{slo_label}}}{handed}&${{datasource:queryparam}}&${{__url_time_range}}"),
        board_link => format!("{root}/d/{uid}?${{datasource:queryparam}}&${{__url_time_range}}"),
        owner_link => format!("{}?var-owner=${{__data.fields.owner:percentencode}}&${{datasource:queryparam}}&${{__url_time_range}}", BoardId::Overview(config.grafana_name()).url(config.grafana_url())),
    }
}

/// A matcher that leaves out SLOs whose events are samples or seconds: their number says
/// nothing of traffic.
fn measured_kinds(services: &Services) -> String {
    let slos = services.iter().flat_map(|(service, _)| &service.slos);
    let of_time = slos.filter(|slo| slo.sli.is_instant() || slo.sli.kind() == "ratio");
    let kinds: BTreeSet<&str> = of_time.map(|slo| slo.sli.kind()).collect();
    match kinds.is_empty() {
        true => String::new(),
        false => {
            let kinds: Vec<&str> = kinds.into_iter().collect();
            format!("{}!~\"{}\"", name::KIND, kinds.join("|"))
        }
    }
}

/// `(alertname, service, slo, cluster)`: what tells alerts apart.
fn alert_labels(scope: &Scope, external: &[&str]) -> String {
    let mut labels = vec!["alertname".to_owned(), name::SERVICE.to_owned()];
    for label in [scope.service_label(), scope.slo_label()].iter().chain(external) {
        let label = promql::label(label);
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    format!("({})", labels.join(", "))
}

/// The events of each SLO in the last hour, of the group that has the least.
fn events_in_hour(scope: &Scope, total: &str, seconds: &str, not: &str) -> String {
    let by = scope.labels();
    let series = scope.raw(total, "");
    let least = format!("min by {by} (sum_over_time({series}[1h])) * {seconds}");
    format!("({least} and on {by} {})", scope.info(not))
}

/// The info series with the uid of each SLO's board as a label: it follows from the name
/// of the service, but where that had to be changed or cut.
fn with_uid(services: &Services, scope: &Scope) -> String {
    let changed: Vec<&str> = services
        .iter()
        .filter(|(service, _)| !service.slos.is_empty())
        .map(|(service, _)| &*service.name)
        .filter(|name| !BoardId::has_plain_uid(name))
        .collect();
    let label = scope.service_label();
    let others = match changed.is_empty() {
        true => String::new(),
        false => format!("{label}!~\"{}\"", changed.join("|").replace('.', "\\\\.")),
    };
    let plain = format!(
        "label_replace({}, \"uid\", \"slo-$1\", \"{label}\", \"(.+)\")",
        scope.info(&others)
    );
    let own = changed.iter().map(|name| {
        let only = matcher(label, Operand::Text(name));
        let uid = BoardId::Service(name).uid();
        format!("label_replace({}, \"uid\", \"{uid}\", \"\", \"\")", scope.info(&only))
    });
    either(&std::iter::once(plain).chain(own).collect::<Vec<String>>())
}

/// The alerts that fire, with the uid of the board of their service as a label.
fn firing_with_uid(services: &Services, scope: &Scope) -> String {
    let all = scope.alerts("firing", None, Duration::default());
    // Alerts of SLOs may bear the names of Sloth, plain ones never do.
    let labels: BTreeSet<&str> = [name::SERVICE, scope.service_label()].into();
    let named = labels.iter().fold(all, |query, label| {
        format!("label_replace({query}, \"uid\", \"slo-$1\", \"{label}\", \"(.+)\")")
    });
    let changed = services.iter().map(|(service, _)| &*service.name);
    let changed = changed.filter(|name| !BoardId::has_plain_uid(name));
    // The uid that a query makes of a name, and the one that the board has.
    let own = changed.take(MAX_CHANGED).map(|name| (name, BoardId::Service(name).uid()));
    own.fold(named, |query, (name, uid)| {
        let made = format!("slo-{name}").replace('.', "\\\\.");
        format!("label_replace({query}, \"uid\", \"{uid}\", \"uid\", \"{made}\")")
    })
}

/// How many uids a query mends: each makes it deeper, and parsers bound its height.
const MAX_CHANGED: usize = 60;

/// Queries joined by `or`, in a tree that is as flat as can be: parsers bound its height.
fn either(queries: &[String]) -> String {
    match queries {
        [] => String::new(),
        [one] => one.clone(),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            format!("({} or {})", either(left), either(right))
        }
    }
}

/// The pages, over every time series.
fn annotations(scope: &Scope, setup: &Setup<'_>) -> Vec<Annotation> {
    let value = setup.config.severity_label("page");
    vec![Annotation {
        name: "Pages".to_owned(),
        color: "red",
        expr: scope.alerts("firing", Some(value), Duration::default()),
        text: format!("{{{{{}}}}} {{{{{}}}}}", scope.service_label(), scope.slo_label()),
        enable: true,
    }]
}
