//! The shape of a spec: every key of the language, with the sentence that an
//! editor shows for it. `ninefold schema` prints it.

use super::alerting::ALERTING;
use super::proof::{TEST_SERIES_SHAPE, TESTS};
use crate::base::Decimal;
use crate::config::{ANNOTATIONS, LABEL, LABELS, SEVERITY_NAME, WINDOW};
use crate::sli;
use crate::yaml::{Field, Pattern, Range, Shape, Type};

/// The name of a service or an SLO.
pub static NAME: Pattern = Pattern {
    regex: "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    test: |text| {
        let inside = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
        let ends = [text.bytes().next(), text.bytes().last()];
        (1..=63).contains(&text.len())
            && text.bytes().all(inside)
            && ends.iter().flatten().all(u8::is_ascii_alphanumeric)
    },
    what: "a name",
    help: "use up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
};

/// The name of an owner.
pub static OWNER: Pattern = Pattern {
    regex: r"^[^\s{}]([^\n{}]*[^\s{}])?$",
    test: |text| !text.is_empty() && text.trim() == text && !text.contains(['{', '}', '\n']),
    what: "the name of an owner",
    help: "write it in one line, without spaces around it and without braces",
};

/// The name of an alert.
pub(super) static ALERT_NAME: Pattern = Pattern {
    regex: "^[A-Za-z][A-Za-z0-9_]{0,99}$",
    test: |text| {
        text.len() <= 100
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    },
    what: "the name of an alert",
    help: "use up to 100 letters, digits and `_`, and begin with a letter",
};

/// A runbook, before it is looked for.
pub(super) static RUNBOOK: Pattern = Pattern {
    regex: r"^[^\n{}]*$",
    test: |text| !text.contains(['\n', '{', '}']),
    what: "a path or an URL",
    help: "write it in one line, without braces",
};

static VERSION: Shape =
    Shape { doc: "Says that this document is a spec.", ty: Type::Enum(&["v1"]) };
static SERVICE_NAME: Shape = Shape {
    doc: "The name of the service: letters, digits, `-`, `_` and `.`.",
    ty: Type::Str(Some(&NAME)),
};
static SLO_NAME: Shape =
    Shape { doc: "The name of the SLO, unique in its service.", ty: Type::Str(Some(&NAME)) };
static OWNED_BY: Shape = Shape {
    doc: "Who is woken: a team or a person, as the registry of owners spells it.",
    ty: Type::Str(Some(&OWNER)),
};
static RUNBOOK_AT: Shape = Shape {
    doc: "What whoever is woken follows: a file of the repository, with `#heading` if wanted, or an `https` URL.",
    ty: Type::Str(Some(&RUNBOOK)),
};
static TIME: Shape =
    Shape { doc: "The promised time from firing to fixed.", ty: Type::Duration { zero: false } };
static REMEDIATION: Shape = Shape {
    doc: "The promised time from firing to fixed, for each severity.",
    ty: Type::Dict { key: &SEVERITY_NAME, value: &TIME },
};
static OBJECTIVE: Shape = Shape {
    doc: "The share of events that must be good, in per cent: 99.9 allows 1 bad event in 1,000.",
    ty: Type::Number(Range { above: Some(0), below: Some(100), ..Range::ALL }),
};
static PROSE: Shape = Shape { doc: "What the SLO promises, in a sentence.", ty: Type::Text };
static TEMPLATE: Shape = Shape {
    doc: "A text. `{{ }}` is a Go template that Prometheus fills in when the alert fires.",
    ty: Type::Text,
};
static EXPR: Shape = Shape {
    doc: "A PromQL expression. The alert fires for each series of its result.",
    ty: Type::Text,
};
pub(super) static FOR: Shape = Shape {
    doc: "How long the expression must hold before the alert fires.",
    ty: Type::Duration { zero: true },
};
pub(super) static ALERT: Shape =
    Shape { doc: "The name of the alert.", ty: Type::Str(Some(&ALERT_NAME)) };
static SEVERITY_OF: Shape = Shape {
    doc: "The name of its severity: `page`, `ticket`, or another of the project file.",
    ty: Type::Str(Some(&SEVERITY_NAME)),
};

/// The SLI of an SLO: one kind.
static SLI: Shape = Shape {
    doc: "What is measured: exactly one SLI kind.",
    ty: Type::OneOf { fields: sli::fields, what: "SLI kind" },
};

static GROUP_BY: Shape = Shape {
    doc: "Labels of which each value has a budget and alerts of its own. An empty list: none.",
    ty: Type::List { item: &LABEL, min: 0 },
};
static EXPECTED_GROUPS: Shape = Shape {
    doc: "How many values the labels of `group_by` have together, more or less. Above 100 windows of a day and longer are read from sums over an hour, which costs a quarter; tickets come up to an hour later.",
    ty: Type::Number(Range { least: Some(1), integer: true, ..Range::ALL }),
};
/// Events per second, minute, hour or day.
pub(super) static RATE_TEXT: Pattern = Pattern {
    regex: r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?/(s|m|h|d)$",
    test: |text| rate(text).is_some(),
    what: "a number of events over a time",
    help: "write it like `50/s`, `20/m`, `300/h` or `2000/d`",
};
static EXPECTED_RATE: Shape = Shape {
    doc: "The least traffic that the SLO is made for (of one group): objectives and burn rates that are too fine for it are reported.",
    ty: Type::Str(Some(&RATE_TEXT)),
};

