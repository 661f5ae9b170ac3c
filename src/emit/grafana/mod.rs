//! The target `grafana`: a board for each service, an overview of all SLOs and a page
//! for each owner. Panels are templates; the board, its grid, identifiers, variables and
//! links are typed.

mod board;
mod fleet;
mod form;
mod grid;
mod scope;
mod service;
mod target;
mod values;

use super::prose;
use super::setup::Setup;
use super::target::{Cx, Target, Whole};
use super::templates::Templates;

pub(super) use form::CODES;
pub(super) use target::Grafana;
