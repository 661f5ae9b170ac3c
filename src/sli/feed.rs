//! What the targets of an SLI would expose: selectors come in; series come out that
//! they select, with values for a time when all is good and one when all is bad.
//! Rule tests are fed with them.

use std::sync::Arc;

use crate::base::Span;
use crate::promql::{MatchOp, Matcher, Name, Selector, equal, quote_text};

/// Which group a feed is for.
#[derive(Clone, Copy, Debug)]
pub struct FeedGroup<'a> {
    /// The labels of which each value has a budget of its own; none: one budget.
    pub by: &'a [Name],
    /// 0 for the first group, 1 for another one.
    pub nth: usize,
}

/// The input series of one group.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// The values of the group labels, in the order of [`FeedGroup::by`]. A second
    /// group that has those of the first does not exist: the selectors leave one.
    pub group: Vec<(Name, Arc<str>)>,
    /// The series.
    pub series: Vec<FeedSeries>,
    /// Whether bad and good mix: between all good and all bad, the error ratio is
    /// what the values are mixed with.
    pub mixes: bool,
}

/// One input series.
#[derive(Clone, Debug)]
pub struct FeedSeries {
    /// Its labels, the metric's name first, as `__name__`.
    pub labels: Vec<(Name, Arc<str>)>,
    /// Its values.
    pub values: Values,
}

/// How the values of a series go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// A counter: increments per second where all events are good, and where all are
    /// bad, at a traffic of 1 event/s. With traffic `R` and error ratio `r` it grows
    /// by `R * ((1 - r) * good + r * bad)` per second.
    Counter {
        /// Where all events are good.
        good: f64,
        /// Where all events are bad.
        bad: f64,
    },
    /// A gauge, whatever the traffic.
    Gauge {
        /// Where all is good.
        good: f64,
        /// Where all is bad.
        bad: f64,
    },
    /// A Unix timestamp that was so many seconds ago, whatever the traffic.
    Age {
        /// Where all is good.
        good: f64,
        /// Where all is bad.
        bad: f64,
        /// How many of the timestamp's units are a second.
        per_second: f64,
    },
    /// A native histogram of schema 0, a counter: with traffic `R` and error ratio `r`
    /// its bucket `good` grows by `R * (1 - r)` per second and `bad` by `R * r`.
    Histogram {
        /// Index of a bucket of good events: above `2^(i - 1)`, up to `2^i`.
        good: i32,
        /// Index of a bucket of bad events.
        bad: i32,
    },
}

/// Why an SLI cannot be fed.
#[derive(Clone, Debug)]
pub struct Unfed {
    /// The selector or matcher that is too hard.
    pub span: Span,
    /// What is hard about it, to stand behind a colon.
    pub why: String,
}

impl Unfed {
    /// `why`, at `span`.
    pub fn new(span: Span, why: impl Into<String>) -> Unfed {
        Unfed { span, why: why.into() }
    }
}

impl FeedSeries {
    /// A series of these labels.
    pub fn new(labels: Labels, values: Values) -> FeedSeries {
        FeedSeries { labels, values }
    }

    /// `up` of the target that exposes a series: 1. `None` where the series does not
    /// say of which job it is.
    pub fn up_of(labels: &Labels) -> Option<FeedSeries> {
        let of = |label: &str| labels.iter().find(|(name, _)| name == label).cloned();
        let labels = [Some((NAME, "up".into())), Some(of("job")?), of("instance")];
        let labels = labels.into_iter().flatten().collect();
        Some(FeedSeries { labels, values: Values::Gauge { good: 1.0, bad: 1.0 } })
    }

    /// Whether it is a counter.
    pub fn is_counter(&self) -> bool {
        matches!(self.values, Values::Counter { .. })
    }

    /// Whether it is a counter of nothing but bad events: it may not exist before the
    /// first of them.
    pub fn is_errors(&self) -> bool {
        matches!(self.values, Values::Counter { good, bad } if good == 0.0 && bad > 0.0)
    }

    /// Whether it is a gauge that does not tell good from bad, such as `up`.
    pub fn is_constant(&self) -> bool {
        matches!(self.values, Values::Gauge { good, bad } if good == bad)
    }

    /// The series as a selector and a rule test spell it: `metric{job="a"}`.
    pub fn text(&self) -> String {
        match self.labels.split_first() {
            Some(((name, metric), rest)) if *name == NAME && is_plain(metric) => {
                series_text(metric, rest)
            }
            _ => series_text("", &self.labels),
        }
    }
}

