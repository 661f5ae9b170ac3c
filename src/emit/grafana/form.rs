//! In which form a board is written: as it is, or in an object of Kubernetes. The same
//! JSON stands in each.

use serde_json::{Value, json};

use super::board::Board;
use crate::base::{Diagnostic, Diagnostics, Span, codes, list};
use crate::ir::MARK;
use crate::yaml::{Node, Out, write};

codes! {
    /// ## Why
    /// A file that Grafana reads from its disk has no place for namespaces, labels or
    /// folders: the option would change nothing, and nobody would notice.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {prometheus: {}, grafana: {namespace: monitoring}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// targets: {prometheus: {}, grafana: {format: configmap, namespace: monitoring}}
    /// ```
    GRAFANA_OPTION = Error "grafana-option";

    /// ## Why
    /// `kubectl apply` keeps a copy of each object in an annotation of at most 256
    /// KiB. A board that does not fit is refused by the cluster.
    /// ## Fires
    /// A board of more than 250,000 bytes with `format: configmap` or
    /// `grafana-operator`: a service of several hundred SLOs that differ in all.
    /// ## Instead
    /// Fewer SLOs in one service, or `format: classic`.
    BOARD_TOO_LARGE = Error "board-too-large";
}

/// The most bytes of a board in an object.
const MAX_BYTES: usize = 250_000;

/// How boards are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// The JSON that Grafana exports and provisions from files.
    #[default]
    Classic,
    /// A ConfigMap for the sidecar of Grafana's Helm chart.
    ConfigMap,
    /// A `GrafanaDashboard` of the Grafana Operator.
    Operator,
    /// A resource of Grafana's own API, for Git Sync.
    Resource,
}

/// Each format by its name, with the options that mean something in it.
const FORMATS: [(&str, Format, &[&str]); 4] = [
    ("classic", Format::Classic, &[]),
    ("configmap", Format::ConfigMap, &["folder", "namespace", "labels"]),
    ("grafana-operator", Format::Operator, &["folder", "namespace", "labels", "instance_selector"]),
    ("resource-v1", Format::Resource, &["folder", "namespace"]),
];

/// The options that some format takes.
const OPTIONS: [&str; 4] = ["folder", "namespace", "labels", "instance_selector"];

