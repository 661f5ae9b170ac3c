//! ninefold compiles service level objectives and alerts to Prometheus rules.

pub mod base;
