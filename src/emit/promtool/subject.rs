//! What tests of one SLO are about: its alerts and series as the rules have them,
//! and the times at which its burn rates fire.

use std::sync::Arc;

use super::alert;
use super::case::Case;
use super::values::{Phase, RATE, STEP, histograms, written};
use crate::ir::{BurnRate, Expression, Identity, Plan, Program, Rule, RuleKind, Slo, name};
use crate::promql::{ExprKind, Name, Selector};
use crate::sli::{Feed, FeedSeries, Labels, Values, series_text};

/// An SLO with what the rules make of it.
pub(super) struct Subject<'a> {
    pub(super) slo: &'a Slo,
    pub(super) plan: &'a Plan,
    pub(super) rules: Vec<&'a Rule>,
    pub(super) identity: Identity,
    feeds: Vec<Fed<'a>>,
}

/// A feed with its series as they are written.
pub(super) struct Fed<'a> {
    pub(super) feed: &'a Feed,
    pub(super) texts: Vec<Arc<str>>,
    /// How many times more traffic than usual it has.
    busy: f64,
}

impl<'a> Fed<'a> {
    fn new(feed: &'a Feed, busy: f64) -> Fed<'a> {
        let texts = feed.series.iter().map(|series| series.text().into()).collect();
        Fed { feed, texts, busy }
    }

    /// Its series, each with how it is written.
    pub(super) fn series(&self) -> impl Iterator<Item = (&'a FeedSeries, &Arc<str>)> {
        self.feed.series.iter().zip(&self.texts)
    }
}

impl<'a> Subject<'a> {
    pub(super) fn new(program: &'a Program<'a>, slo: &'a Slo, plan: &'a Plan) -> Subject<'a> {
        let own =
            [name::fast_group(&slo.service, &slo.name), name::slow_group(&slo.service, &slo.name)];
        let groups = program.rules.groups.iter().filter(|group| own.contains(&group.name));
        let rules = groups.flat_map(|group| &group.rules).collect();
        let identity = Identity::new(plan.names, &slo.service, &slo.name);
        let busy = busy(slo, plan);
        let feeds = slo.feeds.iter().map(|feed| Fed::new(feed, busy)).collect();
        Subject { slo, plan, rules, identity, feeds }
    }

    /// How many minutes a ratio must last until there are as many bad events as an
    /// alert asks for, where traffic makes no more of them. `None`: too many.
    pub(super) fn gathers(&self, ratio: f64) -> Option<u32> {
        let least = f64::from(self.plan.min_bad_events);
        if least <= 1.0 || self.slo.sli.is_weighted() {
            return Some(0);
        }
        // An evaluation counts an event for each second, or a part of a slice.
        let seconds = self.plan.fast.as_millis() as f64 / 1_000.0;
        let each =
            if self.slo.sli.is_instant() { (seconds / LONG_SLICE).min(1.0) } else { seconds };
        let minutes = (least / (each * ratio)).ceil();
        (minutes <= f64::from(LONGEST)).then_some(minutes as u32)
    }

    /// The group that burns, and the one that stays quiet where there is one.
    pub(super) fn feeds(&self) -> (Option<&Fed<'a>>, Option<&Fed<'a>>) {
        (self.feeds.first(), self.feeds.get(1))
    }

