//! What an expression, a template or a key needs of Prometheus, against the oldest
//! version that must load the rules. Uses come in, findings go out; specs and
//! hand-written rules meet the same gate.

use super::types::{Prometheus, Version};
use crate::base::{Diagnostic, Diagnostics, Severity, Span, codes};
use crate::gotmpl::{self, Template};
use crate::promql::{Release, Requirement};

codes! {
    /// ## Why
    /// Prometheus refuses a rule file with one expression or key that it does not
    /// know, with all rules in it. `version` in the project file names the oldest
    /// server that must load the rules; 2.53 where nothing is written.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: time() - queue_last_entry_seconds > 10m
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// What that version has, or, once no older server loads the rules, a newer one:
    /// `prometheus: {version: "2.54"}`.
    /// ```yaml
    /// alerts:
    ///   - name: QueueStuck
    ///     expr: time() - queue_last_entry_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    PROMETHEUS_TOO_OLD = Error "prometheus-too-old";

    /// ## Why
    /// Prometheus removes a function rarely, with a new major version, which then
    /// refuses every rule file that calls it.
    /// ## Fires
    /// As a warning where the oldest server still has it.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {version: "3.0"}
    /// ---
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: holt_winters(queue_entries[1h], 0.5, 0.5) > 1000
    ///     severity: page
    ///     summary: The queue grows.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueGrows
    ///     expr: avg_over_time(queue_entries[1h]) > 1000
    ///     severity: page
    ///     summary: The queue grows.
    /// ```
    PROMETHEUS_REMOVED = Error "prometheus-removed";

    /// ## Why
    /// An experimental feature is refused, with the whole rule file, by a server that
    /// was not started with its flag, and may change or go with the next version.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: QueueUneven
    ///     expr: mad_over_time(queue_entries[1h]) > 100
    ///     severity: page
    ///     summary: The queue is filled unevenly.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: QueueUneven
    ///     expr: stddev_over_time(queue_entries[1h]) > 100
    ///     severity: page
    ///     summary: The queue is filled unevenly.
    /// ```
    PROMQL_EXPERIMENTAL = Warning "promql-experimental";
}

/// Checks the functions that a template calls.
pub fn check_template(template: &Template, prometheus: &Prometheus, diags: &mut Diagnostics) {
    for call in &template.calls {
        let Some(since) = gotmpl::since(&call.name) else { continue };
        let what = format!("the template function `{}`", call.name);
        let use_of = Use { what: &what, plural: false, since, span: call.span };
        too_old(&use_of, None, prometheus, diags);
    }
}

/// Something that is used, and the first version that has it.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// What it is, in words.
    pub what: &'a str,
    /// Whether these are several.
    pub plural: bool,
    /// The first version that has it.
    pub since: Release,
    /// Where it is used.
    pub span: Span,
}

/// Checks a feature of PromQL.
pub fn check_feature(feature: &Requirement, prometheus: &Prometheus, diags: &mut Diagnostics) {
    let Requirement { what, span, since, until, flag, instead, .. } = feature;
    let use_of = Use { what, plural: false, since: *since, span: *span };
    if too_old(&use_of, instead.as_deref(), prometheus, diags) {
        return;
    }
    if let Some(until) = until {
        diags.push(removed(what, *span, *until, instead.as_deref(), prometheus));
    }
    let Some(flag) = flag else { return };
    if flag.until.is_some_and(|until| has(prometheus.version, until)) {
        return;
    }
    let report = Diagnostic::new(&PROMQL_EXPERIMENTAL, *span, format!("{what} is experimental"))
        .label(format!("asks for `--enable-feature={}`", flag.name));
    let report = match flag.until {
        Some((major, minor)) => {
            report.note(format!("Prometheus has it without the flag since {major}.{minor}"))
        }
        None => report,
    };
    diags.push(report.help(format!(
        "start every server that loads the rules with `--enable-feature={}`, or do without",
        flag.name
    )));
}

fn has(version: Version, (major, minor): Release) -> bool {
    version.at_least(major.into(), minor.into())
}

/// Reports what the oldest version has not yet; whether it did.
pub fn too_old(
    use_of: &Use<'_>,
    instead: Option<&str>,
    prometheus: &Prometheus,
    diags: &mut Diagnostics,
) -> bool {
    let version = prometheus.version;
    if has(version, use_of.since) {
        return false;
    }
    let (major, minor) = use_of.since;
    let need = if use_of.plural { "need" } else { "needs" };
    let message = format!("{} {need} Prometheus {major}.{minor}", use_of.what);
    let report = Diagnostic::new(&PROMETHEUS_TOO_OLD, use_of.span, message)
        .label(format!("Prometheus {version} refuses it"));
    let report = match prometheus.version_span.is_none() {
        true => report.note(format!(
            "the rules must load in Prometheus {version} unless `ninefold.yaml` says otherwise"
        )),
        false => {
            report.also(prometheus.version_span, "the oldest version that must load the rules")
        }
    };
    let raise = format!(
        "set `prometheus: {{version: \"{major}.{minor}\"}}` in `ninefold.yaml` if no older server loads the rules"
    );
    diags.push(match instead {
        Some(instead) => report.help(format!("{instead}, or {raise}")),
        None => report.help(raise),
    });
    true
}

/// The finding about what is there no more from version `until` on.
fn removed(
    what: &str,
    span: Span,
    until: Release,
    instead: Option<&str>,
    prometheus: &Prometheus,
) -> Diagnostic {
    let (major, minor) = until;
    let message = format!("{what} was removed in Prometheus {major}.{minor}");
    let mut report = Diagnostic::new(&PROMETHEUS_REMOVED, span, message)
        .label(format!("refused from {major}.{minor} on"));
    if has(prometheus.version, until) {
        report =
            report.also(prometheus.version_span, "the oldest version that must load the rules");
    } else {
        report.severity = Severity::Warning;
    }
    match instead {
        Some(instead) => report.help(format!("{instead} from {major}.{minor} on")),
        None => report,
    }
}
