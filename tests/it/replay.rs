//! An example replayed: its own generated rules, evaluated over the known past of its
//! services in the order in which they read each other, and its alerts from pending to
//! firing as a server would have kept them. What comes out is the data of a server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use serde_yaml::Value;

use crate::history::{History, Rule, Samples, Series, in_lanes, seconds};
use crate::incidents::{END, EXTERNAL, FAST, Plain, SPAN, Truth, evaluations};
use crate::live::Release;
use crate::support::root;

/// Of an alert: how long it is pending, and how long it keeps firing.
type Holds = Option<[i64; 2]>;

/// A rule to be evaluated, after as many others as `depth` says.
struct Work {
    depth: usize,
    rule: Rule,
    holds: Holds,
}

/// The generated rule files of an example.
pub(crate) fn rule_files(example: &str) -> Vec<Value> {
    let folder = root().join("examples").join(example).join("generated/rules");
    let entries = fs::read_dir(folder).expect("the example has rules");
    let mut paths: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let read = |path| fs::read_to_string(path).expect("rules are text");
    paths.iter().map(|p| serde_yaml::from_str(&read(p)).expect("rules are YAML")).collect()
}

/// Where the history of an example stays, for whoever draws pictures of it.
pub(crate) fn folder(example: &str) -> PathBuf {
    root().join("target/grafana/history").join(example)
}

/// Makes the history of an example in its folder: the server's `data`, and `at`, the time
/// of its end.
pub(crate) fn replay(
    release: &Release,
    example: &str,
    files: &[Value],
    truths: &[Truth],
    plain: &[Plain],
) {
    let began = Instant::now();
    let folder = folder(example);
    // What an earlier run left behind is made anew.
    let _ = fs::remove_dir_all(&folder);
    let mut history = History::new(release, folder.clone(), SPAN, EXTERNAL);
    fs::write(folder.join("at"), format!("{END}\n")).expect("the target folder can be written");

    let raw = plain.iter().flat_map(|alert| alert.raw).map(|raw| raw.series());
    let known: Vec<Series> = in_lanes(truths, Truth::base_series).into_iter().flatten().collect();
    history.load(&known.into_iter().chain(raw).collect::<Vec<_>>());
    let tell = |what: &str| eprintln!("{example}: {:5.1} s  {what}", began.elapsed().as_secs_f64());
    tell("base series");

    let work: Vec<Work> = files.iter().flat_map(work_of).collect();
    for depth in 0..=work.iter().map(|work| work.depth).max().unwrap_or(0) {
        let now: Vec<&Work> = work.iter().filter(|work| work.depth == depth).collect();
        let made = in_lanes(&now, |work| evaluate(&history, work));
        history.load(&made.into_iter().flatten().collect::<Vec<_>>());
        tell(&format!("stage {depth}: {} rules", now.len()));
    }
}

/// The rules of a file but those of the base series, which are known.
fn work_of(file: &Value) -> Vec<Work> {
    let list = |value: &Value| value.as_sequence().cloned().unwrap_or_default();
    let is_base = |rule: &Value| {
        let name = rule["record"].as_str().unwrap_or_default();
        name.starts_with("slo:events_") && name.ends_with(":rate5m")
    };
    // By SLO: its rules read no others.
    let mut slos: BTreeMap<String, (Vec<Rule>, Vec<Holds>)> = BTreeMap::new();
    for group in list(&file["groups"]) {
        let interval = group["interval"].as_str().map_or(FAST, seconds);
        for rule in list(&group["rules"]).into_iter().filter(|rule| !is_base(rule)) {
            let mut read = Rule::read(&rule, interval);
            let holds = rule["alert"].as_str().map(|name| {
                read.labels.insert(0, ("alertname".to_owned(), name.to_owned()));
                ["for", "keep_firing_for"].map(|key| rule[key].as_str().map_or(0, seconds))
            });
            let slo = rule["labels"]["slo"].as_str().unwrap_or_default();
            let (rules, all) = slos.entry(slo.to_owned()).or_default();
            rules.push(read);
            all.push(holds);
        }
    }
    let work = |(rules, holds): (Vec<Rule>, Vec<Holds>)| {
        let depths: Vec<usize> = rules.iter().map(|rule| rule.depth(&rules)).collect();
        let each = rules.into_iter().zip(holds).zip(depths);
        each.map(|((rule, holds), depth)| Work { depth, rule, holds }).collect::<Vec<_>>()
    };
    slos.into_values().flat_map(work).collect()
}

/// The series that a rule records, or the states of an alert.
fn evaluate(history: &History<'_>, work: &Work) -> Vec<Series> {
    let times = evaluations(work.rule.interval);
    let results: Vec<Series> = times
        .iter()
        .flat_map(|(from, to, step)| history.record(&work.rule, *from, *to, *step))
        .collect();
    let Some([pending, keeps]) = work.holds else { return results };
    let times: Vec<i64> =
        times.iter().flat_map(|(from, to, step)| (*from..=*to).step_by(*step as usize)).collect();
    let mut active: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for series in results {
        let Samples::Recorded(samples) = series.samples else { continue };
        active.entry(series.labels).or_default().extend(samples.iter().map(|(at, _)| at / 1_000));
    }
    let states = |(labels, active): (String, BTreeSet<i64>)| {
        states(&times, &active, pending, keeps).map(|(state, samples)| Series {
            labels: labels.replacen('{', &format!("ALERTS{{alertstate=\"{state}\","), 1),
            samples: Samples::Recorded(samples),
        })
    };
    active.into_iter().flat_map(states).collect()
}

/// When one alert was pending and when it was firing, of the times at which its expression
/// had a result (Prometheus, `rules/alerting.go`, `AlertingRule.Eval`).
fn states(
    times: &[i64],
    active: &BTreeSet<i64>,
    pending: i64,
    keeps: i64,
) -> [(&'static str, Vec<(i64, String)>); 2] {
    let (mut is_pending, mut is_firing) = (Vec::new(), Vec::new());
    let (mut since, mut kept): (Option<i64>, Option<i64>) = (None, None);
    let mut fires = false;
    for at in times {
        if active.contains(at) {
            kept = None;
            let since = *since.get_or_insert(*at);
            fires |= at - since >= pending;
        } else if !fires || at - *kept.get_or_insert(*at) >= keeps {
            (since, kept, fires) = (None, None, false);
        }
        if since.is_some() {
            let samples = if fires { &mut is_firing } else { &mut is_pending };
            samples.push((at * 1_000, "1".to_owned()));
        }
    }
    [("pending", is_pending), ("firing", is_firing)]
}

/// An alert is pending first, and then keeps firing through gaps.
#[test]
fn alerts_have_states() {
    let times: Vec<i64> = (0..20).collect();
    let active = BTreeSet::from([1, 5, 6, 7, 8, 10]);
    let [(_, pending), (_, firing)] = states(&times, &active, 2, 3);
    let seconds = |samples: &[(i64, String)]| -> Vec<i64> {
        samples.iter().map(|(at, _)| at / 1_000).collect()
    };
    assert_eq!(seconds(&pending), [1, 5, 6]);
    assert_eq!(seconds(&firing), [7, 8, 9, 10, 11, 12, 13]);
}
