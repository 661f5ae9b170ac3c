//! Labels and annotations of rules and groups: their names, and what is known of
//! their values. Maps come in, pairs with places come out.

use std::sync::Arc;

use super::codes::{RULE_ALERTNAME, RULE_LABEL_LITERAL, RULE_LABEL_NAME};
use super::decode::{Reader, wrong_type};
use crate::base::{Diagnostic, Spanned};
use crate::config::{self, Use};
use crate::gotmpl;
use crate::ir::WrittenPair;
use crate::yaml::{Entry, Node};

/// What pairs are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Labels of an alert.
    Alert,
    /// Labels of a recorded series.
    Record,
    /// Labels of a group.
    Group,
    /// Annotations.
    Annotations,
}

impl Place {
    fn noun(self) -> &'static str {
        if self == Place::Annotations { "annotation" } else { "label" }
    }
}

impl Reader<'_, '_> {
    /// The pairs at a key of a rule or group.
    pub(super) fn pairs(&mut self, entry: Option<&Entry>, place: Place) -> Vec<WrittenPair> {
        let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else { return Vec::new() };
        let Some(entries) = entry.value.as_map() else {
            self.report_type(&entry.value, &entry.key.name, "a map");
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for entry in entries {
            self.check_name(entry, place);
            match pair(entry, &self.source) {
                Some(pair) => {
                    if place == Place::Record && gotmpl::has_action(pair.value.as_str()) {
                        self.literal(&pair);
                    }
                    pairs.push(pair);
                }
                None => {
                    let title = format!("the {} `{}`", place.noun(), entry.key.name);
                    if !entry.value.is_error() {
                        self.diags.push(wrong_type(&entry.value, &title, "a text"));
                    }
                    self.broken = true;
                }
            }
        }
        pairs
    }

    fn check_name(&mut self, entry: &Entry, place: Place) {
        let (name, span) = (entry.key.name.as_str(), entry.key.span);
        let noun = place.noun();
        if place != Place::Annotations && name == "__name__" {
            self.diags.push(
                Diagnostic::new(&RULE_LABEL_NAME, span, "the label `__name__` cannot be set")
                    .label("the name of a series is no label of a rule")
                    .help("name it by `record:` or `alert:`"),
            );
        } else if name.is_empty() {
            self.diags.push(
                Diagnostic::new(&RULE_LABEL_NAME, span, format!("the {noun} has no name"))
                    .label("empty")
                    .help("name it, or remove it"),
            );
        } else if !is_legacy_name(name) && !self.is_unknown(span) {
            let what = format!(
                "the {noun} `{name}`, with other characters than letters, digits and `_` in its name,"
            );
            let use_of = Use { what: &what, plural: false, since: (3, 0), span };
            config::too_old(&use_of, Some("rename it"), &self.config.prometheus, self.diags);
        } else if name == "alertname" && matches!(place, Place::Alert | Place::Group) {
            self.diags.push(
                Diagnostic::new(&RULE_ALERTNAME, span, "the label `alertname` is overwritten")
                    .label("every alert gets the name of its rule here")
                    .help("write the name after `alert:`"),
            );
        }
    }

    fn literal(&mut self, pair: &WrittenPair) {
        if pair.is_unknown || self.source.is_templated {
            return;
        }
        self.diags.push(
            Diagnostic::new(
                &RULE_LABEL_LITERAL,
                pair.value.span(),
                format!("the label `{}` of a recorded series is no template", pair.key.value),
            )
            .label("kept as it stands, `{{` and all")
            .help("write a static value, or use `label_replace` in the expression"),
        );
    }
}

/// A label or annotation; `None` if its value is no scalar. A null is an empty text.
pub(super) fn pair(entry: &Entry, source: &super::Source<'_>) -> Option<WrittenPair> {
    let scalar = entry.value.as_scalar()?;
    let value = if entry.value.is_null() { scalar.text.truncated() } else { scalar.text.clone() };
    let key = Spanned::new(Arc::from(entry.key.name.as_str()), entry.key.span);
    let is_unknown = source.is_unknown(value.span());
    Some(WrittenPair { key, value, is_unknown })
}

/// Labels of an object: what is no scalar is for Kubernetes to refuse.
pub(super) fn object_labels(entries: &[Entry], source: &super::Source<'_>) -> Vec<WrittenPair> {
    entries.iter().filter_map(|entry| pair(entry, source)).collect()
}

/// Whether a name is one that every version takes: `[a-zA-Z_][a-zA-Z0-9_]*`.
fn is_legacy_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The value of a node as a text that Prometheus would read: null is none.
pub(super) fn text(node: &Node) -> Option<&str> {
    node.as_str().filter(|text| !text.is_empty())
}
