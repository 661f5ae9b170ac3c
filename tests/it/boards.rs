//! The boards of the examples show the right numbers: every query of every board is asked
//! of a real server with a known past, for each SLO. What a board shows at the end is a
//! snapshot beside this file; what its tiles have to show is held against plain arithmetic
//! over the incidents (`tests/it/tiles.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;

use crate::grafana::{Board, Panel, Range, Target, Values, interpolated, labels};
use crate::history::serve;
use crate::incidents::{END, Past, Plain, Truth};
use crate::live::Server;
use crate::replay::{folder, replay, rule_files};
use crate::support::{releases, root};
use crate::{pasts, tiles};

/// Panels that have nothing to show: the board, the title and the SLO, and why.
const EMPTY: &[(&str, &str, &str, &str)] = &[
    ("owner-shop-platform-41ae210418", "Pages in 30 days by alert", "", "none of its alerts paged"),
    ("service-ingress", "Alert history", "latency", "no error at all"),
    ("service-mailer", "Exhausted in", "delivery", "no data"),
    ("service-mailer", "Burn rate 1h", "delivery", "no data"),
    ("service-rpc", "Alert history", "latency", "few errors, evenly spread"),
    ("service-store", "Alert history", "reachable", "its outages are older than a week"),
    ("service-store", "Exhausted in", "good-minutes", "no data"),
    ("service-store", "Burn rate 1h", "good-minutes", "no data"),
    ("service-store", "Alert history", "cache", "it burns slower than evenly"),
];

#[test]
fn boards_of_the_shop() {
    boards("02-shop", (2, 42), pasts::SHOP, pasts::SHOP_ALERTS);
}

#[test]
fn boards_of_every_kind() {
    boards("03-every-sli-kind", (2, 53), pasts::KINDS, pasts::KINDS_ALERTS);
}

fn boards(example: &str, lowest: (u32, u32), pasts: &'static [Past], plain: &'static [Plain]) {
    let releases = releases();
    let Some(newest) = releases.last() else { return };
    let files = rule_files(example);
    let truths: Vec<Truth> = files.iter().flat_map(|file| Truth::of(file, pasts)).collect();
    assert_eq!(truths.len(), pasts.len(), "every past is of an SLO");
    let all = Board::all(&root().join("examples").join(example).join("generated/dashboards"));
    assert!(!all.is_empty(), "{example} has no boards");
    replay(newest, example, &files, &truths, plain);

    let mut pages: BTreeMap<&str, String> = BTreeMap::new();
    for release in releases.iter().filter(|release| release.version >= lowest) {
        let server = serve(release, &folder(example)).expect("the server comes up");
        let mut faults = Vec::new();
        for board in &all {
            let looks = look(board, &server, &mut faults);
            faults.extend(tiles::wrong(board, &looks, &truths, plain, &files));
            faults.extend(empty(&board.name, &looks));
            let page = page(board, &looks);
            // Whoever draws the board wants to know what should be on it.
            fs::write(folder(example).join(format!("{}.txt", board.name)), &page)
                .expect("the target folder can be written");
            pages.insert(&board.name, page);
        }
        assert!(faults.is_empty(), "on {}:\n{}\n", release.name(), faults.join("\n"));
    }
    // What the newest shows: a range has one sample less than before 3.0.
    let snapshots = format!("snapshots/{example}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&snapshots);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Every board is compared, also behind one that differs.
    let mut differ = stale(&root().join("tests/it").join(snapshots), &pages);
    for (name, page) in pages {
        let holds = || settings.bind(|| insta::assert_snapshot!(name, page));
        if catch_unwind(AssertUnwindSafe(holds)).is_err() {
            differ.push(name.to_owned());
        }
    }
    assert!(differ.is_empty(), "boards of {example} that show something else: {differ:#?}");
}

/// The snapshots of boards that are no more.
fn stale(folder: &Path, pages: &BTreeMap<&str, String>) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name());
    let snapshots =
        names.filter_map(|name| name.to_str()?.strip_suffix(".snap").map(str::to_owned));
    snapshots.filter(|name| !pages.contains_key(name.as_str())).collect()
}

