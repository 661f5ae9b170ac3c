//! The target `grafana`: a board for each service, an overview of all SLOs and a page
//! for each owner. Panels are templates; the board, its grid, identifiers, variables and
//! links are typed.

mod board;
mod fleet;
mod form;
mod grid;
mod prose;
mod scope;
mod service;
mod setup;
mod target;
mod templates;
mod values;

use super::target::{Cx, Target, Whole};

pub(super) use form::CODES as FORM_CODES;
pub use setup::{Setup, templates};
pub(super) use target::Grafana;
pub(super) use templates::CODES as TEMPLATE_CODES;
pub use templates::Templates;
