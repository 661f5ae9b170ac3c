//! SLOs and plain alerts as meant: every default filled in, every path
//! resolved, nothing left that a stage below would have to look up.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::base::{Decimal, Duration, Span, Spanned, Text};
use crate::config::Window;
use crate::promql::Name;
use crate::sli::{Feed, Sli};

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
    /// The window over which it holds.
    pub window: Window,
    /// Labels of which each value has a budget and alerts of its own.
    pub group_by: Vec<Name>,
    /// How many values these labels have together, more or less, where that is said.
    pub expected_groups: Option<u32>,
    /// The least traffic that it is made for, in events per day (of one group).
    pub expected_rate: Option<Spanned<Decimal>>,
    /// What it promises, in a sentence of its owner.
    pub description: Option<Arc<str>>,
    /// What is measured.
    pub sli: Box<dyn Sli>,
    /// What its targets would expose in a rule test: of one group, and of another
    /// where it is grouped. Empty where that cannot be made up.
    pub feeds: Vec<Feed>,
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
    /// Which alerts it has.
    pub alerting: Alerting,
}

/// How an SLO alerts, defaults filled in.
#[derive(Debug)]
pub struct Alerting {
    /// The alert that wakes somebody.
    pub page: Option<BurnAlert>,
    /// The alert that waits for the morning.
    pub ticket: Option<BurnAlert>,
    /// Whether a ticket says that the error budget is used up.
    pub budget_exhausted: bool,
    /// The severity of the alert that says that the SLI has no data; `None`: off.
    pub no_data: Option<Arc<str>>,
    /// How many bad events there must be in the long window. At most 1: any.
    pub min_bad_events: u32,
    /// Where that is written.
    pub min_bad_events_span: Span,
    /// Burn rates that replace those of the severities they name.
    pub burn_rates: Vec<OwnBurnRate>,
    /// Whether the first value of a new error series counts as errors.
    pub first_errors: bool,
}

/// The page or the ticket of an SLO.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BurnAlert {
    /// Labels that it has besides those of all alerts of the SLO.
    pub labels: Labels,
    /// Annotations that it has besides those of all alerts of the SLO.
    pub annotations: Labels,
    /// How long it goes on; `None`: as long as by default.
    pub keep_firing_for: Option<Duration>,
}

/// A burn rate that a spec gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnBurnRate {
    /// `page` or `ticket`.
    pub severity: Arc<str>,
    /// The window that says that the budget is burning.
    pub long: Duration,
    /// The window that says that it is burning now.
    pub short: Duration,
    /// How many times faster than evenly the budget burns.
    pub factor: Decimal,
    /// Where the factor is written.
    pub factor_span: Span,
    /// Where the long window is written.
    pub long_span: Span,
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
    /// Tests of it; empty: one that can be made up.
    pub tests: Vec<AlertProof>,
}

/// A test of a plain alert.
#[derive(Clone, Debug)]
pub struct AlertProof {
    /// Series and their values, in the notation of `promtool test rules`.
    pub series: Vec<(crate::sli::Labels, Arc<str>)>,
    /// The time between two samples.
    pub interval: Duration,
    /// When the alert must fire, from the first sample on.
    pub fires_at: Vec<Duration>,
    /// When it must not.
    pub silent_at: Vec<Duration>,
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
