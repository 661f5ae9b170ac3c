//! How an SLO alerts: the shape of `alerting:`, and what it says.

use std::sync::Arc;

use super::decode::{annotations, duration, labels, whole, written};
use super::file::{Pair, TextPair, Written};
use super::shape::{ALERT, FOR};
use crate::base::{Decimal, Diagnostic, Diagnostics, Duration, Span, Spanned, codes};
use crate::config::{ANNOTATIONS, LABELS};
use crate::yaml::{Field, Node, Range, Shape, Type};

codes! {
    /// ## Why
    /// The long window says that the budget is burning, the short one that it is
    /// burning now. Windows are sums of rates over five minutes: the short one is 5m
    /// (at least four scrapes), or whole minutes from 10m on, and the long one is
    /// longer.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: page, long: 5m, short: 1h, factor: 14.4}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: page, long: 1h, short: 5m, factor: 14.4}]
    /// ```
    BURN_RATE_WINDOWS = Error "burn-rate-windows";

    /// ## Why
    /// A burn rate of 1 spends the budget exactly over the window of the objective.
    /// An alert below it fires while the objective is met.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: ticket, long: 3d, short: 6h, factor: 0.5}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: ticket, long: 3d, short: 6h, factor: 1}]
    /// ```
    BURN_RATE_FACTOR = Error "burn-rate-factor";

    /// ## Why
    /// A burn rate of an alert that is turned off fires nothing.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       page: false
    ///       burn_rates: [{severity: page, long: 1h, short: 5m, factor: 14.4}]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates: [{severity: page, long: 1h, short: 5m, factor: 14.4}]
    /// ```
    BURN_RATE_UNUSED = Warning "burn-rate-unused";

    /// ## Why
    /// Of two burn rates over the same windows the one with the lower factor fires
    /// whenever the other does, which then says nothing.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates:
    ///         - {severity: page, long: 1h, short: 5m, factor: 14.4}
    ///         - {severity: page, long: 60m, short: 5m, factor: 6}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    ///     alerting:
    ///       burn_rates:
    ///         - {severity: page, long: 1h, short: 5m, factor: 14.4}
    ///         - {severity: page, long: 6h, short: 30m, factor: 6}
    /// ```
    BURN_RATE_TWICE = Error "burn-rate-twice";
}

static BOOL: Shape = Shape { doc: "", ty: Type::Bool };
static OFF: Shape = Shape { doc: "No such alert.", ty: Type::False };
static BURN_ALERT_MAP: Shape = Shape {
    doc: "",
    ty: Type::Map(&[
        Field::optional("labels", &LABELS, "Labels of this alert."),
        Field::optional("annotations", &ANNOTATIONS, "Annotations of this alert."),
        Field::optional(
            "keep_firing_for",
            &FOR,
            "How long the alert goes on after its condition stopped to hold. 0s: not at all.",
        )
        .or("10m for the page, 15m for the ticket"),
    ]),
};
static BURN_ALERT: Shape = Shape { doc: "", ty: Type::Either(&[&BURN_ALERT_MAP, &OFF]) };
const NO_DATA_AT: &[&str] = &["page", "ticket", "ignore"];
static NO_DATA: Shape = Shape {
    doc: "The severity of the alert that says that the SLI has no data; `ignore`: no such alert.",
    ty: Type::Enum(NO_DATA_AT),
};
static MIN_BAD_EVENTS: Shape = Shape {
    doc: "How many bad events there must be in the long window before an alert fires. 3 is a good value below 500 events per hour.",
    ty: Type::Number(Range { least: Some(1), integer: true, ..Range::ALL }),
};
static BURN_SEVERITY: Shape =
    Shape { doc: "The alert that it belongs to.", ty: Type::Enum(&["page", "ticket"]) };
static WINDOW: Shape = Shape { doc: "", ty: Type::Duration { zero: false } };
static FACTOR: Shape = Shape {
    doc: "How many times faster than evenly the budget burns.",
    ty: Type::Number(Range { above: Some(0), ..Range::ALL }),
};
static BURN_RATE: Shape = Shape {
    doc: "An alert fires while the error ratio over both windows is above `factor` times the error budget.",
    ty: Type::Map(&[
        Field::required("severity", &BURN_SEVERITY, ""),
        Field::required("long", &WINDOW, "The window that says that the budget is burning.")
            .such_as("1h"),
        Field::required("short", &WINDOW, "The window that says that it is burning now.")
            .such_as("5m"),
        Field::required("factor", &FACTOR, "").such_as("14.4"),
    ]),
};
static BURN_RATES: Shape = Shape {
    doc: "Burn rates of one's own, instead of those of each severity that they name.",
    ty: Type::List { item: &BURN_RATE, min: 1 },
};