    /// The labels of the group that burns.
    pub(super) fn group(&self) -> &'a [(Name, Arc<str>)] {
        self.slo.feeds.first().map_or(&[], |feed| &feed.group)
    }

    /// How many groups are fed.
    pub(super) fn groups(&self) -> usize {
        self.slo.feeds.len()
    }

    /// The alert of this suffix, where the SLO has it.
    pub(super) fn alert(&self, suffix: &str) -> Option<(&'a Rule, &'a Arc<str>)> {
        self.rules.iter().find_map(|rule| match &rule.kind {
            RuleKind::Alert { name, .. } => {
                let is_it = name.strip_suffix(suffix) == Some(&*self.slo.alert_name);
                is_it.then_some((*rule, name))
            }
            RuleKind::Record(_) => None,
        })
    }

    /// The alert of a severity of burn rates.
    pub(super) fn burn_alert(&self, severity: &str) -> Option<(&'a Rule, &'a Arc<str>)> {
        self.alert(if severity == "page" { name::PAGE } else { name::TICKET })
    }

    /// The rules that record error ratios.
    pub(super) fn ratio_rules(&self) -> impl Iterator<Item = (&'a Rule, &'a Name)> {
        self.rules.iter().filter_map(|rule| match &rule.kind {
            RuleKind::Record(name) if name.starts_with("slo:sli_error:ratio_") => {
                Some((*rule, name))
            }
            _ => None,
        })
    }

    /// Whether a series of this name is recorded.
    pub(super) fn records(&self, wanted: &str) -> bool {
        self.rules.iter().any(|rule| matches!(&rule.kind, RuleKind::Record(n) if n == wanted))
    }

    /// A recorded series of the group that burns.
    pub(super) fn recorded(&self, metric: &str) -> String {
        let labels = self.identity.labels.iter().chain(self.group());
        series_text(metric, labels)
    }

    /// All error ratios of this SLO that are 0.
    pub(super) fn zero_ratios(&self) -> String {
        format!("count({{__name__=~\"slo:sli_error:ratio_.+\",{}}} == 0)", self.identity.text)
    }

    /// Selectors of the raw series that the rules read.
    pub(super) fn raw(&self) -> Vec<Selector> {
        let mut found: Vec<Selector> = Vec::new();
        for rule in &self.rules {
            let Expression::Built(tree) = &rule.expr else { continue };
            tree.walk(&mut |part| {
                let selector = match &part.kind {
                    ExprKind::Selector(selector) => selector,
                    ExprKind::Range(range) => &range.selector,
                    _ => return,
                };
                // Most are one selector of the spec, several times.
                let known = |other: &Selector| {
                    Arc::ptr_eq(&other.matchers, &selector.matchers) && other.name == selector.name
                };
                let is_ours = selector.metric().is_some_and(|name| name.starts_with("slo:"));
                if !is_ours && !found.iter().any(known) {
                    found.push(selector.clone());
                }
            });
        }
        found
    }

    /// Feeds a group; `start` is what its counters have counted before.
    pub(super) fn feed(case: &mut Case, feed: &Fed<'_>, phases: &[Phase]) {
        Subject::feed_from(case, feed, phases, |_| 0.0);
    }

    /// Feeds a group with counters that begin somewhere.
    pub(super) fn feed_from(
        case: &mut Case,
        feed: &Fed<'_>,
        phases: &[Phase],
        start: impl Fn(bool) -> f64,
    ) {
        let phases: Vec<Phase> = phases.iter().map(|phase| phase.times(feed.busy)).collect();
        for series in feed.series() {
            feed_series(case, series, &phases, start(series.0.is_errors()));
        }
    }

    /// At a minute, the alert fires for the group that burns and for no other: its
    /// labels, whatever its annotations say.
    pub(super) fn fires(&self, case: &mut Case, minute: u32, (rule, alert): (&Rule, &Arc<str>)) {
        let labels = alert::labels(rule, self.group());
        case.gives(minute, firing(alert), vec![(alerts_series(alert, &labels), "1".to_owned())]);
    }

    /// At a minute, the alert fires with exactly these labels and annotations, where
    /// the annotations can be known; with these labels otherwise.
    pub(super) fn fires_whole(
        &self,
        case: &mut Case,
        minute: u32,
        (rule, alert): (&Rule, &Arc<str>),
        value: &str,
    ) {
        match alert::whole(rule, self.group(), value) {
            Some(whole) => case.fires_whole(minute, alert, vec![whole]),
            None => self.fires(case, minute, (rule, alert)),
        }
    }

    /// How many minutes errors of a ratio last, after long steady traffic, until a
    /// pair fires; as [`BurnRate::detection`], for rules that are evaluated every
    /// minute.
    ///
    /// Windows below a day are two samples of the last 10 minutes, which count for
    /// `base / fast` evaluations each, and a sum over the rest, which has fewer
    /// evaluations here than on a server: its events weigh less.
    pub(super) fn detects(&self, pair: &BurnRate, ratio: f64) -> Option<f64> {
        let share = pair.threshold_ratio(self.slo.objective.budget()).to_f64() / ratio;
        if share > 0.97 {
            return None;
        }
        let long = minutes(pair.long);
        if self.slo.sli.is_instant() || long >= DAY {
            return Some(share * long);
        }
        let (head, thin) = (self.head(), self.thinning());
        let needed = share * self.weight(long);
        Some(if needed <= head { needed } else { head + (needed - head) * thin })
    }

    /// The ratio over a window when errors have lasted for some minutes, as a share
    /// of their ratio.
    pub(super) fn filled(&self, window: f64, lasted: f64) -> f64 {
        let lasted = lasted.min(window);
        if self.slo.sli.is_instant() || window >= DAY {
            return lasted / window;
        }
        self.weight(lasted) / self.weight(window)
    }

    /// What the last `minutes` weigh, in minutes of the head.
    fn weight(&self, minutes: f64) -> f64 {
        let head = self.head();
        if minutes <= head { minutes } else { head + (minutes - head) / self.thinning() }
    }

    /// The newest part of a window, which is read as two samples.
    fn head(&self) -> f64 {
        2.0 * minutes(self.plan.base)
    }

    /// How many times fewer evaluations there are here than on a server.
    fn thinning(&self) -> f64 {
        STEP * 1_000.0 / self.plan.fast.as_millis() as f64
    }
}

