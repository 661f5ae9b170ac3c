//! PromQL: text in, a tree with places out, and back to text. Locates faults in
//! the file, types expressions, builds and prints generated ones; `promql-parser`
//! has the last word on what a person wrote. Imports only `base`.

mod ast;
mod build;
pub mod codes;
mod comment;
mod cursor;
mod duration;
mod functions;
mod judge;
mod labels;
mod lex;
mod name;
mod number;
mod parse;
mod print;
mod quote;
mod regex;
mod same;
mod satisfy;
mod selector;
mod slips;
mod types;
mod unquote;
mod versions;

pub use ast::{
    Aggregate, AggregateOp, At, Binary, BinaryOp, Call, Computed, Expr, ExprKind, Extension,
    Extent, Fill, Group, Grouping, LabelName, MatchOp, Matcher, Matching, Number, Offset, Range,
    Selector, Side, Subquery, Unary, UnaryOp,
};
pub use build::{
    Matchers, absent, aggregate, aggregate_by, aggregate_without, at, avg, binary, call, clamp_max,
    clamp_min, count, count_by, count_without, decimal, equal, integer, labels, match_ignoring,
    match_on, matcher, matchers, matching, max, max_by, max_without, min, negate, number, offset,
    paren, range, selector, selector_with, string, subquery, sum, sum_by, sum_without, topk,
    vector,
};
pub use codes::CODES;
pub use cursor::{MAX_DEPTH, MAX_HEIGHT};
pub use functions::{FUNCTIONS, Function, Release, ValueType, function};
pub use judge::{Judge, check, judge};
pub use labels::{Labels, carries, result_labels};
pub use name::Name;
pub use parse::{MAX_BYTES, Options, parse, parse_with};
pub use print::{WIDTH, print, print_into, print_line, print_line_into};
pub use quote::{label, quote_text};
pub use types::{check_types, value_type};
pub use versions::{Flag, Requirement, requirements, requirements_as_written};

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
