//! Templates of annotations: their syntax, and the labels they read, which must be
//! there when Prometheus fills them in.

use super::grouping;
use crate::base::{Diagnostic, Diagnostics, Text, codes, list};
use crate::config::{self, Config, Prometheus};
use crate::gotmpl::{self, Root};
use crate::ir::{label_names, name};
use crate::promql;
use crate::spec::{Pair, ServiceSpec, SloSpec, TextPair};

codes! {
    /// ## Why
    /// Prometheus fills templates in from the result of the expression, before it
    /// stamps the labels of the rule on it. A label that only the rule adds is
    /// empty there.
    /// ## Fires
    /// ```yaml
    /// annotations: {channel: "page {{ $labels.owner }}"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// annotations: {channel: "page team-payments"}
    /// ```
    TEMPLATE_STAMPED_LABEL = Error "template-stamped-label";

    /// ## Why
    /// An SLO adds its events up: its series have the labels `service` and `slo` and
    /// those of its `group_by`. Any other is empty when an alert fires.
    /// ## Fires
    /// ```yaml
    /// annotations: {where: "{{ $labels.instance }}"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// annotations: {where: "all instances"}
    /// ```
    TEMPLATE_ABSENT_LABEL = Error "template-absent-label";
}

/// Checks every template of a service.
pub(super) fn check(spec: &ServiceSpec, config: &Config, diags: &mut Diagnostics) {
    // `alertname` is set after templates were filled in.
    let severity_and_owner = [name::SEVERITY, &*config.owner_label.value, "alertname"];
    let project: Vec<&str> = config.labels.iter().map(|(k, _)| &*k.value).collect();
    let keys = |pairs: &[Pair]| pairs.iter().map(|p| p.key.value.to_string()).collect::<Vec<_>>();
    let of_service = keys(&spec.labels);
    let stamped = |own: &[Pair], more: &[&str]| -> Vec<String> {
        let ours = severity_and_owner.iter().chain(&project).chain(more).map(|s| (*s).to_owned());
        ours.chain(of_service.iter().cloned()).chain(keys(own)).collect()
    };
    let prometheus = &config.prometheus;
    // The series of an SLO have the labels of its identity and of its groups.
    let identity = label_names(config.names);
    let of_slo = |slo: &SloSpec| -> Vec<String> {
        let groups = grouping::labels(spec, slo).into_iter().map(|l| l.value.to_string());
        identity.iter().map(|l| (*l).to_owned()).chain(groups).collect()
    };
    let mut of_any: Vec<String> = spec.slos.iter().flat_map(of_slo).collect();
    of_any.sort();
    of_any.dedup();
    let only_slos = Some(of_any).filter(|_| spec.alerts.is_empty());
    let known = Known { stamped: stamped(&[], &[]), all: only_slos, prometheus };
    check_all(&spec.annotations, &known, diags);
    for slo in &spec.slos {
        let stamped_on = stamped(&slo.labels, &[]);
        let mut known = Known { stamped: stamped_on, all: Some(of_slo(slo)), prometheus };
        check_all(&slo.annotations, &known, diags);
        for alert in slo.alerting.burn_alerts() {
            known.stamped = stamped(&slo.labels, &[]);
            known.stamped.extend(keys(&alert.labels));
            check_all(&alert.annotations, &known, diags);
        }
    }
    for alert in &spec.alerts {
        // A series may have a `service` of its own, which the rule replaces.
        let labels = alert.expr.as_ref().map(|expr| promql::result_labels(&expr.tree));
        let has_service = labels.is_some_and(|labels| labels.may_carry(name::SERVICE));
        let ours: &[&str] = if has_service { &[] } else { &[name::SERVICE] };
        let known = Known { stamped: stamped(&alert.labels, ours), all: None, prometheus };
        check_all(&alert.annotations, &known, diags);
        for text in [&alert.summary, &alert.description].into_iter().flatten() {
            check_template(text, &known, diags);
        }
    }
}

/// What is known of the labels that a template can read.
struct Known<'a> {
    /// Those that only the rule adds.
    stamped: Vec<String>,
    /// All that the result has, where that is known.
    all: Option<Vec<String>>,
    /// The server that fills templates in.
    prometheus: &'a Prometheus,
}

fn check_all(annotations: &[TextPair], known: &Known<'_>, diags: &mut Diagnostics) {
    for pair in annotations {
        check_template(&pair.value, known, diags);
    }
}

fn check_template(text: &Text, known: &Known<'_>, diags: &mut Diagnostics) {
    if !gotmpl::has_action(text.as_str()) {
        return;
    }
    let Some(template) = gotmpl::parse(text, diags) else { return };
    config::check_template(&template, known.prometheus, diags);
    for read in template.reads.iter().filter(|r| r.what == Root::Labels) {
        let Some(key) = &read.key else { continue };
        if known.stamped.contains(key) {
            diags.push(
                Diagnostic::new(
                    &TEMPLATE_STAMPED_LABEL,
                    read.span,
                    format!("the template reads `{key}`, a label that only the rule adds"),
                )
                .label("empty when Prometheus fills the template in")
                .help("write the value itself: it is known here"),
            );
        } else if let Some(all) = known.all.as_ref().filter(|all| !all.contains(key)) {
            diags.push(
                Diagnostic::new(
                    &TEMPLATE_ABSENT_LABEL,
                    read.span,
                    format!("the template reads `{key}`, a label that no alert of an SLO has"),
                )
                .label("always empty")
                .help(format!("remove it: the series of an SLO have {} alone", list(all, "and"))),
            );
        }
    }
}