/// The shape of `alerting:`.
pub(super) static ALERTING: Shape = Shape {
    doc: "How the SLO alerts.",
    ty: Type::Map(&[
        Field::optional("name", &ALERT, "What the names of its alerts begin with.")
            .or("the service's and the SLO's name, in camel case")
            .such_as("CheckoutLatency"),
        Field::optional("page", &BURN_ALERT, "The alert that wakes somebody: a map, or `false`."),
        Field::optional(
            "ticket",
            &BURN_ALERT,
            "The alert that waits for the morning: a map, or `false`.",
        ),
        Field::optional(
            "budget_exhausted",
            &BOOL,
            "Whether a ticket says that the error budget is used up.",
        )
        .or("true"),
        Field::optional("no_data", &NO_DATA, "")
            .or("page; ticket where the SLO is grouped or has no page alert"),
        Field::optional("min_bad_events", &MIN_BAD_EVENTS, "").or("1"),
        Field::optional("burn_rates", &BURN_RATES, ""),
        Field::optional(
            "first_errors",
            &BOOL,
            "Whether the first value of a new error series counts as errors. It needs `up` with the same `job` and `instance`.",
        )
        .or("true"),
    ]),
};

/// What `alerting:` says.
#[derive(Debug)]
pub struct AlertingSpec {
    /// What the names of its alerts begin with.
    pub name: Option<Written>,
    /// The alert that wakes somebody; `None`: off.
    pub page: Option<BurnAlertSpec>,
    /// The alert that waits for the morning; `None`: off.
    pub ticket: Option<BurnAlertSpec>,
    /// Whether a ticket says that the error budget is used up.
    pub budget_exhausted: bool,
    /// The severity of the NoData alert, or `ignore`.
    pub no_data: Option<Written>,
    /// How many bad events there must be.
    pub min_bad_events: Option<Spanned<u32>>,
    /// Burn rates of one's own.
    pub burn_rates: Vec<BurnRateSpec>,
    /// Whether first errors count.
    pub first_errors: bool,
}

/// What is said of the page or the ticket.
#[derive(Debug, Default)]
pub struct BurnAlertSpec {
    /// Labels of this alert.
    pub labels: Vec<Pair>,
    /// Annotations of this alert.
    pub annotations: Vec<TextPair>,
    /// How long it goes on.
    pub keep_firing_for: Option<Spanned<Duration>>,
}

/// A burn rate of one's own.
#[derive(Debug)]
pub struct BurnRateSpec {
    /// `page` or `ticket`.
    pub severity: Arc<str>,
    /// The window that says that the budget is burning.
    pub long: Duration,
    /// The window that says that it is burning now.
    pub short: Duration,
    /// How many times faster than evenly the budget burns.
    pub factor: Spanned<Decimal>,
    /// Where the long window is written.
    pub long_span: Span,
}

impl AlertingSpec {
    /// The adjusted alerts, with the words for them.
    pub fn burn_alerts(&self) -> impl Iterator<Item = &BurnAlertSpec> + Clone {
        self.page.iter().chain(&self.ticket)
    }
}

/// Decodes `alerting:`; without it the defaults hold. Reports what a shape cannot
/// see of burn rates.
pub(super) fn decode(node: Option<&Node>, diags: &mut Diagnostics) -> AlertingSpec {
    let get = |key: &str| node.and_then(|n| n.get(key));
    let is = |key: &str| get(key).and_then(Node::as_bool).unwrap_or(true);
    let rates = get("burn_rates").and_then(Node::as_seq).unwrap_or_default();
    for rate in rates {
        check_use(rate, &get, diags);
    }
    AlertingSpec {
        name: node.and_then(|n| written(n, "name")),
        page: burn_alert(get("page")),
        ticket: burn_alert(get("ticket")),
        budget_exhausted: is("budget_exhausted"),
        no_data: node
            .and_then(|n| written(n, "no_data"))
            .filter(|severity| NO_DATA_AT.contains(&&*severity.value)),
        min_bad_events: get("min_bad_events").and_then(|n| Some(Spanned::new(whole(n)?, n.span))),
        burn_rates: burn_rates(rates, diags),
        first_errors: is("first_errors"),
    }
}

fn burn_alert(node: Option<&Node>) -> Option<BurnAlertSpec> {
    let Some(node) = node else { return Some(BurnAlertSpec::default()) };
    if node.as_bool() == Some(false) {
        return None;
    }
    Some(BurnAlertSpec {
        labels: labels(node),
        annotations: annotations(node),
        keep_firing_for: duration(node, "keep_firing_for"),
    })
}

