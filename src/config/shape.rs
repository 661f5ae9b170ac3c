//! The shape of the project file, and the shapes that specs share with it.

use super::kubernetes::{NAMESPACE, OBJECT_LABEL, OBJECT_LABELS};
use crate::yaml::{Field, Pattern, Shape, Type};

static LABEL_NAME: Pattern = Pattern {
    regex: "^[A-Za-z_][A-Za-z0-9_]*$",
    test: |text| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
    },
    what: "the name of a label",
    help: "use letters, digits and `_`, and begin with none of the digits",
};

static LABEL_VALUE: Shape = Shape { doc: "A static value.", ty: Type::LabelValue };

/// Labels: names and static values.
pub static LABELS: Shape = Shape {
    doc: "Labels: names and static values. Values are texts or numbers, which are taken as written.",
    ty: Type::Dict { key: &LABEL_NAME, value: &LABEL_VALUE },
};

static ANNOTATION: Shape = Shape {
    doc: "A text. `{{ }}` is a Go template that Prometheus fills in when the alert fires.",
    ty: Type::Text,
};

/// Annotations: names and Go templates.
pub static ANNOTATIONS: Shape = Shape {
    doc: "Annotations: names and texts, which may be Go templates.",
    ty: Type::Dict { key: &LABEL_NAME, value: &ANNOTATION },
};

/// The name of a label.
pub static LABEL: Shape = Shape { doc: "The name of a label.", ty: Type::Str(Some(&LABEL_NAME)) };

/// The window of an objective.
pub static WINDOW: Shape = Shape {
    doc: "The window over which an objective holds: 7 to 90 whole days, or `month` for calendar months (UTC).",
    ty: Type::DurationOr("month"),
};

static PATH: Pattern = Pattern {
    regex: r"^[^\s/\\]([^\\\n]*[^\s\\])?$",
    test: |text| {
        text.trim() == text
            && !text.is_empty()
            && !text.starts_with('/')
            && !text.contains(['\\', '\n'])
    },
    what: "a path below the folder of `ninefold.yaml`",
    help: "write it relative to that folder, with `/` between its parts",
};

static GLOB: Shape = Shape {
    doc: "A glob relative to the root: `*` any part of a name, `**` any folders, `{a,b}` either.",
    ty: Type::Str(None),
};
static GLOBS: Shape = Shape { doc: "Globs.", ty: Type::List { item: &GLOB, min: 0 } };
static FILE: Shape = Shape { doc: "A path relative to the root.", ty: Type::Str(Some(&PATH)) };
static FILES: Shape = Shape { doc: "Files.", ty: Type::List { item: &FILE, min: 0 } };

static URL: Pattern = Pattern {
    regex: "^https?://[^\\s/]+(/\\S*)?$",
    test: |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|r| {
            !r.is_empty() && !r.starts_with('/') && !r.contains(char::is_whitespace)
        })
    },
    what: "an `https` URL",
    help: "write it in full, such as `https://git.example.com/shop/blob/main/`",
};
static BASE_URL: Shape = Shape {
    doc: "What is put before the path of a runbook to make it a link.",
    ty: Type::Str(Some(&URL)),
};
static RUNBOOKS: Shape = Shape {
    doc: "Where runbooks are read.",
    ty: Type::Map(&[Field::optional("base_url", &BASE_URL, "")
        .such_as("https://git.example.com/shop/blob/main/")]),
};

static VERSION_NUMBER: Pattern = Pattern {
    regex: r"^[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?$",
    test: |text| {
        let parts: Vec<&str> = text.split('.').collect();
        let number = |p: &&str| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
        (2..=3).contains(&parts.len()) && parts.iter().all(number)
    },
    what: "a version of Prometheus",
    help: "write two numbers in quotes, such as `\"2.53\"`",
};
static VERSION: Shape = Shape {
    doc: "The oldest version of Prometheus that must load the rules.",
    ty: Type::Str(Some(&VERSION_NUMBER)),
};
static INTERVAL: Shape =
    Shape { doc: "How often targets are scraped, 1s to 75s.", ty: Type::Duration { zero: false } };
