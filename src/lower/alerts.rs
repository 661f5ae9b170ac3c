//! Alerting rules: the four of an SLO, and plain ones. Each carries owner, severity,
//! runbook and remediation time.

use std::sync::Arc;

use super::Pairs;
use super::cache::Slot;
use super::ratio::bad_events;
use super::series::Series;
use crate::base::Duration;
use crate::config::{Config, Names, Window};
use crate::gotmpl;
use crate::ir::{
    Alert, BoardId, BurnAlert, BurnRate, Expression, Labels, Promise, Rule, RuleKind, Slo,
    Threshold, name, variable_name,
};
use crate::promql::{
    BinaryOp, Expr, Name, absent, binary, call, decimal, integer, match_on, matching, max_by,
    paren, subquery,
};

/// How long a page goes on after its condition ended: notifications on an error
/// rate that sits on the threshold fall from 129 to 18 a day (measured). No `for:`,
/// which would delay every page and helps less.
const PAGE_KEEPS: Duration = Duration::minutes(10);
/// The same for tickets.
const TICKET_KEEPS: Duration = Duration::minutes(15);
/// Two evaluations of the slow group.
const EXHAUSTED_FOR: Duration = Duration::minutes(8);
/// The budget hovers around zero for long.
const EXHAUSTED_KEEPS: Duration = Duration::hours(1);
/// Three evaluations of the slow group: longer than a restart of Prometheus.
const NO_DATA_FOR: Duration = Duration::minutes(12);

/// The alert that wakes somebody: the budget burns so fast that it is gone soon.
pub(super) fn page(series: &Series<'_>, own: &BurnAlert, config: &Config) -> Rule {
    burning(series, own, config, (name::PAGE, "page", PAGE_KEEPS))
}

/// The alert that waits for the morning: the budget burns faster than evenly.
pub(super) fn ticket(series: &Series<'_>, own: &BurnAlert, config: &Config) -> Rule {
    burning(series, own, config, (name::TICKET, "ticket", TICKET_KEEPS))
}

