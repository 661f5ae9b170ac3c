//! The target `operator`: the rules of a service as `PrometheusRule` objects of the
//! Prometheus Operator, small enough for `kubectl apply`. An SLO's groups stay in one
//! object, since rules of one read series of the other at the same timestamp.

use super::rules;
use super::size::{self, Size};
use super::target::{Cx, Target};
use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::ir::{Artifact, MARK, Program, RuleGroup, RuleSet, name};
use crate::yaml::{Node, Out, write};

codes! {
    /// ## Why
    /// `release` is the label by which the server of kube-prometheus-stack finds
    /// its rules. Without that preset it would be written nowhere, and the server
    /// would never load the objects.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {operator: {release: monitoring}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {operator: {preset: kube-prometheus-stack, release: monitoring}}
    /// ```
    RELEASE_WITHOUT_PRESET = Error "release-without-preset";

    /// ## Why
    /// `kubectl apply` keeps a copy of each object in an annotation of at most 256
    /// KiB, and the operator refuses objects above 512 KiB. The rules of a service
    /// are split over several objects, but those of one SLO stay together: a rule
    /// reads what the one before it recorded at the same time.
    /// ## Fires
    /// An SLO or alert whose rules alone take more than 250,000 bytes, with the
    /// target `operator`: annotations of many thousand lines, as a rule.
    /// ## Instead
    /// A link in the annotation to where the text stands.
    OBJECT_TOO_LARGE = Error "object-too-large";
}

/// The most bytes of an object, as YAML and as the JSON that `kubectl apply` keeps in
/// an annotation: 262,144, with room for what a cluster adds.
const MAX_BYTES: usize = 250_000;

/// `PrometheusRule` objects of `monitoring.coreos.com/v1`.
pub(super) struct Operator;

impl Target for Operator {
    fn name(&self) -> &'static str {
        "operator"
    }

    fn is_default(&self) -> bool {
        false
    }

    fn check_options(&self, options: &Node, diags: &mut Diagnostics) {
        let preset = options.get("preset").map(|preset| preset.as_str().unwrap_or_default());
        let is_other = preset.is_none_or(|preset| preset == PLAIN);
        let Some(release) = options.entry("release").filter(|_| is_other) else { return };
        diags.push(
            Diagnostic::new(
                &RELEASE_WITHOUT_PRESET,
                release.key.span,
                format!("`release` has no effect without the preset `{STACK}`"),
            )
            .label("would be written nowhere")
            .help(match preset {
                Some(_) => format!("remove it, or write `preset: {STACK}`"),
                None => format!("add `preset: {STACK}`"),
            }),
        );
    }

    fn emit(&self, program: &Program<'_>, cx: &mut Cx<'_>) {
        let service = program.service;
        let metadata = Metadata::of(cx.options(self.name()));
        let frame = object(metadata.tree(&name::object(&service.name, 1_000)), Vec::new());
        let most = MAX_BYTES.saturating_sub(size::of(&frame, 0).most());
        let objects = packed(&program.rules, most, cx.diags);
        if objects.is_empty() {
            return;
        }
        let rules: usize = program.rules.groups.iter().map(|group| group.rules.len()).sum();
        let mut text = String::with_capacity(rules * rules::BYTES_PER_RULE);
        text.push_str(&format!("# {MARK} {}; DO NOT EDIT.\n", service.path));
        for (index, groups) in objects.into_iter().enumerate() {
            if index > 0 {
                text.push_str("---\n");
            }
            let name = name::object(&service.name, index + 1);
            write(&object(metadata.tree(&name), groups), &mut text);
        }
        (cx.take)(Artifact { path: name::operator_file(&service.name), text });
    }
}

/// The preset of the manifests of that name.
const PLAIN: &str = "kube-prometheus";
/// The preset of the Helm chart of that name.
const STACK: &str = "kube-prometheus-stack";

/// What all objects say of themselves.
struct Metadata<'a> {
    namespace: Option<&'a str>,
    labels: Vec<(&'a str, &'a str)>,
}