/// What a panel shows, for one SLO where the board asks for one.
pub(crate) struct Look<'a> {
    pub(crate) slo: Option<String>,
    pub(crate) panel: &'a Panel,
    pub(crate) answers: Vec<Answer>,
}

/// A series that a panel shows.
pub(crate) struct Answer {
    pub(crate) ref_id: String,
    name: String,
    metric: Value,
    values: Vec<f64>,
}

impl Answer {
    pub(crate) fn last(&self) -> f64 {
        *self.values.last().expect("a series has a sample")
    }

    /// The least and the most that it was.
    fn bounds(&self) -> [f64; 2] {
        let all = || self.values.iter().copied();
        [all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max)]
    }
}

/// Asks everything that a board asks; what cannot be answered is a fault.
fn look<'a>(board: &'a Board, server: &Server, faults: &mut Vec<String>) -> Vec<Look<'a>> {
    let sets = board.variables(server, END).unwrap_or_else(|fault| {
        faults.push(format!("{}: {fault}", board.name));
        Vec::new()
    });
    let mut looks = Vec::new();
    for values in &sets {
        let slo = values.iter().find(|(name, _)| name == "slo").map(|(_, value)| value.clone());
        let place = || format!("{}, slo {}", board.name, slo.as_deref().unwrap_or("-"));
        for panel in &board.panels {
            let mut answers = Vec::new();
            for target in &panel.targets {
                let range = panel.range(target, board.shows, END);
                match answer(server, target, values, range) {
                    Ok(found) => answers.extend(found),
                    Err(fault) => faults.push(format!(
                        "{}, panel {} `{}` {}: {fault}\n  {}",
                        place(),
                        panel.id,
                        panel.title,
                        target.ref_id,
                        target.expr
                    )),
                }
            }
            looks.push(Look { slo: slo.clone(), panel, answers });
        }
        for (name, expr) in board.annotations() {
            let range = Range { from: END - board.shows, to: END, step: 60 };
            if let Err(fault) = ask(server, &expr, values, range, true) {
                faults.push(format!("{}, annotation {name}: {fault}\n  {expr}", place()));
            }
        }
    }
    looks
}

/// The series that answer a target.
fn answer(
    server: &Server,
    target: &Target,
    values: &Values,
    range: Range,
) -> Result<Vec<Answer>, String> {
    let data = ask(server, &target.expr, values, range, target.is_range)?;
    let series = data["result"].as_array().ok_or_else(|| format!("no series but {data}"))?;
    let number = |pair: &Value| pair[1].as_str().and_then(|n| n.parse().ok()).unwrap_or(f64::NAN);
    let answer = |series: &Value| Answer {
        ref_id: target.ref_id.clone(),
        name: target.named(&series["metric"]),
        metric: series["metric"].clone(),
        values: match series["values"].as_array() {
            Some(pairs) => pairs.iter().map(number).collect(),
            None => vec![number(&series["value"])],
        },
    };
    let mut answers: Vec<Answer> = series.iter().map(answer).collect();
    answers.sort_by(|a, b| (&a.name, labels(&a.metric)).cmp(&(&b.name, labels(&b.metric))));
    Ok(answers)
}

fn ask(
    server: &Server,
    expr: &str,
    values: &Values,
    range: Range,
    is_range: bool,
) -> Result<Value, String> {
    let expr = interpolated(expr, values, range)?;
    let range = range.aligned();
    let [from, to, step] = [range.from, range.to, range.step].map(|n| n.to_string());
    if is_range {
        let asked = [("query", expr.as_str()), ("start", &from), ("end", &to), ("step", &step)];
        return server.get("/api/v1/query_range", &asked);
    }
    server.get("/api/v1/query", &[("query", expr.as_str()), ("time", &END.to_string())])
}

