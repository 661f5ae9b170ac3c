//! What the rules are worth, by a real Prometheus: how far the ratio over 30 days is off
//! under several shapes of traffic, and how many samples the rules of one SLO load, for
//! ninefold, Sloth and Pyrra: `cargo bench --bench rules`.
//!
//! Events are made second by second, scraped each 30 s for 33 days, and loaded as blocks.
//! The rules of each contender are then evaluated over these days at their intervals, as
//! range queries, in the order in which they read each other. The release is the newest
//! that is there; Sloth's rules are read from the corpus, and left out where it is not.

mod contenders;
#[path = "../../tests/it/history.rs"]
mod history;
#[path = "../../tests/it/live.rs"]
mod live;
mod traffic;

use std::fs;
use std::path::Path;
use std::time::Instant;

use contenders::Contender;
use history::{History, Rule, Series, Span, in_lanes};
use traffic::{PERIOD, SECONDS, SHAPES, START, Traffic};

/// The numbers of raw series whose cost is measured, and their jobs.
const SIZES: [(usize, &str); 2] = [(10, "ten"), (100, "hundred")];
/// The end of all data: the time at which costs are measured.
const END: i64 = START + SECONDS;
/// Blocks of one of the lengths that a TSDB gives its blocks.
const SPAN: Span = Span { start: START, end: END, block: 54 };
/// How often the ratios are compared with the truth.
const LOOKS: i64 = 24;

