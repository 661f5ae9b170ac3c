//! Groups and rules, held to what `rulefmt` of Prometheus demands of them. Trees come
//! in; what could be read comes out, and a finding for each fault.
//! Source: `model/rulefmt/rulefmt.go` of prometheus/prometheus.

use std::collections::HashMap;
use std::sync::Arc;

use super::Source;
use super::blocks::{Block, Form};
use super::codes::{
    RULE_DURATION, RULE_EXPR_MISSING, RULE_GROUP_NAME, RULE_GROUP_REPEATED, RULE_KIND, RULE_LIMIT,
    RULE_RECORD_FIELD, RULE_RECORD_NAME,
};
use super::labels::{Place, object_labels, text};
use crate::base::{Diagnostic, Diagnostics, Duration, Safety, Span, Spanned, nearest};
use crate::config::{self, Config, Use};
use crate::ir::{Language, WrittenGroup, WrittenKind, WrittenRule};
use crate::yaml::codes::{UNKNOWN_KEY, WRONG_TYPE};
use crate::yaml::{Entry, Node, Value};

/// The keys of a group in every form.
const GROUP_KEYS: &[&str] = &["name", "interval", "query_offset", "limit", "labels", "rules"];
/// The keys of a rule in every form.
const RULE_KEYS: &[&str] =
    &["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

impl Form {
    /// Keys of a group that this form has besides.
    fn group_keys(self) -> &'static [&'static str] {
        match self {
            // Thanos reads the same files; Prometheus' operator writes for both.
            Form::Prometheus | Form::Operator => &["partial_response_strategy"],
            Form::Mimir => &[
                "remote_write",
                "source_tenants",
                "evaluation_delay",
                "align_evaluation_time_on_interval",
            ],
            Form::Victoria => &[
                "concurrency",
                "type",
                "extra_filter_labels",
                "headers",
                "notifier_headers",
                "params",
                "tenant",
                "eval_offset",
                "eval_delay",
                "eval_alignment",
                "debug",
            ],
            Form::Loki => &[],
        }
    }

    fn rule_keys(self) -> &'static [&'static str] {
        match self {
            Form::Victoria => &["update_entries_limit", "debug"],
            _ => &[],
        }
    }
}

/// What reading a file needs at hand.
pub(super) struct Reader<'a, 'd> {
    pub(super) source: Source<'a>,
    pub(super) config: &'a Config,
    pub(super) diags: &'d mut Diagnostics,
    pub(super) form: Form,
    /// Whether part of the rule at hand could not be read.
    pub(super) broken: bool,
}

impl Reader<'_, '_> {
    /// Reads the groups of a block.
    pub(super) fn groups(&mut self, block: &Block) -> Vec<WrittenGroup> {
        self.form = block.form;
        let mut groups = Vec::new();
        if block.form == Form::Prometheus || block.form == Form::Mimir {
            let more: &[&str] = if block.form == Form::Mimir { &["namespace"] } else { &[] };
            self.unknown_keys(&block.holder, &[&["groups"], more], "a rule file");
        }
        let Some(entry) = block.holder.entry("groups").filter(|e| !e.value.is_null()) else {
            return groups;
        };
        let Some(items) = entry.value.as_seq() else {
            self.report_type(&entry.value, "groups", "a list");
            return groups;
        };
        let mut seen: HashMap<Arc<str>, Span> = HashMap::new();
        for item in items {
            let Some(mut group) = self.group(item) else { continue };
            group.object_labels = object_labels(&block.labels, &self.source);
            self.repeated(&group.name, &mut seen);
            groups.push(group);
        }
        groups
    }

    fn repeated(&mut self, name: &Spanned<Arc<str>>, seen: &mut HashMap<Arc<str>, Span>) {
        if name.value.is_empty() || self.is_unknown(name.span) {
            return;
        }
        match seen.get(&name.value) {
            Some(first) => self.diags.push(
                Diagnostic::new(
                    &RULE_GROUP_REPEATED,
                    name.span,
                    format!("a second group is called `{}`", name.value),
                )
                .label("refused with the whole file")
                .also(*first, "the first")
                .help("rename it, or move its rules into the first"),
            ),
            None => {
                seen.insert(name.value.clone(), name.span);
            }
        }
    }

