//! Rules as YAML, the same in a rule file and in a `PrometheusRule`.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::Duration;
use crate::ir::{Rule, RuleGroup, RuleKind};
use crate::promql::Name;
use crate::yaml::Out;

/// What a rule takes, more or less: a file is not copied again and again while it
/// grows.
pub(super) const BYTES_PER_RULE: usize = 700;

/// A group with its rules.
pub(super) fn group(group: &RuleGroup) -> Out<'_> {
    group_of(group, group.rules.iter().map(rule).collect())
}

/// A group with some of its rules.
pub(super) fn group_of<'a>(group: &'a RuleGroup, rules: Vec<Out<'a>>) -> Out<'a> {
    let mut map = vec![("name".into(), string(&group.name))];
    map.extend(group.interval.map(|i| ("interval".into(), duration(i))));
    map.extend(group.query_offset.map(|o| ("query_offset".into(), duration(o))));
    map.push(("rules".into(), Out::Seq(rules)));
    Out::Map(map)
}

/// A rule.
pub(super) fn rule(rule: &Rule) -> Out<'_> {
    let expr = ("expr".into(), Out::Str(rule.expr.text()));
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
