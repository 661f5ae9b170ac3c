//! Boards, sound and not, seen from the entry: each finding with the text that it points
//! at. Hostile trees end in findings, never in a panic.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BoardId, board, unique};
use crate::base::{Diagnostics, SourceMap};
use crate::promql::Judge;
use crate::yaml;

/// A finding: its code and the text that it points at.
type Found = (&'static str, String);

/// What is found in a text, and the identity of its board.
fn checked(text: &str) -> (Option<BoardId>, Vec<Found>) {
    let mut map = SourceMap::default();
    let file = map.add("a.json".into(), text.into());
    let mut diags = Diagnostics::default();
    let documents = yaml::parse(file, text, &mut diags);
    let judge = Judge::default();
    let id = documents.first().and_then(|document| {
        board(Utf8Path::new("a.json"), &document.root, Some(&judge), &mut diags)
    });
    diags.sort();
    let found = diags
        .iter()
        .map(|d| (d.code.name, text.get(d.primary.span.range()).unwrap_or("-").to_owned()))
        .collect();
    (id, found)
}

fn found(board: &Value) -> Vec<Found> {
    checked(&board.to_string()).1
}

fn codes(board: &Value) -> Vec<&'static str> {
    found(board).into_iter().map(|(code, _)| code).collect()
}

/// A sound board with these panels.
fn with_panels(panels: Value) -> Value {
    let mut board = json!({
        "uid": "a", "title": "A", "editable": false, "schemaVersion": 39,
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
            {"name": "job", "type": "custom", "query": "a,b"}
        ]}
    });
    board["panels"] = panels;
    board
}

fn panel(id: usize, x: i64, y: i64, w: i64, h: i64) -> Value {
    json!({"id": id, "type": "timeseries", "title": format!("P{id}"), "description": "d",
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "fieldConfig": {"defaults": {"unit": "s"}},
        "targets": [{"refId": "A", "expr": "up"}]})
}

/// A sound board whose only target has this expression.
fn with_query(expr: &str) -> Value {
    let mut one = panel(1, 0, 0, 24, 8);
    one["targets"][0]["expr"] = expr.into();
    with_panels(json!([one]))
}

#[test]
fn a_sound_board_is_clean() {
    let row = json!({"id": 9, "type": "row", "title": "R", "collapsed": true,
        "gridPos": {"x": 0, "y": 8, "w": 24, "h": 1}, "panels": [panel(2, 0, 9, 24, 8)]});
    let sound = with_panels(json!([panel(1, 0, 0, 24, 8), row, panel(3, 0, 9, 24, 8)]));
    let (id, found) = checked(&serde_json::to_string_pretty(&sound).expect("JSON"));
    assert_eq!(found, []);
    let id = id.expect("a board");
    assert_eq!(id.uid.map(|uid| uid.value).as_deref(), Some("a"));
    assert_eq!(id.title.map(|title| title.value).as_deref(), Some("A"));
}

#[test]
fn wrappers_are_seen_through() {
    let inner = with_panels(json!([]));
    let resource = json!({"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard",
        "metadata": {"name": "from-metadata", "annotations": {"grafana.app/folder": "slo"}},
        "spec": inner});
    let (id, found) = checked(&resource.to_string());
    assert_eq!(found, []);
    let id = id.expect("a board");
    assert_eq!(id.uid.map(|uid| uid.value).as_deref(), Some("from-metadata"));
    assert_eq!(id.folder.as_deref(), Some("slo"));
    let export = json!({"dashboard": inner, "meta": {"folderUid": "f"}});
    assert_eq!(checked(&export.to_string()).0.and_then(|id| id.folder).as_deref(), Some("f"));
    for other in ["[]", "{}", "1", "{\"groups\": []}", "{\"spec\": {\"elements\": {}}}", "null"] {
        assert!(checked(other).0.is_none(), "{other}");
    }
}