fn format_of(options: Option<&Node>) -> (&'static str, Format, &'static [&'static str]) {
    let named = options.and_then(|o| o.get("format")).and_then(Node::as_str);
    let found = FORMATS.into_iter().find(|(name, _, _)| Some(*name) == named);
    found.unwrap_or(FORMATS[0])
}

/// Reports options that the format has no place for.
pub(super) fn check(options: &Node, diags: &mut Diagnostics) {
    let (name, _, takes) = format_of(Some(options));
    for entry in OPTIONS.iter().filter_map(|option| options.entry(option)) {
        let option = entry.key.name.as_str();
        if takes.contains(&option) {
            continue;
        }
        let others = FORMATS.iter().filter(|(_, _, takes)| takes.contains(&option));
        let others: Vec<&str> = others.map(|(name, _, _)| *name).collect();
        diags.push(
            Diagnostic::new(
                &GRAFANA_OPTION,
                entry.key.span,
                format!("`{option}` has no effect with the format `{name}`"),
            )
            .label("would be written nowhere")
            .help(format!("remove it, or write `format:` {}", list(&others, "or"))),
        );
    }
}

/// A format with its options.
pub(super) struct Form<'a> {
    format: Format,
    folder: Option<&'a str>,
    namespace: Option<&'a str>,
    labels: Vec<(&'a str, &'a str)>,
    selector: Vec<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    /// The options, which their Shape has found sound.
    pub(super) fn of(options: Option<&'a Node>) -> Form<'a> {
        let (_, format, _) = format_of(options);
        let text = |key: &str| options.and_then(|o| o.get(key)).and_then(Node::as_str);
        let pairs = |key: &str| -> Vec<(&'a str, &'a str)> {
            let map = options.and_then(|o| o.get(key)).and_then(Node::as_map).unwrap_or_default();
            map.iter().filter_map(|e| Some((e.key.name.as_str(), e.value.as_str()?))).collect()
        };
        let mut labels = vec![("app.kubernetes.io/managed-by", "ninefold")];
        // What the sidecar of Grafana's chart looks for: `sidecar.dashboards.label`.
        if format == Format::ConfigMap {
            labels.push(("grafana_dashboard", "1"));
        }
        let own = pairs("labels");
        labels.retain(|(known, _)| own.iter().all(|(key, _)| key != known));
        labels.extend(own);
        labels.sort_unstable();
        let mut selector = pairs("instance_selector");
        if selector.is_empty() {
            selector.push(("dashboards", "grafana"));
        }
        Form { format, folder: text("folder"), namespace: text("namespace"), labels, selector }
    }

    pub(super) fn is_classic(&self) -> bool {
        self.format == Format::Classic
    }

    /// The extension and the text of a board's file.
    pub(super) fn text(
        &self,
        board: &Board<'_>,
        diags: &mut Diagnostics,
    ) -> (&'static str, String) {
        let json = board.to_json();
        let uid = board.id.uid();
        match self.format {
            Format::Classic => ("json", pretty(&json)),
            Format::Resource => ("json", pretty(&self.resource(&uid, &json))),
            Format::ConfigMap | Format::Operator => {
                let inner = pretty(&json);
                if inner.len() > MAX_BYTES {
                    diags.push(too_large(board, inner.len()));
                }
                let object = match self.format {
                    Format::ConfigMap => self.config_map(&uid, inner),
                    _ => self.grafana_dashboard(&uid, inner),
                };
                let mut text = format!("# {MARK} {}; DO NOT EDIT.\n", board.made_from);
                write(&object, &mut text);
                ("yaml", text)
            }
        }
    }

    fn resource(&self, uid: &str, spec: &Value) -> Value {
        let mut metadata = json!({"name": uid});
        if let Some(namespace) = self.namespace {
            metadata["namespace"] = namespace.into();
        }
        if let Some(folder) = self.folder {
            metadata["annotations"] = json!({"grafana.app/folder": folder});
        }
        json!({
            "apiVersion": "dashboard.grafana.app/v1beta1",
            "kind": "Dashboard",
            "metadata": metadata,
            "spec": spec,
        })
    }

    fn config_map(&self, uid: &str, json: String) -> Out<'a> {
        let mut metadata = self.metadata(uid);
        metadata.extend(
            self.folder
                .map(|folder| ("annotations".into(), Out::strs([("grafana_folder", folder)]))),
        );
        Out::Map(vec![
            ("apiVersion".into(), Out::str("v1")),
            ("kind".into(), Out::str("ConfigMap")),
            ("metadata".into(), Out::Map(metadata)),
            ("data".into(), Out::Map(vec![(format!("{uid}.json").into(), Out::str(json))])),
        ])
    }

    fn grafana_dashboard(&self, uid: &str, json: String) -> Out<'a> {
        let selector =
            Out::Map(vec![("matchLabels".into(), Out::strs(self.selector.iter().copied()))]);
        let mut spec = vec![("instanceSelector".into(), selector)];
        spec.extend(self.folder.map(|folder| ("folder".into(), Out::str(folder))));
        spec.push(("json".into(), Out::str(json)));
        Out::Map(vec![
            ("apiVersion".into(), Out::str("grafana.integreatly.org/v1beta1")),
            ("kind".into(), Out::str("GrafanaDashboard")),
            ("metadata".into(), Out::Map(self.metadata(uid))),
            ("spec".into(), Out::Map(spec)),
        ])
    }

    fn metadata(&self, uid: &str) -> Vec<(std::borrow::Cow<'a, str>, Out<'a>)> {
        let mut map = vec![("name".into(), Out::str(uid.to_owned()))];
        map.extend(self.namespace.map(|namespace| ("namespace".into(), Out::str(namespace))));
        map.push(("labels".into(), Out::strs(self.labels.iter().copied())));
        map
    }
}

/// JSON as people review it.
fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}

fn too_large(board: &Board<'_>, bytes: usize) -> Diagnostic {
    Diagnostic::new(
        &BOARD_TOO_LARGE,
        Span::NONE,
        format!("the board `{}` does not fit into an object of Kubernetes", board.id.title()),
    )
    .note(format!("it has {bytes} bytes, and an object has room for {MAX_BYTES}: `kubectl apply` keeps a copy of it in an annotation"))
    .help("split the service, or write boards with `format: classic`")
}