static RETENTION: Shape = Shape {
    doc: "How long the server keeps samples. Without it windows are not checked against it.",
    ty: Type::Duration { zero: false },
};
static QUERY_OFFSET: Shape = Shape {
    doc: "How far back rules are evaluated, where samples arrive late, as by remote write (Prometheus 2.53 and newer).",
    ty: Type::Duration { zero: false },
};
static EXTERNAL_LABELS: Shape = Shape {
    doc: "Labels that the server adds to everything it sends out.",
    ty: Type::List { item: &LABEL, min: 0 },
};
static PROMETHEUS: Shape = Shape {
    doc: "The server that the rules are for.",
    ty: Type::Map(&[
        Field::optional("version", &VERSION, "").or("\"2.53\""),
        Field::optional("scrape_interval", &INTERVAL, "").or("30s"),
        Field::optional("retention", &RETENTION, ""),
        Field::optional("query_offset", &QUERY_OFFSET, "").such_as("1m"),
        Field::optional("external_labels", &EXTERNAL_LABELS, "").or("[]"),
    ]),
};

/// The name of a severity.
pub static SEVERITY_NAME: Pattern = Pattern {
    regex: "^[a-z][a-z0-9_]*$",
    test: |text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    },
    what: "the name of a severity",
    help: "use lower-case letters, digits and `_`, and begin with a letter",
};
static SEVERITY: Shape = Shape { doc: "The value of the label `severity`.", ty: Type::Str(None) };
static SEVERITIES: Shape = Shape {
    doc: "Severities and the value that the label `severity` gets for each. Keys may be added; values differ.",
    ty: Type::Dict { key: &SEVERITY_NAME, value: &SEVERITY },
};
static NAMES: Shape = Shape {
    doc: "Whose names series and labels bear: our own, or Sloth's, so that its boards and routes keep working. Labels of users stay off the series, and alerts differ by severity in their names.",
    ty: Type::Enum(&["native", "sloth"]),
};
static NO_OPTIONS: Shape = Shape { doc: "It has no options.", ty: Type::Map(&[]) };
static OPERATOR: Shape = Shape {
    doc: "One `PrometheusRule` of the Prometheus Operator per service.",
    ty: Type::Map(&[
        Field::optional("namespace", &NAMESPACE, "The namespace of the objects. Without it: that of the context in which they are applied.")
            .such_as("monitoring"),
        Field::optional("labels", &OBJECT_LABELS, "Labels of the objects, laid over those of the preset.")
            .or("{}")
            .such_as("{prometheus: k8s}"),
        Field::optional("preset", &PRESET, "Which server is to select the objects; it decides their labels.")
            .such_as("kube-prometheus-stack"),
        Field::optional("release", &OBJECT_LABEL, "The name of the Helm release, with the preset `kube-prometheus-stack`. Without it: `kube-prometheus-stack`.")
            .such_as("monitoring"),
    ]),
};
static PRESET: Shape =
    Shape { doc: "", ty: Type::Enum(&["kube-prometheus", "kube-prometheus-stack"]) };

static ADDRESS: Pattern = Pattern {
    regex: "^https?://[^\\s/?#]+(/[^\\s?#]*)?$",
    test: |text| (URL.test)(text) && !text.contains(['?', '#']),
    what: "the address of a server",
    help: "write it without `?` and `#`, such as `https://grafana.example.com`",
};
static ZONE: Pattern = Pattern {
    regex: "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$",
    test: |text| {
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        };
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.split('/').count() <= 3
            && text.split('/').all(part)
    },
    what: "a time zone",
    help: "write `utc`, `browser`, or a name such as `Europe/Berlin`",
};
static BOARD_NAME: Shape = Shape { doc: "", ty: Type::Text };
static GRAFANA_URL: Shape = Shape {
    doc: "The address of Grafana, which the annotation `dashboard_url` of alerts and the links of boards begin with. Without it alerts have no such annotation.",
    ty: Type::Str(Some(&ADDRESS)),
};
static FOLDER: Shape = Shape { doc: "", ty: Type::Text };
static GRAFANA: Shape = Shape {
    doc: "Boards for Grafana 10 and newer: one per service, an overview, one per owner.",
    ty: Type::Map(&[
        Field::optional("base_url", &GRAFANA_URL, "").such_as("https://grafana.example.com"),
        Field::optional("format", &GRAFANA_FORMAT, "The form of the files: JSON for provisioning from files, a ConfigMap for the sidecar of the Helm chart, an object of the Grafana Operator, or a resource for Git Sync.")
            .or("classic"),
        Field::optional("name", &BOARD_NAME, "Tells the overview and the pages of owners from those of other projects in the same Grafana, where two of one uid or title stop the provisioning.")
            .such_as("shop"),
        Field::optional("datasource", &BOARD_NAME, "The uid of the Prometheus that boards show at first, and that links of alerts name.")
            .such_as("prometheus"),
        Field::optional("timezone", &TIMEZONE, "The time zone that boards show: `utc`, `browser`, or a name such as `Europe/Berlin`.").or("utc"),
        Field::optional("folder", &FOLDER, "The folder of the boards, in every format but `classic`, where the provider's file says it: its title, for `resource-v1` its uid. Of ConfigMaps it is the annotation `grafana_folder`, which `sidecar.dashboards.folderAnnotation` of the chart must name.")
            .such_as("SLO"),
        Field::optional("namespace", &NAMESPACE, "The namespace of the objects.").such_as("monitoring"),
        Field::optional("labels", &OBJECT_LABELS, "Labels of the objects. A ConfigMap has `grafana_dashboard: \"1\"` anyway.")
            .or("{}")
            .such_as("{team: platform}"),
        Field::optional("instance_selector", &OBJECT_LABELS, "The labels of the `Grafana` that the operator puts the boards into.")
            .or("{dashboards: grafana}"),
    ]),
};
static GRAFANA_FORMAT: Shape =
    Shape { doc: "", ty: Type::Enum(&["classic", "configmap", "grafana-operator", "resource-v1"]) };
