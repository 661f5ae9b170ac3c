//! From specs as written to SLOs and alerts as meant: inheritance, defaults, the
//! policy, and everything that two specs can disagree on.

mod alerts;
mod conditions;
mod feeds;
mod grouping;
mod inherit;
mod labels;
mod matchers;
mod slos;
mod templates;
mod unique;
mod version;

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::{Code, Diagnostics};
use crate::config::Config;
use crate::ir::Service;
use crate::policy::{Claim, Judge, Kept};
use crate::spec::{ServiceSpec, SpecFile};

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] = &[
    alerts::CODES,
    conditions::CODES,
    feeds::CODES,
    grouping::CODES,
    inherit::CODES,
    labels::CODES,
    matchers::CODES,
    slos::CODES,
    templates::CODES,
    unique::CODES,
];

/// Resolves all specs of a project. A service comes out with those of its SLOs and
/// alerts that have no fault; whether anything is built at all is for the caller,
/// who sees the findings.
pub fn resolve(
    specs: Vec<SpecFile>,
    config: &Config,
    judge: &mut Judge<'_>,
    diags: &mut Diagnostics,
) -> Vec<Service> {
    unique::check(&specs, diags);
    labels::check_project(config, diags);
    // The judge reads each runbook once, so that services come before it one by one.
    let files = specs.into_iter().map(|file| (Arc::new(file.path), file.services));
    let specs = files.flat_map(|(path, services)| {
        services.into_iter().map(move |spec| (Arc::clone(&path), spec))
    });
    let judged: Vec<_> = specs
        .map(|(path, spec)| {
            let claims: Vec<Claim> =
                slos::claims(&spec).into_iter().chain(alerts::claims(&spec, config)).collect();
            let kept = judge.judge(&spec.service, &claims, diags);
            (path, spec, kept)
        })
        .collect();
    let resolved: Vec<(Service, Diagnostics)> = judged
        .into_par_iter()
        .map(|(path, spec, kept)| {
            let mut diags = Diagnostics::default();
            (service(&path, spec, kept, config, &mut diags), diags)
        })
        .collect();
    let mut services = Vec::new();
    for (service, found) in resolved {
        diags.append(found);
        services.push(service);
    }
    services.sort_by(|a, b| a.name.cmp(&b.name));
    services
}

fn service(
    path: &camino::Utf8Path,
    mut spec: ServiceSpec,
    kept: Vec<Option<Kept>>,
    config: &Config,
    diags: &mut Diagnostics,
) -> Service {
    labels::check(&spec, config, diags);
    grouping::check(&spec, config, diags);
    templates::check(&spec, config, diags);
    version::check(&spec, config, diags);
    conditions::check(&spec, diags);
    matchers::check(&spec, diags);
    inherit::check_severities(&spec, config, diags);
    let mut kept = kept.into_iter();
    let name: Arc<str> = spec.service.value.clone();
    let mut service = Service { name, path: path.to_owned(), slos: Vec::new(), alerts: Vec::new() };
    let (slos, alerts) = (std::mem::take(&mut spec.slos), std::mem::take(&mut spec.alerts));
    let base = inherit::Base::new(&spec, config, path);
    for (slo, kept) in slos.into_iter().zip(kept.by_ref()) {
        service.slos.extend(slos::slo(slo, kept, &base, diags));
    }
    for (alert, kept) in alerts.into_iter().zip(kept) {
        service.alerts.extend(alerts::alert(alert, kept, &base, diags));
    }
    service
}