    fn group(&mut self, node: &Node) -> Option<WrittenGroup> {
        if node.as_map().is_none() {
            // A null is a group without a name.
            if node.is_null() {
                self.diags.push(nameless(node.span));
            } else {
                self.report_type(node, "an item of `groups`", "a map");
            }
            return None;
        }
        self.unknown_keys(node, &[GROUP_KEYS, self.form.group_keys()], "a group");
        let start = first_key(node);
        let name = self.text_at(node, "name", start);
        if name.value.is_empty() && !node.get("name").is_some_and(Node::is_error) {
            self.diags.push(nameless(node.entry("name").map_or(start, |e| e.key.span)));
        }
        self.duration(node, "interval");
        if let Some(offset) = self.duration(node, "query_offset") {
            self.needs("`query_offset`", (2, 53), offset.span, "remove it");
        }
        self.limit(node);
        let labels = node.entry("labels").filter(|e| !e.value.is_null());
        if let Some(labels) = labels {
            self.needs("`labels` of a group", (3, 0), labels.key.span, "write them on each rule");
        }
        let labels = self.pairs(labels, Place::Group);
        let graphite = node.get("type").and_then(Node::as_str).is_some_and(|t| t != "prometheus");
        let language = match self.form {
            Form::Victoria if graphite => Language::LogQl,
            form => form.language(),
        };
        let mut rules = Vec::new();
        if let Some(entry) = node.entry("rules").filter(|e| !e.value.is_null()) {
            match entry.value.as_seq() {
                Some(items) => {
                    rules.extend(items.iter().filter_map(|item| self.rule(item)));
                }
                None => self.report_type(&entry.value, "rules", "a list"),
            }
        }
        Some(WrittenGroup { name, language, labels, object_labels: Vec::new(), rules })
    }

    fn rule(&mut self, node: &Node) -> Option<WrittenRule> {
        self.broken = false;
        if node.as_map().is_none() {
            if node.is_null() {
                self.diags.push(neither(node.span));
            } else {
                self.report_type(node, "an item of `rules`", "a map");
            }
            return None;
        }
        self.unknown_keys(node, &[RULE_KEYS, self.form.rule_keys()], "a rule");
        let start = first_key(node);
        let (record, alert) =
            (self.text_at(node, "record", start), self.text_at(node, "alert", start));
        let (kind, name) = match (record.value.is_empty(), alert.value.is_empty()) {
            (true, true) => {
                if !self.broken {
                    self.diags.push(neither(start));
                }
                return None;
            }
            (false, false) => {
                self.diags.push(
                    Diagnostic::new(&RULE_KIND, alert.span, "a rule cannot alert and record")
                        .label("an alert")
                        .also(record.span, "and a recorded series")
                        .help("make two rules of it: the alert may read the series"),
                );
                (WrittenKind::Alert, alert)
            }
            (false, true) => (WrittenKind::Record, record),
            (true, false) => (WrittenKind::Alert, alert),
        };
        let expr = self.expr(node, &name);
        let for_ = self.duration(node, "for");
        let keep_firing_for = self.duration(node, "keep_firing_for");
        if let Some(keep) = keep_firing_for.as_ref().filter(|keep| !keep.value.is_zero()) {
            self.needs("`keep_firing_for`", (2, 42), keep.span, "remove it");
        }
        let place = if kind == WrittenKind::Alert { Place::Alert } else { Place::Record };
        let labels = self.pairs(node.entry("labels"), place);
        let annotations = self.pairs(node.entry("annotations"), Place::Annotations);
        if kind == WrittenKind::Record {
            self.record_name(&name);
            self.record_fields(node);
        }
        Some(WrittenRule {
            kind,
            name,
            expr,
            tree: None,
            for_,
            keep_firing_for,
            labels,
            annotations,
            is_broken: self.broken,
        })
    }