#[test]
fn a_fault_in_a_query_has_its_place() {
    assert_eq!(
        found(&with_query("sum(rate(x{a=\"$job\", b==\"c\"}[$__rate_interval]))")),
        [("promql-syntax", "==".to_owned())]
    );
    assert_eq!(
        found(&with_query("sum(rte(x{a=\"${job:regex}\"}[$__rate_interval]))")),
        [("promql-unknown-function", "rte".to_owned())]
    );
    assert_eq!(
        found(&with_query("up{a=\"$jbo\"}")),
        [("board-variable-unknown", "$jbo".to_owned())]
    );
    assert_eq!(found(&with_query("x[5m]")), [("board-query-type", "x[5m]".to_owned())]);
    assert_eq!(found(&with_query("rate(x[5m])")), [("board-rate-interval", "5m".to_owned())]);
    assert_eq!(
        found(&with_query("sum(a_total) / 2")),
        [("board-counter-raw", "a_total".to_owned())]
    );
}

#[test]
fn variables_stand_for_what_fits() {
    for sound in [
        "topk($job, up)",
        "sum(${job})",
        "sum(up) by ($job) > $job",
        "$job(up)",
        "up $job 5",
        "up{$job}",
        "rate(up[$job])",
        "avg_over_time(up[$__range:$__interval])",
        "1 - (time() - ${__from:date:seconds}) / $__range_s",
        "up offset $job",
        "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")",
        "label_replace(up, \"a\", \"$all\", \"b\", \"(?P<all>.*)\")",
        "increase(a_total[1h]) and absent(b_total)",
        "count(a_total) unless b_total",
    ] {
        assert_eq!(found(&with_query(sound)), [], "{sound}");
    }
    // A fault that no value of the variable would mend.
    assert_eq!(codes(&with_query("sum($job")), ["promql-syntax"]);
    assert_eq!(codes(&with_query("sum($job) + topk($job, up) ==")), ["promql-syntax"]);
}

#[test]
fn other_data_sources_are_not_judged() {
    let mut one = panel(1, 0, 0, 24, 8);
    one["datasource"] = json!({"type": "loki", "uid": "-- Mixed --"});
    one["targets"] = json!([
        {"refId": "A", "datasource": {"type": "loki", "uid": "${datasource}"}, "expr": "{a=\"b\"} |= `x`"},
        {"refId": "B", "datasource": {"uid": "${datasource}"}, "expr": "up =="}
    ]);
    assert_eq!(codes(&with_panels(json!([one]))), ["promql-syntax"]);
}

#[test]
fn annotations_and_variables_are_asked_too() {
    let source = json!({"type": "prometheus", "uid": "${datasource}"});
    let mut one = with_panels(json!([]));
    one["annotations"] = json!({"list": [
        {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "name": "A"},
        {"name": "B", "datasource": source, "expr": "ALERTS{"},
        {"name": "C", "datasource": source}
    ]});
    let list = one["templating"]["list"].as_array_mut().expect("a list");
    for (name, query) in [
        ("a", "label_values(up{a==\"b\"}, job)"),
        ("b", "query_result(sum(up)"),
        ("c", "label_values(rate(up[5m]), job)"),
        ("d", "label_names()"),
        ("e", "$job"),
        ("f", "label_values(up{a=\"$nobody\"}, $job)"),
    ] {
        list.push(json!({"name": name, "type": "query", "query": query, "refresh": 2, "datasource": source}));
    }
    let mut codes = codes(&one);
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "board-query-empty",
            "board-variable-query",
            "board-variable-unknown",
            "promql-syntax",
            "promql-syntax",
            "promql-syntax"
        ]
    );
}

#[test]
fn places_are_held_apart() {
    let of = |panels: Value| codes(&with_panels(panels));
    assert_eq!(of(json!([panel(1, 0, 0, 12, 8), panel(2, 12, 0, 12, 8)])), [] as [&str; 0]);
    assert_eq!(of(json!([panel(1, 0, 0, 12, 8), panel(2, 11, 7, 12, 8)])), ["board-overlap"]);
    assert_eq!(of(json!([panel(1, 0, 0, 12, 8), panel(2, 0, 0, 12, 8)])), ["board-overlap"]);
    assert_eq!(of(json!([panel(1, 0, 0, 25, 8)])), ["board-grid"]);
    assert_eq!(of(json!([panel(1, -1, 0, 12, 8)])), ["board-grid"]);
    assert_eq!(of(json!([panel(1, 0, 0, 0, 0)])), ["board-grid", "board-grid"]);
    for bad in [json!(1.5), json!("1"), json!(1e300), json!(i64::MAX), json!([]), json!(null)] {
        let mut one = panel(1, 0, 0, 12, 8);
        one["gridPos"]["h"] = bad.clone();
        assert_eq!(of(json!([one])), ["board-grid"], "{bad}");
    }
}

