//! The target `prometheus`: one rule file per service, as Prometheus loads it and
//! as readers of YAML 1.1 (kubectl, PyYAML) understand it the same.

use super::rules;
use super::target::{Cx, Target};
use crate::ir::{Artifact, MARK, Program, RuleSet, name};
use crate::yaml::{Out, write};

/// Rule files for `rule_files:` of Prometheus.
pub(super) struct Prometheus;

impl Target for Prometheus {
    fn name(&self) -> &'static str {
        "prometheus"
    }

    fn emit(&self, program: &Program<'_>, cx: &mut Cx<'_>) {
        let service = program.service;
        if program.rules.groups.is_empty() {
            return;
        }
        let rules: usize = program.rules.groups.iter().map(|group| group.rules.len()).sum();
        let mut text = String::with_capacity(rules * rules::BYTES_PER_RULE);
        text.push_str(&format!("# {MARK} {}; DO NOT EDIT.\n", service.path));
        groups([&program.rules], &mut text);
        (cx.take)(Artifact { path: name::rule_file(&service.name), text });
    }
}

/// One rule document of several rule sets, for standard output.
pub fn document(sets: &[RuleSet], paths: &[&str]) -> String {
    let mut text = format!("# {MARK} {}; DO NOT EDIT.\n", paths.join(", "));
    groups(sets, &mut text);
    text
}

fn groups<'a>(sets: impl IntoIterator<Item = &'a RuleSet>, text: &mut String) {
    let groups: Vec<Out<'_>> =
        sets.into_iter().flat_map(|set| &set.groups).map(rules::group).collect();
    write(&Out::Map(vec![("groups".into(), Out::Seq(groups))]), text);
}