/// The burn rates; of those of one severity over the same windows the first.
fn burn_rates(nodes: &[Node], diags: &mut Diagnostics) -> Vec<BurnRateSpec> {
    let mut rates: Vec<BurnRateSpec> = Vec::new();
    for node in nodes {
        let Some(rate) = burn_rate(node, diags) else { continue };
        let same = |other: &&BurnRateSpec| {
            (&other.severity, other.long, other.short) == (&rate.severity, rate.long, rate.short)
        };
        let Some(first) = rates.iter().find(same) else {
            rates.push(rate);
            continue;
        };
        let (severity, long, short) = (&rate.severity, rate.long, rate.short);
        diags.push(
            Diagnostic::new(
                &BURN_RATE_TWICE,
                rate.long_span,
                format!("two burn rates of the {severity} are over {long} and {short}"),
            )
            .label("the same windows again")
            .also(first.long_span, "first here")
            .help("remove the one with the higher factor, or give it other windows"),
        );
    }
    rates
}

fn burn_rate(node: &Node, diags: &mut Diagnostics) -> Option<BurnRateSpec> {
    let severity = node.get("severity").and_then(Node::as_str);
    let severity = severity.filter(|s| ["page", "ticket"].contains(s))?;
    let (long, short) = (duration(node, "long")?, duration(node, "short")?);
    let factor = node.get("factor")?;
    let factor = Spanned::new(factor.as_decimal()?, factor.span);
    let sound = check_windows(&long, &short, diags) & check_factor(severity, &factor, diags);
    sound.then(|| BurnRateSpec {
        severity: severity.into(),
        long: long.value,
        short: short.value,
        factor,
        long_span: long.span,
    })
}

/// Reports a burn rate of an alert that is turned off.
fn check_use<'a>(rate: &Node, get: &dyn Fn(&str) -> Option<&'a Node>, diags: &mut Diagnostics) {
    let Some(severity) = rate.get("severity") else { return };
    let name = severity.as_str().unwrap_or_default();
    let off = ["page", "ticket"].contains(&name).then(|| get(name)).flatten();
    if let Some(off) = off.filter(|alert| alert.as_bool() == Some(false)) {
        diags.push(
            Diagnostic::new(
                &BURN_RATE_UNUSED,
                severity.span,
                format!("a burn rate of the {name}, which is turned off"),
            )
            .label("fires nothing")
            .also(off.span, "turned off here")
            .help("remove one of them"),
        );
    }
}

/// The shortest window: the range of the base series.
const BASE: Duration = Duration::minutes(5);

fn check_windows(
    long: &Spanned<Duration>,
    short: &Spanned<Duration>,
    diags: &mut Diagnostics,
) -> bool {
    let mut fault = |window: &Spanned<Duration>, what: String, label: &str, help: &str| {
        let found = Diagnostic::new(&BURN_RATE_WINDOWS, window.span, what).label(label);
        diags.push(found.help(help));
        false
    };
    if short.value >= long.value {
        let what = format!("the short window {} is not shorter than the long one", short.value);
        let twelfth = long.value / 12;
        let help = match twelfth >= BASE {
            true => format!("use a twelfth of the long window: `short: {twelfth}`"),
            false => "write the longer of them as `long`, the other as `short`".to_owned(),
        };
        return fault(short, what, "must be shorter than `long`", &help);
    }
    if long.value > Duration::days(90) {
        let what = format!("a window of {} is not supported", long.value);
        return fault(long, what, "longer than 90 days", "use at most the window of the objective");
    }
    let mut sound = true;
    for window in [long, short] {
        let minutes = window.value.as_millis().is_multiple_of(60_000);
        let fits = window.value == BASE || window.value >= BASE * 2 && minutes;
        if !fits {
            let label = match window.value < BASE {
                true => "holds too few scrapes",
                false => "windows are sums of rates over 5m",
            };
            let what = format!("a window of {} is not supported", window.value);
            sound = fault(window, what, label, "use `5m`, or whole minutes from `10m` on");
        }
    }
    sound
}

fn check_factor(severity: &str, factor: &Spanned<Decimal>, diags: &mut Diagnostics) -> bool {
    if factor.value >= Decimal::from(1) {
        return true;
    }
    // The shape takes no factor of 0 or less, and says so.
    if factor.value <= Decimal::from(0) {
        return false;
    }
    let what = format!("the {severity} fires at a burn rate of {}", factor.value);
    diags.push(
        Diagnostic::new(&BURN_RATE_FACTOR, factor.span, what)
            .label("below 1 the objective is met")
            .help("use a factor of at least 1, at which the budget lasts exactly as long as the window of the objective"),
    );
    false
}