/// A series as a selector and a rule test spell it: `metric{job="a"}`.
pub fn series_text<'a>(
    metric: &str,
    labels: impl IntoIterator<Item = &'a (Name, Arc<str>)>,
) -> String {
    let mut text = String::with_capacity(120);
    text.push_str(metric);
    text.push('{');
    for (index, (name, value)) in labels.into_iter().enumerate() {
        text.push_str(if index == 0 { "" } else { "," });
        text.push_str(name);
        text.push('=');
        quote_text(value, &mut text);
    }
    text.push('}');
    text
}

/// Whether a metric's name may stand before the braces in every version.
fn is_plain(metric: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    metric.chars().all(inside) && !metric.starts_with(|c: char| c.is_ascii_digit())
}

/// The label that holds the metric's name.
const NAME: Name = Name::fixed("__name__");

/// Names and values of labels, the metric's name first.
pub type Labels = Vec<(Name, Arc<str>)>;

/// Values for the group labels: such that every selector takes them.
pub(super) fn group(wanted: FeedGroup<'_>, selectors: &[&Selector]) -> Result<Labels, Unfed> {
    let value = |label: &Name| {
        let all: Vec<Matcher> =
            selectors.iter().flat_map(|s| conditions(s)).filter(|m| m.label == *label).collect();
        let mut found = values(&all).filter(|v| !v.is_empty());
        let first = found.next();
        let value = found.nth(wanted.nth.wrapping_sub(1)).filter(|_| wanted.nth > 0).or(first);
        let value = value.ok_or_else(|| match all.first() {
            Some(matcher) => hard(matcher),
            None => Unfed::new(Span::NONE, format!("no value was found for `{label}`")),
        })?;
        Ok((label.clone(), value.into()))
    };
    wanted.by.iter().map(value).collect()
}

/// Labels of a series that a selector takes; `None` where it is too hard.
pub fn labels_for(selector: &Selector) -> Option<Labels> {
    labels(&[selector], &[], &Vec::new()).ok()
}

/// Labels of a series that all of `must` take and none of `not`, with these `fixed`
/// ones and an `instance`.
pub(super) fn labels(
    must: &[&Selector],
    not: &[&Selector],
    fixed: &Labels,
) -> Result<Labels, Unfed> {
    let mut wanted: Vec<Matcher> = must.iter().flat_map(|s| conditions(s)).collect();
    wanted.extend(fixed.iter().map(|(label, value)| equal(label.clone(), Arc::clone(value))));
    for matcher in &wanted {
        value_of(&matcher.label, &wanted).ok_or_else(|| hard(matcher))?;
    }
    let mut steps = STEPS;
    if !exclude(&mut wanted, not, &mut steps) {
        let span = must.first().map_or(Span::NONE, |s| s.span);
        return Err(Unfed::new(span, "no series was found that it alone takes"));
    }
    let mut labels: Labels = Vec::new();
    for matcher in &wanted {
        let known = labels.iter().any(|(label, _)| *label == matcher.label);
        // An empty value is a label that is not there.
        let value = value_of(&matcher.label, &wanted).filter(|v| !known && !v.is_empty());
        labels.extend(value.map(|value| (matcher.label.clone(), value.into())));
    }
    let instance = (Name::fixed("instance"), Arc::from("i0"));
    if !labels.iter().any(|(label, _)| *label == instance.0) {
        labels.push(instance);
    }
    labels.sort_by(|(a, _), (b, _)| (*a != NAME, a.as_str()).cmp(&(*b != NAME, b.as_str())));
    let sound = must.iter().all(|s| s.takes(&labels)) && !not.iter().any(|s| s.takes(&labels));
    let span = must.first().map_or(Span::NONE, |s| s.span);
    if sound { Ok(labels) } else { Err(Unfed::new(span, "its matchers contradict each other")) }
}

/// The most that a search tries before it gives up.
const STEPS: u32 = 5_000;

/// Adds to `wanted` what keeps each of `not` from taking the series; whether that can
/// be. Recursion is bounded by the length of a list of selectors.
fn exclude(wanted: &mut Vec<Matcher>, not: &[&Selector], steps: &mut u32) -> bool {
    let Some((first, rest)) = not.split_first() else { return true };
    let mut ways: Vec<Matcher> = conditions(first).map(|m| m.negated()).collect();
    // A label that nothing else asks for is the easiest to differ in.
    ways.sort_by_key(|m| m.label != NAME && wanted.iter().any(|w| w.label == m.label));
    for way in ways {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return false;
        }
        let label = way.label.clone();
        wanted.push(way);
        if value_of(&label, wanted).is_some() && exclude(wanted, rest, steps) {
            return true;
        }
        wanted.pop();
    }
    false
}

