//! SLI kinds: one file each, behind one trait. The rest of the compiler never asks
//! which kind it has. A new kind is a new file and its row in `ALL`.

mod events;
mod feed;
mod kind;
mod latency;
mod le;
mod selector;

pub use feed::{Feed, FeedGroup, FeedSeries, Labels, Unfed, Values, labels_for};
pub use kind::{Base, BaseSeries, Cx, Sli};

use crate::base::Code;
use crate::yaml::{Field, Node, Shape, Type};
use kind::Kind;

/// Every SLI kind.
static ALL: &[&Kind] = &[&events::KIND, &latency::KIND];

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] = &[events::CODES, latency::CODES, selector::CODES];

/// The keys of which an `sli:` has exactly one.
pub fn fields() -> Vec<&'static Field> {
    ALL.iter().map(|kind| &kind.field).chain(&LATER).collect()
}

static ANY: Shape = Shape { doc: "", ty: Type::Any };

/// Kinds that the language has and this version has not.
static LATER: [Field; 5] = [
    Field::later("probe", &ANY, "A gauge that is 1 or 0."),
    Field::later("slices", &ANY, "The share of time slices in which a condition holds."),
    Field::later("freshness", &ANY, "The age of a timestamp."),
    Field::later("query", &ANY, "Bad and total events per second as PromQL."),
    Field::later("ratio", &ANY, "A ratio as PromQL."),
];

/// Decodes the value of `sli:`. Faults beyond its shape are reported.
pub fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let entries = node.as_map()?;
    let known = |name: &str| ALL.iter().find(|kind| kind.field.name == name);
    let mut kinds = entries.iter().filter_map(|e| Some((known(&e.key.name)?, &e.value)));
    let (kind, value) = kinds.next()?;
    (kind.decode)(value, cx)
}