/// Events per day of a text such as `20/m`.
pub(super) fn rate(text: &str) -> Option<Decimal> {
    let (number, unit) = text.split_once('/')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let fits = (1..=9).contains(&whole.len()) && (1..=6).contains(&fraction.len());
    let of_day = match unit {
        "s" => 86_400,
        "m" => 1_440,
        "h" => 24,
        "d" => 1,
        _ => return None,
    };
    let number = Decimal::parse(number).filter(|n| fits && *n > Decimal::from(0))?;
    Some(number * Decimal::from(of_day))
}

static SLO: Shape = Shape {
    doc: "A service level objective.",
    ty: Type::Map(&[
        Field::required("name", &SLO_NAME, "").such_as("availability"),
        Field::required("objective", &OBJECTIVE, "").such_as("99.9"),
        Field::required("sli", &SLI, ""),
        Field::optional("window", &WINDOW, "")
            .or("`window` of the project file, 30d")
            .such_as("30d"),
        Field::optional("description", &PROSE, ""),
        Field::optional("owner", &OWNED_BY, "Who is woken, if not the owner of the service."),
        Field::optional("runbook", &RUNBOOK_AT, "").such_as("runbooks/checkout.md#latency"),
        Field::optional("remediation", &REMEDIATION, ""),
        Field::optional("labels", &LABELS, "Labels of its alerts and its info series."),
        Field::optional("annotations", &ANNOTATIONS, "Annotations of its alerts."),
        Field::optional("alerting", &ALERTING, ""),
        Field::optional("group_by", &GROUP_BY, "").such_as("[region]"),
        Field::optional("expected_groups", &EXPECTED_GROUPS, ""),
        Field::optional("expected_rate", &EXPECTED_RATE, "").such_as("20/m"),
        Field::optional("test_series", &TEST_SERIES_SHAPE, ""),
    ]),
};

static PLAIN_ALERT: Shape = Shape {
    doc: "An alert that is no SLO. It is held to the same rules.",
    ty: Type::Map(&[
        Field::required("name", &ALERT, "").such_as("CheckoutQueueStuck"),
        Field::required("expr", &EXPR, ""),
        Field::required("severity", &SEVERITY_OF, ""),
        Field::required("summary", &TEMPLATE, "What is wrong, in one line."),
        Field::optional(
            "description",
            &TEMPLATE,
            "What is wrong, in a few sentences, with numbers.",
        ),
        Field::optional("for", &FOR, ""),
        Field::optional(
            "keep_firing_for",
            &FOR,
            "How long the alert goes on after the expression stopped to hold.",
        ),
        Field::optional("remediation", &TIME, ""),
        Field::optional("owner", &OWNED_BY, "Who is woken, if not the owner of the service."),
        Field::optional("runbook", &RUNBOOK_AT, "").such_as("runbooks/checkout.md#queue"),
        Field::optional("labels", &LABELS, "Labels of the alert."),
        Field::optional("annotations", &ANNOTATIONS, "Annotations of the alert."),
        Field::optional("tests", &TESTS, ""),
    ]),
};

static SLOS: Shape =
    Shape { doc: "The SLOs of the service.", ty: Type::List { item: &SLO, min: 0 } };
static ALERTS: Shape =
    Shape { doc: "Alerts that are no SLOs.", ty: Type::List { item: &PLAIN_ALERT, min: 0 } };

/// The shape of a spec.
pub static SHAPE: Shape = Shape {
    doc: "A spec of ninefold: the SLOs and alerts of one service, written by those who own it.",
    ty: Type::Map(&[
        Field::required("ninefold", &VERSION, ""),
        Field::required("service", &SERVICE_NAME, "").such_as("checkout"),
        Field::optional("owner", &OWNED_BY, "").such_as("team-payments"),
        Field::optional("runbook", &RUNBOOK_AT, "").such_as("runbooks/checkout.md"),
        Field::optional("remediation", &REMEDIATION, "").such_as("{page: 1h, ticket: 3d}"),
        Field::optional("labels", &LABELS, "Labels of its alerts and its info series."),
        Field::optional("annotations", &ANNOTATIONS, "Annotations of its alerts."),
        Field::optional("slos", &SLOS, ""),
        Field::optional("alerts", &ALERTS, ""),
        Field::optional(
            "group_by",
            &GROUP_BY,
            "The `group_by` of SLOs that have none of their own.",
        )
        .such_as("[region]"),
    ]),
};