    fn expr(&mut self, node: &Node, name: &Spanned<Arc<str>>) -> Option<crate::base::Text> {
        let entry = node.entry("expr");
        let value = entry.map(|entry| &entry.value);
        if let Some(value) = value.filter(|value| value.as_scalar().is_none()) {
            self.report_type(value, "expr", "a text");
            return None;
        }
        let found = value.filter(|value| text(value).is_some()).and_then(Node::as_text);
        if found.is_none() {
            let span = entry.map_or(name.span, |entry| entry.key.span);
            self.diags.push(
                Diagnostic::new(
                    &RULE_EXPR_MISSING,
                    span,
                    format!("the rule `{}` has no expression", name.value),
                )
                .label("has nothing to evaluate")
                .help("add `expr:` with a PromQL expression"),
            );
        }
        found.cloned()
    }

    fn record_name(&mut self, name: &Spanned<Arc<str>>) {
        let text = &*name.value;
        if self.is_unknown(name.span) {
            return;
        }
        if text.contains(['{', '}']) {
            self.diags.push(
                Diagnostic::new(
                    &RULE_RECORD_NAME,
                    name.span,
                    format!("`{text}` is not the name of a series"),
                )
                .label("braces do not belong into a name")
                .help("name the series alone, and put labels below `labels:`"),
            );
            return;
        }
        let legacy = |(at, b): (usize, u8)| {
            b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || (at > 0 && b.is_ascii_digit())
        };
        if !text.bytes().enumerate().all(legacy) {
            let what = format!(
                "the series name `{text}`, with other characters than letters, digits, `_` and `:`,"
            );
            self.needs(&what, (3, 0), name.span, "rename it");
        }
    }

    /// Reports what only alerts have.
    fn record_fields(&mut self, node: &Node) {
        for key in ["for", "keep_firing_for", "annotations"] {
            let Some(entry) = node.entry(key) else { continue };
            let nothing = match key {
                "annotations" => entry.value.as_map().is_none_or(<[Entry]>::is_empty),
                _ => text(&entry.value).and_then(duration_of).is_none_or(Duration::is_zero),
            };
            if nothing {
                continue;
            }
            self.diags.push(
                Diagnostic::new(
                    &RULE_RECORD_FIELD,
                    entry.key.span,
                    format!("a recording rule has no `{key}`"),
                )
                .label("only alerts have it")
                .help("remove it, or write `alert:` in place of `record:`"),
            );
        }
    }

    /// The scalar at a key as a text, or an empty one at `start`.
    fn text_at(&mut self, node: &Node, key: &str, start: Span) -> Spanned<Arc<str>> {
        let nothing = Spanned::new("".into(), start);
        let Some(value) = node.get(key) else { return nothing };
        if value.as_scalar().is_none() {
            let title = format!("`{key}`");
            self.report_type(value, &title, "a text");
            return nothing;
        }
        let text = value.as_str().unwrap_or_default();
        Spanned::new(text.into(), value.span)
    }

