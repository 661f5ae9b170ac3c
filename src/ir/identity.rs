//! Who an SLO is, in labels: what its series bear and how they are selected, in our
//! names or in Sloth's.

use std::sync::Arc;

use super::name;
use crate::config::Names;
use crate::promql::{Matchers, Name, equal, matchers};

/// The labels that every series of an SLO has.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Names and values, in the order in which they are written.
    pub labels: Vec<(Name, Arc<str>)>,
    /// What selects the series.
    pub matchers: Matchers,
    /// The matchers as they are printed. Names of services and SLOs need no escapes.
    pub text: Arc<str>,
}

impl Identity {
    /// The identity of an SLO of a service.
    pub fn new(names: Names, service: &Arc<str>, slo: &Arc<str>) -> Identity {
        let labels: Vec<(Name, Arc<str>)> = label_names(names)
            .iter()
            .map(|label| {
                let value = match *label {
                    name::SERVICE | name::SLOTH_SERVICE => Arc::clone(service),
                    name::SLO | name::SLOTH_SLO => Arc::clone(slo),
                    _ => format!("{service}-{slo}").into(),
                };
                ((*label).into(), value)
            })
            .collect();
        let matchers = matchers(labels.iter().map(|(l, v)| equal(l.clone(), Arc::clone(v))));
        let printed: Vec<String> = labels.iter().map(|(l, v)| format!("{l}=\"{v}\"")).collect();
        Identity { labels, matchers, text: printed.join(", ").into() }
    }
}

/// The names of the labels that make an identity.
pub fn label_names(names: Names) -> &'static [&'static str] {
    match names {
        Names::Native => &[name::SERVICE, name::SLO],
        Names::Sloth => &[name::SLOTH_ID, name::SLOTH_SERVICE, name::SLOTH_SLO],
    }
}

/// The label of ratio series that names their window.
pub fn window_label(names: Names) -> &'static str {
    match names {
        Names::Native => name::WINDOW,
        Names::Sloth => name::SLOTH_WINDOW,
    }
}

/// The series of constant 1 that says what is known of an SLO.
pub fn info_name(names: Names) -> &'static str {
    match names {
        Names::Native => name::INFO,
        Names::Sloth => name::SLOTH_INFO,
    }
}
