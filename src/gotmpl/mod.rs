//! Go's `text/template` as Prometheus uses it in the labels and annotations of
//! alerts. Text comes in; what the template reads, and what Go would refuse at
//! load or at run time, comes out with places in the text.

pub mod codes;
mod functions;
mod lexer;
mod operand;
mod parser;
mod pipeline;
#[cfg(test)]
mod tests;
mod unquote;

pub use codes::CODES;
pub use parser::{Read, Root, Template, has_action, literal, parse};
