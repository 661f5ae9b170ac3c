//! Checks of what others than the compiler read: Grafana boards, ours and those that a
//! repository keeps. Trees with places come in, findings go out.

mod board;

pub use board::{BoardId, board, unique};

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = board::CODES;
