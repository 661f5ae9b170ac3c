//! Input series as rule tests write them: how a series goes and phases of traffic
//! come in, the notation `0+60x10` comes out. One sample a minute.

use std::fmt::Write as _;

use crate::sli::Values;

/// Seconds between samples and between evaluations.
pub(super) const STEP: f64 = 60.0;

/// Events per second of the tests: many, so that no least number of bad events is
/// missed.
pub(super) const RATE: f64 = 1_000.0;

/// A number of minutes in which traffic does not change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    /// How many samples it has.
    pub(super) minutes: u32,
    pub(super) traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Traffic {
    /// So many events per second, of which this share is bad.
    Flows { rate: f64, ratio: f64 },
    /// The series does not exist.
    Gone,
}

impl Phase {
    /// Traffic as ever, of which a share is bad.
    pub(super) fn of(minutes: u32, ratio: f64) -> Phase {
        Phase { minutes, traffic: Traffic::Flows { rate: RATE, ratio } }
    }

    /// The target is up, and nothing happens.
    pub(super) fn idle(minutes: u32) -> Phase {
        Phase { minutes, traffic: Traffic::Flows { rate: 0.0, ratio: 0.0 } }
    }

    /// So many times the traffic.
    pub(super) fn times(self, busy: f64) -> Phase {
        let traffic = match self.traffic {
            Traffic::Flows { rate, ratio } => Traffic::Flows { rate: rate * busy, ratio },
            Traffic::Gone => Traffic::Gone,
        };
        Phase { traffic, ..self }
    }

    /// No sample.
    pub(super) fn gone(minutes: u32) -> Phase {
        Phase { minutes, traffic: Traffic::Gone }
    }
}

/// The values of a series: one sample at the start, then those of each phase.
pub(super) fn written(values: Values, phases: &[Phase], start: f64) -> String {
    let mut series = Series { text: String::new(), minute: 0, value: start, last: None };
    let mut alive = false;
    for phase in phases {
        match phase.traffic {
            // A counter begins a step before its first increment.
            Traffic::Flows { rate, ratio } => {
                let lead = u32::from(series.minute == 0);
                series.flow(values, phase.minutes, lead, rate, ratio);
            }
            Traffic::Gone => series.gap(phase.minutes, alive),
        }
        alive = matches!(phase.traffic, Traffic::Flows { .. });
    }
    series.text
}

/// A series that is being written.
struct Series {
    text: String,
    /// The minute of the next sample.
    minute: u32,
    /// What a counter has counted.
    value: f64,
    /// The value that the text ends with, how often it is repeated, and where that
    /// begins.
    last: Option<(String, u32, usize)>,
}

impl Series {
    fn flow(&mut self, values: Values, minutes: u32, lead: u32, rate: f64, ratio: f64) {
        let mixed = |good: f64, bad: f64| (1.0 - ratio) * good + ratio * bad;
        let samples = minutes + lead;
        match values {
            Values::Counter { good, bad } => {
                let step = rate * STEP * mixed(good, bad);
                let first = if lead == 1 { self.value } else { self.value + step };
                self.run(first, step, samples);
                self.value += step * f64::from(minutes);
            }
            Values::Gauge { good, bad } => self.run(mixed(good, bad), 0.0, samples),
            Values::Age { good, bad, per_second } => {
                let age = if ratio > 0.5 { bad } else { good };
                let first = f64::from(self.minute) * STEP - age;
                self.run(first * per_second, STEP * per_second, samples);
            }
            // Written by `histograms`.
            Values::Histogram { .. } => {}
        }
        self.minute += samples;
    }

    /// `samples` values from `first` on.
    fn run(&mut self, first: f64, step: f64, samples: u32) {
        let first = number(first);
        match (samples, step == 0.0) {
            (0, _) => {}
            (_, true) => self.repeat(first, samples),
            (1, _) => self.item(&first),
            (_, false) => self.item(&format!("{first}+{}x{}", number(step), samples - 1)),
        }
    }

    /// One value several times, joined with those before it if it is theirs.
    fn repeat(&mut self, value: String, samples: u32) {
        let mut all = samples;
        if let Some((last, before, start)) = self.last.take().filter(|(last, ..)| *last == value) {
            debug_assert!(self.text[start..].contains(&last), "the text ends with it");
            self.text.truncate(start);
            all += before;
        }
        let start = self.text.len();
        match all {
            1 => self.item(&value),
            _ => self.item(&format!("{value}x{}", all - 1)),
        }
        self.last = Some((value, all, start));
    }