/// All pairs of one severity in one rule, joined by `or`: the labels do not change
/// when the fast pair hands over to the slow one, so it stays one notification.
fn burning(
    series: &Series<'_>,
    own: &BurnAlert,
    config: &Config,
    (suffix, severity, keeps): (&'static str, &str, Duration),
) -> Rule {
    let slo = series.slo;
    let expr = series.shared(Slot::Alert(suffix), |series| {
        let pairs = series.plan.burn_rates_of(severity).map(|rate| pair(series, rate));
        pairs
            .reduce(|all, pair| binary(all, BinaryOp::Or, pair))
            .expect("every alert that an SLO has has burn rates in its plan")
    });
    let windows: Vec<String> =
        series.plan.burn_rates_of(severity).map(|rate| rate.long.to_string()).collect();
    let text = Text {
        summary: format!("{}: the error budget is burning too fast", title(slo)),
        description: format!(
            "{{{{ $value | humanizePercentage }}}} of events were bad over {}; the objective of {}% {} allows {}%.",
            windows.join(" or "),
            slo.objective.percent,
            over(series.plan.window),
            series.budget_percent(),
        ),
    };
    let keeps = own.keep_firing_for.unwrap_or(keeps);
    let mut rule = alert(series, config, suffix, severity, expr, None, Some(keeps), text);
    extend(&mut rule.labels, &own.labels);
    if let RuleKind::Alert { annotations, .. } = &mut rule.kind {
        extend(annotations, &own.annotations);
    }
    rule
}

/// Lays the pairs of one alert over those of all alerts of its SLO.
fn extend(pairs: &mut Pairs, own: &Labels) {
    for (label, value) in own {
        match pairs.iter_mut().find(|(known, _)| known.as_str() == &**label) {
            Some((_, known)) => *known = Arc::clone(value),
            None => pairs.push((label.into(), Arc::clone(value))),
        }
    }
}

/// `over 30d`, or `over the calendar month`.
fn over(window: Window) -> String {
    match window {
        Window::Rolling(window) => format!("over {window}"),
        Window::Month => "over the calendar month".to_owned(),
    }
}

/// Both windows of a pair above its threshold.
fn pair(series: &Series<'_>, rate: &BurnRate) -> Expr {
    let threshold = || match rate.threshold {
        Threshold::Burn => paren(binary(decimal(rate.factor), BinaryOp::Mul, series.budget())),
        Threshold::Capped(cap) => decimal(cap),
    };
    let above =
        |window| series.without_window(binary(series.ratio(window), BinaryOp::Gt, threshold()));
    let mut pair = binary(above(rate.long), BinaryOp::And, above(rate.short));
    if series.plan.min_bad_events > 1 {
        let least = integer(series.plan.min_bad_events.into());
        let enough = binary(bad_events(series, rate.long), BinaryOp::Ge, least);
        pair = binary(pair, BinaryOp::And, enough);
    }
    paren(pair)
}

/// Nothing is left of the budget.
pub(super) fn budget_exhausted(series: &Series<'_>, config: &Config) -> Rule {
    let expr = binary(series.read(name::BUDGET_REMAINING), BinaryOp::Le, integer(0));
    let expr = Expression::Built(expr);
    let text = Text {
        summary: format!(
            "{}: the error budget {} is used up",
            title(series.slo),
            over(series.plan.window).replacen("over", "for", 1)
        ),
        description: format!(
            "The objective of {}% {} is missed until {}; the rest of the budget is {{{{ $value | humanizePercentage }}}}.",
            series.slo.objective.percent,
            over(series.plan.window),
            match series.plan.window {
                Window::Rolling(_) => "errors leave the window",
                Window::Month => "the month ends",
            },
        ),
    };
    let (for_, keeps) = (Some(EXHAUSTED_FOR), Some(EXHAUSTED_KEEPS));
    alert(series, config, name::BUDGET_EXHAUSTED, "ticket", expr, for_, keeps, text)
}

/// The SLI has no value: no target, no metric, or a bucket that does not exist.
/// Watches the ratio, which is absent in each of these cases; no burn-rate alert can
/// fire then, so this one is as severe as the page.
///
/// Of a grouped SLO: each group that had events within a day and has no ratio now, or
/// the whole of it where no group has.
pub(super) fn no_data(series: &Series<'_>, severity: &str, config: &Config) -> Rule {
    let ratio = series.ratio(series.plan.base);
    let by = &series.slo.group_by;
    let expr = if by.is_empty() {
        absent(ratio)
    } else {
        let day = subquery(series.total_tile(), Duration::days(1), Some(Duration::hours(1)));
        let labels = series.labels().into_iter().map(|(label, _)| label);
        let kept: Vec<Name> = labels.chain(by.iter().cloned()).collect();
        let was = max_by(&kept, call("count_over_time", [day]));
        let gone = matching(was, BinaryOp::Unless, Some(match_on(by)), ratio.clone());
        matching(gone, BinaryOp::Or, Some(match_on(&[])), absent(ratio))
    };
    let expr = Expression::Built(expr);
    let text = Text {
        summary: format!("{}: the SLI has no data", title(series.slo)),
        description: match by.is_empty() {
            true => "Nothing is measured: the targets are gone, the metric has another name, or a bucket does not exist. No other alert of this SLO can fire.".to_owned(),
            false => "Nothing is measured of this group, which had events within the last day. No other alert of it can fire.".to_owned(),
        },
    };
    alert(series, config, name::NO_DATA, severity, expr, Some(NO_DATA_FOR), None, text)
}

/// What an alert says.
struct Text {
    summary: String,
    description: String,
}

/// An alert of an SLO.
#[expect(clippy::too_many_arguments, reason = "each of the four alerts differs in all of them")]
fn alert(
    series: &Series<'_>,
    config: &Config,
    suffix: &str,
    severity: &str,
    expr: Expression,
    for_: Option<Duration>,
    keep_firing_for: Option<Duration>,
    text: Text,
) -> Rule {
    let slo = series.slo;
    let mut labels = stamped(config, severity, &slo.promise);
    labels.extend(series.labels());
    if series.plan.names == Names::Sloth {
        labels.push((name::SLOTH_SEVERITY.into(), severity.into()));
    }
    labels.extend(slo.labels.iter().map(|(k, v)| (k.into(), v.clone())));
    let description = match &slo.description {
        Some(promise) if promise.ends_with(['.', '!', '?']) => {
            format!("{promise} {}", text.description)
        }
        Some(promise) => format!("{promise}. {}", text.description),
        None => text.description,
    };
    let (summary, description) = (text.summary.into(), Some(description.into()));
    Rule {
        kind: RuleKind::Alert {
            name: format!("{}{suffix}", slo.alert_name).into(),
            for_,
            keep_firing_for: keep_firing_for
                .filter(|keeps| series.plan.keep_firing_for && !keeps.is_zero()),
            annotations: annotations(Said {
                summary,
                description,
                severity,
                promise: &slo.promise,
                board: slo_board(slo, config),
                own: &slo.annotations,
            }),
        },
        expr,
        labels,
        origin: slo.origin.span,
    }
}

/// A plain alert: its expression as it was written.
pub(super) fn plain(alert: &Alert, config: &Config) -> Rule {
    let mut labels = stamped(config, &alert.severity, &alert.promise);
    labels.push((name::SERVICE.into(), alert.service.clone()));
    labels.extend(alert.labels.iter().map(|(k, v)| (k.into(), v.clone())));
    let (summary, description) = (alert.summary.clone(), alert.description.clone());
    Rule {
        kind: RuleKind::Alert {
            name: alert.name.clone(),
            for_: alert.for_.filter(|d| !d.is_zero()),
            keep_firing_for: alert.keep_firing_for.filter(|d| !d.is_zero()),
            annotations: annotations(Said {
                summary,
                description,
                severity: &alert.severity,
                promise: &alert.promise,
                board: board(&alert.service, None, config),
                own: &alert.annotations,
            }),
        },
        expr: Expression::Written(alert.expr.clone()),
        labels,
        origin: alert.origin.span,
    }
}

/// The labels that every alert has.
fn stamped(config: &Config, severity: &str, promise: &Promise) -> Pairs {
    vec![
        (name::SEVERITY.into(), config.severity_label(severity).into()),
        ((&config.owner_label.value).into(), promise.owner.clone()),
    ]
}

/// What an alert says to whoever is woken.
struct Said<'a> {
    summary: Arc<str>,
    description: Option<Arc<str>>,
    severity: &'a str,
    promise: &'a Promise,
    /// The link to its board, a Go template.
    board: Option<String>,
    own: &'a Labels,
}

