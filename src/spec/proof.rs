//! What a spec gives for its rule tests: `test_series:` of an SLO, `tests:` of a
//! plain alert.

use std::sync::Arc;

use super::decode::duration;
use crate::base::{Decimal, Diagnostic, Diagnostics, Duration, Piece, Span, Text, codes};
use crate::promql::{self, Judge, MatchOp, Name, Options};
use crate::sli::{FeedSeries, Labels, Values};
use crate::yaml::{Field, Key, Node, Pattern, Shape, Type};

codes! {
    /// ## Why
    /// A rule test is fed with series. Each is a metric with its labels, so that its
    /// matchers are all `=`, and its values are numbers in the notation of `promtool
    /// test rules`.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     tests:
    ///       - series: {'checkout_queue_oldest_seconds{job=~"check.*"}': 0 700x20}
    ///         fires_at: 12m
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     tests:
    ///       - series: {'checkout_queue_oldest_seconds{job="checkout"}': 0 700x20}
    ///         fires_at: 12m
    /// ```
    TEST_SERIES = Error "test-series";

    /// ## Why
    /// A test that says neither when the alert fires nor when it is silent proves
    /// nothing; nor does one without series, or one that asks for both at one time.
    /// ## Fires
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     tests:
    ///       - series: {'checkout_queue_oldest_seconds{job="checkout"}': 0 700x20}
    /// ```
    /// ## Instead
    /// ```yaml
    /// alerts:
    ///   - name: CheckoutQueueStuck
    ///     expr: checkout_queue_oldest_seconds{job="checkout"} > 600
    ///     severity: page
    ///     summary: The queue is stuck.
    ///     tests:
    ///       - series: {'checkout_queue_oldest_seconds{job="checkout"}': 0 700x20}
    ///         silent_at: 0m
    ///         fires_at: 12m
    /// ```
    TEST_EMPTY = Error "test-empty";
}

static SERIES: Shape = Shape {
    doc: "A series: a metric and its labels, as `metric{label=\"value\"}`.",
    ty: Type::Text,
};
static GROWTH: Shape = Shape {
    doc: "What a counter grows by per second at 1 event per second, such as `+1`, or the value of a gauge, such as `1`.",
    ty: Type::LabelValue,
};
static FED: Shape = Shape {
    doc: "A series that the targets of the SLI expose.",
    ty: Type::Map(&[
        Field::required("series", &SERIES, "").such_as("'requests_total{job=\"checkout\"}'"),
        Field::required("good", &GROWTH, "Where all is good.").such_as("\"+1\""),
        Field::required("bad", &GROWTH, "Where all is bad.").such_as("\"+1\""),
    ]),
};

/// The shape of `test_series:`.
pub(super) static TEST_SERIES_SHAPE: Shape = Shape {
    doc: "The series that the rule tests of the SLO are fed with, where they cannot be made up from its selectors.",
    ty: Type::List { item: &FED, min: 1 },
};

static SERIES_NAME: Pattern = Pattern {
    regex: r"\S",
    test: |text| !text.trim().is_empty(),
    what: "a series",
    help: "write a metric and its labels, as `metric{label=\"value\"}`",
};
static NOTATION: Shape = Shape {
    doc: "The values of a series, as `promtool test rules` reads them: `0 700x20` is 0, then 700 for 21 samples; `0+60x10` grows by 60.",
    ty: Type::LabelValue,
};
static FED_VALUES: Shape = Shape {
    doc: "Series and their values, one each `interval`.",
    ty: Type::Dict { key: &SERIES_NAME, value: &NOTATION },
};
static TIMES: Shape = Shape { doc: "", ty: Type::OneOrMany(&FOR_ANY) };
static FOR_ANY: Shape =
    Shape { doc: "A time after the first sample.", ty: Type::Duration { zero: true } };
static INTERVAL: Shape =
    Shape { doc: "The time between two samples.", ty: Type::Duration { zero: false } };
static TEST: Shape = Shape {
    doc: "A test of the alert.",
    ty: Type::Map(&[
        Field::required("series", &FED_VALUES, "")
            .such_as("{'queue_oldest_seconds{job=\"checkout\"}': 0 700x20}"),
        Field::optional("interval", &INTERVAL, "").or("1m"),
        Field::optional("fires_at", &TIMES, "When the alert must fire."),
        Field::optional("silent_at", &TIMES, "When the alert must not fire."),
    ]),
};