    /// No samples; where there were some, a marker says that the series ended.
    fn gap(&mut self, minutes: u32, alive: bool) {
        if alive {
            self.item("stale");
        }
        let left = if alive { minutes.saturating_sub(1) } else { minutes };
        if left > 0 {
            self.item(&format!("_x{left}"));
        }
        self.minute += minutes;
    }

    fn item(&mut self, item: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(item);
        self.last = None;
    }
}

/// A native histogram of schema 0 with events in two buckets, one series for each
/// phase in which it exists: what it counts begins with the phase.
pub(super) fn histograms(good: i32, bad: i32, phases: &[Phase]) -> Vec<Option<String>> {
    let mut minute = 0;
    let written = |phase: &Phase| {
        let start = minute;
        minute += phase.minutes;
        let Traffic::Flows { rate, ratio } = phase.traffic else { return None };
        let step = (rate * STEP * (1.0 - ratio), rate * STEP * ratio);
        let none = histogram(good, bad, (0.0, 0.0));
        let lead = if start == 0 { String::new() } else { format!("_x{start} ") };
        Some(format!("{lead}{none}+{}x{}", histogram(good, bad, step), phase.minutes))
    };
    phases.iter().map(written).collect()
}

/// One histogram in the notation of rule tests. The sum is not read by any rule.
fn histogram(good: i32, bad: i32, (goods, bads): (f64, f64)) -> String {
    let low = good.min(bad);
    let buckets: Vec<String> = (low..=good.max(bad))
        .map(|index| match index {
            _ if index == good => number(goods),
            _ if index == bad => number(bads),
            _ => "0".to_owned(),
        })
        .collect();
    let count = number(goods + bads);
    format!(
        "{{{{schema:0 sum:{count} count:{count} offset:{low} buckets:[{}]}}}}",
        buckets.join(" ")
    )
}

/// A number of a test: as few digits as tell a millionth of an event.
pub(super) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).to_string();
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value:.6}");
    if text.contains('.') {
        let short = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(short);
    }
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: Values, phases: &[Phase]) -> String {
        written(values, phases, 0.0)
    }

    #[test]
    fn counters_go_on_where_they_were() {
        let bad = Values::Counter { good: 0.0, bad: 1.0 };
        let phases =
            [Phase::of(10, 0.0), Phase::of(3, 0.01), Phase::of(1, 0.01), Phase::of(5, 0.0)];
        assert_eq!(shown(bad, &phases), "0x10 600+600x2 2400 2400x4");
        let all = Values::Counter { good: 1.0, bad: 1.0 };
        assert_eq!(shown(all, &phases[..2]), "0+60000x10 660000+60000x2");
    }

    #[test]
    fn gaps_begin_with_a_marker() {
        let up = Values::Gauge { good: 1.0, bad: 0.0 };
        assert_eq!(shown(up, &[Phase::of(2, 0.0), Phase::gone(5)]), "1x2 stale _x4");
        assert_eq!(shown(up, &[Phase::gone(5), Phase::of(2, 1.0)]), "_x5 0x1");
    }

    #[test]
    fn ages_follow_the_clock() {
        let age = Values::Age { good: 0.0, bad: 3600.0, per_second: 1.0 };
        let phases = [Phase::of(2, 0.0), Phase::of(3, 1.0)];
        assert_eq!(shown(age, &phases), "0+60x2 -3420+60x2");
        let millis = Values::Age { good: 0.0, bad: 3600.0, per_second: 1_000.0 };
        assert_eq!(shown(millis, &phases), "0+60000x2 -3420000+60000x2");
    }

    #[test]
    fn histograms_have_a_series_for_each_phase() {
        let phases = [Phase::of(2, 0.5), Phase::gone(3), Phase::idle(1)];
        let shown = histograms(3, 1, &phases);
        let [first, None, third] = shown.as_slice() else { unreachable!("three phases") };
        assert_eq!(
            first.as_deref(),
            Some(
                "{{schema:0 sum:0 count:0 offset:1 buckets:[0 0 0]}}+{{schema:0 sum:60000 count:60000 offset:1 buckets:[30000 0 30000]}}x2"
            )
        );
        assert!(third.as_deref().is_some_and(|text| text.starts_with("_x5 {{")), "{third:?}");
    }
}
