//! A spec file, decoded. Nothing is filled in and nothing is inherited yet; what
//! could not be decoded is absent and was reported.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::alerting::AlertingSpec;
use super::proof::{AlertTest, TestSeries};
use crate::base::{Decimal, Duration, Spanned, Text};
use crate::config::Window;
use crate::sli::Sli;

/// A text and its place.
pub type Written = Spanned<Arc<str>>;

/// A key and a value, each with its place: labels.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The label's name.
    pub key: Written,
    /// Its value.
    pub value: Written,
}

/// A key and a text that may be a template: annotations.
#[derive(Clone, Debug)]
pub struct TextPair {
    /// The annotation's name.
    pub key: Written,
    /// Its value.
    pub value: Text,
}

/// A remediation time and the severity that it is promised for.
pub type Remediation = Vec<(Written, Spanned<Duration>)>;

/// What was written and could not be read: it was reported, and is not missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unread {
    /// `owner:`
    pub owner: bool,
    /// `runbook:`
    pub runbook: bool,
    /// `remediation:`, or part of it.
    pub remediation: bool,
}

/// The specs of one file.
#[derive(Debug)]
pub struct SpecFile {
    /// Relative to the root.
    pub path: Utf8PathBuf,
    /// One per document.
    pub services: Vec<ServiceSpec>,
    /// Whether any document said `ninefold:`.
    pub ours: bool,
}

/// One document: a service.
#[derive(Debug)]
pub struct ServiceSpec {
    /// Its name; empty, at the start of the document, where it is missing.
    pub service: Written,
    /// Who is woken.
    pub owner: Option<Written>,
    /// What they follow.
    pub runbook: Option<Written>,
    /// By when it is fixed.
    pub remediation: Remediation,
    /// Labels of its alerts and info series.
    pub labels: Vec<Pair>,
    /// Annotations of its alerts.
    pub annotations: Vec<TextPair>,
    /// The grouping of SLOs that have none of their own.
    pub group_by: Vec<Written>,
    /// Its SLOs.
    pub slos: Vec<SloSpec>,
    /// Its plain alerts.
    pub alerts: Vec<AlertSpec>,
    /// What of it could not be read.
    pub unread: Unread,
    /// Whether part of the document could not be read, so that what seems to be
    /// missing may have been written.
    pub broken: bool,
}

/// An SLO as written.
#[derive(Debug)]
pub struct SloSpec {
    /// Its name; empty, at its first key, where it is missing.
    pub name: Written,
    /// The objective in per cent.
    pub objective: Option<Spanned<Decimal>>,
    /// Its window, where it has one of its own.
    pub window: Option<Spanned<Window>>,
    /// What it promises, in a sentence. Literal text.
    pub description: Option<Written>,
    /// Its own owner.
    pub owner: Option<Written>,
    /// Its own runbook.
    pub runbook: Option<Written>,
    /// Its own remediation times.
    pub remediation: Remediation,
    /// Its own labels.
    pub labels: Vec<Pair>,
    /// Its own annotations.
    pub annotations: Vec<TextPair>,
    /// What is measured.
    pub sli: Option<Box<dyn Sli>>,
    /// How it alerts.
    pub alerting: AlertingSpec,
    /// Labels of which each value has a budget of its own. `None`: those of the
    /// service.
    pub group_by: Option<Vec<Written>>,
    /// How many values these labels have.
    pub expected_groups: Option<Spanned<u32>>,
    /// The traffic that it is made for, in events per day.
    pub expected_rate: Option<Spanned<Decimal>>,
    /// What its rule tests are fed with; `None`: what can be made up.
    pub test_series: Option<Vec<TestSeries>>,
    /// What of it could not be read.
    pub unread: Unread,
}

/// A plain alert as written.
#[derive(Debug)]
pub struct AlertSpec {
    /// Its name; empty, at its first key, where it is missing.
    pub name: Written,
    /// Its expression, if it is sound.
    pub expr: Option<AlertExpr>,
    /// How long the expression must hold.
    pub for_: Option<Spanned<Duration>>,
    /// How long the alert goes on afterwards.
    pub keep_firing_for: Option<Spanned<Duration>>,
    /// The name of its severity.
    pub severity: Option<Written>,
    /// By when it is fixed.
    pub remediation: Option<Spanned<Duration>>,
    /// One line for whoever is woken.
    pub summary: Option<Text>,
    /// A few sentences.
    pub description: Option<Text>,
    /// Its own owner.
    pub owner: Option<Written>,
    /// Its own runbook.
    pub runbook: Option<Written>,
    /// Its own labels.
    pub labels: Vec<Pair>,
    /// Its own annotations.
    pub annotations: Vec<TextPair>,
    /// Its tests.
    pub tests: Vec<AlertTest>,
    /// What of it could not be read.
    pub unread: Unread,
}

/// The expression of a plain alert: text and tree.
#[derive(Debug)]
pub struct AlertExpr {
    /// As written.
    pub text: Text,
    /// As parsed.
    pub tree: crate::promql::Expr,
}