/// The shape of `tests:` of a plain alert.
pub(super) static TESTS: Shape = Shape {
    doc: "Tests of the alert. Without them one is made up where the expression compares a selector with a number.",
    ty: Type::List { item: &TEST, min: 1 },
};

/// A series of `test_series:`.
#[derive(Clone, Debug)]
pub struct TestSeries {
    /// The series and its values.
    pub feed: FeedSeries,
    /// Where the series is written.
    pub span: Span,
}

/// A test of a plain alert.
#[derive(Clone, Debug)]
pub struct AlertTest {
    /// Series and their values.
    pub series: Vec<(Labels, Arc<str>)>,
    /// The time between two samples.
    pub interval: Duration,
    /// When the alert must fire.
    pub fires_at: Vec<Duration>,
    /// When it must not.
    pub silent_at: Vec<Duration>,
}

/// Decodes `test_series:`. `None` without the key.
pub(super) fn decode_series(
    node: &Node,
    judge: &Judge,
    diags: &mut Diagnostics,
) -> Option<Vec<TestSeries>> {
    let items = node.get("test_series")?.as_seq().unwrap_or_default();
    let mut decode = |item: &Node| {
        let labels = labels(item.get("series")?.as_text()?, judge, diags);
        let good = growth(item.get("good")?, diags);
        let bad = growth(item.get("bad")?, diags);
        let (labels, (good, is_counter), (bad, other)) = (labels?, good?, bad?);
        let values = match (is_counter, other) {
            (true, true) => Values::Counter { good, bad },
            (false, false) => Values::Gauge { good, bad },
            _ => {
                diags.push(
                    Diagnostic::new(
                        &TEST_SERIES,
                        item.get("bad")?.span,
                        "`good` is of a counter and `bad` of a gauge, or the other way round",
                    )
                    .label("both describe one series")
                    .help("write both with `+`, as what the counter grows by per second, or both without"),
                );
                return None;
            }
        };
        let span = item.get("series")?.span;
        Some(TestSeries { feed: FeedSeries::new(labels, values), span })
    };
    Some(items.iter().filter_map(&mut decode).collect())
}

/// A number, and whether it is what a counter grows by.
fn growth(node: &Node, diags: &mut Diagnostics) -> Option<(f64, bool)> {
    let text = node.as_str()?;
    let digits = text.strip_prefix('+');
    let number = Decimal::parse(digits.unwrap_or(text)).map(Decimal::to_f64);
    if number.is_none() {
        diags.push(
            Diagnostic::new(&TEST_SERIES, node.span, format!("`{text}` is no value of a series"))
                .label("not a number")
                .help("write what a counter grows by per second, such as `+1`, or the value of a gauge, such as `1`"),
        );
    }
    Some((number?, digits.is_some()))
}

/// Decodes `tests:` of a plain alert.
pub(super) fn decode_tests(node: &Node, judge: &Judge, diags: &mut Diagnostics) -> Vec<AlertTest> {
    let items = node.get("tests").and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(|item| test(item, judge, diags)).collect()
}

fn test(node: &Node, judge: &Judge, diags: &mut Diagnostics) -> Option<AlertTest> {
    let entries = node.get("series")?.as_map()?;
    let mut series = Vec::new();
    for entry in entries {
        let key = text_of(&entry.key);
        let labels = labels(&key, judge, diags);
        let values = entry.value.as_str()?;
        if let Some(fault) = values.split_whitespace().find(|item| !is_notation(item)) {
            diags.push(
                Diagnostic::new(&TEST_SERIES, entry.value.span, format!("`{fault}` is no value of a test"))
                    .label("cannot be read")
                    .help("write values like `5`, `700x20` (21 samples of 700), `0+60x10` (growing by 60), `_x5` (no sample) or `stale`"),
            );
            continue;
        }
        series.extend(labels.map(|labels| (labels, Arc::from(values.trim()))));
    }
    let times = |key: &str| {
        let node = node.get(key);
        let items =
            node.map_or(&[][..], |node| node.as_seq().unwrap_or(std::slice::from_ref(node)));
        items.iter().filter_map(|n| time(n.as_str()?)).collect::<Vec<_>>()
    };
    let (fires_at, silent_at) = (times("fires_at"), times("silent_at"));
    if fires_at.is_empty() && silent_at.is_empty() {
        diags.push(
            Diagnostic::new(&TEST_EMPTY, node.span, "the test asks nothing of the alert")
                .label("neither `fires_at` nor `silent_at`")
                .help("add `fires_at:`, a time after the first sample such as `12m`"),
        );
        return None;
    }
    if entries.is_empty() {
        diags.push(
            Diagnostic::new(&TEST_EMPTY, node.get("series")?.span, "the test has no series")
                .label("nothing is fed")
                .help("add a series and its values, as `metric{label=\"value\"}: 0 700x20`"),
        );
        return None;
    }
    if let Some(both) = fires_at.iter().find(|time| silent_at.contains(time)) {
        diags.push(
            Diagnostic::new(
                &TEST_EMPTY,
                node.get("silent_at")?.span,
                format!("the alert must fire at {both} and be silent at {both}"),
            )
            .label("also in `fires_at`")
            .help("leave the time in one of `fires_at` and `silent_at`"),
        );
        return None;
    }
    let interval = duration(node, "interval").map_or(Duration::minutes(1), |d| d.value);
    (series.len() == entries.len()).then_some(AlertTest { series, interval, fires_at, silent_at })
}

