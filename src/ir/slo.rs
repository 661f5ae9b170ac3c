//! SLOs and plain alerts as meant: every default filled in, every path
//! resolved, nothing left that a stage below would have to look up.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::base::{Decimal, Duration, Span, Text};
use crate::sli::Sli;

/// Label or annotation names and their values, sorted by name.
pub type Labels = BTreeMap<Arc<str>, Arc<str>>;

/// Where in a spec something comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The spec file, relative to the project's root: what output headers name.
    pub path: Utf8PathBuf,
    /// The name of the SLO or alert in it.
    pub span: Span,
}

/// What the policy asks of every alert: who, what to do, by when. A value of this
/// type exists only for what the policy let pass.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Who is woken.
    pub owner: Arc<str>,
    /// What they follow: an `https` URL, or a path of the repository where the
    /// project names no base URL.
    pub runbook_url: Arc<str>,
    /// How long it may take from firing to fixed, per severity name.
    pub remediation: BTreeMap<Arc<str>, Duration>,
}

/// A service level objective: what share of events must be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objective {
    /// In per cent, `0 < x < 100`, exactly as written: `99.9`.
    pub percent: Decimal,
}

impl Objective {
    /// The objective as a ratio: `0.999`.
    pub fn ratio(self) -> Decimal {
        self.percent.percent()
    }

    /// The error budget as a ratio, `1 - objective`: `0.001`.
    pub fn budget(self) -> Decimal {
        (Decimal::from(100) - self.percent).percent()
    }
}

/// One SLO with everything that its rules and boards need.
#[derive(Debug)]
pub struct Slo {
    /// The service's name.
    pub service: Arc<str>,
    /// The SLO's name, unique within the service.
    pub name: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
    /// The objective.
    pub objective: Objective,
    /// Where the objective is written.
    pub objective_span: Span,
    /// The window over which it holds, a whole number of days.
    pub window: Duration,
    /// What it promises, in a sentence of its owner.
    pub description: Option<Arc<str>>,
    /// What is measured.
    pub sli: Box<dyn Sli>,
    /// What alert names begin with: `CheckoutAvailability`.
    pub alert_name: Arc<str>,
    /// Owner, runbook and remediation times.
    pub promise: Promise,
    /// Labels of its alerts, without those that every alert has.
    pub labels: Labels,
    /// Labels of the info series: those of the service and the SLO.
    pub info_labels: Labels,
    /// Annotations of its alerts, without those that every alert has.
    pub annotations: Labels,
}

/// An alert that is no SLO, written by hand in a spec.
#[derive(Debug)]
pub struct Alert {
    /// The service's name.
    pub service: Arc<str>,
    /// The alert's name.
    pub name: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
    /// The PromQL expression, as its owner wrote it.
    pub expr: Text,
    /// How long the expression must hold.
    pub for_: Option<Duration>,
    /// How long the alert goes on after the expression stopped to hold.
    pub keep_firing_for: Option<Duration>,
    /// The name of its severity, such as `page`.
    pub severity: Arc<str>,
    /// A Go template.
    pub summary: Arc<str>,
    /// A Go template.
    pub description: Option<Arc<str>>,
    /// Owner, runbook and the remediation time of `severity`.
    pub promise: Promise,
    /// Labels, without those that every alert has.
    pub labels: Labels,
    /// Annotations, without those that every alert has.
    pub annotations: Labels,
}

/// Everything of one service: the unit of lowering, emitting and writing.
#[derive(Debug)]
pub struct Service {
    /// Its name, which is also the name of its files.
    pub name: Arc<str>,
    /// The spec file, relative to the project's root.
    pub path: Utf8PathBuf,
    /// The SLOs, in the order in which they are written.
    pub slos: Vec<Slo>,
    /// The plain alerts, in the order in which they are written.
    pub alerts: Vec<Alert>,
}
