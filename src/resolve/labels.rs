//! Labels and annotations that a spec may not set: those that the compiler writes,
//! and values that would have to be filled in at run time.

use crate::base::{Diagnostic, Diagnostics, Span, codes, list};
use crate::config::Config;
use crate::gotmpl;
use crate::ir::name::{OWNER, RESERVED_ANNOTATIONS, RESERVED_LABELS, SERVICE, SEVERITY, SLO};
use crate::spec::{Pair, ServiceSpec, TextPair};

codes! {
    /// ## Why
    /// Some labels are written by the compiler, and some mean something to
    /// Prometheus. A second value for one of them would break routing, silences or
    /// the rules themselves.
    /// ## Fires
    /// ```yaml
    /// labels: {severity: critical}
    /// ```
    /// ## Instead
    /// Another name. The severity is that of the alert, the owner is `owner:`.
    /// ```yaml
    /// labels: {tier: "1"}
    /// ```
    LABEL_RESERVED = Error "label-reserved";

    /// ## Why
    /// Prometheus adds an external label only where there is none of that name.
    /// Alerts have the labels `severity`, `service` and `slo` and that of the owner
    /// already: the external label is without effect on them.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {external_labels: [cluster, severity]}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {external_labels: [cluster]}
    /// ```
    EXTERNAL_LABEL_UNUSED = Warning "external-label-unused";

    /// ## Why
    /// `summary`, `description`, `runbook_url` and `remediation_time` come from
    /// keys of their own, which are checked.
    /// ## Fires
    /// ```yaml
    /// annotations: {runbook_url: https://wiki.example.org/checkout}
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: https://wiki.example.org/checkout
    /// ```
    ANNOTATION_RESERVED = Error "annotation-reserved";

    /// ## Why
    /// Labels make the identity of an alert. A value that is filled in at run time
    /// makes a new alert whenever it changes, and each is sent anew.
    /// ## Fires
    /// ```yaml
    /// labels: {instance_name: "{{ $labels.instance }}"}
    /// ```
    /// ## Instead
    /// An annotation.
    /// ```yaml
    /// annotations: {part: "{{ $labels.slo }}"}
    /// ```
    LABEL_TEMPLATE = Error "label-template";
}

/// Checks the labels and annotations of a service, its SLOs and its alerts.
pub(super) fn check(spec: &ServiceSpec, config: &Config, diags: &mut Diagnostics) {
    let of_alerts = spec.slos.iter().flat_map(|s| s.alerting.burn_alerts());
    let labels = spec
        .labels
        .iter()
        .chain(spec.slos.iter().flat_map(|s| &s.labels))
        .chain(of_alerts.clone().flat_map(|alert| &alert.labels))
        .chain(spec.alerts.iter().flat_map(|a| &a.labels));
    for Pair { key, value } in labels {
        check_key(&key.value, key.span, config, diags);
        check_value(&value.value, value.span, diags);
    }
    let annotations = spec
        .annotations
        .iter()
        .chain(spec.slos.iter().flat_map(|s| &s.annotations))
        .chain(of_alerts.flat_map(|alert| &alert.annotations))
        .chain(spec.alerts.iter().flat_map(|a| &a.annotations));
    for TextPair { key, .. } in annotations {
        if RESERVED_ANNOTATIONS.contains(&&*key.value) {
            diags.push(reserved_annotation(&key.value, key.span));
        }
    }
}

/// The labels that alerts have, besides that of the owner.
const ON_ALERTS: [&str; 4] = ["alertname", SEVERITY, SERVICE, SLO];

/// Checks the labels of the project file.
pub(super) fn check_project(config: &Config, diags: &mut Diagnostics) {
    let owner_label = &config.owner_label;
    let name = &*owner_label.value;
    let reserved = name != OWNER && RESERVED_LABELS.contains(&name);
    if reserved || name.starts_with("__") || name.starts_with("sloth_") {
        diags.push(
            Diagnostic::new(
                &LABEL_RESERVED,
                owner_label.span,
                format!("the owner cannot be in the label `{name}`"),
            )
            .label("ninefold or Prometheus writes this label")
            .help("use `owner`, or another name such as `team`"),
        );
    }
    for label in &config.prometheus.external_labels {
        let name = &*label.value;
        if name == &*owner_label.value || ON_ALERTS.contains(&name) {
            diags.push(
                Diagnostic::new(
                    &EXTERNAL_LABEL_UNUSED,
                    label.span,
                    format!("the external label `{name}` is without effect on alerts"),
                )
                .label("Prometheus adds it only where there is none of that name")
                .help("remove it, or give the external label another name on the server"),
            );
        }
    }
    for (key, value) in &config.labels {
        check_key(&key.value, key.span, config, diags);
        check_value(&value.value, value.span, diags);
    }
}

fn check_key(key: &str, span: Span, config: &Config, diags: &mut Diagnostics) {
    let owner_label = &*config.owner_label.value;
    let external = config.prometheus.external_labels.iter().find(|l| &*l.value == key);
    let (why, other) = match (key, external) {
        (_, Some(label)) => ("the server adds this label to everything it sends out", label.span),
        (key, _) if key == owner_label => ("this label carries the owner", config.owner_label.span),
        (key, _) if RESERVED_LABELS.contains(&key) => {
            ("ninefold or Prometheus writes this label", Span::NONE)
        }
        (key, _) if key.starts_with("__") => {
            ("labels that begin with `__` are Prometheus' own", Span::NONE)
        }
        (key, _) if key.starts_with("sloth_") => {
            ("labels that begin with `sloth_` name SLOs for Sloth's boards", Span::NONE)
        }
        _ => return,
    };
    diags.push(
        Diagnostic::new(&LABEL_RESERVED, span, format!("the label `{key}` is reserved"))
            .label(why)
            .also(other, "named here")
            .help(instead(key, owner_label)),
    );
}

/// What to write instead of a reserved label.
fn instead(key: &str, owner_label: &str) -> &'static str {
    match key {
        "severity" => {
            "remove it: alerts have it already; `severities:` in `ninefold.yaml` sets its values"
        }
        key if key == owner_label || key == "owner" => "write `owner:` instead",
        "service" | "slo" | "window" | "objective" | "kind" => "remove it: it is written already",
        _ => "use another name",
    }
}

fn check_value(value: &str, span: Span, diags: &mut Diagnostics) {
    if !gotmpl::has_action(value) {
        return;
    }
    diags.push(
        Diagnostic::new(&LABEL_TEMPLATE, span, "the value of a label is a template")
            .label("would make a new alert whenever it changes")
            .help("write it as an annotation"),
    );
}

fn reserved_annotation(key: &str, span: Span) -> Diagnostic {
    let instead = match key {
        "runbook_url" => "use `runbook:`, which is checked",
        "remediation_time" => "use `remediation:`, which is checked",
        "summary" | "description" => {
            "a plain alert has the keys `summary:` and `description:`; those of an SLO are written by ninefold"
        }
        _ => "it is written by ninefold",
    };
    Diagnostic::new(&ANNOTATION_RESERVED, span, format!("the annotation `{key}` is reserved"))
        .label(format!("one of {}", list(RESERVED_ANNOTATIONS, "and")))
        .help(instead)
}
