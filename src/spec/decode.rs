//! Trees to specs. The shape has said what is wrong with keys and types; decoding
//! takes what is sound and looks at what a shape cannot see: expressions.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::alerting;
use super::file::{
    AlertExpr, AlertSpec, Pair, Remediation, ServiceSpec, SloSpec, SpecFile, TextPair, Unread,
    Written,
};
use super::proof;
use super::shape::{OWNER, RUNBOOK, SHAPE, rate};
use crate::base::{
    Decimal, Diagnostic, Diagnostics, Duration, FileId, Safety, Span, Spanned, Text, codes, nearest,
};
use crate::config::{LABEL, SEVERITY_NAME, Window, check_window};
use crate::promql::{self, Judge, Options, ValueType};
use crate::sli;
use crate::yaml::{self, Document, Node, Pattern, Type};

codes! {
    /// ## Why
    /// `specs:` matches files that hold specs. A document there that does not say
    /// what it is would be passed over, and with it the alerts that somebody
    /// counts on.
    /// ## Fires
    /// A document of a file that `specs:` matches and that does not begin with
    /// `ninefold: v1`.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// ---
    /// service: cart
    /// ```
    /// ## Instead
    /// `ninefold: v1` as the first line, or globs that match specs alone.
    NO_VERSION = Error "spec-without-version";

    /// ## Why
    /// A project file or an owners registry among the specs is not read as such:
    /// the one is `ninefold.yaml` at the root, the other is named by `owners:`.
    /// ## Fires
    /// A registry or the settings of a project in a spec file.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ---
    /// ninefold: owners/v1
    /// owners: {team-payments: {}}
    /// ```
    /// ## Instead
    /// The document in a file of its own.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    DOCUMENT_MISPLACED = Error "document-misplaced";

    /// ## Why
    /// An alert fires for each series of its expression's result. A range vector or
    /// a text has none: the rule would fail at every evaluation, and promtool does
    /// not see it.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds[5m]
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    /// ```
    ALERT_RESULT = Error "alert-result";

    /// ## Why
    /// A spec without SLOs and alerts makes no rule: its service is watched by
    /// nobody.
    /// ## Fires
    /// ```yaml
    /// slos: []
    /// ```
    /// ## Instead
    /// An SLO below `slos:` or an alert below `alerts:`.
    SPEC_EMPTY = Warning "spec-empty";
}

/// Why a file is read as a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The project's globs match it: everything in it must be a spec.
    Matched,
    /// It was named on the command line: what is no spec is passed over.
    Named,
}

/// Decodes the documents of a file.
pub fn decode(
    file: FileId,
    path: Utf8PathBuf,
    documents: &[Document],
    kind: Kind,
    judge: &Judge,
    diags: &mut Diagnostics,
) -> SpecFile {
    if documents.is_empty() && kind == Kind::Matched && diags.is_empty() {
        diags.push(empty_file(Span::new(file, 0, 0)));
    }
    let mut file = SpecFile { path, services: Vec::new(), ours: false };
    for document in documents {
        match version(document) {
            Some(entry) => {
                file.ours = true;
                match entry.value.as_str() {
                    Some("owners/v1" | "project/v1") => misplaced(&entry.value, kind, diags),
                    _ => file.services.push(decode_service(document, judge, diags)),
                }
            }
            None if kind == Kind::Matched && !document.broken => diags.push(no_version(document)),
            None => {}
        }
    }
    file
}

/// What is said of a file that `specs:` matches and that holds no document, such as
/// one that was cut off: the alerts that it held are gone.
fn empty_file(start: Span) -> Diagnostic {
    Diagnostic::new(&NO_VERSION, start, "the file is empty, or holds comments alone")
        .label("is matched by `specs:`, and all files there are specs")
        .help("remove the file, or narrow the globs of `specs:` in `ninefold.yaml`")
}

fn version(document: &Document) -> Option<&yaml::Entry> {
    document.root.entry("ninefold")
}

fn no_version(document: &Document) -> Diagnostic {
    let keys = document.root.as_map().unwrap_or_default();
    let first = keys.first().map_or(document.root.span, |entry| entry.key.span);
    let found = Diagnostic::new(&NO_VERSION, first, "the document does not say `ninefold: v1`");
    let near = nearest("ninefold", keys.iter().map(|e| e.key.name.as_str()));
    let misspelt = near.and_then(|near| keys.iter().find(|e| e.key.name == near));
    match misspelt {
        Some(entry) => found
            .label("is matched by `specs:`, and all documents there are specs")
            .fix("spell it `ninefold`", entry.key.span, "ninefold", Safety::Suggestion),
        None => found
            .label("is matched by `specs:`, and all documents there are specs")
            .help("begin the document with `ninefold: v1`, or narrow the globs of `specs:` in `ninefold.yaml`"),
    }
}

