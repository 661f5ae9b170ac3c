//! The document of a project file to a `Config`, with what a Shape cannot check.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::shape::SHAPE;
use super::types::{Config, Names, Severity, Version, Window};
use crate::base::{Diagnostic, Diagnostics, Duration, FileId, Span, Spanned, codes};
use crate::yaml::{self, Document, Node};

codes! {
    /// ## Why
    /// The settings of a project stand in one document that begins with
    /// `ninefold: project/v1`. Without it the defaults would hold unnoticed.
    /// ## Fires
    /// A `ninefold.yaml` that is empty, or in which no document begins with the line
    /// `ninefold: project/v1`.
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// ```
    PROJECT_DOCUMENT = Error "project-document";

    /// ## Why
    /// The base series are rates over five minutes, recorded at the scrape
    /// interval. Below 1s there is nothing to record at; above 75s a range holds
    /// less than four scrapes, and one lost scrape leaves a hole.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// prometheus: {scrape_interval: 2m}
    /// ```
    /// ## Instead
    /// The interval at which the targets of the SLOs are scraped, at most 75s.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {scrape_interval: 1m}
    /// ```
    SCRAPE_INTERVAL = Error "scrape-interval";

    /// ## Why
    /// Rule groups have a `query_offset` since Prometheus 2.53. An older server
    /// refuses the whole file. Every alert comes later by the offset: above 10m, an
    /// outage is over before it pages.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// prometheus: {version: "2.45", query_offset: 1m}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// prometheus: {version: "2.53", query_offset: 1m}
    /// ```
    QUERY_OFFSET = Error "query-offset";

    /// ## Why
    /// Burn-rate windows are a fixed share of the objective's window: below 7 days
    /// they would hold too few samples, above 90 days they outlast most retentions.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     window: 36h
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// A whole number of days from 7 to 90, such as `7d`, `4w`, `30d`, `90d`; or
    /// `month`, the calendar month.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     window: 7d
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    WINDOW_UNSUPPORTED = Error "window-unsupported";

    /// ## Why
    /// Severities are told apart by the value of the label `severity`: a route or
    /// an inhibition could not tell two of one value apart.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// severities: {page: critical, ticket: critical}
    /// ```
    /// ## Instead
    /// A value of its own for each.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// severities: {page: critical, ticket: warning}
    /// ```
    SEVERITY_VALUES = Error "severity-values";
}

/// Decodes the project file. Faults are reported; what is sound is taken.
pub fn decode(file: FileId, documents: &[Document], diags: &mut Diagnostics) -> Config {
    let mut config = Config { sound: false, ..Config::default() };
    let ours = |d: &&Document| d.root.get("ninefold").and_then(Node::as_str) == Some(KIND);
    let Some(document) = documents.iter().find(ours) else {
        if documents.iter().all(|d| !d.broken) {
            diags.push(no_project(file, documents));
        }
        return config;
    };
    let root = &document.root;
    config.sound = yaml::check(root, &SHAPE, !document.broken, diags) && !document.broken;

    let globs = |key: &str| root.get(key).and_then(Node::as_seq).map(texts);
    config.specs = globs("specs").unwrap_or(config.specs);
    config.rules = globs("rules").unwrap_or(config.rules);
    config.dashboards = globs("dashboards").unwrap_or(config.dashboards);
    config.owners = paths(globs("owners").unwrap_or_default());
    if let Some(out) = text(root, "out") {
        config.out = out.map(|path| plain(&path));
    }
    if let Some(window) = window(root) {
        check_window(&window, diags);
        config.window = window;
    }
    if let Some(label) = text(root, "owner_label") {
        config.owner_label = label.map(Arc::from);
    }
    for entry in root.get("labels").and_then(Node::as_map).unwrap_or_default() {
        if let Some(value) = entry.value.as_str() {
            let key = Spanned::new(entry.key.name.as_str().into(), entry.key.span);
            config.labels.push((key, Spanned::new(value.into(), entry.value.span)));
        }
    }
    if let Some(runbooks) = root.get("runbooks") {
        config.runbooks.base_url = text(runbooks, "base_url").map(|url| url.value);
    }
    decode_prometheus(root, &mut config, diags);
    decode_severities(root, &mut config, diags);
    if text(root, "names").is_some_and(|names| names.value == "sloth") {
        config.names = Names::Sloth;
    }
    config.targets = root.get("targets").filter(|t| t.as_map().is_some()).cloned();
    config
}

/// What the key `ninefold` of a project file says.
const KIND: &str = "project/v1";

fn no_project(file: FileId, documents: &[Document]) -> Diagnostic {
    let other = documents.iter().find_map(|d| d.root.get("ninefold"));
    let keys = documents.iter().find_map(|d| d.root.as_map()?.first());
    let first = keys.map_or(Span::new(file, 0, 0), |entry| entry.key.span);
    Diagnostic::new(
        &PROJECT_DOCUMENT,
        other.map_or(first, |version| version.span),
        "`ninefold.yaml` does not hold the settings of a project",
    )
    .label(format!("no document in it says `ninefold: {KIND}`"))
    .help(match other.and_then(Node::as_str) {
        Some("v1") => {
            "keep specs in a folder such as `slo/`: this file holds the settings of the project"
        }
        _ => "begin it with `ninefold: project/v1`",
    })
}

/// The longest offset that leaves a page of use.
const LONGEST_OFFSET: Duration = Duration::minutes(10);