impl<'a> Metadata<'a> {
    /// The options, which their Shape has found sound. A label of the project takes
    /// the place of one of the preset.
    fn of(options: Option<&'a Node>) -> Metadata<'a> {
        let text = |key| options.and_then(|o| o.get(key)).and_then(Node::as_str);
        let mut labels = vec![("app.kubernetes.io/managed-by", "ninefold")];
        // The labels by which the Prometheus objects of both select rules: manifests/
        // kubePrometheus-prometheusRule.yaml, and `ruleSelector` of the chart.
        match text("preset") {
            Some(PLAIN) => {
                labels.extend([("prometheus", "k8s"), ("role", "alert-rules")]);
            }
            Some(STACK) => labels.push(("release", text("release").unwrap_or(STACK))),
            _ => {}
        }
        let own = options.and_then(|o| o.get("labels")).and_then(Node::as_map).unwrap_or_default();
        for (key, value) in
            own.iter().filter_map(|e| Some((e.key.name.as_str(), e.value.as_str()?)))
        {
            labels.retain(|(known, _)| *known != key);
            labels.push((key, value));
        }
        labels.sort_unstable();
        Metadata { namespace: text("namespace"), labels }
    }

    fn tree(&self, name: &str) -> Out<'a> {
        let mut map = vec![("name".into(), Out::str(name.to_owned()))];
        map.extend(self.namespace.map(|namespace| ("namespace".into(), Out::str(namespace))));
        map.push(("labels".into(), Out::strs(self.labels.iter().copied())));
        Out::Map(map)
    }
}

fn object<'a>(metadata: Out<'a>, groups: Vec<Out<'a>>) -> Out<'a> {
    Out::Map(vec![
        ("apiVersion".into(), Out::str("monitoring.coreos.com/v1")),
        ("kind".into(), Out::str("PrometheusRule")),
        ("metadata".into(), metadata),
        ("spec".into(), Out::Map(vec![("groups".into(), Out::Seq(groups))])),
    ])
}

/// Some rules of a group.
struct Part<'a> {
    group: &'a RuleGroup,
    rules: Vec<Out<'a>>,
}

/// What one object holds: rules that must not be torn apart.
struct Unit<'a> {
    /// The SLO or alert that they are made for.
    origin: Span,
    parts: Vec<Part<'a>>,
    size: Size,
}

/// The groups of each object: units in their order, as many as fit.
fn packed<'a>(rules: &'a RuleSet, most: usize, diags: &mut Diagnostics) -> Vec<Vec<Out<'a>>> {
    let mut objects: Vec<Vec<Part<'a>>> = Vec::new();
    let mut filled = Size::default();
    for unit in units(rules) {
        if unit.size.most() > most {
            diags.push(too_large(&unit));
        }
        let together = filled + unit.size;
        if objects.is_empty() || together.most() > most {
            objects.push(Vec::new());
            filled = unit.size;
        } else {
            filled = together;
        }
        let Some(object) = objects.last_mut() else { continue };
        for part in unit.parts {
            match object.last_mut().filter(|last| std::ptr::eq(last.group, part.group)) {
                Some(last) => last.rules.extend(part.rules),
                None => object.push(part),
            }
        }
    }
    let groups = |parts: Vec<Part<'a>>| {
        parts.into_iter().map(|part| rules::group_of(part.group, part.rules)).collect()
    };
    objects.into_iter().map(groups).collect()
}

/// Rules that were made for one SLO or alert, in their order.
fn units(rules: &RuleSet) -> Vec<Unit<'_>> {
    let mut units: Vec<Unit<'_>> = Vec::new();
    for group in &rules.groups {
        for rule in &group.rules {
            let tree = rules::rule(rule);
            let own = size::of(&tree, INDENT);
            match units.last_mut().filter(|unit| unit.origin == rule.origin) {
                Some(unit) => {
                    unit.size = unit.size + own;
                    match unit.parts.last_mut().filter(|part| std::ptr::eq(part.group, group)) {
                        Some(part) => part.rules.push(tree),
                        None => {
                            unit.size = unit.size + around(group);
                            unit.parts.push(Part { group, rules: vec![tree] });
                        }
                    }
                }
                None => units.push(Unit {
                    origin: rule.origin,
                    parts: vec![Part { group, rules: vec![tree] }],
                    size: own + around(group),
                }),
            }
        }
    }
    units
}

/// How deep a rule stands in an object.
const INDENT: usize = 8;

/// What a group takes besides its rules.
fn around(group: &RuleGroup) -> Size {
    size::of(&rules::group_of(group, Vec::new()), INDENT)
}

fn too_large(unit: &Unit<'_>) -> Diagnostic {
    let groups: Vec<String> =
        unit.parts.iter().map(|part| format!("`{}`", part.group.name)).collect();
    Diagnostic::new(
        &OBJECT_TOO_LARGE,
        unit.origin,
        format!("the rules of {} do not fit into an object of Kubernetes", groups.join(" and ")),
    )
    .label(format!("makes {} bytes of rules that must stay together", unit.size.most()))
    .note(format!("an object has room for {MAX_BYTES} bytes: `kubectl apply` keeps a copy of it in an annotation"))
    .help("shorten its annotations: link to long texts instead")
}
