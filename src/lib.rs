//! ninefold compiles service level objectives and alerts to Prometheus rules.

pub mod base;
pub mod cli;
pub mod compile;
pub mod config;
pub mod emit;
pub mod gotmpl;
pub mod ir;
pub mod lower;
pub mod plan;
pub mod policy;
pub mod promql;
pub mod report;
pub mod resolve;
pub mod sli;
pub mod spec;
pub mod workspace;
pub mod yaml;
