//! A board as data: what it is about, its variables, links, annotations and panels come
//! in; Grafana's classic JSON goes out, which every version from 10 on reads alike.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Templates;
use super::grid::{Grid, Size};
use crate::base::Diagnostics;
use crate::ir::{BoardId, MARK};

/// The version of the JSON that is written: Grafana migrates lower ones up and leaves
/// higher ones alone; what later versions renamed is written in its last form.
const SCHEMA_VERSION: u32 = 39;

/// What panels and queries refer to.
pub(super) fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

/// A variable of a board.
pub(super) enum Variable<'a> {
    /// The data source; the uid of the one that is shown at first, if that is said.
    Datasource(Option<&'a str>),
    /// One of several values that are known.
    Custom { name: &'static str, label: &'static str, values: Vec<String> },
    /// Any of the values that a label has.
    Label { name: String, label: String, query: String },
}

/// A link at the top of a board.
pub(super) struct Link {
    pub(super) title: String,
    pub(super) to: Target,
    pub(super) icon: &'static str,
}

/// Where a link leads.
pub(super) enum Target {
    /// To a page of its own.
    Page(String),
    /// To a board, at the same time.
    Board(String),
    /// To a list of the boards that have a tag, at the same time.
    Tagged(&'static str),
}

/// Alerts that are shown over every time series.
pub(super) struct Annotation {
    pub(super) name: String,
    pub(super) color: &'static str,
    pub(super) expr: String,
    pub(super) text: String,
    /// Whether they are shown at first.
    pub(super) enable: bool,
}

/// What stands on a kind of board, in its order.
pub(super) enum Item {
    /// A heading. It is left out where no panel stands below it.
    Row { id: u32, title: &'static str },
    /// A panel, by the name of its template.
    Panel { id: u32, template: &'static str, size: Size },
}

/// A panel of a catalogue.
pub(super) const fn panel(id: u32, template: &'static str, w: usize, h: usize) -> Item {
    Item::Panel { id, template, size: Size { w, h } }
}

/// A heading of a catalogue.
pub(super) const fn row(id: u32, title: &'static str) -> Item {
    Item::Row { id, title }
}

/// The first identifier of panels that a project adds.
const FIRST_ADDED: u32 = 1_000;
/// How many identifiers there are for these.
const ADDED_IDS: u32 = 1_000_000;
/// The size of panels that a project adds and that do not say theirs.
const ADDED: Size = Size { w: 12, h: 8 };
/// The heading of panels that a project adds.
const MORE: (u32, &str) = (999, "More");

/// A board.
pub(super) struct Board<'a> {
    pub(super) id: BoardId<'a>,
    /// The specs that it is made from, for people.
    pub(super) made_from: String,
    pub(super) tags: Vec<String>,
    pub(super) timezone: &'a str,
    /// The time that it shows at first: `now-7d`.
    pub(super) from: &'static str,
    pub(super) variables: Vec<Variable<'a>>,
    pub(super) links: Vec<Link>,
    pub(super) annotations: Vec<Annotation>,
    pub(super) panels: Vec<Value>,
}

impl Board<'_> {
    /// The JSON, whose first key says that it is generated.
    pub(super) fn to_json(&self) -> Value {
        let built_in = json!({
            "builtIn": 1,
            "datasource": {"type": "grafana", "uid": "-- Grafana --"},
            "enable": true,
            "hide": true,
            "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts",
            "type": "dashboard",
        });
        let annotations: Vec<Value> =
            std::iter::once(built_in).chain(self.annotations.iter().map(annotation)).collect();
        json!({
            "description": format!("{MARK} {}; DO NOT EDIT.", self.made_from),
            "id": null,
            "uid": self.id.uid(),
            "title": self.id.title(),
            "tags": self.tags,
            "timezone": self.timezone,
            "editable": false,
            "graphTooltip": 1,
            "refresh": "1m",
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "fiscalYearStartMonth": 0,
            "weekStart": "",
            "time": {"from": self.from, "to": "now"},
            "timepicker": {},
            "links": self.links.iter().map(link).collect::<Vec<Value>>(),
            "templating": {"list": self.variables.iter().map(variable).collect::<Vec<Value>>()},
            "annotations": {"list": annotations},
            "panels": self.panels,
        })
    }
}

fn variable(variable: &Variable<'_>) -> Value {
    match variable {
        Variable::Datasource(Some(uid)) => {
            let mut source = self::variable(&Variable::Datasource(None));
            source["current"] = json!({"selected": true, "text": uid, "value": uid});
            source
        }
        Variable::Datasource(None) => json!({
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "regex": "",
            "refresh": 1,
            "hide": 0,
            "multi": false,
            "includeAll": false,
            "skipUrlSync": false,
            "options": [],
        }),
        Variable::Custom { name, label, values } => {
            let option = |(index, value): (usize, &String)| json!({"selected": index == 0, "text": value, "value": value});
            let options: Vec<Value> = values.iter().enumerate().map(option).collect();
            json!({
                "name": name,
                "label": label,
                "type": "custom",
                "query": values.join(","),
                "hide": 0,
                "multi": false,
                "includeAll": false,
                "skipUrlSync": false,
                "current": options.first(),
                "options": options,
            })
        }
        Variable::Label { name, label, query } => json!({
            "name": name,
            "label": label,
            "type": "query",
            "datasource": datasource(),
            "query": query,
            "regex": "",
            "refresh": 2,
            "sort": 1,
            "hide": 0,
            "multi": true,
            "includeAll": true,
            // Also series that do not have the label.
            "allValue": ".*",
            "skipUrlSync": false,
            "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
            "options": [],
        }),
    }
}

fn link(link: &Link) -> Value {
    let (kind, url, tags) = match &link.to {
        Target::Page(url) | Target::Board(url) => ("link", url.as_str(), Vec::new()),
        Target::Tagged(tag) => ("dashboards", "", vec![*tag]),
    };
    let leaves = matches!(link.to, Target::Page(_));
    json!({
        "title": link.title,
        "type": kind,
        "icon": link.icon,
        "url": url,
        "tooltip": "",
        "tags": tags,
        "asDropdown": kind == "dashboards",
        "targetBlank": leaves,
        "includeVars": !leaves,
        "keepTime": !leaves,
    })
}

fn annotation(annotation: &Annotation) -> Value {
    json!({
        "name": annotation.name,
        "datasource": datasource(),
        "enable": annotation.enable,
        "hide": false,
        "iconColor": annotation.color,
        "expr": annotation.expr,
        "titleFormat": "{{alertname}}",
        "textFormat": annotation.text,
        "tagKeys": "severity",
        "useValueForTime": false,
    })
}

/// The panels of a kind of board: a catalogue, then what the project adds to it.
pub(super) fn panels(
    kind: &str,
    catalogue: &[Item],
    templates: &Templates,
    values: &minijinja::Value,
    diags: &mut Diagnostics,
) -> Vec<Value> {
    let mut layout =
        Layout { templates, values, grid: Grid::default(), panels: Vec::new(), heading: None };
    for item in catalogue {
        match item {
            Item::Row { id, title } => layout.heading = Some((*id, title)),
            Item::Panel { id, template, size } => layout.add(*id, template, *size, diags),
        }
    }
    layout.heading = Some(MORE);
    for template in templates.added(kind) {
        layout.add(added_id(template), template, ADDED, diags);
    }
    layout.panels
}

/// The identifier of a panel that a project adds: it follows from the name alone, so
/// that links to it hold when others are added.
fn added_id(template: &str) -> u32 {
    let digest = Sha256::digest(template.as_bytes());
    let number = digest.iter().take(4).fold(0, |number, byte| (number << 8) | u32::from(*byte));
    FIRST_ADDED + number % ADDED_IDS
}

struct Layout<'a> {
    templates: &'a Templates,
    values: &'a minijinja::Value,
    grid: Grid,
    panels: Vec<Value>,
    /// A heading that waits for its first panel.
    heading: Option<(u32, &'static str)>,
}

impl Layout<'_> {
    fn add(&mut self, id: u32, template: &str, size: Size, diags: &mut Diagnostics) {
        let Some(found) = self.templates.render(template, self.values, diags) else { return };
        if let Some((id, title)) = self.heading.take() {
            self.panels.push(heading(id, title, &mut self.grid));
        }
        let own =
            |key: &str| found.get("gridPos").and_then(|at| at.get(key)).and_then(Value::as_u64);
        let size =
            Size::clamped(own("w").unwrap_or(size.w as u64), own("h").unwrap_or(size.h as u64));
        self.panels.push(Value::Object(placed(id, found, size, &mut self.grid)));
    }
}

