//! Templates of annotations: their syntax, and the labels they read, which must be
//! there when Prometheus fills them in.

use crate::base::{Diagnostic, Diagnostics, Text, codes};
use crate::config::Config;
use crate::gotmpl::{self, Root};
use crate::ir::name;
use crate::spec::{Pair, ServiceSpec, TextPair};

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
    check_all(&spec.annotations, &stamped(&[], &[]), diags);
    for slo in &spec.slos {
        check_all(&slo.annotations, &stamped(&slo.labels, &[]), diags);
    }
    for alert in &spec.alerts {
        // The result of a plain alert has no `service` of its own: a result that
        // has one is refused.
        let stamped = stamped(&alert.labels, &[name::SERVICE]);
        check_all(&alert.annotations, &stamped, diags);
        for text in [&alert.summary, &alert.description].into_iter().flatten() {
            check_template(text, &stamped, diags);
        }
    }
}

fn check_all(annotations: &[TextPair], stamped: &[String], diags: &mut Diagnostics) {
    for pair in annotations {
        check_template(&pair.value, stamped, diags);
    }
}

fn check_template(text: &Text, stamped: &[String], diags: &mut Diagnostics) {
    if !gotmpl::has_action(text.as_str()) {
        return;
    }
    let Some(template) = gotmpl::parse(text, diags) else { return };
    for read in template.reads.iter().filter(|r| r.what == Root::Labels) {
        let Some(key) = &read.key else { continue };
        if stamped.contains(key) {
            diags.push(
                Diagnostic::new(
                    &TEMPLATE_STAMPED_LABEL,
                    read.span,
                    format!("the template reads `{key}`, a label that only the rule adds"),
                )
                .label("empty when Prometheus fills the template in")
                .help("write the value itself: it is known here"),
            );
        }
    }
}
