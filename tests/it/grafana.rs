//! Boards as Grafana reads them: panels, targets and variables of its classic JSON come
//! in; what Grafana would ask Prometheus goes out, with every variable in its place.
//!
//! Sources: grafana/grafana, `packages/grafana-data/src/datetime/rangeutil.ts`
//! (`roundInterval`), `packages/grafana-prometheus/src/datasource.ts`
//! (`interpolateQueryExpr`, `getRateIntervalScopedVariable`, `alignRange`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::history::seconds;
use crate::live::Server;

/// What a data source takes the scrape interval for where nobody says more.
const SCRAPE: i64 = 15;
/// The pixels of a column: the points that a series has at most.
const COLUMN: i64 = 60;

/// A board.
pub(crate) struct Board {
    /// The name of its file, without the ending.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) tags: Vec<String>,
    /// The seconds that it shows.
    pub(crate) shows: i64,
    pub(crate) panels: Vec<Panel>,
    json: Value,
}

/// A panel that asks something.
pub(crate) struct Panel {
    pub(crate) id: u64,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) targets: Vec<Target>,
    /// The field by which the rows of a table are joined; none: by all their labels.
    pub(crate) joined_by: Option<String>,
    /// The seconds that it shows, if not those of the board.
    shows: Option<i64>,
    width: i64,
    interval: Option<i64>,
}

/// A query of a panel.
pub(crate) struct Target {
    pub(crate) ref_id: String,
    pub(crate) legend: String,
    pub(crate) expr: String,
    pub(crate) is_range: bool,
    interval: Option<i64>,
}

/// The values of variables, as they stand in a query.
pub(crate) type Values = Vec<(String, String)>;

/// What a query is asked over.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) step: i64,
}

impl Board {
    /// The boards of a folder, by name.
    pub(crate) fn all(folder: &Path) -> Vec<Board> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
        let mut paths: Vec<_> =
            entries.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let name = path.file_stem().and_then(|n| n.to_str()).expect("a plain name");
            let text = fs::read_to_string(path).expect("boards are text");
            Board::read(name, serde_json::from_str(&text).expect("boards are JSON"))
        };
        paths.iter().map(read).collect()
    }

    fn read(name: &str, json: Value) -> Board {
        let tags = json["tags"].as_array().into_iter().flatten();
        let mut panels = Vec::new();
        for panel in json["panels"].as_array().into_iter().flatten() {
            // A collapsed row holds its panels.
            let inner = panel["panels"].as_array().into_iter().flatten();
            panels.extend(std::iter::once(panel).chain(inner).filter_map(Panel::read));
        }
        assert_eq!(json["time"]["to"], "now", "{name}: boards end now");
        Board {
            name: name.to_owned(),
            title: text(&json["title"]),
            tags: tags.map(text).collect(),
            shows: ago(&text(&json["time"]["from"])),
            panels,
            json,
        }
    }

    /// The expressions of its own annotations, by name.
    pub(crate) fn annotations(&self) -> Vec<(String, String)> {
        let all = self.json["annotations"]["list"].as_array().into_iter().flatten();
        let own = all.filter(|annotation| annotation["expr"].is_string());
        own.map(|annotation| (text(&annotation["name"]), text(&annotation["expr"]))).collect()
    }

    /// The values of its variables: one set for each option of `slo`, where there is one,
    /// and the current value of all others. Queries are asked, at a time.
    pub(crate) fn variables(&self, server: &Server, at: i64) -> Result<Vec<Values>, String> {
        let mut sets: Vec<Values> = vec![Vec::new()];
        for variable in self.json["templating"]["list"].as_array().into_iter().flatten() {
            let name = text(&variable["name"]);
            let values = match variable["type"].as_str() {
                Some("datasource") => vec!["prometheus".to_owned()],
                Some("custom") => {
                    let options = variable["options"].as_array().into_iter().flatten();
                    let options: Vec<String> = options.map(|o| text(&o["value"])).collect();
                    let one = chosen(variable, &options);
                    if name == "slo" {
                        options.iter().map(|o| plain_escaped(o)).collect()
                    } else {
                        vec![one]
                    }
                }
                Some("query") => {
                    let query = text(&variable["query"]);
                    let query = interpolated(
                        &query,
                        &sets[0],
                        Range { from: at - self.shows, to: at, step: 60 },
                    )?;
                    vec![chosen(variable, &label_values(server, &query, at - self.shows, at)?)]
                }
                other => return Err(format!("variable {name}: type {other:?} is not known here")),
            };
            if values.is_empty() {
                return Err(format!("variable {name}: no value"));
            }
            let mut next = Vec::new();
            for value in values {
                let with =
                    |set: &Values| [set.as_slice(), &[(name.clone(), value.clone())]].concat();
                next.extend(sets.iter().map(with));
            }
            sets = next;
        }
        Ok(sets)
    }
}

