//! The target `prometheus`: one rule file per service, as Prometheus loads it and
//! as readers of YAML 1.1 (kubectl, PyYAML) understand it the same.

use std::borrow::Cow;
use std::sync::Arc;

use super::target::Target;
use crate::base::Duration;
use crate::ir::{Artifact, Expression, MARK, Program, Rule, RuleGroup, RuleKind, RuleSet, name};
use crate::promql::{self, Name};
use crate::yaml::{Out, write};

/// Rule files for `rule_files:` of Prometheus.
pub(super) struct Prometheus;

impl Target for Prometheus {
    fn name(&self) -> &'static str {
        "prometheus"
    }

    fn emit(&self, program: &Program<'_>, take: &dyn Fn(Artifact)) {
        let service = program.service;
        if program.rules.groups.is_empty() {
            return;
        }
        let rules: usize = program.rules.groups.iter().map(|group| group.rules.len()).sum();
        let mut text = String::with_capacity(rules * BYTES_PER_RULE);
        text.push_str(&format!("# {MARK} {}; DO NOT EDIT.\n", service.path));
        groups(&program.rules, &mut text);
        take(Artifact { path: name::rule_file(&service.name), text });
    }
}

/// What a rule takes, more or less: a file is not copied again and again while it
/// grows.
const BYTES_PER_RULE: usize = 700;

/// One rule document of several rule sets, for standard output.
pub fn document(sets: &[RuleSet], paths: &[&str]) -> String {
    let mut text = format!("# {MARK} {}; DO NOT EDIT.\n", paths.join(", "));
    let groups_of: Vec<Out<'_>> = sets.iter().flat_map(|set| &set.groups).map(group).collect();
    write(&Out::Map(vec![("groups".into(), Out::Seq(groups_of))]), &mut text);
    text
}

fn groups(rules: &RuleSet, text: &mut String) {
    let groups = rules.groups.iter().map(group).collect();
    write(&Out::Map(vec![("groups".into(), Out::Seq(groups))]), text);
}

fn group(group: &RuleGroup) -> Out<'_> {
    let mut map = vec![("name".into(), string(&group.name))];
    map.extend(group.interval.map(|i| ("interval".into(), duration(i))));
    map.extend(group.query_offset.map(|o| ("query_offset".into(), duration(o))));
    map.push(("rules".into(), Out::Seq(group.rules.iter().map(rule).collect())));
    Out::Map(map)
}

fn rule(rule: &Rule) -> Out<'_> {
    let expr = ("expr".into(), Out::Str(expression(&rule.expr)));
    let mut map: Vec<(Cow<'_, str>, Out<'_>)> = Vec::with_capacity(6);
    match &rule.kind {
        RuleKind::Record(name) => {
            map.push(("record".into(), string(name)));
            map.push(expr);
        }
        RuleKind::Alert { name, for_, keep_firing_for, .. } => {
            map.push(("alert".into(), string(name)));
            map.push(expr);
            map.extend(for_.map(|d| ("for".into(), duration(d))));
            map.extend(keep_firing_for.map(|d| ("keep_firing_for".into(), duration(d))));
        }
    }
    if !rule.labels.is_empty() {
        map.push(("labels".into(), pairs(&rule.labels)));
    }
    if let RuleKind::Alert { annotations, .. } = &rule.kind {
        map.push(("annotations".into(), pairs(annotations)));
    }
    Out::Map(map)
}

fn expression(expr: &Expression) -> Cow<'_, str> {
    match expr {
        Expression::Built(tree) => promql::print(tree).into(),
        Expression::Shared(shared, identity) => shared.text(identity).into(),
        Expression::Written(text) => text.as_str().trim().into(),
    }
}

fn pairs(pairs: &[(Name, Arc<str>)]) -> Out<'_> {
    Out::strs(pairs.iter().map(|(k, v)| (k.as_str(), &**v)))
}

fn string(text: &str) -> Out<'_> {
    Out::Str(text.into())
}

/// A duration begins with a digit and ends with a letter: no reader takes it for
/// anything but a string.
fn duration(duration: Duration) -> Out<'static> {
    Out::Raw(duration.to_string().into())
}
