//! One binary for all tests that see the program from outside: case files, examples,
//! the real engines, the house itself.

mod cases;
mod cli;
mod examples;
mod explain;
mod output;
mod promtool;
mod readme;
mod schema;
mod support;
