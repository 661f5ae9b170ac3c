//! Synthetic services: events second by second, the counters that a scrape would have
//! seen of them, and the truth that the counters are to be held against.

use std::f64::consts::TAU;

use crate::history::{Samples, Series};

/// The first second of all data: a moment where the blocks of a TSDB begin.
pub(crate) const START: i64 = 8_929 * 54 * 3_600;
/// How long the data lasts: the period, and three days to look back from.
pub(crate) const SECONDS: i64 = 33 * DAY;
/// The period of every SLO here.
pub(crate) const PERIOD: i64 = 30 * DAY;
/// The time between two scrapes of a target.
pub(crate) const SCRAPE: i64 = 30;
/// The counter of requests that the peers' example is about.
pub(crate) const METRIC: &str = "http_request_duration_seconds_count";

const DAY: i64 = 86_400;
/// In the place of a count: this scrape did not happen.
const MISSED: u32 = u32::MAX;
const STEPS: usize = (SECONDS / SCRAPE) as usize;
const PODS: usize = 4;
/// When each pod is scraped, in milliseconds after the half minute.
const PHASES: [i64; PODS] = [100, 7_300, 15_200, 22_900];

/// A shape of traffic.
pub(crate) struct Shape {
    /// The `job` of its targets, and its service.
    pub(crate) job: &'static str,
    pub(crate) about: &'static str,
    /// Good and bad events per second, by the second since the start.
    rates: fn(i64) -> (f64, f64),
    /// Whether no scrape happens at a second.
    gap: fn(i64) -> bool,
    /// The number of series that errors spread over, each born with its first error, in
    /// pods that are renewed each day; 0: one series per pod, there from the start.
    lazy: u64,
}

pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        job: "constant",
        about: "constant 40/s, 0.1 % errors",
        rates: |_| (39.96, 0.04),
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "night",
        about: "diurnal 1:140, errors only at night",
        rates: |s| split(diurnal(s), if hour(s) < 3.0 || hour(s) >= 21.0 { 0.05 } else { 0.0 }),
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "peak",
        about: "diurnal, errors only at peak",
        rates: |s| split(diurnal(s), if (10.0..14.0).contains(&hour(s)) { 0.01 } else { 0.0 }),
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "batch",
        about: "a batch of 3 min each hour, else nothing",
        rates: |s| if s % 3_600 < 180 { split(20.0, 0.005) } else { (0.0, 0.0) },
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "outages",
        about: "diurnal, 6 outages of 7 to 60 min",
        rates: with_outages,
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "cron",
        about: "errors only in the 10 s after each 5 min",
        rates: |s| split(40.0, if s % 300 < 10 { 0.05 } else { 0.0 }),
        gap: |_| false,
        lazy: 0,
    },
    Shape {
        job: "lazy",
        about: "3/min, errors in 30 series born with them",
        rates: |_| split(0.05, 0.02),
        gap: |_| false,
        lazy: 30,
    },
    Shape {
        job: "gaps",
        about: "the outages, and gaps of scraping each day",
        rates: with_outages,
        // Each day one of 5 to 25 min, once 3 h, and the first 10 min of the longest outage.
        gap: |s| {
            let length = 300 + (s / DAY * 7 % 5) * 300;
            let daily = (0..length).contains(&(s % DAY - s / DAY * 5 % 24 * 3_600));
            daily
                || (0..3 * 3_600).contains(&(s - 17 * DAY))
                || (0..600).contains(&(s - OUTAGES[3].0))
        },
        lazy: 0,
    },
];

/// Outages by their first second and their length in minutes. One of the looks at the ratio
/// falls into the last.
const OUTAGES: [(i64, i64); 6] = [
    (3 * DAY + 9_000, 7),
    (8 * DAY + 52_000, 15),
    (13 * DAY + 78_000, 30),
    (19 * DAY + 40_000, 60),
    (25 * DAY + 35_000, 20),
    (31 * DAY + 42_000, 45),
];

fn hour(second: i64) -> f64 {
    (second % DAY) as f64 / 3_600.0
}

/// Events per second: 0.5 in a long night, 70 at a short peak at noon.
fn diurnal(second: i64) -> f64 {
    0.5 + 69.5 * ((1.0 - (TAU * hour(second) / 24.0).cos()) / 2.0).powi(4)
}

fn with_outages(second: i64) -> (f64, f64) {
    let out = OUTAGES.iter().any(|(from, minutes)| (0..minutes * 60).contains(&(second - from)));
    split(diurnal(second), if out { 0.5 } else { 0.0005 })
}

fn split(rate: f64, bad: f64) -> (f64, f64) {
    (rate * (1.0 - bad), rate * bad)
}

/// What a generator made of a shape.
pub(crate) struct Traffic {
    pub(crate) series: Vec<Series>,
    /// Events since the start, by step.
    total: Vec<u64>,
    bad: Vec<u64>,
}

impl Traffic {
    pub(crate) fn generate(shape: &Shape) -> Traffic {
        let mut traffic =
            Traffic { series: Vec::new(), total: vec![0; STEPS + 1], bad: vec![0; STEPS + 1] };
        for (pod, phase) in PHASES.into_iter().enumerate() {
            traffic.add_pod(shape, pod, phase);
        }
        for events in [&mut traffic.total, &mut traffic.bad] {
            events.iter_mut().fold(0, |sum, count| {
                *count += sum;
                *count
            });
        }
        traffic
    }

