//! What an SLI kind is: a key with its shape, a way to decode it, and the base
//! series it makes.

use std::fmt;
use std::sync::Arc;

use super::feed::{Feed, FeedGroup, Unfed};
use crate::base::{Decimal, Diagnostics, Duration, Span, Spanned};
use crate::promql::{Expr, Judge, Name};
use crate::yaml::{Field, Node};

/// A kind of SLI, as the specification language knows it.
pub(super) struct Kind {
    /// Its key below `sli:`, with its shape and the sentence that explains it.
    pub(super) field: Field,
    /// Decodes the value of the key. `None`: something is wrong and was reported,
    /// by the shape or here.
    pub(super) decode: fn(&Node, &mut Cx<'_>) -> Option<Box<dyn Sli>>,
}

/// What decoding needs besides the node.
pub struct Cx<'a> {
    /// Who has the last word on PromQL.
    pub judge: &'a Judge,
    /// Where faults go.
    pub diags: &'a mut Diagnostics,
}

/// What an SLI measures. All kinds become the same pair of series, bad and total
/// events per second, from which every window is derived.
pub trait Sli: fmt::Debug + Send + Sync {
    /// The key of its kind.
    fn kind(&self) -> &'static str;

    /// Whether the base series are instant, one sample one event, rather than
    /// smeared over the base range by a rate.
    fn is_instant(&self) -> bool {
        false
    }

    /// Whether windows weigh each second by its traffic; not where a ratio comes as
    /// such, and of samples each weighs alike.
    fn is_weighted(&self) -> bool {
        !self.is_instant()
    }

    /// The expressions of the base series.
    fn base_series(&self, base: &Base) -> BaseSeries;

    /// The expressions that a person wrote, `$range` where it was written: what a
    /// version of Prometheus may not know.
    fn exprs(&self) -> Vec<Expr>;

    /// The figures that it is measured by, with their keys: where one is higher, less is
    /// bad.
    fn figures(&self) -> Vec<(&'static str, Decimal)> {
        Vec::new()
    }

    /// What its own rules ask of Prometheus, besides [`Sli::exprs`].
    fn needs(&self) -> Option<Need> {
        None
    }

    /// Reports what is wrong with it in the place where it stands.
    fn check(&self, _around: &Around<'_>, _diags: &mut Diagnostics) {}

    /// The series that its targets would expose in a rule test, for one group.
    fn feed(&self, _group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let why = format!("series cannot be made up for the kind `{}`", self.kind());
        Err(Unfed::new(Span::NONE, why))
    }
}

/// A feature that not every version of Prometheus has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The first version that has it, `(2, 53)` for 2.53.
    pub since: (u16, u16),
    /// What it is, in the plural: "native histograms".
    pub what: &'static str,
    /// Where it is asked for.
    pub span: Span,
}

/// What an SLO and its project say around an SLI, for checks that the SLI cannot
/// do when it is decoded.
#[derive(Debug)]
pub struct Around<'a> {
    /// Labels of which each value is measured on its own.
    pub by: &'a [Spanned<Arc<str>>],
    /// How often targets are scraped.
    pub scrape_interval: Duration,
}

/// What an SLI knows of the rules around its base series.
#[derive(Debug)]
pub struct Base {
    /// The range of the rates.
    pub range: Duration,
    /// How often the base series are recorded: a sample of an instant SLI stands
    /// for this long.
    pub interval: Duration,
    /// Labels of which each value is measured on its own.
    pub by: Vec<Name>,
    /// The recorded series of all events, as a selector.
    pub total: Expr,
    /// The recorded series of first errors, as a selector, read so that it ends
    /// with its last sample.
    pub first_bad: Expr,
    /// Whether the first value of a new series of errors is counted, which no rate
    /// sees. Where not, no series of first errors is made.
    pub first_errors: bool,
}

/// The expressions of the base series of an SLI, in events per second.
#[derive(Debug)]
pub struct BaseSeries {
    /// Errors that a rate cannot see, since they were the first of their series.
    pub first_bad: Option<Expr>,
    /// All events.
    pub total: Expr,
    /// Bad events; may read the recorded total.
    pub bad: Expr,
}