impl Panel {
    fn read(panel: &Value) -> Option<Panel> {
        let targets: Vec<Target> = panel["targets"]
            .as_array()?
            .iter()
            .filter(|t| t["hide"] != true)
            .map(Target::read)
            .collect();
        let transformations = panel["transformations"].as_array().into_iter().flatten();
        let mut joins = transformations.filter(|t| t["id"] == "joinByField");
        Some(Panel {
            id: panel["id"].as_u64().expect("panels have numbers"),
            kind: text(&panel["type"]),
            title: text(&panel["title"]),
            targets,
            joined_by: joins.next().map(|join| text(&join["options"]["byField"])),
            shows: panel["timeFrom"].as_str().map(|time| ago(&format!("now-{time}"))),
            width: panel["gridPos"]["w"].as_i64().expect("panels have a place"),
            interval: panel["interval"].as_str().map(seconds),
        })
    }

    /// What a target of this panel is asked over, on a board that shows so many seconds.
    pub(crate) fn range(&self, target: &Target, shows: i64, now: i64) -> Range {
        let shows = self.shows.unwrap_or(shows);
        let least = target.interval.or(self.interval).unwrap_or(SCRAPE);
        let step = round(shows as f64 / (self.width * COLUMN) as f64).max(least);
        Range { from: now - shows, to: now, step }
    }
}

impl Target {
    fn read(target: &Value) -> Target {
        Target {
            ref_id: text(&target["refId"]),
            legend: text(&target["legendFormat"]),
            expr: text(&target["expr"]),
            is_range: target["instant"] != true,
            interval: target["interval"].as_str().filter(|i| !i.is_empty()).map(seconds),
        }
    }

    /// The name of a series.
    pub(crate) fn named(&self, metric: &Value) -> String {
        if self.legend.is_empty() || self.legend == "__auto" {
            return labels(metric).into_iter().collect::<Vec<_>>().join(", ");
        }
        let mut name = self.legend.clone();
        while let Some((before, (label, after))) =
            name.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            name = format!("{before}{}{after}", text(&metric[label.trim()]));
        }
        name.trim().to_owned()
    }
}

impl Range {
    /// The same on multiples of the step, as range queries are asked.
    pub(crate) fn aligned(self) -> Range {
        let floor = |at: i64| at - at.rem_euclid(self.step);
        Range { from: floor(self.from), to: floor(self.to), ..self }
    }
}

/// The labels of a series but its name.
pub(crate) fn labels(metric: &Value) -> BTreeSet<String> {
    let all = metric.as_object().into_iter().flatten().filter(|(key, _)| *key != "__name__");
    all.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect()
}

/// A query with the values of all variables in their places.
pub(crate) fn interpolated(query: &str, values: &Values, range: Range) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = query;
    while let Some((before, after)) = rest.split_once('$') {
        out += before;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, format, end) = match after.strip_prefix('{') {
            Some(inside) => {
                let (inside, end) = inside.split_once('}').ok_or("`${` without an end")?;
                let (name, format) = inside.split_once(':').unwrap_or((inside, ""));
                (name, format, end)
            }
            None => {
                let end = after.find(|c| !plain(c)).unwrap_or(after.len());
                (&after[..end], "", &after[end..])
            }
        };
        out += &value(name, format, values, range)
            .ok_or_else(|| format!("`${name}` with the format `{format}` has no value"))?;
        rest = end;
    }
    Ok(out + rest)
}

fn value(name: &str, format: &str, values: &Values, range: Range) -> Option<String> {
    let Range { from, to, step } = range;
    let time = |at: i64| match format {
        "" => Some((at * 1_000).to_string()),
        "date:seconds" => Some(at.to_string()),
        _ => None,
    };
    match name {
        "__from" => time(from),
        "__to" => time(to),
        "__range" => Some(format!("{}s", to - from)),
        "__range_s" => Some((to - from).to_string()),
        "__range_ms" => Some(((to - from) * 1_000).to_string()),
        "__interval" => Some(format!("{step}s")),
        "__interval_ms" => Some((step * 1_000).to_string()),
        "__rate_interval" => Some(format!("{}s", (step + SCRAPE).max(4 * SCRAPE))),
        // What is no variable stays: `$1` of a replacement.
        _ if name.bytes().all(|b| b.is_ascii_digit()) => Some(format!("${name}")),
        _ if format.is_empty() => {
            values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        }
        _ => None,
    }
}