    fn duration(&mut self, node: &Node, key: &str) -> Option<Spanned<Duration>> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        let Some(text) = value.as_str() else {
            self.report_type(value, &format!("`{key}`"), "a duration such as `5m`");
            return None;
        };
        if self.is_unknown(value.span) {
            return None;
        }
        if let Some(duration) = duration_of(text) {
            return Some(Spanned::new(duration, value.span));
        }
        let report = Diagnostic::new(
            &RULE_DURATION,
            value.span,
            format!("`{key}` is no duration of Prometheus"),
        );
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        self.diags.push(match (is_number, text) {
            (true, _) => report
                .label("a number without a unit")
                .help(format!("add the unit: `{text}s`, `{text}m` or `{text}h`")),
            (_, "") => {
                report.label("empty").help("write a duration such as `5m`, or remove the key")
            }
            (_, text) if text.contains('.') => {
                report.label("a fraction").help("use a smaller unit: `1h30m`, not `1.5h`")
            }
            (_, text) if text.starts_with('-') => {
                report.label("negative").help("write a duration such as `5m`, or remove the key")
            }
            _ => report
                .label("not of the form `1h30m`")
                .help("write whole numbers with the units y, w, d, h, m, s and ms, longest first"),
        });
        self.broken = true;
        None
    }

    fn limit(&mut self, node: &Node) {
        let Some(value) = node.get("limit").filter(|value| !value.is_null()) else { return };
        let whole = |text: &str| {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_hexdigit() || b"xob_".contains(&b))
        };
        match value.as_value() {
            Some(Value::Number(text)) if text.starts_with('-') && whole(text) => self.diags.push(
                Diagnostic::new(&RULE_LIMIT, value.span, "a negative limit is none")
                    .label("no limit at all")
                    .help("write how many alerts or series the rules of the group may make"),
            ),
            Some(Value::Number(text)) if whole(text) => {}
            _ if self.is_unknown(value.span) => {}
            _ => self.report_type(value, "`limit`", "a whole number"),
        }
    }

    /// Reports keys that are none of `known`.
    fn unknown_keys(&mut self, node: &Node, known: &[&[&str]], of: &str) {
        for entry in node.as_map().unwrap_or_default() {
            let name = entry.key.name.as_str();
            let mut all = known.iter().flat_map(|keys| keys.iter().copied());
            if all.any(|key| key == name) || self.is_unknown(entry.key.span) {
                continue;
            }
            let report =
                Diagnostic::new(&UNKNOWN_KEY, entry.key.span, format!("{of} has no key `{name}`"))
                    .label("refused with the whole file");
            let keys = known.iter().flat_map(|keys| keys.iter().copied());
            self.diags.push(match nearest(name, keys) {
                Some(near) => {
                    report.fix(format!("write `{near}`"), entry.key.span, near, Safety::Suggestion)
                }
                None => report.help("remove it, or make a comment of it"),
            });
        }
    }

    fn needs(&mut self, what: &str, since: (u16, u16), span: Span, instead: &str) {
        // The operators and Mimir have versions of their own.
        if self.form != Form::Prometheus {
            return;
        }
        let use_of = Use { what, plural: what.starts_with("`labels`"), since, span };
        config::too_old(&use_of, Some(instead), &self.config.prometheus, self.diags);
    }

    pub(super) fn report_type(&mut self, node: &Node, title: &str, wanted: &str) {
        self.broken = true;
        if !node.is_error() && !self.is_unknown(node.span) {
            let quoted = title.contains(['`', ' ']);
            let title = if quoted { title.to_owned() } else { format!("`{title}`") };
            self.diags.push(wrong_type(node, &title, wanted));
        }
    }

    pub(super) fn is_unknown(&self, span: Span) -> bool {
        self.source.is_unknown(span)
    }
}

/// A value of another kind than Prometheus reads.
pub(super) fn wrong_type(node: &Node, title: &str, wanted: &str) -> Diagnostic {
    let found = match () {
        () if node.as_map().is_some() => "a map",
        () if node.as_seq().is_some() => "a list",
        () if node.is_null() => "nothing",
        () => "another value",
    };
    Diagnostic::new(&WRONG_TYPE, node.span, format!("{title} takes {wanted}"))
        .label(format!("{found} here"))
        .help(format!("write {wanted}"))
}

/// A duration as Prometheus reads it: also a bare `0`.
fn duration_of(text: &str) -> Option<Duration> {
    if text == "0" { Some(Duration::default()) } else { Duration::parse(text) }
}

fn first_key(node: &Node) -> Span {
    let first = node.as_map().and_then(|entries| entries.first());
    first.map_or(node.span, |entry| entry.key.span)
}

fn nameless(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE_GROUP_NAME, span, "a group has no name")
        .label("refused with the whole file")
        .help("add `name:`, unique in the file")
}

fn neither(span: Span) -> Diagnostic {
    Diagnostic::new(&RULE_KIND, span, "a rule neither alerts nor records")
        .label("has no name")
        .help("add `alert:` or `record:` with a name")
}
