//! `group_by:`: the labels of which each value has a budget of its own, and whether
//! they can be.

use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::config::Config;
use crate::ir::name::{OWNER, RESERVED_LABELS};
use crate::spec::{Pair, ServiceSpec, SloSpec, Written};

codes! {
    /// ## Why
    /// The labels of `group_by` stay on every series and alert of the SLO. One that
    /// the rules stamp themselves would be overwritten: all groups would become
    /// equal, and the rule would fail at run time, although promtool accepts it.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [service]
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// Another label; or rename this one where the metric is scraped.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region]
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    GROUP_BY_RESERVED = Error "group-by-reserved";

    /// ## Why
    /// A label stands in `group_by` once.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region, region]
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region]
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    GROUP_BY_TWICE = Warning "group-by-twice";

    /// ## Why
    /// `expected_groups` says how many values the labels of `group_by` have. An SLO
    /// that is not grouped has one budget.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     expected_groups: 300
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [customer]
    ///     expected_groups: 300
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    GROUPS_WITHOUT_GROUP_BY = Warning "groups-without-group-by";
}

/// The labels that an SLO is grouped by: its own, or those of the service. Each once.
pub(super) fn labels<'a>(spec: &'a ServiceSpec, slo: &'a SloSpec) -> Vec<&'a Written> {
    let mut labels: Vec<&Written> = Vec::new();
    for label in slo.group_by.as_ref().unwrap_or(&spec.group_by) {
        if labels.iter().all(|known| known.value != label.value) {
            labels.push(label);
        }
    }
    labels
}

/// Checks the `group_by` of a service and of its SLOs.
pub(super) fn check(spec: &ServiceSpec, config: &Config, diags: &mut Diagnostics) {
    let lists =
        std::iter::once(&spec.group_by).chain(spec.slos.iter().filter_map(|s| s.group_by.as_ref()));
    for list in lists {
        for (index, label) in list.iter().enumerate() {
            if let Some(first) = list[..index].iter().find(|first| first.value == label.value) {
                diags.push(
                    Diagnostic::new(
                        &GROUP_BY_TWICE,
                        label.span,
                        format!("`{}` stands in `group_by` twice", label.value),
                    )
                    .label("again here")
                    .also(first.span, "first here")
                    .help("remove it"),
                );
                continue;
            }
            if let Some((why, other)) = reserved(&label.value, config) {
                diags.push(finding(label, why, other));
            }
        }
    }
    for slo in &spec.slos {
        if let Some(groups) = slo.expected_groups.as_ref().filter(|_| labels(spec, slo).is_empty())
        {
            diags.push(
                Diagnostic::new(
                    &GROUPS_WITHOUT_GROUP_BY,
                    groups.span,
                    format!("`{}` expects groups and has no `group_by`", slo.name.value),
                )
                .label("without effect")
                .help("add `group_by:` with the labels, or remove this"),
            );
        }
        let own = slo.alerting.burn_alerts().flat_map(|alert| &alert.labels);
        let stamped: Vec<&Pair> = spec.labels.iter().chain(&slo.labels).chain(own).collect();
        for label in labels(spec, slo) {
            let stamp = stamped.iter().find(|pair| pair.key.value == label.value);
            if let Some(stamp) = stamp {
                diags.push(finding(
                    label,
                    "alerts get a label of this name from `labels:`",
                    stamp.key.span,
                ));
            }
        }
    }
}

fn finding(label: &Written, why: &str, other: Span) -> Diagnostic {
    Diagnostic::new(
        &GROUP_BY_RESERVED,
        label.span,
        format!("an SLO cannot be grouped by `{}`", label.value),
    )
    .label(why)
    .also(other, "named here")
    .help("group by another label; `metric_relabel_configs` of the scrape, or `label_replace` in a `query` SLI, can rename it")
}

/// Why a label is taken, and where that is written.
fn reserved(label: &str, config: &Config) -> Option<(&'static str, Span)> {
    let external = config.prometheus.external_labels.iter().find(|l| &*l.value == label);
    let of_project = config.labels.iter().find(|(key, _)| &*key.value == label);
    if let Some(external) = external {
        return Some((
            "the server adds this label to everything it sends out, series have none",
            external.span,
        ));
    }
    if let Some((key, _)) = of_project {
        return Some(("every alert of the project gets a label of this name", key.span));
    }
    if label == &*config.owner_label.value || label == OWNER {
        return Some(("this label carries the owner", config.owner_label.span));
    }
    let ours = RESERVED_LABELS.contains(&label) || label.starts_with("sloth_");
    match label {
        "le" => Some(("buckets of a histogram are no groups", Span::NONE)),
        _ if ours => Some(("ninefold or Prometheus writes this label", Span::NONE)),
        _ if label.starts_with("__") => {
            Some(("labels that begin with `__` are Prometheus' own", Span::NONE))
        }
        _ => None,
    }
}