/// The current value of a variable, as it stands in a query.
fn chosen(variable: &Value, options: &[String]) -> String {
    let is_many = variable["multi"] == true || variable["includeAll"] == true;
    let current: Vec<String> = match &variable["current"]["value"] {
        Value::Array(values) => values.iter().map(text).collect(),
        Value::String(value) => vec![value.clone()],
        // Grafana takes the first there is.
        _ if variable["includeAll"] == true => vec!["$__all".to_owned()],
        _ => options.iter().take(1).cloned().collect(),
    };
    let is_all = current.iter().any(|value| value == "$__all");
    if let Some(all) = variable["allValue"].as_str().filter(|_| is_all) {
        return all.to_owned();
    }
    let values = if is_all { options.to_vec() } else { current };
    match values.as_slice() {
        [one] if !is_many => plain_escaped(one),
        [one] => regex_escaped(one),
        many => {
            let parts: Vec<String> = many.iter().map(|value| regex_escaped(value)).collect();
            format!("({})", parts.join("|"))
        }
    }
}

/// `prometheusRegularEscape`.
fn plain_escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `prometheusSpecialRegexEscape`.
fn regex_escaped(value: &str) -> String {
    let special = |c: char| "$^*{}[]'+?.()|".contains(c);
    value.chars().fold(String::new(), |mut out, c| {
        match c {
            '\\' => out.push_str("\\\\\\\\"),
            c if special(c) => out.extend(['\\', '\\', c]),
            c => out.push(c),
        }
        out
    })
}

/// `label_values(label)` or `label_values(selector, label)`, answered.
fn label_values(server: &Server, query: &str, from: i64, to: i64) -> Result<Vec<String>, String> {
    let inside = query.trim().strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.ok_or_else(|| format!("`{query}` is not known here"))?;
    let (selector, label) = inside.rsplit_once(',').map_or(("", inside), |(s, l)| (s.trim(), l));
    let [from, to] = [from, to].map(|at| at.to_string());
    let mut asked = vec![("start", from.as_str()), ("end", to.as_str())];
    asked.extend((!selector.is_empty()).then_some(("match[]", selector)));
    let data = server.get(&format!("/api/v1/label/{}/values", label.trim()), &asked)?;
    Ok(data.as_array().into_iter().flatten().map(text).collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `now-7d` in seconds.
fn ago(time: &str) -> i64 {
    seconds(time.strip_prefix("now-").expect("a time before now"))
}

/// Seconds between two points, rounded to what people count in.
fn round(seconds: f64) -> i64 {
    const STEPS: &[(f64, i64)] = &[
        (1.5, 1),
        (3.5, 2),
        (7.5, 5),
        (12.5, 10),
        (17.5, 15),
        (25.0, 20),
        (45.0, 30),
        (90.0, 60),
        (210.0, 120),
        (450.0, 300),
        (750.0, 600),
        (1_050.0, 900),
        (1_500.0, 1_200),
        (2_700.0, 1_800),
        (5_400.0, 3_600),
        (9_000.0, 7_200),
        (16_200.0, 10_800),
        (32_400.0, 21_600),
        (86_400.0, 43_200),
    ];
    STEPS.iter().find(|(below, _)| seconds < *below).map_or(86_400, |(_, step)| *step)
}

#[test]
fn variables_stand_as_in_grafana() {
    let range = Range { from: 1_000, to: 4_600, step: 60 };
    let values = vec![("slo".to_owned(), "a".to_owned()), ("cluster".to_owned(), ".*".to_owned())];
    let asked = |query| interpolated(query, &values, range);
    let query = "x{slo=\"$slo\", cluster=~\"${cluster}\"}[$__range] >= ${__from:date:seconds}";
    assert_eq!(asked(query).expect("all is known"), "x{slo=\"a\", cluster=~\".*\"}[3600s] >= 1000");
    assert_eq!(asked("rate(x[$__rate_interval])").expect("all is known"), "rate(x[75s])");
    assert_eq!(asked("\"slo-$1\"").expect("no variable"), "\"slo-$1\"");
    assert!(asked("$service").is_err());

    let many = |current| serde_json::json!({"multi": true, "includeAll": true, "current": {"value": current}});
    let options = ["a.b".to_owned(), "c".to_owned()];
    assert_eq!(chosen(&many(serde_json::json!(["$__all"])), &options), "(a\\\\.b|c)");
    assert_eq!(chosen(&many(serde_json::json!(["c"])), &options), "c");
    assert_eq!([1.0, 672.0, 100_000.0].map(round), [1, 600, 86_400]);
}