/// The conditions of a selector, its metric's name among them.
fn conditions(selector: &Selector) -> impl Iterator<Item = Matcher> {
    let name = selector
        .name
        .as_ref()
        .map(|name| Matcher { span: selector.name_span, ..equal(NAME, name.clone()) });
    name.into_iter().chain(selector.matchers.iter().cloned())
}

/// What may be a value of a label, the plainest first.
fn candidates(matchers: &[Matcher]) -> Vec<String> {
    let mut found: Vec<String> = matchers.iter().flat_map(Matcher::examples).collect();
    let is_number = |m: &Matcher| m.value.starts_with(|c: char| c.is_ascii_digit());
    let plain = match matchers.iter().any(is_number) {
        true => ["200", "404", "1", "a", "b", "c"],
        false => ["a", "b", "c", "other", "1", "200"],
    };
    found.extend(plain.map(str::to_owned));
    found.sort_by_key(String::is_empty);
    found.push(String::new());
    found
}

/// A value of a label that all of `wanted` take.
fn value_of(label: &Name, wanted: &[Matcher]) -> Option<String> {
    let own: Vec<Matcher> = wanted.iter().filter(|m| m.label == *label).cloned().collect();
    values(&own).next()
}

/// Values that all of these matchers of one label take, the plainest first; an empty
/// one last.
fn values(matchers: &[Matcher]) -> impl Iterator<Item = String> {
    let fixed = matchers.iter().find(|m| m.op == MatchOp::Equal);
    let mut found: Vec<String> = match fixed {
        Some(matcher) => matcher.examples(),
        None => candidates(matchers),
    };
    let mut seen = Vec::new();
    found.retain(|value| {
        let new = !seen.contains(value) && matchers.iter().all(|m| m.matches(value));
        seen.extend(new.then(|| value.clone()));
        new
    });
    found.into_iter()
}

fn hard(matcher: &Matcher) -> Unfed {
    let why = format!("no value was found that every matcher of `{}` takes", matcher.label);
    Unfed::new(matcher.span, why)
}

/// A series and its part of the events: increments per second at 1 event/s, where no
/// event is marked and where all are.
pub(super) struct Part {
    pub(super) labels: Labels,
    pub(super) plain: f64,
    pub(super) marked: f64,
}

/// Series of counters that add up to 1 event/s for `total`, and for `marked` to none
/// of them or to all. Each selector of both has a part, so that a rule that forgets
/// one is found out.
pub(super) fn parts(
    marked: &[Selector],
    total: &[Selector],
    fixed: &Labels,
) -> Result<Vec<Part>, Unfed> {
    let all_marked: Vec<&Selector> = marked.iter().collect();
    let count = |selectors: &[Selector], labels: &Labels| {
        selectors.iter().filter(|s| s.takes(labels)).count() as f64
    };
    let mut parts: Vec<Part> = Vec::new();

    let plain: Vec<Result<Labels, Unfed>> =
        total.iter().map(|t| labels(&[t], &all_marked, fixed)).collect();
    let sound = plain.iter().filter(|p| p.is_ok()).count() as f64;
    let mut fault = None;
    for found in plain {
        match found {
            Ok(labels) => {
                let share = 1.0 / (sound * count(total, &labels));
                add(&mut parts, labels, share, 0.0);
            }
            Err(unfed) => fault = Some(unfed),
        }
    }
    if let Some(unfed) = fault.filter(|_| parts.is_empty()) {
        return Err(unfed);
    }

    let mut counted = 0.0;
    for (index, selector) in marked.iter().enumerate() {
        let (before, after) = total.split_at(index % total.len().max(1));
        let shared =
            after.iter().chain(before).find_map(|t| labels(&[selector, t], &[], fixed).ok());
        let labels = shared.map_or_else(|| labels(&[selector], &[], fixed), Ok)?;
        let share = 1.0 / (marked.len() as f64 * count(marked, &labels));
        counted += share * count(total, &labels);
        add(&mut parts, labels, 0.0, share);
    }
    // What the marked counters leave of the total is on the others.
    let left = 1.0 - counted;
    if left < -1e-9 {
        let span = marked.first().map_or(Span::NONE, |s| s.span);
        return Err(Unfed::new(span, "the total counts its events more than once"));
    }
    if left > 1e-9 {
        parts.iter_mut().for_each(|part| part.marked += left * part.plain);
    }
    Ok(parts)
}