    fn add_pod(&mut self, shape: &Shape, pod: usize, phase: i64) {
        let seed = shape.job.bytes().fold(pod as u64, |seed, byte| seed * 257 + u64::from(byte));
        let mut random = Random(seed);
        let mut instance = Instance::new(shape, format!("pod{pod}"), phase, 0);
        for second in 0..SECONDS {
            if shape.lazy > 0 && second > 0 && second % DAY == pod as i64 * 3_600 {
                let name = format!("pod{pod}-{}", second / DAY);
                let first = (second / SCRAPE) as usize;
                let old =
                    std::mem::replace(&mut instance, Instance::new(shape, name, phase, first));
                self.series.extend(old.finish());
            }
            // The scrape is within this second, the events are after it.
            if second % SCRAPE == phase / 1_000 {
                instance.scrape((shape.gap)(second));
            }
            let (good, bad) = (shape.rates)(second);
            let good = random.poisson(good / PODS as f64);
            let bad = random.poisson(bad / PODS as f64);
            instance.good += good;
            for _ in 0..bad {
                let which = random.next() % shape.lazy.max(1);
                instance.bad[which as usize].0 += 1;
            }
            let step = (second / SCRAPE) as usize + 1;
            self.total[step] += u64::from(good + bad);
            self.bad[step] += u64::from(bad);
        }
        self.series.extend(instance.finish());
    }

    /// The ratio of bad events in the period before a time (seconds since 1970).
    pub(crate) fn truth(&self, at: i64) -> f64 {
        let step = |at: i64| ((at - START) / SCRAPE) as usize;
        let count = |events: &[u64]| (events[step(at)] - events[step(at - PERIOD)]) as f64;
        count(&self.bad) / count(&self.total)
    }
}

/// The counters of one target as they are scraped.
struct Instance {
    job: &'static str,
    name: String,
    phase: i64,
    /// The steps at which the target, and each error series, was first scraped.
    first: usize,
    scrapes: Vec<u32>,
    good: u32,
    bad: Vec<(u32, Option<usize>, Vec<u32>)>,
    up: Vec<u32>,
}

impl Instance {
    fn new(shape: &Shape, name: String, phase: i64, first: usize) -> Instance {
        let lazy = shape.lazy > 0;
        let born = if lazy { None } else { Some(first) };
        let bad = vec![(0, born, Vec::new()); shape.lazy.max(1) as usize];
        Instance {
            job: shape.job,
            name,
            phase,
            first,
            scrapes: Vec::new(),
            good: 0,
            bad,
            up: Vec::new(),
        }
    }

    fn scrape(&mut self, missed: bool) {
        let seen = |count: u32| if missed { MISSED } else { count };
        let step = self.first + self.up.len();
        self.up.push(seen(1));
        self.scrapes.push(seen(self.good));
        for (count, born, counts) in &mut self.bad {
            if *count > 0 && born.is_none() {
                *born = Some(step);
            }
            if born.is_some() {
                counts.push(seen(*count));
            }
        }
    }

    fn finish(self) -> impl Iterator<Item = Series> {
        let Instance { job, name, phase, first, scrapes, bad, up, .. } = self;
        let place = format!("job=\"{job}\",instance=\"{name}\"");
        let scraped = move |labels: String, first, counts| Series {
            labels,
            samples: scrapes_of(phase, first, counts),
        };
        let mut all = vec![
            scraped(format!("up{{{place}}}"), first, up),
            scraped(format!("{METRIC}{{{place},code=\"200\",handler=\"/\"}}"), first, scrapes),
        ];
        for (index, (_, born, counts)) in bad.into_iter().enumerate() {
            let labels = format!("{METRIC}{{{place},code=\"500\",handler=\"/{index}\"}}");
            all.extend(born.map(|first| scraped(labels, first, counts)));
        }
        all.into_iter()
    }
}

/// Counts of consecutive scrapes from a step on, so many milliseconds after the half minute.
fn scrapes_of(phase: i64, first: usize, counts: Vec<u32>) -> Samples {
    let first = i64::try_from(first).expect("33 days are few steps");
    let value = |count| if count == MISSED { f64::NAN } else { f64::from(count) };
    Samples::Regular {
        first: (START + first * SCRAPE) * 1_000 + phase,
        step: SCRAPE * 1_000,
        values: counts.into_iter().map(value).collect(),
    }
}

/// The series of a job of `number` raw series, a tenth of them of errors.
pub(crate) fn plain(job: &str, number: usize) -> Vec<Series> {
    let steady = |labels: String, rate: u32| {
        let counts = (0..STEPS as u32).map(|step| step * rate).collect();
        Series { labels, samples: scrapes_of(7_300, 0, counts) }
    };
    let mut all = Vec::new();
    for pod in 0..number / 10 {
        let place = format!("job=\"{job}\",instance=\"pod{pod}\"");
        let up = scrapes_of(7_300, 0, vec![1; STEPS]);
        all.push(Series { labels: format!("up{{{place}}}"), samples: up });
        all.push(steady(format!("{METRIC}{{{place},code=\"500\",handler=\"/\"}}"), 1));
        for handler in 0..9 {
            let labels = format!("{METRIC}{{{place},code=\"200\",handler=\"/{handler}\"}}");
            all.push(steady(labels, 300));
        }
    }
    all
}

/// `SplitMix64` (Steele, Lea, Flood 2014): the same numbers at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From the Poisson distribution, by Knuth's product of uniform numbers; for small means.
    fn poisson(&mut self, mean: f64) -> u32 {
        if mean <= 0.0 {
            return 0;
        }
        let limit = (-mean).exp();
        let (mut count, mut product) = (0, 1.0);
        loop {
            product *= (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
            if product <= limit {
                return count;
            }
            count += 1;
        }
    }
}
