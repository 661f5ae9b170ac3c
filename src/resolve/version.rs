//! What the specs of a service use of Prometheus, against the oldest version that
//! must load its rules. Expressions, templates and keys come in; findings go out.

use crate::base::{Diagnostic, Diagnostics, Duration, Severity, Span, Spanned, codes};
use crate::config::{Config, Prometheus, Version};
use crate::gotmpl::{self, Template};
use crate::promql::{self, Release, Requirement};
use crate::spec::{AlertSpec, ServiceSpec, SloSpec};

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

/// Checks the expressions and keys of a service. Its templates are checked where
/// they are read, by [`check_template`].
pub(super) fn check(spec: &ServiceSpec, config: &Config, diags: &mut Diagnostics) {
    let prometheus = &config.prometheus;
    spec.slos.iter().for_each(|slo| check_slo(slo, prometheus, diags));
    spec.alerts.iter().for_each(|alert| check_alert(alert, prometheus, diags));
}

fn check_slo(slo: &SloSpec, prometheus: &Prometheus, diags: &mut Diagnostics) {
    for alert in slo.alerting.burn_alerts() {
        check_keep(alert.keep_firing_for.as_ref(), prometheus, diags);
    }
    let Some(sli) = &slo.sli else { return };
    // What is said twice, as of the series of bad and of total events, is said once.
    let mut seen: Vec<Requirement> = Vec::new();
    for feature in sli.exprs().iter().flat_map(promql::requirements) {
        if !seen.iter().any(|known| known.what == feature.what) {
            check_feature(&feature, prometheus, diags);
            seen.push(feature);
        }
    }
    if let Some(need) = sli.needs() {
        let use_of = Use { what: need.what, plural: true, since: need.since, span: need.span };
        too_old(&use_of, None, prometheus, diags);
    }
}

fn check_alert(alert: &AlertSpec, prometheus: &Prometheus, diags: &mut Diagnostics) {
    if let Some(expr) = &alert.expr {
        let options = promql::Options::default();
        let features = promql::requirements_as_written(&expr.text, options, &expr.tree);
        features.iter().for_each(|feature| check_feature(feature, prometheus, diags));
    }
    check_keep(alert.keep_firing_for.as_ref(), prometheus, diags);
}

fn check_keep(keep: Option<&Spanned<Duration>>, prometheus: &Prometheus, diags: &mut Diagnostics) {
    let Some(keep) = keep.filter(|keep| !keep.value.is_zero()) else { return };
    let what = "`keep_firing_for`";
    let use_of = Use { what, plural: false, since: (2, 42), span: keep.span };
    too_old(&use_of, Some("remove it"), prometheus, diags);
}

/// Checks the functions that a template calls.
pub(super) fn check_template(
    template: &Template,
    prometheus: &Prometheus,
    diags: &mut Diagnostics,
) {
    for call in &template.calls {
        let Some(since) = gotmpl::since(&call.name) else { continue };
        let what = format!("the template function `{}`", call.name);
        let use_of = Use { what: &what, plural: false, since, span: call.span };
        too_old(&use_of, None, prometheus, diags);
    }
}

/// Something that is used, and the first version that has it.
struct Use<'a> {
    what: &'a str,
    plural: bool,
    since: Release,
    span: Span,
}

fn check_feature(feature: &Requirement, prometheus: &Prometheus, diags: &mut Diagnostics) {
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
fn too_old(
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
