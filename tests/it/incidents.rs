//! Services with a known past: what happened to each SLO of the examples over 33 days, the
//! base series that its rules would have recorded of it, and by plain arithmetic over the
//! same incidents the numbers that boards have to show at the end.
//!
//! Traffic and errors are constant between two changes, and events are counted exactly:
//! there is no chance in it, and nothing here reads PromQL.

use serde_yaml::Value;

use crate::history::{Samples, Series, Span, seconds};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 2025-05-15 00:00 UTC: a moment where a block of 162 hours begins.
pub(crate) const START: i64 = 2_996 * SPAN_BLOCK * HOUR;
/// 2025-06-17 12:00 UTC: the time at which boards are looked at, in the middle of a month.
pub(crate) const END: i64 = START + 33 * DAY + 12 * HOUR;
/// 2025-06-01 00:00 UTC.
const MONTH: i64 = START + 17 * DAY;
const DAYS_IN_MONTH: i64 = 30;
/// Five blocks hold it all.
const SPAN_BLOCK: i64 = 162;
pub(crate) const SPAN: Span = Span { start: START, end: END, block: SPAN_BLOCK };
/// The interval of the fast groups, at whose multiples they are evaluated.
pub(crate) const FAST: i64 = 30;
/// The interval of the slow groups, and how long after its multiples they are evaluated.
pub(crate) const SLOW: i64 = 240;
pub(crate) const SLOW_PHASE: i64 = 131;
/// When slow rules were evaluated last.
const LAST_SLOW: i64 = END - SLOW + SLOW_PHASE;
/// For how long before the end fast rules are evaluated at each of their intervals; before
/// that, at the slow interval, which no board can tell.
const FINE: i64 = 12 * HOUR;
/// The range of the rates that base series are.
const BASE: i64 = 300;
/// What the external labels of the server would add.
pub(crate) const EXTERNAL: &[(&str, &str)] = &[("cluster", "eu-1")];

/// When rules of an interval are evaluated: from, to, and the step between.
pub(crate) fn evaluations(interval: i64) -> Vec<(i64, i64, i64)> {
    if interval >= SLOW {
        return vec![(START + SLOW_PHASE, END, interval)];
    }
    vec![(START + SLOW, END - FINE - SLOW, SLOW), (END - FINE, END, interval)]
}

/// A time in which more was bad than else.
pub(crate) struct Incident {
    /// How long before the end it began.
    pub(crate) ago: i64,
    pub(crate) lasts: i64,
    /// The share of bad events.
    pub(crate) bad: f64,
}

/// What happened to an SLO, or to one group of it.
pub(crate) struct Past {
    pub(crate) service: &'static str,
    pub(crate) slo: &'static str,
    /// `region="eu"`, or nothing.
    pub(crate) group: &'static str,
    /// Events per second by day (06 to 22 o'clock UTC) and by night.
    pub(crate) traffic: [f64; 2],
    /// The share of bad events when there is no incident.
    pub(crate) bad: f64,
    pub(crate) incidents: &'static [Incident],
    /// How long before the end its series stopped.
    pub(crate) silent: Option<i64>,
}

/// What an SLO promises, as its rules tell it.
pub(crate) struct Promise {
    pub(crate) service: String,
    pub(crate) slo: String,
    pub(crate) owner: String,
    /// In per cent.
    pub(crate) objective: f64,
    /// `month`, or a duration.
    pub(crate) window: String,
    kind: String,
    /// Its alerts by name and severity, and how long each keeps firing.
    alerts: Vec<(String, String, i64)>,
}

