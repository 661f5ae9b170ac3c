//! Grafana boards in the classic model: the object itself, a V1 resource or an API
//! export. One file per check or closely related group; `check` calls each once.

mod check;
mod counters;
mod datasource;
mod geometry;
mod id;
mod identity;
mod mention;
mod model;
mod panels;
mod queries;
mod sample;
#[cfg(test)]
mod tests;
mod texts;
mod thresholds;
mod titles;
mod transformations;
mod tree;
mod unique;
mod unit_ids;
mod units;
mod unknown;
mod variables;

pub use check::board;
pub use id::BoardId;
pub use unique::unique;

/// The lists of codes of boards.
pub(super) static CODES: &[&[&crate::base::Code]] = &[
    counters::CODES,
    datasource::CODES,
    geometry::CODES,
    identity::CODES,
    model::CODES,
    panels::CODES,
    queries::CODES,
    texts::CODES,
    thresholds::CODES,
    titles::CODES,
    transformations::CODES,
    unique::CODES,
    units::CODES,
    unknown::CODES,
    variables::CODES,
];