/// Adds to a series, which may be there already.
fn add(parts: &mut Vec<Part>, labels: Labels, plain: f64, marked: f64) {
    match parts.iter_mut().find(|part| part.labels == labels) {
        Some(part) => {
            part.plain += plain;
            part.marked += marked;
        }
        None => parts.push(Part { labels, plain, marked }),
    }
}

/// A single gauge, whatever the traffic: an error ratio between good and bad cannot
/// be mixed of it.
pub(super) fn gauge(
    selector: &Selector,
    wanted: FeedGroup<'_>,
    values: Values,
) -> Result<Feed, Unfed> {
    let group = group(wanted, &[selector])?;
    let series = vec![FeedSeries::new(labels(&[selector], &[], &group)?, values)];
    Ok(Feed { group, series, mixes: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql;

    fn selector(text: &str) -> Selector {
        let mut diags = crate::base::Diagnostics::default();
        let expr = promql::parse(&crate::base::Text::made(text), &mut diags).expect("PromQL");
        expr.as_selector().expect("a selector").clone()
    }

    fn shown(marked: &[&str], total: &[&str]) -> String {
        let read = |list: &[&str]| list.iter().map(|t| selector(t)).collect::<Vec<_>>();
        match parts(&read(marked), &read(total), &Vec::new()) {
            Ok(parts) => parts
                .into_iter()
                .map(|part| {
                    let values = Values::Gauge { good: 0.0, bad: 0.0 };
                    let text = FeedSeries::new(part.labels, values).text();
                    format!("{text} {} {}\n", part.plain, part.marked)
                })
                .collect(),
            Err(unfed) => unfed.why,
        }
    }

    #[test]
    fn one_metric_is_parted_by_its_labels() {
        assert_eq!(
            shown(&[r#"x_total{job="a",code=~"5.."}"#], &[r#"x_total{job="a"}"#]),
            "x_total{code=\"200\",instance=\"i0\",job=\"a\"} 1 0\nx_total{code=\"500\",instance=\"i0\",job=\"a\"} 0 1\n"
        );
    }

    #[test]
    fn errors_of_another_metric_leave_the_total_as_it_is() {
        assert_eq!(
            shown(&["errors_total"], &["requests_total"]),
            "requests_total{instance=\"i0\"} 1 1\nerrors_total{instance=\"i0\"} 0 1\n"
        );
    }

    #[test]
    fn lists_share_the_events() {
        assert_eq!(
            shown(&["a_failed", "b_failed"], &["a", "b"]),
            "a{instance=\"i0\"} 0.5 0.5\nb{instance=\"i0\"} 0.5 0.5\na_failed{instance=\"i0\"} 0 0.5\nb_failed{instance=\"i0\"} 0 0.5\n"
        );
        assert_eq!(
            shown(&["x_failed"], &["x_failed", "x_ok"]),
            "x_ok{instance=\"i0\"} 1 0\nx_failed{instance=\"i0\"} 0 1\n"
        );
    }

    #[test]
    fn what_is_excluded_is_not_taken() {
        assert_eq!(
            shown(
                &[r#"x{code=~"5..",path!="/healthz"}"#],
                &[r#"x{path!="/healthz",env=~"prod|live"}"#]
            ),
            "x{code=\"200\",env=\"prod\",instance=\"i0\",path=\"a\"} 1 0\nx{code=\"500\",env=\"prod\",instance=\"i0\",path=\"a\"} 0 1\n"
        );
    }

    #[test]
    fn what_cannot_be_is_told() {
        assert_eq!(
            shown(&[r#"x{a="1",a="2"}"#], &["x"]),
            "no value was found that every matcher of `a` takes"
        );
        assert_eq!(shown(&["x"], &["x"]), "no series was found that it alone takes");
        assert_eq!(
            shown(&["x{code=~\"(?i)[^\\\\x00-\\\\x{10FFFF}]\"}"], &["x"]).split(' ').next(),
            Some("no")
        );
    }

    #[test]
    fn groups_have_values_of_their_own() {
        let by = [Name::fixed("region")];
        let values = |text: &str, nth| {
            let s = selector(text);
            let found = group(FeedGroup { by: &by, nth }, &[&s]).expect("a value");
            found.first().map(|(_, v)| v.to_string()).expect("one label")
        };
        assert_eq!((values("x", 0), values("x", 1)), ("a".to_owned(), "b".to_owned()));
        let eu = r#"x{region=~"eu|us"}"#;
        assert_eq!((values(eu, 0), values(eu, 1)), ("eu".to_owned(), "us".to_owned()));
        let one = r#"x{region="eu"}"#;
        assert_eq!((values(one, 0), values(one, 1)), ("eu".to_owned(), "eu".to_owned()));
    }
}