fn main() {
    let began = Instant::now();
    let Some(release) = live::releases().pop() else {
        println!("prometheus is not on this machine: tests/prometheus/fetch.sh");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-rules");
    // What an earlier run left behind is of no use.
    let _ = fs::remove_dir_all(&folder);
    println!("prometheus {}, 33 days at a scrape interval of 30 s", release.name());

    let jobs: Vec<&str> =
        SHAPES.iter().map(|shape| shape.job).chain(SIZES.map(|(_, job)| job)).collect();
    let mut fields: Vec<Vec<Contender>> =
        contenders::ninefold(&folder.join("project"), &jobs).into_iter().map(|c| vec![c]).collect();
    let example = contenders::sloth_example();
    if example.is_none() {
        println!("Sloth's example is not there (NINEFOLD_CORPUS): its rules are left out");
    }
    for (job, field) in jobs.iter().zip(&mut fields) {
        field.extend(example.as_deref().map(|example| contenders::sloth(example, job)));
        field.extend([false, true].map(|fast| contenders::pyrra(job, fast)));
    }
    let (shaped, sized) = fields.split_at(SHAPES.len());

    let mut traffic = in_lanes(SHAPES, Traffic::generate);
    let mut raw: Vec<Series> = traffic.iter_mut().flat_map(|t| t.series.drain(..)).collect();
    raw.extend(SIZES.into_iter().flat_map(|(number, job)| traffic::plain(job, number)));
    tell(began, &format!("{} raw series", raw.len()));
    let mut history = History::new(&release, folder.clone(), SPAN, &[]);
    history.load(&raw);
    drop(raw);
    tell(began, "raw series loaded");
    record_all(&mut history, shaped, sized, began);

    accuracy(&history, &traffic, shaped);
    cost(&history, sized);
    tell(began, "done");
    drop(history);
    // The data is of no use to anyone else; what stays behind harms nothing.
    let _ = fs::remove_dir_all(&folder);
}

fn tell(began: Instant, what: &str) {
    eprintln!("{:5} s  {what}", began.elapsed().as_secs());
}

/// The times at which the ratios are compared: each three hours of the last three days.
fn looks() -> impl Iterator<Item = i64> {
    let step = (SECONDS - PERIOD) / LOOKS;
    (1..=LOOKS).map(move |look| START + PERIOD + look * step)
}

/// Evaluates and loads all rules, those first that read only raw series.
fn record_all(
    history: &mut History<'_>,
    shaped: &[Vec<Contender>],
    sized: &[Vec<Contender>],
    began: Instant,
) {
    let mut work: Vec<(usize, &Rule, Past)> = Vec::new();
    for (fields, is_shape) in [(shaped, true), (sized, false)] {
        for contender in fields.iter().flatten() {
            for rule in contender.rules.iter().filter(|rule| rule.record.is_some()) {
                let past = match (contender.needs_past(rule), is_shape) {
                    (true, _) => Past::All,
                    (false, true) if contender.is_ratio(rule) => Past::Looks,
                    (false, true) => continue,
                    (false, false) => Past::Last,
                };
                work.push((rule.depth(&contender.rules), rule, past));
            }
        }
    }
    for depth in 0..=work.iter().map(|(depth, ..)| *depth).max().unwrap_or(0) {
        let now: Vec<_> = work.iter().filter(|(d, ..)| *d == depth).collect();
        let series = in_lanes(&now, |(_, rule, past)| match past {
            Past::All => history.record(rule, START, END, rule.interval),
            Past::Last => history.record(rule, END, END, rule.interval),
            Past::Looks => looks().flat_map(|at| history.record(rule, at, at, 1)).collect(),
        });
        let series: Vec<Series> = series.into_iter().flatten().collect();
        tell(began, &format!("stage {}: {} rules evaluated", depth + 1, now.len()));
        history.load(&series);
    }
}

/// The times at which a rule has to have been evaluated.
enum Past {
    All,
    Looks,
    Last,
}

/// Prints how far each ratio over 30 days is from what the generator made.
fn accuracy(history: &History<'_>, traffic: &[Traffic], fields: &[Vec<Contender>]) {
    println!(
        "\nthe ratio over 30 days against the events made: mean error of {LOOKS} looks (largest)"
    );
    print_row("", fields[0].iter().map(|c| c.name.to_owned()));
    for ((shape, traffic), field) in SHAPES.iter().zip(traffic).zip(fields) {
        let cell = |contender: &Contender| {
            let off = |at: i64| {
                let found = ask(history, &contender.ratio, at).value.unwrap_or(f64::NAN);
                (found / traffic.truth(at) - 1.0) * 100.0
            };
            let errors: Vec<f64> = looks().map(off).collect();
            let lost = errors.iter().filter(|e| e.is_nan()).count();
            if lost > 0 {
                return format!("none ({lost} of {LOOKS})");
            }
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let largest = errors.iter().fold(0.0_f64, |largest, e| largest.max(e.abs()));
            format!("{mean:+.2} % ({largest:.2})")
        };
        print_row(shape.about, field.iter().map(cell));
    }
}

/// Prints how many samples the rules of one SLO load in 30 s, and the times of ours.
fn cost(history: &History<'_>, fields: &[Vec<Contender>]) {
    println!("\nsamples loaded in 30 s by all rules of one SLO (times those of ninefold)");
    print_row("", fields[0].iter().map(|c| c.name.to_owned()));
    for ((number, _), field) in SIZES.iter().zip(fields) {
        let measured: Vec<(f64, u64)> = field.iter().map(|c| load(history, c)).collect();
        let ours = measured[0].0;
        let cell = |(samples, _): &(f64, u64)| format!("{samples:.0} ({:.1}x)", samples / ours);
        print_row(&format!("N = {number}"), measured.iter().map(cell));
        let peak = |(_, peak): &(f64, u64)| peak.to_string();
        print_row(&format!("N = {number}, most at once"), measured.iter().map(peak));
    }
    let rules = |c: &Contender| c.rules.len().to_string();
    print_row("rules", fields[0].iter().map(rules));
}

/// The samples that the rules of a contender load in 30 s, and the most that one holds.
fn load(history: &History<'_>, contender: &Contender) -> (f64, u64) {
    contender.rules.iter().fold((0.0, 0), |(sum, peak), rule| {
        let answer = ask(history, &rule.expr, END);
        (sum + answer.samples as f64 * 30.0 / rule.interval as f64, peak.max(answer.peak))
    })
}

fn print_row(head: &str, cells: impl Iterator<Item = String>) {
    println!("{head:42}{}", cells.map(|cell| format!("{cell:>22}")).collect::<String>());
}

/// What an instant query gave, and what it cost.
struct Answer {
    /// The value of the only series; `None`: no series.
    value: Option<f64>,
    /// Samples loaded in all, and held at once.
    samples: u64,
    peak: u64,
}

/// Evaluates an expression at a time (seconds).
fn ask(history: &History<'_>, expr: &str, at: i64) -> Answer {
    let at = at.to_string();
    let asked = [("query", expr), ("time", &at), ("stats", "all")];
    let data = history.server().get("/api/v1/query", &asked);
    let data = data.expect("every expression here can be evaluated");
    let samples = &data["stats"]["samples"];
    Answer {
        value: data["result"][0]["value"][1].as_str().and_then(|value| value.parse().ok()),
        samples: samples["totalQueryableSamples"].as_u64().unwrap_or_default(),
        peak: samples["peakSamples"].as_u64().unwrap_or_default(),
    }
}
