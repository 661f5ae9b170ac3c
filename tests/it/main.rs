//! One binary for all tests that see the program from outside: case files, examples,
//! the real engines, the house itself.

mod cli;
mod examples;
mod output;
mod promtool;
mod readme;
mod support;
