//! The shape of a spec: every key of the language, with the sentence that an
//! editor shows for it. `ninefold schema` prints it.

use crate::config::{ANNOTATIONS, LABELS, SEVERITY_NAME, WINDOW};
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

static ALERT_NAME: Pattern = Pattern {
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
static FOR: Shape = Shape {
    doc: "How long the expression must hold before the alert fires.",
    ty: Type::Duration { zero: true },
};
static ALERT: Shape = Shape { doc: "The name of the alert.", ty: Type::Str(Some(&ALERT_NAME)) };
static SEVERITY_OF: Shape = Shape {
    doc: "The name of its severity: `page`, `ticket`, or another of the project file.",
    ty: Type::Str(Some(&SEVERITY_NAME)),
};
static ANY: Shape = Shape { doc: "", ty: Type::Any };

/// The SLI of an SLO: one kind.
static SLI: Shape = Shape {
    doc: "What is measured: exactly one SLI kind.",
    ty: Type::OneOf { fields: sli::fields, what: "SLI kind" },
};

static ALERTING: Shape = Shape {
    doc: "How the SLO alerts.",
    ty: Type::Map(&[
        Field::optional("name", &ALERT, "What the names of its alerts begin with.")
            .or("the service's and the SLO's name, in camel case")
            .such_as("CheckoutLatency"),
        Field::later("page", &ANY, "The alert that wakes somebody: a map, or false."),
        Field::later("ticket", &ANY, "The alert that waits for the morning: a map, or false."),
        Field::later("budget_exhausted", &ANY, "Whether an alert says that the budget is used up."),
        Field::later(
            "no_data",
            &ANY,
            "The severity of the alert that says that the SLI has no data.",
        ),
        Field::later(
            "min_bad_events",
            &ANY,
            "How many bad events there must be before an alert fires.",
        ),
        Field::later("burn_rates", &ANY, "Burn rates of one's own."),
        Field::later("first_errors", &ANY, "Whether the first value of a new error series counts."),
    ]),
};

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
        Field::later("group_by", &ANY, "Labels of which each value has a budget of its own."),
        Field::later("expected_rate", &ANY, "The traffic that the SLO is made for."),
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
        Field::later("tests", &ANY, "Tests of the alert."),
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
        Field::later("group_by", &ANY, "Labels of which each value has a budget of its own."),
    ]),
};