/// The annotations that every alert has, then the user's.
fn annotations(said: Said<'_>) -> Pairs {
    let mut pairs = vec![(name::SUMMARY.into(), said.summary)];
    pairs.extend(said.description.map(|text| (name::DESCRIPTION.into(), text)));
    pairs.push((name::RUNBOOK_URL.into(), said.promise.runbook_url.clone()));
    let time = said.promise.remediation.get(said.severity).map(|time| time.to_string().into());
    pairs.extend(time.map(|time: Arc<str>| (name::REMEDIATION_TIME.into(), time)));
    pairs.extend(said.board.map(|url| (name::DASHBOARD_URL.into(), url.into())));
    pairs.extend(said.own.iter().map(|(k, v)| (k.into(), v.clone())));
    pairs
}

/// The link to the board of a service, where boards are written and have an address: the
/// last hours, of the server that fired.
fn board(service: &str, slo: Option<&str>, config: &Config) -> Option<String> {
    let base = gotmpl::literal(config.grafana_url()?);
    let mut url = BoardId::Service(service).url(Some(&base)) + "?from=now-6h&to=now";
    if let Some(source) = config.grafana_datasource() {
        url += &format!("&var-datasource={}", gotmpl::urlquery(source));
    }
    // Names of SLOs need no escapes in a link.
    url.extend(slo.map(|slo| format!("&var-slo={slo}")));
    for label in &config.prometheus.external_labels {
        let variable = variable_name(&label.value);
        url += &gotmpl::external_label_in_link(&label.value, &format!("&var-{variable}="));
    }
    Some(url)
}

/// The link to the board of an SLO, with the group that the alert is about.
fn slo_board(slo: &Slo, config: &Config) -> Option<String> {
    let url = board(&slo.service, Some(&slo.name), config)?;
    Some(slo.group_by.iter().fold(url, |url, label| {
        format!("{url}&var-{}={}", variable_name(label), gotmpl::label_in_link(label))
    }))
}

/// How an SLO is called in a summary.
fn title(slo: &Slo) -> String {
    format!("{} {}", slo.service, slo.name)
}