impl Promise {
    /// The SLOs of a rule file, in its order.
    pub(crate) fn read(rules: &Value) -> Vec<Promise> {
        let all = || {
            let groups = rules["groups"].as_sequence().into_iter().flatten();
            groups.flat_map(|group| group["rules"].as_sequence().into_iter().flatten())
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let promise = |info: &Value| {
            let labels = &info["labels"];
            let own = |rule: &&Value| {
                rule["labels"]["service"] == labels["service"]
                    && rule["labels"]["slo"] == labels["slo"]
                    && !rule["alert"].is_null()
            };
            let alert = |rule: &Value| {
                let keeps = rule["keep_firing_for"].as_str().map_or(0, seconds);
                (text(&rule["alert"]), text(&rule["labels"]["severity"]), keeps)
            };
            Promise {
                service: text(&labels["service"]),
                slo: text(&labels["slo"]),
                owner: text(&labels["owner"]),
                objective: text(&labels["objective"]).parse().expect("an objective is a number"),
                window: text(&labels["window"]),
                kind: text(&labels["kind"]),
                alerts: all().filter(own).map(alert).collect(),
            }
        };
        all().filter(|rule| rule["record"] == "ninefold_slo_info").map(promise).collect()
    }

    fn budget(&self) -> f64 {
        1.0 - self.objective / 100.0
    }

    /// The period in seconds.
    fn period(&self) -> i64 {
        if self.is_of_month() { DAYS_IN_MONTH * DAY } else { seconds(&self.window) }
    }

    fn is_of_month(&self) -> bool {
        self.window == "month"
    }

    /// Whether a sample of its base series is of an instant, and not a rate over a range.
    fn is_instant(&self) -> bool {
        ["probe", "slices", "freshness"].contains(&self.kind.as_str())
    }

    /// How long an alert keeps firing, if the SLO has it.
    fn keeps(&self, suffix: &str) -> Option<i64> {
        let alert = self.alerts.iter().find(|(name, ..)| name.ends_with(suffix));
        alert.map(|(_, _, keeps)| *keeps)
    }
}

/// A stretch of time in which nothing changed, with what came before it.
struct Stretch {
    from: i64,
    /// Bad and total events per second.
    rates: [f64; 2],
    /// Bad and total events from the start until then.
    before: [f64; 2],
}

/// The past of an SLO, or of a group of it, counted.
pub(crate) struct Truth {
    pub(crate) past: &'static Past,
    pub(crate) promise: Promise,
    stretches: Vec<Stretch>,
}

impl Truth {
    /// The past of each promise; each must have one.
    pub(crate) fn of(rules: &Value, pasts: &'static [Past]) -> Vec<Truth> {
        let mut truths = Vec::new();
        for promise in Promise::read(rules) {
            let own = |p: &&Past| p.service == promise.service && p.slo == promise.slo;
            let known = pasts.iter().filter(own).count();
            assert!(known > 0, "nothing ever happened to {}/{}", promise.service, promise.slo);
        }
        for past in pasts {
            let own = |p: &Promise| p.service == past.service && p.slo == past.slo;
            let promise = Promise::read(rules).into_iter().find(own);
            truths.extend(promise.map(|promise| Truth::new(past, promise)));
        }
        truths
    }

    fn new(past: &'static Past, promise: Promise) -> Truth {
        let mut changes: Vec<i64> = (START..END)
            .step_by(DAY as usize)
            .flat_map(|day| [day, day + 6 * HOUR, day + 22 * HOUR])
            .collect();
        changes.extend(past.incidents.iter().flat_map(|i| [END - i.ago, END - i.ago + i.lasts]));
        changes.extend(past.silent.map(|ago| END - ago));
        changes.retain(|at| *at < END);
        changes.sort_unstable();
        changes.dedup();
        let mut stretches: Vec<Stretch> = Vec::new();
        for from in changes {
            let rates = past.rates(from);
            let before = stretches.last().map_or([0.0; 2], |last| last.until(from));
            stretches.push(Stretch { from, rates, before });
        }
        Truth { past, promise, stretches }
    }

    /// Bad and total events from the start until a time.
    fn until(&self, at: i64) -> [f64; 2] {
        let next = self.stretches.partition_point(|stretch| stretch.from <= at);
        next.checked_sub(1).map_or([0.0; 2], |index| self.stretches[index].until(at))
    }

    /// Bad and total events of the time before another.
    fn within(&self, time: i64, at: i64) -> [f64; 2] {
        let [now, then] = [at, at - time].map(|at| self.until(at));
        [now[0] - then[0], now[1] - then[1]]
    }

    /// The share of bad events in the time before another; without traffic, none.
    fn share(&self, time: i64, at: i64) -> f64 {
        let [bad, total] = self.within(time, at);
        if total > 0.0 { bad / total } else { 0.0 }
    }

    /// When its series stopped, or the end.
    fn stopped(&self) -> i64 {
        END - self.past.silent.unwrap_or(0)
    }

