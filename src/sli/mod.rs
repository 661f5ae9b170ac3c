//! SLI kinds: one file each, behind one trait. The rest of the compiler never asks
//! which kind it has. A new kind is a new file and its row in `ALL`.

mod condition;
mod counters;
mod events;
mod expression;
mod feed;
mod freshness;
mod input;
mod kind;
mod latency;
mod le;
mod overlap;
mod pieces;
mod probe;
mod query;
mod ratio;
mod selector;
mod sides;
mod slices;
mod threshold;
mod values;

pub use feed::{Feed, FeedGroup, FeedSeries, Labels, Unfed, Values, labels_for, series_text};
pub use kind::{Around, Base, BaseSeries, Cx, Need, Sli};
pub use values::contradiction;

use crate::base::Code;
use crate::yaml::{Field, Node};
use kind::Kind;

/// Every SLI kind.
static ALL: &[&Kind] = &[
    &events::KIND,
    &latency::KIND,
    &probe::KIND,
    &slices::KIND,
    &freshness::KIND,
    &query::KIND,
    &ratio::KIND,
];

/// The lists of codes of this room.
pub static CODES: &[&[&Code]] = &[
    condition::CODES,
    counters::CODES,
    expression::CODES,
    freshness::CODES,
    latency::CODES,
    overlap::CODES,
    probe::CODES,
    query::CODES,
    ratio::CODES,
    selector::CODES,
    sides::CODES,
    slices::CODES,
    threshold::CODES,
];

/// The keys of which an `sli:` has exactly one.
pub fn fields() -> Vec<&'static Field> {
    ALL.iter().map(|kind| &kind.field).collect()
}

/// Decodes the value of `sli:`. Faults beyond its shape are reported.
pub fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let entries = node.as_map()?;
    let known = |name: &str| ALL.iter().find(|kind| kind.field.name == name);
    let mut kinds = entries.iter().filter_map(|e| Some((known(&e.key.name)?, &e.value)));
    let (kind, value) = kinds.next()?;
    (kind.decode)(value, cx)
}

#[cfg(test)]
mod tests;
