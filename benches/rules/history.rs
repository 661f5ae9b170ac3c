//! A server with a past: series are loaded as blocks, and rules are evaluated over days
//! by range queries, which see at each step what the rule would have seen.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::contenders::Rule;
use crate::live::{Release, Server};
use crate::traffic::{SECONDS, START, Samples, Series};

/// The length of a block: one of the lengths that a TSDB gives its blocks.
const BLOCK: i64 = 54 * 3_600;
/// Steps of one range query; the API refuses more than 11,000.
const STEPS: i64 = 10_000;
/// How many processes or queries run at once.
const LANES: usize = 2;

/// A server and its data.
pub(crate) struct History {
    release: Release,
    folder: PathBuf,
    server: Option<Server>,
}

/// What an instant query gave, and what it cost.
pub(crate) struct Answer {
    /// The value of the only series; `None`: no series.
    pub(crate) value: Option<f64>,
    /// Samples loaded in all, and held at once.
    pub(crate) samples: u64,
    pub(crate) peak: u64,
}

impl History {
    pub(crate) fn new(release: Release, folder: PathBuf) -> History {
        fs::create_dir_all(folder.join("data")).expect("the target folder can be written");
        fs::write(folder.join("prometheus.yml"), "global: {}\n")
            .expect("the target folder can be written");
        History { release, folder, server: None }
    }

    /// Writes series into the data, block by block, and starts the server anew.
    pub(crate) fn load(&mut self, series: &[Series]) {
        self.server = None;
        let blocks: Vec<i64> = (START..START + SECONDS).step_by(BLOCK as usize).collect();
        in_lanes(&blocks, |from| self.write_block(series, *from));
        let mut flags = vec!["--storage.tsdb.retention.time=100y", "--query.max-samples=200000000"];
        if self.release.version.0 >= 3 {
            // Blocks of series that were made apart overlap: merging them is in vain.
            flags.push("--no-storage.tsdb.allow-overlapping-compaction");
        }
        let server = Server::start(&self.release, &self.folder, &flags);
        self.server = Some(server.expect("the server comes up"));
    }

    fn write_block(&self, series: &[Series], from: i64) {
        let path = self.folder.join(format!("{from}.om"));
        let mut file = BufWriter::new(File::create(&path).expect("the target folder is writable"));
        let mut any = false;
        for Series { labels, samples } in series {
            samples.each(from * 1_000, (from + BLOCK) * 1_000, |at, value: &dyn Display| {
                any = true;
                writeln!(file, "{labels} {value} {}.{:03}", at / 1_000, at % 1_000)
                    .expect("the disk has room");
            });
        }
        writeln!(file, "# EOF").expect("the disk has room");
        file.into_inner().expect("the disk has room");
        if any {
            let status = self
                .release
                .promtool()
                .args(["tsdb", "create-blocks-from", "--max-block-duration=54h", "openmetrics"])
                .args([path.as_path(), Path::new("data")].map(|path| self.folder.join(path)))
                .stdout(Stdio::null())
                .status()
                .expect("promtool starts");
            assert!(status.success(), "promtool cannot make a block of {}", path.display());
        }
        fs::remove_file(&path).expect("the file was written");
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let server = self.server.as_ref().expect("series are loaded before they are read");
        server.get(path, parameters).expect("every expression here can be evaluated")
    }

    /// What a rule would have recorded at each multiple of its interval in `from..=to`.
    pub(crate) fn record(&self, rule: &Rule, from: i64, to: i64, step: i64) -> Vec<Series> {
        let mut all: Vec<Series> = Vec::new();
        let mut begin = from;
        while begin <= to {
            let end = to.min(begin + (STEPS - 1) * step);
            let [start, stop, width] = [begin, end, step].map(|n| n.to_string());
            let data = self.get(
                "/api/v1/query_range",
                &[("query", &rule.expr), ("start", &start), ("end", &stop), ("step", &width)],
            );
            for series in data["result"].as_array().into_iter().flatten() {
                let values = series["values"].as_array().into_iter().flatten();
                let sample = |pair: &Value| {
                    let seconds = pair[0].as_f64().unwrap_or_default();
                    let value = pair[1].as_str().unwrap_or_default();
                    ((seconds * 1_000.0).round() as i64, value.to_owned())
                };
                all.push(Series {
                    labels: recorded(rule, &series["metric"]),
                    samples: Samples::Recorded(values.map(sample).collect()),
                });
            }
            begin = end + step;
        }
        all
    }

    /// Evaluates an expression at a time (seconds).
    pub(crate) fn ask(&self, expr: &str, at: i64) -> Answer {
        let at = at.to_string();
        let data = self.get("/api/v1/query", &[("query", expr), ("time", &at), ("stats", "all")]);
        let samples = &data["stats"]["samples"];
        Answer {
            value: data["result"][0]["value"][1].as_str().and_then(|value| value.parse().ok()),
            samples: samples["totalQueryableSamples"].as_u64().unwrap_or_default(),
            peak: samples["peakSamples"].as_u64().unwrap_or_default(),
        }
    }
}

/// The name and labels of the series that a rule makes of a result.
fn recorded(rule: &Rule, metric: &Value) -> String {
    let added = |key: &str| rule.labels.iter().any(|(name, _)| name == key);
    let found = metric.as_object().into_iter().flatten();
    let kept = found.filter(|(key, _)| *key != "__name__" && !added(key));
    let own = rule.labels.iter().map(|(key, value)| format!("{key}={value:?}"));
    let labels: Vec<String> =
        kept.map(|(key, value)| format!("{key}={value}")).chain(own).collect();
    format!("{}{{{}}}", rule.record.as_deref().unwrap_or_default(), labels.join(","))
}

/// Does work on each item, a few at once, and returns the results in their order.
pub(crate) fn in_lanes<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let item = next.lock().expect("no lane fails").next();
                    let Some((index, item)) = item else { return };
                    let result = work(item);
                    results.lock().expect("no lane fails").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no lane fails");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
