//! Go's `text/template` as Prometheus uses it in the labels and annotations of
//! alerts. Text comes in; what the template reads, and what Go would refuse at
//! load or at run time, comes out with places in the text.

pub mod codes;
mod cursor;
mod functions;
mod lexer;
mod parser;
mod pipeline;
mod template;
mod term;
#[cfg(test)]
mod tests;
mod unquote;
mod value;

pub use codes::CODES;
pub use functions::since;
pub use parser::Call;
pub use template::{
    Template, external_label_in_link, has_action, label_in_link, literal, parse, urlquery,
};
pub use value::{Read, Root};
