//! Tests of the room as a whole: texts come in, findings and trees are compared.
//! What a single function does is tested at the foot of its file; here is what
//! they do together.

mod check;
mod parse;