fn misplaced(version: &Node, kind: Kind, diags: &mut Diagnostics) {
    if kind == Kind::Named {
        return;
    }
    diags.push(
        Diagnostic::new(
            &DOCUMENT_MISPLACED,
            version.span,
            format!(
                "a document of `{}` stands among the specs",
                version.as_str().unwrap_or_default()
            ),
        )
        .label("is not read here")
        .help(match version.as_str() {
            Some("owners/v1") => "move it into a file that `owners:` in `ninefold.yaml` names",
            _ => "move it into `ninefold.yaml`, whose folder is the root of the project",
        }),
    );
}

fn decode_service(document: &Document, judge: &Judge, diags: &mut Diagnostics) -> ServiceSpec {
    let root = &document.root;
    yaml::check(root, &SHAPE, !document.broken, diags);
    let list = |key| root.get(key).and_then(Node::as_seq).unwrap_or_default();
    let spec = ServiceSpec {
        service: named(root, "service"),
        owner: written_as(root, "owner", &OWNER),
        runbook: written_as(root, "runbook", &RUNBOOK),
        remediation: remediation(root),
        labels: labels(root),
        annotations: annotations(root),
        group_by: group_by(root).unwrap_or_default(),
        slos: list("slos").iter().map(|node| decode_slo(node, judge, diags)).collect(),
        alerts: list("alerts").iter().map(|node| decode_alert(node, judge, diags)).collect(),
        unread: unread(root, remediation(root).len()),
        broken: document.broken,
    };
    let without = |key| root.get(key).is_none_or(|n| n.as_seq().is_some_and(<[_]>::is_empty));
    if without("slos") && without("alerts") && !document.broken {
        diags.push(
            Diagnostic::new(
                &SPEC_EMPTY,
                spec.service.span,
                format!("the service `{}` has neither SLOs nor alerts", spec.service.value),
            )
            .label("nothing is written for it")
            .help("add an SLO below `slos:` or an alert below `alerts:`"),
        );
    }
    spec
}

fn decode_slo(node: &Node, judge: &Judge, diags: &mut Diagnostics) -> SloSpec {
    let window =
        node.get("window").and_then(|w| Some(Spanned::new(Window::parse(w.as_str()?)?, w.span)));
    let window = window.filter(|window| check_window(window, diags));
    let sli = node.get("sli").and_then(|sli| sli::decode(sli, &mut sli::Cx { judge, diags }));
    let objective = node.get("objective").and_then(|o| Some(Spanned::new(o.as_decimal()?, o.span)));
    let possible =
        |o: &Spanned<Decimal>| o.value > Decimal::from(0) && o.value < Decimal::from(100);
    SloSpec {
        name: named(node, "name"),
        objective: objective.filter(possible),
        window,
        description: written(node, "description"),
        owner: written_as(node, "owner", &OWNER),
        runbook: written_as(node, "runbook", &RUNBOOK),
        remediation: remediation(node),
        labels: labels(node),
        annotations: annotations(node),
        sli,
        alerting: alerting::decode(node.get("alerting"), diags),
        group_by: group_by(node),
        expected_groups: node
            .get("expected_groups")
            .and_then(|n| Some(Spanned::new(whole(n)?, n.span))),
        expected_rate: node
            .get("expected_rate")
            .and_then(|n| Some(Spanned::new(rate(n.as_str()?)?, n.span))),
        test_series: proof::decode_series(node, judge, diags),
        unread: unread(node, remediation(node).len()),
    }
}

fn decode_alert(node: &Node, judge: &Judge, diags: &mut Diagnostics) -> AlertSpec {
    let text = |key| node.get(key).and_then(Node::as_text).filter(|t| !t.as_str().is_empty());
    let promised = duration(node, "remediation").filter(|time| !time.value.is_zero());
    let unread = unread(node, usize::from(promised.is_some()));
    AlertSpec {
        name: named(node, "name"),
        expr: text("expr").and_then(|expr| decode_expr(expr.clone(), judge, diags)),
        for_: duration(node, "for"),
        keep_firing_for: duration(node, "keep_firing_for"),
        severity: written_as(node, "severity", &SEVERITY_NAME),
        remediation: promised,
        summary: text("summary").cloned(),
        description: text("description").cloned(),
        owner: written_as(node, "owner", &OWNER),
        runbook: written_as(node, "runbook", &RUNBOOK),
        labels: labels(node),
        annotations: annotations(node),
        tests: proof::decode_tests(node, judge, diags),
        unread,
    }
}