    /// The base series, as the rules of the example would have recorded them.
    pub(crate) fn base_series(&self) -> [Series; 2] {
        let Past { service, slo, group, .. } = self.past;
        let first = START + BASE;
        let rates: Vec<[f64; 2]> = (first..=self.stopped())
            .step_by(FAST as usize)
            .map(|at| match self.promise.is_instant() {
                true => self.past.rates(at - 1),
                false => self.within(BASE, at).map(|events| events / BASE as f64),
            })
            .collect();
        let (comma, cluster) = (if group.is_empty() { "" } else { "," }, EXTERNAL[0]);
        [("bad", 0), ("total", 1)].map(|(side, index)| Series {
            labels: format!(
                "slo:events_{side}:rate5m{{service=\"{service}\",slo=\"{slo}\",{group}{comma}{}=\"{}\"}}",
                cluster.0, cluster.1
            ),
            samples: Samples::Regular {
                first: first * 1_000,
                step: FAST * 1_000,
                values: rates.iter().map(|rates| rates[index]).collect(),
            },
        })
    }

    /// Whether there is a value of its SLI at the end.
    pub(crate) fn has_data(&self) -> bool {
        self.past.silent.is_none()
    }

    /// What the last slow rules have seen: the middle of a rate is half its range ago.
    fn seen(&self) -> i64 {
        if self.promise.is_instant() { LAST_SLOW } else { LAST_SLOW - BASE / 2 }
    }

    /// The share of bad events in what was seen of the period.
    fn errors(&self) -> f64 {
        let period =
            if self.promise.is_of_month() { self.seen() - MONTH } else { self.promise.period() };
        self.share(period, self.seen())
    }

    /// The share of the period that was seen: what there is no data for was free of errors.
    fn coverage(&self) -> f64 {
        let period = self.promise.period();
        let begin = if self.promise.is_of_month() { MONTH } else { LAST_SLOW - period };
        let seen = self.stopped().min(LAST_SLOW) - begin.max(START);
        (seen as f64 / period as f64).min(1.0)
    }

    /// The share of good events in the period.
    pub(crate) fn period_sli(&self) -> f64 {
        1.0 - self.errors() * self.coverage()
    }

    /// The share of the budget that is left.
    pub(crate) fn budget_left(&self) -> f64 {
        1.0 - self.errors() / self.promise.budget() * self.coverage()
    }

    /// How many times faster than evenly the budget burnt in the time before the end.
    pub(crate) fn burn_rate(&self, time: i64) -> Option<f64> {
        self.has_data().then(|| self.share(time, END) / self.promise.budget())
    }

    /// Seconds until nothing is left of the budget, if errors go on at the rate of the last
    /// five minutes, or of the last six hours where that was higher. Where nothing burns,
    /// so many that the board calls it no burn.
    pub(crate) fn exhausted_in(&self) -> Option<f64> {
        let rate = self.burn_rate(BASE)?.max(self.burn_rate(6 * HOUR)?);
        // Bad seconds, each of which counts one, that fit into what is left.
        Some(self.outage_left() / (rate.max(1e-9) * self.promise.budget()))
    }

    /// Seconds of full outage that are left.
    pub(crate) fn outage_left(&self) -> f64 {
        self.budget_left().max(0.0) * self.promise.budget() * self.promise.period() as f64
    }

    /// Bad events that are left, had the period the traffic that was seen of it.
    pub(crate) fn events_left(&self) -> f64 {
        let [_, total] = self.within(self.promise.period(), self.seen());
        self.budget_left() * self.promise.budget() * total / self.coverage()
    }

    /// Whether the budget burns faster than a factor over two windows at once. The windows
    /// are those for 30 days, and stretch with longer periods.
    fn burns(&self, factor: f64, [long, short]: [i64; 2], at: i64) -> bool {
        let stretch =
            if self.promise.period() >= 60 * DAY { self.promise.period() / (30 * DAY) } else { 1 };
        let over = |time: i64| self.share(time * stretch, at) > factor * self.promise.budget();
        at <= self.stopped() && over(long) && over(short)
    }

