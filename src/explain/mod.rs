//! What an SLO means, for people: its arithmetic, what fires when and what never
//! does, its series and alerts by name, how to silence the ticket below the page. Made
//! of the plan and the rules themselves; text comes out.

mod alerts;
mod burn;
mod inhibition;
mod page;
mod service;
mod silent;
mod slo;
mod table;
mod written;

pub use service::service;
pub use slo::{Subject, slo};