fn heading(id: u32, title: &str, grid: &mut Grid) -> Value {
    let place = grid.row();
    json!({
        "id": id,
        "type": "row",
        "title": title,
        "collapsed": false,
        "gridPos": {"h": place.size.h, "w": place.size.w, "x": place.x, "y": place.y},
        "panels": [],
    })
}

/// A panel with all that every panel has: identifier, place, data source, and the names
/// of its queries.
fn placed(
    id: u32,
    mut found: Map<String, Value>,
    size: Size,
    grid: &mut Grid,
) -> Map<String, Value> {
    let place = grid.place(size);
    let mut panel = Map::new();
    panel.insert("id".to_owned(), id.into());
    for key in ["type", "title", "description"] {
        panel.extend(found.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    let at = json!({"h": size.h, "w": size.w, "x": place.x, "y": place.y});
    panel.insert("gridPos".to_owned(), at);
    if let Some(Value::Array(targets)) = found.get_mut("targets") {
        for (index, target) in targets.iter_mut().enumerate() {
            if let Value::Object(target) = target {
                complete(index, target);
            }
        }
        panel.insert("datasource".to_owned(), datasource());
    }
    found.retain(|key, _| key != "gridPos" && key != "id");
    panel.extend(found);
    panel
}

/// A query with its name and what it asks.
fn complete(index: usize, target: &mut Map<String, Value>) {
    let own = std::mem::take(target);
    let is_instant = own.get("instant").and_then(Value::as_bool).unwrap_or_default();
    target.insert("refId".to_owned(), ref_id(index).into());
    target.insert("datasource".to_owned(), datasource());
    target.insert("editorMode".to_owned(), "code".into());
    target.extend(own);
    let defaults = [
        ("format", "time_series".into()),
        ("instant", is_instant.into()),
        ("range", (!is_instant).into()),
    ];
    for (key, value) in defaults {
        target.entry(key.to_owned()).or_insert(value);
    }
}

/// `A` to `Z`, then `AA`, `AB`, ...: the names that Grafana gives queries.
fn ref_id(index: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    match index / 26 {
        0 => letter(index).to_string(),
        before => format!("{}{}", ref_id(before - 1), letter(index)),
    }
}

#[cfg(test)]
mod tests {
    use super::ref_id;

    #[test]
    fn queries_are_named_as_grafana_names_them() {
        let named: Vec<String> = [0, 1, 25, 26, 51, 52, 701, 702].map(ref_id).to_vec();
        assert_eq!(named, ["A", "B", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