/// What is empty without being known to be, and what is known to be but is not.
fn empty(board: &str, looks: &[Look]) -> Vec<String> {
    let mut faults = Vec::new();
    for look in looks {
        let (title, slo) = (look.panel.title.as_str(), look.slo.as_deref().unwrap_or_default());
        let known = EMPTY.iter().find(|(b, t, s, _)| (*b, *t, *s) == (board, title, slo));
        let what = match (look.answers.is_empty(), known) {
            (true, None) => "is empty".to_owned(),
            (false, Some((.., why))) => format!("is not empty, although {why}"),
            _ => continue,
        };
        faults.push(format!("{board}, slo {slo}: `{title}` {what}"));
    }
    faults
}

/// What a board shows, as text.
fn page(board: &Board, looks: &[Look]) -> String {
    let mut out = format!("{}\n", board.title);
    let mut of = None;
    for look in looks {
        if of != Some(&look.slo) {
            of = Some(&look.slo);
            if let Some(slo) = &look.slo {
                // Writing to a string cannot fail.
                let _ = write!(out, "\nslo {slo}\n");
            }
        }
        out += &lines(look);
    }
    out
}

/// The line of a panel, or one line for each row or series.
fn lines(look: &Look) -> String {
    let Panel { id, kind, title, .. } = look.panel;
    let rows = match kind.as_str() {
        "table" => rows(look),
        _ => look.answers.iter().map(|answer| series(look.panel, answer)).collect(),
    };
    let head = format!("{id:4} {kind:14} {title:26}");
    match rows.as_slice() {
        [] => format!("{head} (empty)\n"),
        [row] if kind == "stat" => format!("{head} {row}\n"),
        rows => rows
            .iter()
            .fold(format!("{}\n", head.trim_end()), |out, row| out + "       " + row + "\n"),
    }
}

fn series(panel: &Panel, answer: &Answer) -> String {
    let Answer { ref_id, name, values, .. } = answer;
    let last = rounded(answer.last());
    if panel.kind == "stat" && panel.targets.len() == 1 {
        return last;
    }
    match values.len() {
        1 => format!("{ref_id} {name}: {last}"),
        _ => {
            let [least, most] = answer.bounds().map(rounded);
            format!("{ref_id} {name}: {last} ({least} to {most})")
        }
    }
}

/// The rows of a table: what its queries say of the same labels, or of the same value of
/// the label that it joins by. Labels that only some queries have do not part a row, as in
/// Grafana's `merge`.
fn rows(look: &Look) -> Vec<String> {
    let mut rows: Vec<(BTreeSet<String>, String)> = Vec::new();
    for Answer { ref_id, metric, values, .. } in &look.answers {
        let key: BTreeSet<String> = match &look.panel.joined_by {
            Some(label) => BTreeSet::from([metric[label].as_str().unwrap_or_default().to_owned()]),
            None => labels(metric),
        };
        let value = format!(" {ref_id}={}", rounded(values[0]));
        match rows.iter_mut().find(|(known, _)| known.is_superset(&key)) {
            Some((_, row)) => *row += &value,
            None => rows.push((key, value)),
        }
    }
    rows.sort();
    let row = |(key, values): (BTreeSet<String>, String)| {
        key.into_iter().collect::<Vec<_>>().join(", ") + &values
    };
    rows.into_iter().map(row).collect()
}

/// Four significant digits.
fn rounded(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let places = 3 - value.abs().log10().floor() as i32;
    if places > 8 {
        return format!("{value:.3e}");
    }
    let unit = 10_f64.powi(places);
    let text = format!("{:.*}", places.max(0) as usize, (value * unit).round() / unit);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[test]
fn numbers_have_four_digits() {
    let all = [0.0, 1.0, 0.860_26, -0.000_123_456, 12_345.6, 99.995];
    assert_eq!(all.map(rounded), ["0", "1", "0.8603", "-0.0001235", "12350", "100"]);
}