#[test]
fn tall_panels_hide_behind_short_ones_no_longer() {
    let panels = json!([panel(1, 0, 0, 6, 30), panel(2, 6, 0, 6, 2), panel(3, 0, 10, 12, 2)]);
    assert_eq!(codes(&with_panels(panels)), ["board-overlap"]);
}

#[test]
fn a_thousand_faults_are_found_in_no_time() {
    let panels: Vec<Value> =
        (0..5_000).map(|i| panel(i % 100, (i % 24) as i64, (i / 50) as i64, 1, 1)).collect();
    let text = with_panels(panels.into()).to_string();
    let mut map = SourceMap::default();
    let file = map.add("a.json".into(), text.as_str().into());
    let mut diags = Diagnostics::default();
    let documents = yaml::parse(file, &text, &mut diags);
    let begin = Instant::now();
    board(Utf8Path::new("a.json"), &documents[0].root, None, &mut diags);
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert!(diags.len() > 5_000);
}

#[test]
fn library_panels_and_plugins_are_left_alone() {
    let library = json!({"id": 1, "gridPos": {"x": 0, "y": 0, "w": 1, "h": 1},
        "libraryPanel": {"uid": "x", "name": "y"}});
    let mut plugin = panel(2, 0, 1, 24, 8);
    plugin["type"] = "grafana-polystat-panel".into();
    assert_eq!(found(&with_panels(json!([library, plugin]))), []);
}

#[test]
fn data_sources_are_references() {
    let with = |source: Value| {
        let mut one = panel(1, 0, 0, 24, 8);
        one["datasource"] = source;
        codes(&with_panels(json!([one])))
    };
    assert_eq!(with(json!("$datasource")), ["board-datasource"]);
    assert_eq!(with(json!(null)), ["board-datasource"]);
    assert_eq!(with(json!({"type": "prometheus"})), ["board-datasource"]);
    assert_eq!(with(json!({"type": "prometheus", "uid": "${job}"})), ["board-datasource"]);
    assert_eq!(with(json!({"type": "prometheus", "uid": "P1"})), ["board-datasource-fixed"]);
    assert_eq!(with(json!({"type": "prometheus", "uid": "${DS_X}"})), ["board-inputs"]);
    assert_eq!(with(json!({"type": "prometheus", "uid": "${other}"})), ["board-variable-unknown"]);
    let mut bare = panel(1, 0, 0, 24, 8);
    bare.as_object_mut().map(|panel| panel.remove("datasource"));
    assert_eq!(codes(&with_panels(json!([bare]))), ["board-datasource"]);
}

#[test]
fn units_of_overrides_count() {
    let mut one = panel(1, 0, 0, 24, 8);
    let unit =
        |value: Value| json!({"matcher": {}, "properties": [{"id": "unit", "value": value}]});
    one["fieldConfig"] =
        json!({"defaults": {}, "overrides": [unit(json!("suffix: req")), unit(json!("µs"))]});
    assert_eq!(found(&with_panels(json!([one]))), []);
    one["fieldConfig"] = json!({"defaults": {"unit": 5}, "overrides": [unit(json!("Bpss"))]});
    let found = found(&with_panels(json!([one])));
    assert_eq!(
        found,
        [("board-unit-unknown", "5".to_owned()), ("board-unit-unknown", "\"Bpss\"".to_owned())]
    );
}

