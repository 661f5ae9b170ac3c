//! One binary for all tests that see the program from outside: case files, examples,
//! the real engines, the house itself.

mod boards_lint;
mod cases;
mod cli;
mod corpus;
mod dashboards;
mod examples;
mod explain;
mod live;
mod mutation;
mod operator;
mod output;
mod promql;
mod promtool;
mod readme;
mod robust;
mod schema;
mod server;
mod support;
mod tidy;
mod torture;
