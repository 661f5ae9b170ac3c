//! One binary for all tests that see the program from outside: case files, examples,
//! the real engines, the house itself.

mod corpus;
mod promtool;
mod robust;
mod support;
mod tidy;
mod torture;
