//! What a target is, and which of them a project has on.

use crate::base::{Diagnostic, Diagnostics, Safety, codes, list, nearest};
use crate::config::Config;
use crate::ir::{Artifact, Program};
use crate::yaml::Node;

codes! {
    /// ## Why
    /// A target that does not exist would write nothing, and nobody would notice.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// targets: {promethues: {}}
    /// ```
    /// ## Instead
    /// The name of a target; without the key all are written.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {prometheus: {}}
    /// ```
    TARGET_UNKNOWN = Error "target-unknown";
}

/// A kind of output.
pub(super) trait Target: Sync {
    /// Its name in `targets:` and `--target`.
    fn name(&self) -> &'static str;

    /// Hands out the files of one service.
    fn emit(&self, program: &Program<'_>, take: &dyn Fn(Artifact));
}

/// Whether the project wants a target: one it names, or any if it names none.
pub(super) fn is_on(name: &str, config: &Config) -> bool {
    config.writes(name)
}

/// Reports targets that the project names and that are not among `names`.
pub(super) fn check(names: &[&str], config: &Config, diags: &mut Diagnostics) {
    let named = config.targets.as_ref().and_then(Node::as_map).unwrap_or_default();
    for entry in named.iter().filter(|e| !names.contains(&e.key.name.as_str())) {
        let unknown = Diagnostic::new(
            &TARGET_UNKNOWN,
            entry.key.span,
            format!("this version has no target `{}`", entry.key.name),
        )
        .label(format!("known: {}", list(names, "and")));
        diags.push(match nearest(&entry.key.name, names.iter().copied()) {
            Some(near) => {
                unknown.fix("use the known target", entry.key.span, near, Safety::Suggestion)
            }
            None => unknown.help("remove it: without `targets:` all that exist are written"),
        });
    }
}
