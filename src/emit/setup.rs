//! What boards need besides the programs: read once, shared by all services.

use super::templates::Templates;
use crate::base::{Diagnostics, SourceMap, World};
use crate::config::Config;
use crate::policy::Registry;

/// Settings, owners and templates.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The settings of the project.
    pub config: &'a Config,
    /// What is known of owners.
    pub owners: &'a Registry,
    /// The templates of boards.
    pub templates: &'a Templates,
}

/// Reads the project's own templates, where boards are written at all.
pub fn templates(
    config: &Config,
    world: &dyn World,
    sources: &mut SourceMap,
    diags: &mut Diagnostics,
) -> Templates {
    match config.writes("grafana", true) {
        true => Templates::read(world, sources, diags),
        false => Templates::default(),
    }
}
