//! Inheritance: project, then service, then SLO or alert. The nearest owner,
//! runbook and window win; labels, annotations and remediation times are merged.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use crate::base::{Diagnostic, Diagnostics, Duration, Safety, Spanned, codes, list, nearest};
use crate::config::Config;
use crate::ir::{Labels, Origin, Promise};
use crate::policy::{Kept, Unread};
use crate::spec::{self, Pair, Remediation, ServiceSpec, TextPair, Written};

codes! {
    /// ## Why
    /// A severity decides how somebody is told. The project file lists them with
    /// the values that the label `severity` gets; any other would be routed nowhere.
    /// ## Fires
    /// ```yaml
    /// remediation: {pgae: 1h, page: 1h, ticket: 3d}
    /// ```
    /// ## Instead
    /// ```yaml
    /// remediation: {page: 1h, ticket: 3d}
    /// ```
    SEVERITY_UNKNOWN = Error "severity-unknown";
}

/// What the SLOs and alerts of a service inherit.
pub(super) struct Base<'a> {
    pub(super) config: &'a Config,
    pub(super) service: Arc<str>,
    path: &'a Utf8Path,
    pub(super) spec: &'a ServiceSpec,
}

impl<'a> Base<'a> {
    pub(super) fn new(spec: &'a ServiceSpec, config: &'a Config, path: &'a Utf8Path) -> Base<'a> {
        Base { config, service: spec.service.value.clone(), path, spec }
    }

    /// Where something of this service stands.
    pub(super) fn origin(&self, name: &Written) -> Origin {
        Origin { path: self.path.to_owned(), span: name.span }
    }

    /// Labels of alerts: project, service, own.
    pub(super) fn labels(&self, own: &[Pair]) -> Labels {
        let project = self.config.labels.iter().map(|(k, v)| (k.value.clone(), v.value.clone()));
        let mut labels: Labels = project.collect();
        labels.extend(self.info_labels(own));
        labels
    }

    /// Labels of the info series: service, own.
    pub(super) fn info_labels(&self, own: &[Pair]) -> Labels {
        pairs(&self.spec.labels).chain(pairs(own)).collect()
    }

    /// Annotations of alerts: service, own.
    pub(super) fn annotations(&self, own: &[TextPair]) -> Labels {
        text_pairs(&self.spec.annotations).chain(text_pairs(own)).collect()
    }
}

/// Labels as alerts carry them.
pub(super) fn pairs(own: &[Pair]) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
    own.iter().map(|p| (p.key.value.clone(), p.value.value.clone()))
}

/// Annotations as alerts carry them.
pub(super) fn text_pairs(own: &[TextPair]) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
    own.iter().map(|p| (p.key.value.clone(), p.value.as_str().into()))
}

/// Remediation times of a service with those of an SLO laid over them.
pub(super) fn remediation(
    service: &Remediation,
    own: &Remediation,
) -> BTreeMap<Arc<str>, Spanned<Duration>> {
    service
        .iter()
        .chain(own)
        .map(|(severity, time)| (severity.value.clone(), time.clone()))
        .collect()
}

/// What of a claim could not be read, in itself or in the service above it.
pub(super) fn unread(service: &ServiceSpec, own: spec::Unread) -> Unread {
    let (above, broken) = (service.unread, service.broken);
    Unread {
        owner: broken || above.owner || own.owner,
        runbook: broken || above.runbook || own.runbook,
        remediation: broken || above.remediation || own.remediation,
    }
}

/// What the policy let pass, as alerts carry it.
pub(super) fn promise(kept: Kept) -> Promise {
    Promise { owner: kept.owner, runbook_url: kept.runbook_url, remediation: kept.remediation }
}

/// Reports severities that the project does not know.
pub(super) fn check_severities(spec: &ServiceSpec, config: &Config, diags: &mut Diagnostics) {
    let maps = std::iter::once(&spec.remediation).chain(spec.slos.iter().map(|s| &s.remediation));
    for map in maps {
        let taken: Vec<&str> = map.iter().map(|(severity, _)| &*severity.value).collect();
        map.iter().for_each(|(severity, _)| check_severity(severity, &taken, config, diags));
    }
    for severity in spec.alerts.iter().filter_map(|a| a.severity.as_ref()) {
        check_severity(severity, &[], config, diags);
    }
}

/// `taken`: what cannot be suggested, since it stands beside it.
fn check_severity(severity: &Written, taken: &[&str], config: &Config, diags: &mut Diagnostics) {
    if config.severities.contains_key(&severity.value) {
        return;
    }
    let known: Vec<&Arc<str>> = config.severities.keys().collect();
    let unknown = Diagnostic::new(
        &SEVERITY_UNKNOWN,
        severity.span,
        format!("the project knows no severity `{}`", severity.value),
    )
    .label(format!("known are {}", list(&known, "and")));
    diags.push(match nearest(&severity.value, known.iter().map(|k| &***k)) {
        Some(near) if taken.contains(&near) => {
            unknown.help(format!("remove it: `{near}` is there already"))
        }
        Some(near) => {
            unknown.fix(format!("write `{near}`"), severity.span, near, Safety::Suggestion)
        }
        None => unknown.help("use one of them, or add it under `severities:` in `ninefold.yaml`"),
    });
}
