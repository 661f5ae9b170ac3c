//! What a template reads, and what is known of its values before run time.
//! Nothing comes in; the types that the files beside this one fill come out.

use crate::base::Span;

/// One read, such as `$labels.job`, `.Labels.job` or `index $labels "job"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What is read.
    pub what: Root,
    /// The label; none where the whole is read, or a label whose name is only
    /// known at run time.
    pub key: Option<String>,
    /// Where.
    pub span: Span,
}

/// A part of the data that Prometheus hands to a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The labels of the expression's result: `$labels`, `.Labels`.
    Labels,
    /// The labels that the server adds: `$externalLabels`, `.ExternalLabels`.
    ExternalLabels,
    /// The address of the server: `$externalURL`, `.ExternalURL`.
    ExternalUrl,
    /// The value of the expression: `$value`, `.Value`.
    Value,
}

/// What is known of a value before run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Val {
    Unknown,
    /// The data itself, with its four fields.
    Root,
    /// One of the four fields.
    Data(Root),
    /// A string that stands in the template.
    Text(String),
    /// Some other value that is surely no function.
    Plain,
}
