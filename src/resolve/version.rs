//! What the specs of a service use of Prometheus, against the oldest version that
//! must load its rules. Expressions and keys come in; findings go out.

use crate::base::{Diagnostics, Duration, Spanned};
use crate::config::{Config, Prometheus, Use, check_feature, too_old};
use crate::promql::{self, Requirement};
use crate::spec::{AlertSpec, ServiceSpec, SloSpec};

/// Checks the expressions and keys of a service. Its templates are checked where
/// they are read.
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