fn decode_prometheus(root: &Node, config: &mut Config, diags: &mut Diagnostics) {
    let Some(node) = root.get("prometheus") else { return };
    let prometheus = &mut config.prometheus;
    if let Some(written) = text(node, "version")
        && let Some(version) = Version::parse(&written.value)
    {
        (prometheus.version, prometheus.version_span) = (version, written.span);
    }
    if let Some(interval) = duration(node, "scrape_interval") {
        if interval.value < Duration::seconds(1) || interval.value > Duration::seconds(75) {
            diags.push(
                Diagnostic::new(
                    &SCRAPE_INTERVAL,
                    interval.span,
                    format!("a scrape interval of {} is not supported", interval.value),
                )
                .label("not between 1s and 75s")
                .note("base series are rates over 5m: a longer interval leaves less than four scrapes in them")
                .help("scrape the targets of SLOs at least every 75s"),
            );
        } else {
            prometheus.scrape_interval = interval;
        }
    }
    prometheus.retention = duration(node, "retention");
    if let Some(offset) = duration(node, "query_offset") {
        if offset.value > LONGEST_OFFSET {
            diags.push(
                Diagnostic::new(
                    &QUERY_OFFSET,
                    offset.span,
                    format!("a query offset of {} is not supported", offset.value),
                )
                .label("every alert would come that much later")
                .help("use at most `10m`: as long as samples take to arrive, such as `1m`"),
            );
        } else if prometheus.version.at_least(2, 53) {
            prometheus.query_offset = Some(offset.value).filter(|offset| !offset.is_zero());
        } else {
            diags.push(
                Diagnostic::new(
                    &QUERY_OFFSET,
                    offset.span,
                    format!("Prometheus {} knows no `query_offset`", prometheus.version),
                )
                .label("would make it refuse every rule file")
                .help("remove it, or write `version: \"2.53\"` where every server is that new"),
            );
        }
    }
    let labels = node.get("external_labels").and_then(Node::as_seq).map(texts).unwrap_or_default();
    prometheus.external_labels = labels.into_iter().map(|l| l.map(Arc::from)).collect();
}

fn decode_severities(root: &Node, config: &mut Config, diags: &mut Diagnostics) {
    for entry in root.get("severities").and_then(Node::as_map).unwrap_or_default() {
        if let Some(label) = entry.value.as_str() {
            let severity = Severity { label: label.into(), span: entry.value.span };
            config.severities.insert(entry.key.name.as_str().into(), severity);
        }
    }
    let mut seen: Vec<(&Arc<str>, &Severity)> = Vec::new();
    for (name, severity) in &config.severities {
        if let Some((other, first)) = seen.iter().find(|(_, s)| s.label == severity.label) {
            let message = format!("the severities `{other}` and `{name}` have one value");
            let place = severity.span.or(first.span);
            let mut same = Diagnostic::new(&SEVERITY_VALUES, place, message)
                .label(format!("`{}` again", severity.label))
                .help("give each severity a value of its own");
            if place != first.span {
                same = same.also(first.span, "first here");
            }
            // A value by default has no place to point at.
            let defaults = [(*other, *first), (name, severity)];
            for (name, default) in defaults.into_iter().filter(|(_, s)| s.span.is_none()) {
                let note = format!("`{name}` is `{}` by default", default.label);
                same = same.note(note);
            }
            diags.push(same);
        }
        seen.push((name, severity));
    }
}

/// Reports a window for which no burn rates are known.
pub fn check_window(window: &Spanned<Window>, diags: &mut Diagnostics) -> bool {
    // The shape takes no window of no length, and says so.
    if window.value.length().is_zero() {
        return false;
    }
    let days = window.value.length().as_whole_days();
    if days.is_some_and(|days| (7..=90).contains(&days)) {
        return true;
    }
    let label = match days {
        Some(days) if days > 90 => "longer than 90 days",
        Some(_) => "shorter than 7 days",
        None => "not a whole number of days",
    };
    diags.push(
        Diagnostic::new(&WINDOW_UNSUPPORTED, window.span, "this window is not supported")
            .label(label)
            .help("use whole days from 7 to 90, such as `7d`, `4w`, `30d` or `90d`, or `month`"),
    );
    false
}

fn window(node: &Node) -> Option<Spanned<Window>> {
    let node = node.get("window")?;
    Some(Spanned::new(Window::parse(node.as_str()?)?, node.span))
}

fn text(node: &Node, key: &str) -> Option<Spanned<String>> {
    let node = node.get(key)?;
    Some(Spanned::new(node.as_str()?.to_owned(), node.span))
}

fn texts(items: &[Node]) -> Vec<Spanned<String>> {
    items.iter().filter_map(|n| Some(Spanned::new(n.as_str()?.to_owned(), n.span))).collect()
}

fn paths(texts: Vec<Spanned<String>>) -> Vec<Spanned<Utf8PathBuf>> {
    texts.into_iter().map(|t| t.map(|path| plain(&path))).collect()
}

/// A path without the `./` that it may begin with: paths are compared by their parts.
fn plain(path: &str) -> Utf8PathBuf {
    path.strip_prefix("./").unwrap_or(path).into()
}

fn duration(node: &Node, key: &str) -> Option<Spanned<Duration>> {
    let node = node.get(key)?;
    Some(Spanned::new(Duration::parse(node.as_str()?)?, node.span))
}
