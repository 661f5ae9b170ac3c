//! Rules that people wrote by hand, every key and value with its place. `rulefile`
//! reads them; the policy judges them.

use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::base::{Duration, Spanned, Text};
use crate::promql::Expr;

/// A file of hand-written rules.
#[derive(Debug)]
pub struct WrittenFile {
    /// Relative to the root.
    pub path: Utf8PathBuf,
    /// Its groups, in order.
    pub groups: Vec<WrittenGroup>,
}

/// A group of rules.
#[derive(Debug)]
pub struct WrittenGroup {
    /// Its name; empty, at its first key, where it is missing.
    pub name: Spanned<Arc<str>>,
    /// The language of its expressions.
    pub language: Language,
    /// Labels that each of its rules gets.
    pub labels: Vec<WrittenPair>,
    /// `metadata.labels` of the object that it stands in.
    pub object_labels: Vec<WrittenPair>,
    /// Its rules, in order.
    pub rules: Vec<WrittenRule>,
}

/// The language of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Prometheus'.
    PromQl,
    /// VictoriaMetrics': PromQL and more. What is no PromQL is not judged.
    MetricsQl,
    /// Loki's. Expressions are not judged.
    LogQl,
}

/// A label or an annotation.
#[derive(Clone, Debug)]
pub struct WrittenPair {
    /// Its name.
    pub key: Spanned<Arc<str>>,
    /// Its value.
    pub value: Text,
    /// Whether the value is made by a template that is filled in before Prometheus
    /// reads the file, so that it is not known.
    pub is_unknown: bool,
}

/// A rule.
#[derive(Debug)]
pub struct WrittenRule {
    /// Whether it alerts or records.
    pub kind: WrittenKind,
    /// The name of the alert or series.
    pub name: Spanned<Arc<str>>,
    /// The expression as written.
    pub expr: Option<Text>,
    /// The expression, where it was judged and is sound.
    pub tree: Option<Expr>,
    /// How long the expression must hold.
    pub for_: Option<Spanned<Duration>>,
    /// How long the alert goes on afterwards.
    pub keep_firing_for: Option<Spanned<Duration>>,
    /// Its own labels.
    pub labels: Vec<WrittenPair>,
    /// Its annotations.
    pub annotations: Vec<WrittenPair>,
    /// Whether part of it could not be read: what seems to be missing may be there.
    pub is_broken: bool,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenKind {
    /// It alerts.
    Alert,
    /// It records a series.
    Record,
}

impl WrittenFile {
    /// How many rules it holds.
    pub fn count(&self) -> usize {
        self.groups.iter().map(|group| group.rules.len()).sum()
    }
}