fn decode_expr(text: Text, judge: &Judge, diags: &mut Diagnostics) -> Option<AlertExpr> {
    let tree = promql::check(&text, Options::default(), judge, diags)?;
    let wrong = match promql::value_type(&tree) {
        ValueType::Vector | ValueType::Scalar => return Some(AlertExpr { text, tree }),
        ValueType::Matrix => "a range vector",
        ValueType::Str => "a text",
    };
    diags.push(
        Diagnostic::new(
            &ALERT_RESULT,
            tree.span,
            format!("the expression of an alert gives {wrong}"),
        )
        .label("has no series to fire for")
        .help("compare something with a limit, such as `rate(errors_total[5m]) > 1`"),
    );
    None
}

/// The labels of `group_by:` that are names of labels. `None` without the key.
fn group_by(node: &Node) -> Option<Vec<Written>> {
    let items = node.get("group_by")?.as_seq()?;
    let named = |text: &&str| match &LABEL.ty {
        Type::Str(Some(pattern)) => (pattern.test)(text),
        _ => true,
    };
    let label = |n: &Node| Some(Spanned::new(Arc::from(n.as_str().filter(named)?), n.span));
    Some(items.iter().filter_map(label).collect())
}

/// A whole number that fits.
pub(super) fn whole(node: &Node) -> Option<u32> {
    node.as_decimal()?.to_string().parse().ok()
}

pub(super) fn duration(node: &Node, key: &str) -> Option<Spanned<Duration>> {
    let node = node.get(key)?;
    Some(Spanned::new(Duration::parse(node.as_str()?)?, node.span))
}

/// A text that is not empty.
pub(super) fn written(node: &Node, key: &str) -> Option<Written> {
    let node = node.get(key)?;
    let text = node.as_str().filter(|text| !text.is_empty())?;
    Some(Spanned::new(Arc::from(text), node.span))
}

/// A text that the shape let pass.
fn written_as(node: &Node, key: &str, pattern: &Pattern) -> Option<Written> {
    written(node, key).filter(|text| (pattern.test)(&text.value))
}

/// What is there and could not be read; `times`: how many remediation times were.
fn unread(node: &Node, times: usize) -> Unread {
    let lost = |key, pattern| {
        misspells(node, key)
            || (node.get(key).is_some() && written_as(node, key, pattern).is_none())
    };
    let written = node.get("remediation").map_or(0, |n| n.as_map().map_or(1, <[_]>::len));
    Unread {
        owner: lost("owner", &OWNER),
        runbook: lost("runbook", &RUNBOOK),
        remediation: times < written || misspells(node, "remediation"),
    }
}

/// Whether a key that does not exist most likely stands for `key`: then that one is
/// there, and unread.
fn misspells(node: &Node, key: &str) -> bool {
    const KEYS: [&str; 25] = [
        "ninefold",
        "service",
        "owner",
        "runbook",
        "remediation",
        "labels",
        "annotations",
        "slos",
        "alerts",
        "name",
        "objective",
        "window",
        "description",
        "sli",
        "alerting",
        "expr",
        "for",
        "severity",
        "summary",
        "keep_firing_for",
        "group_by",
        "expected_groups",
        "expected_rate",
        "tests",
        "test_series",
    ];
    let unknown = |name: &str| !KEYS.contains(&name);
    let entries = node.as_map().unwrap_or_default();
    entries.iter().any(|e| unknown(&e.key.name) && nearest(&e.key.name, KEYS) == Some(key))
}

/// A name; where it is missing, an empty one at the first key, so that whatever
/// else is wrong can still be pointed at.
fn named(node: &Node, key: &str) -> Written {
    written(node, key).unwrap_or_else(|| {
        let first = node.as_map().and_then(<[_]>::first);
        let span = first.map_or(node.span, |entry| entry.key.span);
        Spanned::new("".into(), span)
    })
}

fn remediation(node: &Node) -> Remediation {
    let entries = node.get("remediation").and_then(Node::as_map).unwrap_or_default();
    entries
        .iter()
        .filter(|e| (SEVERITY_NAME.test)(&e.key.name))
        .filter_map(|e| {
            let time = Duration::parse(e.value.as_str()?).filter(|time| !time.is_zero())?;
            let severity = Spanned::new(e.key.name.as_str().into(), e.key.span);
            Some((severity, Spanned::new(time, e.value.span)))
        })
        .collect()
}

pub(super) fn labels(node: &Node) -> Vec<Pair> {
    let entries = node.get("labels").and_then(Node::as_map).unwrap_or_default();
    entries
        .iter()
        .filter_map(|e| {
            let key = Spanned::new(e.key.name.as_str().into(), e.key.span);
            Some(Pair { key, value: Spanned::new(e.value.as_str()?.into(), e.value.span) })
        })
        .collect()
}

pub(super) fn annotations(node: &Node) -> Vec<TextPair> {
    let entries = node.get("annotations").and_then(Node::as_map).unwrap_or_default();
    entries
        .iter()
        .filter_map(|e| {
            let key = Spanned::new(e.key.name.as_str().into(), e.key.span);
            Some(TextPair { key, value: e.value.as_text()?.clone() })
        })
        .collect()
}