static TIMEZONE: Shape = Shape { doc: "", ty: Type::Str(Some(&ZONE)) };

/// The targets that there are, with the Shapes of their options.
pub static TARGET_OPTIONS: &[Field] = &[
    Field::optional(
        "prometheus",
        &NO_OPTIONS,
        "Rule files for `rule_files:` of Prometheus: `rules/<service>.yaml`.",
    ),
    Field::optional(
        "grafana",
        &GRAFANA,
        "Boards for Grafana: `dashboards/service-<service>.json`, `overview.json`, `owner-<owner>.json`.",
    ),
    Field::optional(
        "promtool",
        &NO_OPTIONS,
        "Rule tests that prove each alert, for `ninefold test`: `tests/<service>.test.yaml`.",
    ),
    Field::optional(
        "operator",
        &OPERATOR,
        "The same rules as objects for the Prometheus Operator, one file per service: `operator/<service>.yaml`.",
    ),
];
static TARGET_NAME: Pattern = Pattern {
    regex: "^[a-z][a-z0-9_-]*$",
    test: |text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    },
    what: "the name of a target",
    help: "use lower-case letters, digits, `-` and `_`",
};
static TARGETS: Shape = Shape {
    doc: "The targets to write, with their options. Without the key: `prometheus`, `grafana` and `promtool`. `operator` is written where it is named.",
    ty: Type::Known { fields: TARGET_OPTIONS, key: &TARGET_NAME },
};
static DOCUMENT: Shape =
    Shape { doc: "Says that this document is a project file.", ty: Type::Enum(&["project/v1"]) };

/// The shape of the project file.
pub static SHAPE: Shape = Shape {
    doc: "The project file of ninefold, `ninefold.yaml`. Its folder is the root of the project.",
    ty: Type::Map(&[
        Field::required("ninefold", &DOCUMENT, ""),
        Field::optional("specs", &GLOBS, "Where specs are.").or("[\"slo/**/*.yaml\", \"slo/**/*.yml\"]"),
        Field::optional("rules", &GLOBS, "Where hand-written rule files are, for `check`.")
            .or("[\"rules/**/*.yml\", \"rules/**/*.yaml\"]"),
        Field::optional("dashboards", &GLOBS, "Where hand-written dashboards are, for `check`.").or("[]"),
        Field::optional("out", &FILE, "The folder that outputs are written to.").or("generated"),
        Field::optional("window", &WINDOW, "The window of objectives that name none: 7 to 90 whole days, or `month`.").or("30d").such_as("28d"),
        Field::optional("labels", &LABELS, "Labels of every alert of the project.").or("{}"),
        Field::optional("owner_label", &LABEL, "The alert label that carries the owner.").or("owner"),
        Field::optional("owners", &FILES, "Registries of owners: files of `ninefold: owners/v1`, or CODEOWNERS. Without one any owner is taken.")
            .or("[]")
            .such_as("[owners.yaml, .github/CODEOWNERS]"),
        Field::optional("runbooks", &RUNBOOKS, ""),
        Field::optional("prometheus", &PROMETHEUS, ""),
        Field::optional("severities", &SEVERITIES, "").or("{page: critical, ticket: warning}"),
        Field::optional("names", &NAMES, "").or("native"),
        Field::optional("targets", &TARGETS, "").such_as("{prometheus: {}}"),
    ]),
};
