//! A server with a past: series are loaded as blocks, and rules are evaluated over days
//! by range queries, which see at each step what the rule would have seen. Shared by the
//! tests and by the bench of rules.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::live::{Release, Server};

/// Steps of one range query; the API refuses more than 11,000.
const STEPS: i64 = 10_000;
/// How many processes or queries run at once.
const LANES: usize = 2;

/// A time series by name and labels, and its samples.
pub(crate) struct Series {
    pub(crate) labels: String,
    pub(crate) samples: Samples,
}

/// Samples in the order of time.
pub(crate) enum Samples {
    /// Values at regular times: the milliseconds of the first, and from one to the next.
    /// Not a number: there is no sample.
    Regular { first: i64, step: i64, values: Vec<f64> },
    /// Milliseconds and values, as a server told them.
    Recorded(Vec<(i64, String)>),
}

impl Samples {
    /// Calls for each sample of `from..to` (milliseconds) with its time and value.
    fn each(&self, from: i64, to: i64, mut act: impl FnMut(i64, &dyn Display)) {
        match self {
            Samples::Regular { first, step, values } => {
                for (index, value) in (0..).zip(values) {
                    let at = first + index * step;
                    if (from..to).contains(&at) && !value.is_nan() {
                        act(at, value);
                    }
                }
            }
            Samples::Recorded(samples) => {
                let begin = samples.partition_point(|(at, _)| *at < from);
                for (at, value) in samples[begin..].iter().take_while(|(at, _)| *at < to) {
                    act(*at, value);
                }
            }
        }
    }
}

/// A rule as it will be evaluated.
pub(crate) struct Rule {
    /// The recorded name, or none: an alert.
    pub(crate) record: Option<String>,
    pub(crate) expr: String,
    /// Labels that the rule adds.
    pub(crate) labels: Vec<(String, String)>,
    /// Seconds between two evaluations.
    pub(crate) interval: i64,
}

impl Rule {
    /// A rule of a rule file, in a group with an interval.
    pub(crate) fn read(rule: &serde_yaml::Value, interval: i64) -> Rule {
        let text = |value: &serde_yaml::Value| value.as_str().unwrap_or_default().to_owned();
        let labels = rule["labels"].as_mapping().cloned().unwrap_or_default();
        Rule {
            record: rule["record"].as_str().map(str::to_owned),
            expr: text(&rule["expr"]),
            labels: labels.iter().map(|(k, v)| (text(k), text(v))).collect(),
            interval,
        }
    }

    /// Those of some rules whose recorded series this one reads.
    pub(crate) fn reads<'a>(&self, rules: &'a [Rule]) -> Vec<&'a Rule> {
        let is_read = |other: &&Rule| {
            let Some(name) = &other.record else { return false };
            self.expr.match_indices(name.as_str()).any(|(at, _)| {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
                !self.expr[..at].ends_with(word) && !self.expr[at + name.len()..].starts_with(word)
            })
        };
        rules.iter().filter(is_read).collect()
    }

    /// How many of some rules must run one after the other before this one can.
    pub(crate) fn depth(&self, rules: &[Rule]) -> usize {
        self.reads(rules).into_iter().map(|read| read.depth(rules) + 1).max().unwrap_or(0)
    }
}

/// `30s`, `4m` or `1h` in seconds.
pub(crate) fn seconds(duration: &str) -> i64 {
    let (number, unit) = duration.split_at(duration.len() - 1);
    let number: i64 = number.parse().expect("a duration of one unit");
    let unit = ["s", "m", "h", "d", "w"].iter().position(|u| *u == unit);
    number * [1, 60, 3_600, 86_400, 604_800][unit.expect("a unit of Prometheus")]
}

/// The time that a history spans, in seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// A moment where a block begins: a multiple of its length.
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// The length of a block in hours: two, times a power of three.
    pub(crate) block: i64,
}

/// A server and its data.
pub(crate) struct History<'a> {
    release: &'a Release,
    folder: PathBuf,
    span: Span,
    /// Labels that each recorded series has where the rule gives it none of the name: what
    /// the external labels of a server would add.
    external: &'static [(&'static str, &'static str)],
    server: Option<Server>,
}

