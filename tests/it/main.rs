//! One binary for all tests that see the program from outside: case files, examples,
//! the real engines, the house itself.

mod battery;
mod boards;
mod boards_lint;
mod cases;
mod cli;
mod corpus;
mod dashboards;
mod diff;
mod docs;
mod examples;
mod explain;
mod formats;
mod grafana;
mod history;
mod incidents;
mod integrations;
mod live;
mod mutation;
mod operator;
mod output;
mod pasts;
mod promql;
mod promtool;
mod readme;
mod replay;
mod robust;
mod rules;
mod schema;
mod server;
mod support;
mod tidy;
mod tiles;
mod torture;