    /// From when to when its page was firing: Google's pairs of windows, by day and by hour.
    fn budget_pages(&self) -> Vec<(i64, i64)> {
        let Some(keeps) = self.promise.keeps("Page") else { return Vec::new() };
        let mut pages: Vec<(i64, i64)> = Vec::new();
        let times = evaluations(FAST).into_iter();
        for at in times.flat_map(|(from, to, step)| (from..=to).step_by(step as usize)) {
            if !self.burns(14.4, [HOUR, 300], at) && !self.burns(6.0, [6 * HOUR, 1_800], at) {
                continue;
            }
            match pages.last_mut() {
                Some((_, to)) if at - *to <= keeps + SLOW => *to = at,
                _ => pages.push((at, at)),
            }
        }
        pages.iter().map(|(from, to)| (*from, (to + keeps).min(END))).collect()
    }

    /// Whether its alert of missing data fires at the end, of a severity.
    fn is_silent(&self, severity: &str) -> bool {
        let alert =
            |(name, s, _): &(String, String, i64)| name.ends_with("NoData") && s == severity;
        !self.has_data() && self.promise.alerts.iter().any(alert)
    }

    /// From when to when it paged somebody.
    pub(crate) fn pages(&self) -> Vec<(i64, i64)> {
        let mut pages = self.budget_pages();
        if let Some(ago) = self.past.silent.filter(|_| self.is_silent("critical")) {
            // It is pending for twelve minutes once nothing is seen of the series.
            pages.push((END - ago + 300 + 720, END));
        }
        pages
    }

    /// How many of its tickets are firing at the end.
    pub(crate) fn tickets(&self) -> usize {
        let burns =
            self.burns(3.0, [DAY, 2 * HOUR], END) || self.burns(1.0, [3 * DAY, 6 * HOUR], END);
        let ticket = burns && self.promise.keeps("Ticket").is_some();
        let exhausted =
            self.budget_left() <= 0.0 && self.promise.keeps("BudgetExhausted").is_some();
        [ticket, exhausted, self.is_silent("warning")].into_iter().filter(|fires| *fires).count()
    }
}

impl Stretch {
    fn until(&self, at: i64) -> [f64; 2] {
        let time = (at - self.from) as f64;
        [0, 1].map(|side| self.before[side] + self.rates[side] * time)
    }
}

impl Past {
    /// Bad and total events per second from a time on.
    fn rates(&self, at: i64) -> [f64; 2] {
        if self.silent.is_some_and(|ago| at >= END - ago) {
            return [0.0; 2];
        }
        let is_day = (6 * HOUR..22 * HOUR).contains(&(at % DAY));
        let total = self.traffic[usize::from(!is_day)];
        let during = |i: &&Incident| (0..i.lasts).contains(&(at - (END - i.ago)));
        let bad = self.incidents.iter().find(during).map_or(self.bad, |incident| incident.bad);
        [total * bad, total]
    }
}

/// A plain alert, the raw series that feed it, and when it fired.
pub(crate) struct Plain {
    pub(crate) alert: &'static str,
    pub(crate) pages: bool,
    pub(crate) raw: &'static [Raw],
    /// How long before the end each firing began, and how long it lasted.
    pub(crate) fired: &'static [(i64, i64)],
}

impl Plain {
    /// From when to when it was firing.
    pub(crate) fn firing(&self) -> impl Iterator<Item = (i64, i64)> {
        self.fired.iter().map(|(ago, lasts)| (END - ago, END - ago + lasts))
    }
}

/// A raw series: constant, or growing, between two changes.
pub(crate) struct Raw {
    pub(crate) labels: &'static str,
    pub(crate) grows: bool,
    /// The value, or the growth per second, when there is no incident.
    pub(crate) calm: f64,
    /// How long before the end, for how long, and what it was then.
    pub(crate) incidents: &'static [(i64, i64, f64)],
}

impl Raw {
    /// The time between two scrapes.
    const SCRAPE: i64 = 120;

    pub(crate) fn series(&self) -> Series {
        let mut sum = 0.0;
        let value = |at: i64| {
            let during =
                |(ago, lasts, _): &&(i64, i64, f64)| (0..*lasts).contains(&(at + ago - END));
            let now = self.incidents.iter().find(during).map_or(self.calm, |(.., value)| *value);
            sum += now * Raw::SCRAPE as f64;
            if self.grows { sum } else { now }
        };
        Series {
            labels: self.labels.replace('}', ",cluster=\"eu-1\"}"),
            samples: Samples::Regular {
                first: START * 1_000,
                step: Raw::SCRAPE * 1_000,
                values: (START..=END).step_by(Raw::SCRAPE as usize).map(value).collect(),
            },
        }
    }
}
