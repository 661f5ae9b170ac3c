//! Which documents hold rules, and of what kind: content decides, not the name of a
//! file. Documents come in, the lists of groups in them come out.

use crate::base::{Diagnostics, FileId};
use crate::ir::Language;
use crate::yaml::{Document, Entry, Node};

use super::embedded;

/// The form in which groups are written, which decides what keys they may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A rule file of Prometheus or Thanos.
    Prometheus,
    /// An object of the Prometheus Operator.
    Operator,
    /// An object of the VictoriaMetrics Operator.
    Victoria,
    /// An object of the Loki Operator.
    Loki,
    /// A file of `mimirtool`, with a `namespace:`.
    Mimir,
}

/// A list of groups.
pub(super) struct Block {
    pub(super) form: Form,
    /// The document or object that holds it: the map with the key `groups`.
    pub(super) holder: Node,
    /// The labels of the object.
    pub(super) labels: Vec<Entry>,
}

impl Form {
    /// The language of expressions, unless they say otherwise.
    pub(super) fn language(self) -> Language {
        match self {
            Form::Prometheus | Form::Operator | Form::Mimir => Language::PromQl,
            Form::Victoria => Language::MetricsQl,
            Form::Loki => Language::LogQl,
        }
    }
}

/// What a document is.
pub(super) enum What {
    /// Rules.
    Rules(Vec<Block>),
    /// Nothing at all: null.
    Empty,
    /// Something else that says what it is, such as an object of another kind or a
    /// rule test.
    Foreign,
    /// A map that nothing is known of, or what could not be read.
    Unknown,
}

/// Says what a document is.
pub(super) fn what(file: FileId, document: &Document, diags: &mut Diagnostics) -> What {
    let root = &document.root;
    if root.is_null() {
        return What::Empty;
    }
    if root.get("kind").is_some() && root.get("apiVersion").is_some() {
        let mut blocks = Vec::new();
        object(file, root, 0, &mut blocks, diags);
        return if blocks.is_empty() { What::Foreign } else { What::Rules(blocks) };
    }
    if root.get("groups").is_some() {
        let form = if root.get("namespace").is_some() { Form::Mimir } else { Form::Prometheus };
        return What::Rules(vec![Block { form, holder: root.clone(), labels: Vec::new() }]);
    }
    let says = ["ninefold", "tests", "rule_files", "scrape_configs", "route", "receivers"];
    if says.iter().any(|key| root.get(key).is_some()) {
        return What::Foreign;
    }
    What::Unknown
}

/// Whether `groups` of a document that nobody called a rule file looks like groups of
/// rules: other things have groups too.
pub(super) fn looks_like_rules(block: &Block) -> bool {
    if block.form != Form::Prometheus {
        return true;
    }
    let groups = block.holder.get("groups").and_then(Node::as_seq).unwrap_or_default();
    groups.iter().any(|group| group.get("rules").is_some_and(|rules| rules.as_seq().is_some()))
}

/// How deep lists of objects may nest.
const MAX_DEPTH: usize = 4;

/// Takes the groups of an object of Kubernetes, and of all objects in a list.
fn object(
    file: FileId,
    root: &Node,
    depth: usize,
    blocks: &mut Vec<Block>,
    diags: &mut Diagnostics,
) {
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    let group = version.split('/').next().unwrap_or_default();
    let form = match (kind, group) {
        ("PrometheusRule", "monitoring.coreos.com") => Form::Operator,
        ("VMRule", "operator.victoriametrics.com") => Form::Victoria,
        ("AlertingRule" | "RecordingRule", "loki.grafana.com") => Form::Loki,
        ("ConfigMap", _) => {
            let data = root.get("data").and_then(Node::as_map).unwrap_or_default();
            return data.iter().for_each(|entry| value(file, &entry.value, blocks, diags));
        }
        _ => {
            let items = root.get("items").and_then(Node::as_seq).unwrap_or_default();
            let items = items.iter().filter(|_| kind.ends_with("List") && depth < MAX_DEPTH);
            return items.for_each(|item| object(file, item, depth + 1, blocks, diags));
        }
    };
    let labels = root.get("metadata").and_then(|m| m.get("labels")).and_then(Node::as_map);
    if let Some(spec) = root.get("spec") {
        let labels = labels.unwrap_or_default().to_vec();
        blocks.push(Block { form, holder: spec.clone(), labels });
    }
}

/// Takes the groups of a rule file that a value of a ConfigMap holds.
fn value(file: FileId, value: &Node, blocks: &mut Vec<Block>, diags: &mut Diagnostics) {
    let Some(text) = value.as_text().filter(|text| text.as_str().contains("groups:")) else {
        return;
    };
    let mut own = Diagnostics::default();
    let documents = embedded::documents(file, text, &mut own);
    let found = documents.iter().filter_map(|document| match what(file, document, &mut own) {
        What::Rules(blocks) => Some(blocks),
        _ => None,
    });
    let found: Vec<Block> = found.flatten().filter(looks_like_rules).collect();
    if !found.is_empty() {
        diags.append(own);
        blocks.extend(found);
    }
}