impl<'a> History<'a> {
    pub(crate) fn new(
        release: &'a Release,
        folder: PathBuf,
        span: Span,
        external: &'static [(&'static str, &'static str)],
    ) -> History<'a> {
        fs::create_dir_all(folder.join("data")).expect("the target folder can be written");
        fs::write(folder.join("prometheus.yml"), "global: {}\n")
            .expect("the target folder can be written");
        History { release, folder, span, external, server: None }
    }

    /// Writes series into the data, block by block, and starts the server anew.
    pub(crate) fn load(&mut self, series: &[Series]) {
        self.server = None;
        let Span { start, end, block } = self.span;
        // Also the sample at the end is in a block.
        let blocks: Vec<i64> = (start..=end).step_by((block * 3_600) as usize).collect();
        in_lanes(&blocks, |from| self.write_block(series, *from));
        let server = serve(self.release, &self.folder);
        self.server = Some(server.expect("the server comes up"));
    }

    fn write_block(&self, series: &[Series], from: i64) {
        let path = self.folder.join(format!("{from}.om"));
        let mut file = BufWriter::new(File::create(&path).expect("the target folder is writable"));
        let mut any = false;
        let until = from + self.span.block * 3_600;
        for Series { labels, samples } in series {
            samples.each(from * 1_000, until * 1_000, |at, value: &dyn Display| {
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
                .args(["tsdb", "create-blocks-from"])
                .arg(format!("--max-block-duration={}h", self.span.block))
                .arg("openmetrics")
                .args([path.as_path(), Path::new("data")].map(|path| self.folder.join(path)))
                .stdout(Stdio::null())
                .status()
                .expect("promtool starts");
            assert!(status.success(), "promtool cannot make a block of {}", path.display());
        }
        fs::remove_file(&path).expect("the file was written");
    }

    /// The server, once something was loaded.
    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("series are loaded before they are read")
    }

    /// What a rule would have recorded at each multiple of its interval in `from..=to`.
    pub(crate) fn record(&self, rule: &Rule, from: i64, to: i64, step: i64) -> Vec<Series> {
        let mut all: Vec<Series> = Vec::new();
        let mut begin = from;
        while begin <= to {
            let end = to.min(begin + (STEPS - 1) * step);
            let [start, stop, width] = [begin, end, step].map(|n| n.to_string());
            let data = self.server().get(
                "/api/v1/query_range",
                &[("query", &rule.expr), ("start", &start), ("end", &stop), ("step", &width)],
            );
            let data = data.expect("every rule can be evaluated");
            for series in data["result"].as_array().into_iter().flatten() {
                let values = series["values"].as_array().into_iter().flatten();
                let sample = |pair: &Value| {
                    let seconds = pair[0].as_f64().unwrap_or_default();
                    let value = pair[1].as_str().unwrap_or_default();
                    ((seconds * 1_000.0).round() as i64, value.to_owned())
                };
                all.push(Series {
                    labels: self.recorded(rule, &series["metric"]),
                    samples: Samples::Recorded(values.map(sample).collect()),
                });
            }
            begin = end + step;
        }
        all
    }

    /// The name and labels of the series that a rule makes of a result.
    fn recorded(&self, rule: &Rule, metric: &Value) -> String {
        let added = |key: &str| rule.labels.iter().any(|(name, _)| name == key);
        let found = metric.as_object().into_iter().flatten();
        let kept = found.filter(|(key, _)| *key != "__name__" && !added(key));
        let own = rule.labels.iter().map(|(key, value)| format!("{key}={value:?}"));
        let missing = self.external.iter().filter(|(key, _)| metric.get(key).is_none());
        let labels: Vec<String> = kept
            .map(|(key, value)| format!("{key}={value}"))
            .chain(own)
            .chain(missing.map(|(key, value)| format!("{key}={value:?}")))
            .collect();
        format!("{}{{{}}}", rule.record.as_deref().unwrap_or_default(), labels.join(","))
    }
}

/// Starts a server on the history of a folder.
pub(crate) fn serve(release: &Release, folder: &Path) -> Result<Server, String> {
    let mut flags = vec!["--storage.tsdb.retention.time=100y", "--query.max-samples=200000000"];
    if release.version.0 >= 3 {
        // Blocks of series that were made apart overlap: merging them is in vain.
        flags.push("--no-storage.tsdb.allow-overlapping-compaction");
    }
    Server::start(release, folder, &flags)
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
