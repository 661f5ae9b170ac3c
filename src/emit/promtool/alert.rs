//! What a firing alert looks like: the labels and annotations of a rule come in, the
//! firing alert comes out, where it can be known.

use std::sync::Arc;

use super::case::Firing;
use crate::gotmpl;
use crate::ir::{Rule, RuleKind};
use crate::promql::Name;

/// How alerts of ours say the value that they fire at.
const VALUE: &str = "{{ $value | humanizePercentage }}";

/// The labels of an alert of a group, `alertname` aside.
pub(super) fn labels(rule: &Rule, group: &[(Name, Arc<str>)]) -> Vec<(Name, Arc<str>)> {
    let mut labels = rule.labels.clone();
    let more = group.iter().filter(|(name, _)| !rule.labels.iter().any(|(known, _)| known == name));
    labels.extend(more.cloned());
    labels
}

/// The firing alert, where its annotations hold no run-time value but one that is
/// known, such as `100%`.
pub(super) fn whole(rule: &Rule, group: &[(Name, Arc<str>)], value: &str) -> Option<Firing> {
    let RuleKind::Alert { annotations, .. } = &rule.kind else { return None };
    let filled: Option<Vec<(Name, Arc<str>)>> = annotations
        .iter()
        .map(|(name, text)| Some((name.clone(), rendered(text, value, group)?)))
        .collect();
    Some(Firing { labels: labels(rule, group), annotations: filled? })
}

/// A template with the value and the group put in; `None` where it asks for more.
fn rendered(text: &Arc<str>, value: &str, group: &[(Name, Arc<str>)]) -> Option<Arc<str>> {
    if !gotmpl::has_action(text) {
        return Some(Arc::clone(text));
    }
    let text = without_external(text);
    let filled = group.iter().fold(text.replace(VALUE, value), |text, (label, value)| {
        text.replace(&gotmpl::label_in_link(label), &gotmpl::urlquery(value))
    });
    if !gotmpl::has_action(&filled) {
        return Some(filled.into());
    }
    let escaped = gotmpl::literal("{{");
    let parts: Vec<&str> = filled.split(&escaped).collect();
    let is_plain = !parts.iter().any(|part| gotmpl::has_action(part));
    is_plain.then(|| parts.join("{{").into())
}

/// A template of ours without what it says of external labels, which a rule test has none
/// of.
fn without_external(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, behind)) = rest.split_once("{{ with $externalLabels.") {
        kept.push_str(before);
        rest = behind.split_once("{{ end }}").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::rendered;
    use crate::gotmpl;

    #[test]
    fn only_what_is_known_is_filled_in() {
        let group = [("region".into(), "eu west".into())];
        let shown = |text: &str| rendered(&text.into(), "100%", &group);
        assert_eq!(shown("plain").as_deref(), Some("plain"));
        assert_eq!(shown("{{ $value | humanizePercentage }} bad").as_deref(), Some("100% bad"));
        assert_eq!(shown("set {{ \"{{\" }} x }}").as_deref(), Some("set {{ x }}"));
        assert_eq!(shown("x={{ $labels.region | urlquery }}").as_deref(), Some("x=eu+west"));
        let with = format!("x{}y", gotmpl::external_label_in_link("cluster", "&c="));
        assert_eq!(shown(&with).as_deref(), Some("xy"));
        assert_eq!(shown("on {{ $labels.instance }}"), None);
    }
}