/// The text of a key. It cannot be pointed into, as it may have quotes.
fn text_of(key: &Key) -> Text {
    let (source, len) = (key.span.start, key.span.end - key.span.start);
    Text::mapped(key.name.as_str().into(), key.span, vec![Piece { at: 0, source, len }])
}

/// A time after the start, `0` with or without a unit.
fn time(text: &str) -> Option<Duration> {
    if text == "0" { Some(Duration::default()) } else { Duration::parse(text) }
}

/// The labels of a series, the metric's name first.
fn labels(text: &Text, judge: &Judge, diags: &mut Diagnostics) -> Option<Labels> {
    let expr = promql::check(text, Options::default(), judge, diags)?;
    let mut fault = |span: Span, message: String| {
        diags.push(
            Diagnostic::new(&TEST_SERIES, span, message)
                .label("a series of a test is one series")
                .help("write a metric and its labels, as `metric{label=\"value\"}`"),
        );
        None
    };
    let Some(selector) = expr.as_selector() else {
        return fault(expr.span, "a series of a test is no expression".to_owned());
    };
    let Some(metric) = selector.metric() else {
        return fault(expr.span, "a series of a test names its metric".to_owned());
    };
    if let Some(matcher) = selector.matchers.iter().find(|m| m.op != MatchOp::Equal) {
        let found = format!("`{}` does not say which value the label has", matcher.op.text());
        return fault(matcher.span, found);
    }
    let mut labels: Labels = vec![(Name::fixed("__name__"), metric.as_str().into())];
    let others = selector.matchers.iter().filter(|m| m.label.as_str() != "__name__");
    labels.extend(others.map(|m| (m.label.clone(), m.value.as_str().into())));
    Some(labels)
}

/// Whether promtool reads an item of a series' values: `5`, `-1.5x3`, `0+60x10`,
/// `_`, `_x5`, `stale`. Histograms are left to promtool.
fn is_notation(item: &str) -> bool {
    if item.contains(['{', '}', '[', ']', ':']) || item == "stale" {
        return true;
    }
    let (value, times) = match item.rsplit_once('x') {
        Some((value, times)) => (value, Some(times)),
        None => (item, None),
    };
    let is_count = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if times.is_some_and(|times| !is_count(times)) {
        return false;
    }
    if value == "_" {
        return true;
    }
    let signed = value.get(1..).unwrap_or_default();
    // The sign of the step, not of an exponent.
    let step = signed.char_indices().find(|(at, c)| {
        matches!(c, '+' | '-') && !signed[..*at].ends_with(['e', 'E']) && *at + 1 < value.len()
    });
    match step {
        Some((at, _)) if times.is_some() => {
            let (start, step) = value.split_at(at + 1);
            start.parse::<f64>().is_ok() && step.parse::<f64>().is_ok()
        }
        _ => value.parse::<f64>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_notation;

    #[test]
    fn values_are_those_of_promtool() {
        for item in [
            "0", "-1.5", "700x20", "0+60x10", "-2+4x3", "1e3-5x2", "_", "_x5", "stale", "NaN",
            "+Inf",
        ] {
            assert!(is_notation(item), "{item}");
        }
        for item in ["x5", "1x", "0+60", "a", "1+x5", "5x-1", "1..2x3"] {
            assert!(!is_notation(item), "{item}");
        }
    }
}