#[test]
fn steps_go_up() {
    let with = |steps: Value| {
        let mut one = panel(1, 0, 0, 24, 8);
        one["fieldConfig"]["defaults"]["thresholds"] = json!({"steps": steps});
        codes(&with_panels(json!([one])))
    };
    assert_eq!(with(json!([{"color": "red"}, {"color": "green", "value": 1}])), [] as [&str; 0]);
    for bad in [
        json!([]),
        json!(null),
        json!([{"color": "red", "value": 0}]),
        json!([{"value": null}, {"value": 2}, {"value": 1}]),
        json!([{"value": null}, {"value": "2"}]),
        json!([{"value": null}, 3]),
    ] {
        assert_eq!(with(bad.clone()), ["board-thresholds"], "{bad}");
    }
}

#[test]
fn boards_of_one_project_differ() {
    let mut map = SourceMap::default();
    let mut diags = Diagnostics::default();
    let mut ids = Vec::new();
    for (path, uid, title) in [
        ("a/x.json", "u", "T"),
        ("a/X.json", "v", "T"),
        ("b/x.json", "u", "T"),
        ("b/y.json", "w", "S"),
    ] {
        let text = json!({"uid": uid, "title": title, "panels": []}).to_string();
        let path = Utf8PathBuf::from(path);
        let file = map.add(path.clone(), text.as_str().into());
        let mut own = Diagnostics::default();
        let documents = yaml::parse(file, &text, &mut own);
        ids.extend(board(&path, &documents[0].root, None, &mut own));
    }
    unique(&ids, &mut diags);
    let codes: Vec<&str> = diags.iter().map(|d| d.code.name).collect();
    assert_eq!(codes, ["board-title-duplicate", "board-path-case", "board-uid-duplicate"]);
}

#[test]
fn what_could_not_be_read_is_not_missing() {
    let text =
        "{\"uid\": *x, \"title\": *y, \"schemaVersion\": 39, \"editable\": false, \"panels\": []}";
    let (_, found) = checked(text);
    assert!(found.iter().all(|(code, _)| !code.starts_with("board-")), "{found:?}");
}

/// Arbitrary JSON out of words that boards use.
fn tree() -> impl Strategy<Value = Value> {
    const KEYS: &[&str] = &[
        "annotations",
        "collapsed",
        "color",
        "custom",
        "dashboard",
        "datasource",
        "defaults",
        "expr",
        "fieldConfig",
        "gridPos",
        "h",
        "id",
        "links",
        "list",
        "mode",
        "name",
        "options",
        "overrides",
        "panels",
        "properties",
        "query",
        "refId",
        "repeat",
        "schemaVersion",
        "spec",
        "steps",
        "targets",
        "templating",
        "thresholds",
        "title",
        "transformations",
        "type",
        "uid",
        "unit",
        "url",
        "value",
        "w",
        "x",
        "y",
    ];
    const WORDS: &[&str] = &[
        "",
        "row",
        "stat",
        "timeseries",
        "query",
        "datasource",
        "prometheus",
        "${datasource}",
        "$x",
        "label_values(up{a=\"$x\"}, b)",
        "query_result($x",
        "label_values(,)",
        "rate(x[$__rate_interval])",
        "sum($a$b) [[c]] {",
        "é${é}[[",
        "thresholds",
        "transparent",
        "links",
        "unit",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3..30_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 8, |inner| {
        let pair = (prop::sample::select(KEYS), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            prop::collection::vec(pair, 0..8)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_tree_ends_in_findings(panels in prop::collection::vec(tree(), 0..5), rest in tree()) {
        let mut board = with_panels(panels.into());
        if let (Some(board), Some(rest)) = (board.as_object_mut(), rest.as_object()) {
            board.extend(rest.clone());
        }
        checked(&board.to_string());
        checked(&rest.to_string());
    }
}

#[test]
fn hostile_texts_end() {
    let deep = format!("{}{}", "{\"panels\":[".repeat(3_000), "]}".repeat(3_000));
    checked(&deep);
    for query in
        ["${a:".repeat(50_000), "[[".repeat(50_000), "$a".repeat(40_000), "(".repeat(60_000)]
    {
        let begin = Instant::now();
        checked(&with_query(&query).to_string());
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", &query[..8]);
    }
    let many = with_query(&format!("sum({})", "$job+".repeat(3_000)));
    checked(&many.to_string());
}