const DAY: f64 = 1_440.0;

/// A test that is longer, in minutes, is left out.
pub(super) const LONGEST: u32 = 360;
/// The longest slice, in seconds.
const LONG_SLICE: f64 = 300.0;

/// How many times more traffic than usual makes the bad events that an alert asks for,
/// in two evaluations at a ratio of the error budget: a power of ten.
fn busy(slo: &Slo, plan: &Plan) -> f64 {
    let seconds = plan.fast.as_millis() as f64 / 1_000.0;
    let usual = RATE * slo.objective.budget().to_f64() * seconds * 2.0;
    let mut busy = 1.0;
    while plan.min_bad_events > 1 && usual * busy < f64::from(plan.min_bad_events) && busy < 1e9 {
        busy *= 10.0;
    }
    busy
}

/// Adds a series to a test.
pub(super) fn feed_series(
    case: &mut Case,
    (series, text): (&FeedSeries, &Arc<str>),
    phases: &[Phase],
    start: f64,
) {
    let Values::Histogram { good, bad } = series.values else {
        case.series.push((Arc::clone(text), written(series.values, phases, start)));
        return;
    };
    // promtool 2.53 reads one run of histograms per series: one series per phase.
    for (index, values) in histograms(good, bad, phases).into_iter().enumerate() {
        let mut own = series.clone();
        own.labels.extend((index > 0).then(|| (Name::fixed("phase"), index.to_string().into())));
        case.series.extend(values.map(|values| (own.text().into(), values)));
    }
}

/// A duration in minutes.
pub(super) fn minutes(duration: crate::base::Duration) -> f64 {
    duration.as_millis() as f64 / 60_000.0
}

/// The firing alerts of a name, as series.
pub(super) fn firing(alert: &str) -> String {
    format!("ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}")
}

/// One firing alert as a series.
pub(super) fn alerts_series(alert: &Arc<str>, labels: &Labels) -> String {
    let own = [
        (Name::fixed("alertname"), Arc::clone(alert)),
        (Name::fixed("alertstate"), "firing".into()),
    ];
    series_text("ALERTS", own.iter().chain(labels))
}
