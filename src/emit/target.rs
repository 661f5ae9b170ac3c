//! What a target is, and which of them a project has on.

use super::setup::Setup;
use crate::base::{Diagnostic, Diagnostics, Safety, codes, list, nearest};
use crate::config::Config;
use crate::ir::{Artifact, Plan, Program, Service};
use crate::yaml::{Key, Node};

/// All services of a project, with the plans of their SLOs.
pub(super) type Whole = [(Service, Vec<Plan>)];

/// What a target needs besides the program.
pub(super) struct Cx<'a> {
    /// Settings, owners and templates.
    pub(super) setup: &'a Setup<'a>,
    /// Where files go.
    pub(super) take: &'a dyn Fn(Artifact),
    /// Where faults go.
    pub(super) diags: &'a mut Diagnostics,
}

impl<'a> Cx<'a> {
    /// The options that the project gives a target.
    pub(super) fn options(&self, name: &str) -> Option<&'a Node> {
        self.setup.config.targets.as_ref()?.get(name)
    }
}

codes! {
    /// ## Why
    /// A target that does not exist would write nothing, and nobody would notice.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// targets: {promethues: {}}
    /// ```
    /// ## Instead
    /// The name of a target; without the key the rule files of Prometheus are written.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {prometheus: {}}
    /// ```
    TARGET_UNKNOWN = Error "target-unknown";

    /// ## Why
    /// Without the rules nothing alerts: a project that names its targets needs
    /// `prometheus` or `operator` among them. Rule tests read the rule files that
    /// `prometheus` writes.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {promtool: {}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {prometheus: {}, promtool: {}}
    /// ```
    TARGET_RULES = Error "target-rules";
}

/// A kind of output.
pub(super) trait Target: Sync {
    /// Its name in `targets:` and `--target`.
    fn name(&self) -> &'static str;

    /// Whether it is written where the project names no targets. A second form of
    /// the same rules is not: it would double every output.
    fn is_default(&self) -> bool {
        true
    }

    /// Reports what a Shape cannot find in its options.
    fn check_options(&self, _options: &Node, _diags: &mut Diagnostics) {}

    /// Hands out the files of one service.
    fn emit(&self, program: &Program<'_>, cx: &mut Cx<'_>);

    /// Hands out the files that are made from all services together.
    fn emit_whole(&self, _services: &Whole, _cx: &mut Cx<'_>) {}
}

/// Whether the project wants a target: one it names, or a default one if it names
/// none.
pub(super) fn is_on(target: &dyn Target, config: &Config) -> bool {
    config.writes(target.name(), target.is_default())
}

/// Reports targets that the project names and that do not exist, and options that
/// contradict each other.
pub(super) fn check(all: &[&dyn Target], config: &Config, diags: &mut Diagnostics) {
    let names: Vec<&str> = all.iter().map(|target| target.name()).collect();
    let named = config.targets.as_ref().and_then(Node::as_map).unwrap_or_default();
    for entry in named {
        match all.iter().find(|target| target.name() == entry.key.name) {
            Some(target) => target.check_options(&entry.value, diags),
            None => diags.push(unknown(&entry.key, &names)),
        }
    }
    let Some(node) = &config.targets else { return };
    let is_on = |name: &str| named.iter().any(|entry| entry.key.name == name);
    let tests = named.iter().find(|entry| entry.key.name == "promtool");
    let lacks_rules = !is_on("prometheus") && !is_on("operator");
    match tests.filter(|_| !is_on("prometheus")) {
        Some(tests) => diags.push(
            Diagnostic::new(
                &TARGET_RULES,
                tests.key.span,
                "rule tests are written, and no rule files",
            )
            .label("tests the files of `prometheus`")
            .help("add `prometheus: {}` beside it"),
        ),
        // An unknown one may have been meant for it, and was reported.
        None if lacks_rules && named.iter().all(|e| names.contains(&e.key.name.as_str())) => {
            diags.push(
                Diagnostic::new(&TARGET_RULES, node.span, "no target of the project writes rules")
                    .label("nothing alerts")
                    .help("add `prometheus: {}`, or remove `targets:`"),
            );
        }
        None => {}
    }
}

fn unknown(key: &Key, names: &[&str]) -> Diagnostic {
    let unknown = Diagnostic::new(
        &TARGET_UNKNOWN,
        key.span,
        format!("this version has no target `{}`", key.name),
    )
    .label(format!("known: {}", list(names, "and")));
    match nearest(&key.name, names.iter().copied()) {
        Some(near) => unknown.fix("use the known target", key.span, near, Safety::Suggestion),
        None => unknown.help("remove it"),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::TARGET_OPTIONS;
    use crate::emit;

    #[test]
    fn every_target_has_a_shape_for_its_options() {
        let shapes: Vec<&str> = TARGET_OPTIONS.iter().map(|field| field.name).collect();
        assert_eq!(emit::names(), shapes);
    }
}
