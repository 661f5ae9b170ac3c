//! The kind `latency`: a classic histogram and a threshold. Requests slower than
//! the threshold are bad.

use super::feed::{self, Feed, FeedGroup, FeedSeries, Unfed, Values};
use super::kind::{Base, BaseSeries, Cx, Kind, Sli};
use super::le;
use super::selector::{self, SELECTOR, rate};
use crate::base::{Decimal, Diagnostic, Safety, codes};
use crate::promql::{
    BinaryOp, MatchOp, Selector, clamp_min, equal, integer, match_on, matcher, matching, sum_by,
};
use crate::yaml::{Field, Node, Pattern, Range, Shape, Type};

codes! {
    /// ## Why
    /// `histogram` takes the name that its series share, without `_bucket`,
    /// `_count` or `_sum`: both the buckets and the count are read.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds_bucket{job="checkout"}
    ///         threshold: 300ms
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    /// ```
    HISTOGRAM_SUFFIX = Error "histogram-suffix";

    /// ## Why
    /// The bucket follows from the threshold; a matcher on `le` would select a
    /// second one.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout", le="0.3"}
    ///         threshold: 300ms
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    /// ```
    HISTOGRAM_LE = Error "histogram-le";

    /// ## Why
    /// A threshold with a unit is converted to the unit of the metric, which its
    /// name tells: `_seconds`, `_milliseconds`, `_ms`. Any other name leaves a
    /// factor of a thousand open.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: request_time{job="checkout"}
    ///         threshold: 300ms
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: request_time{job="checkout"}
    ///         threshold: 300ms
    ///         unit: milliseconds
    /// ```
    LATENCY_UNIT = Error "latency-unit";
}

static THRESHOLD_TEXT: Pattern = Pattern {
    regex: r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?(us|ms|s|m|h)$",
    test: |text| split(text).is_some(),
    what: "a time with its unit",
    help: "write it like `300ms` or `0.3s`; the units are `us`, `ms`, `s`, `m` and `h`",
};
static WITH_UNIT: Shape =
    Shape { doc: "A time with its unit.", ty: Type::Str(Some(&THRESHOLD_TEXT)) };
static RAW: Shape = Shape {
    doc: "The value of `le` as it is.",
    ty: Type::Number(Range { above: Some(0), ..Range::ALL }),
};
static THRESHOLD: Shape = Shape {
    doc: "What is still fast enough, with its unit: `300ms`, `0.3s`. It must be a bucket of the histogram. A bare number is the value of `le`.",
    ty: Type::Either(&[&WITH_UNIT, &RAW]),
};
static UNIT: Shape = Shape {
    doc: "The unit of the metric, where its name does not tell.",
    ty: Type::Enum(&["seconds", "milliseconds"]),
};
static ANY: Shape = Shape { doc: "", ty: Type::Any };
static SHAPE: Shape = Shape {
    doc: "A classic histogram and a threshold: what is slower is bad.",
    ty: Type::Map(&[
        Field::required(
            "histogram",
            &SELECTOR,
            "The histogram: its name without `_bucket`, and matchers.",
        )
        .such_as("http_request_duration_seconds{job=\"checkout\"}"),
        Field::required("threshold", &THRESHOLD, "").such_as("300ms"),
        Field::optional("unit", &UNIT, ""),
        Field::later("native", &ANY, "Whether it is a native histogram."),
        Field::later("buckets", &ANY, "The buckets that the histogram has."),
    ]),
};

pub(super) static KIND: Kind = Kind {
    field: Field::optional(
        "latency",
        &SHAPE,
        "A histogram and a threshold: what is slower is bad.",
    ),
    decode,
};

/// An SLI over a classic histogram.
#[derive(Debug)]
struct Latency {
    histogram: Selector,
    /// The bucket, in the unit of the metric.
    le: Decimal,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let histogram = node.get("histogram").and_then(|n| selector::decode(n, cx));
    let histogram = histogram.filter(|h| check_histogram(h, cx))?;
    let le = decode_threshold(node, &histogram, cx)?;
    Some(Box::new(Latency { histogram, le }))
}

fn check_histogram(histogram: &Selector, cx: &mut Cx<'_>) -> bool {
    let metric = histogram.metric().map(|m| m.as_str().to_owned()).unwrap_or_default();
    let suffix = ["_bucket", "_count", "_sum"].into_iter().find(|s| metric.ends_with(s));
    if let Some(suffix) = suffix {
        let base = metric.trim_end_matches(suffix);
        cx.diags.push(
            Diagnostic::new(
                &HISTOGRAM_SUFFIX,
                histogram.name_span.or(histogram.span),
                format!("`{metric}` is one series of a histogram, not the histogram"),
            )
            .label(format!("ends in `{suffix}`"))
            .fix("name the histogram", histogram.name_span, base, Safety::Safe),
        );
    }
    let bound = histogram.matchers.iter().find(|m| m.label.as_str() == "le");
    if let Some(matcher) = bound {
        cx.diags.push(
            Diagnostic::new(&HISTOGRAM_LE, matcher.span, "the histogram is selected with a bucket")
                .label("the bucket follows from `threshold`")
                .help("remove the matcher"),
        );
    }
    suffix.is_none() && bound.is_none()
}

/// The threshold in the unit of the metric.
fn decode_threshold(node: &Node, histogram: &Selector, cx: &mut Cx<'_>) -> Option<Decimal> {
    let threshold = node.get("threshold")?;
    if let Some(raw) = threshold.as_decimal() {
        return Some(raw);
    }
    let (number, unit) = split(threshold.as_str()?)?;
    let seconds = match unit {
        "us" => number.scaled(-6),
        "ms" => number.scaled(-3),
        "m" => number * Decimal::from(60),
        "h" => number * Decimal::from(3_600),
        _ => number,
    };
    let metric = histogram.metric().map(|m| m.as_str()).unwrap_or_default();
    let named = node.get("unit").and_then(Node::as_str);
    match named.or_else(|| unit_of(metric)) {
        Some("seconds") => Some(seconds),
        Some("milliseconds") => Some(seconds.scaled(3)),
        _ => {
            cx.diags.push(
                Diagnostic::new(
                    &LATENCY_UNIT,
                    threshold.span,
                    format!("the unit of `{metric}` is not known"),
                )
                .label("cannot be converted to the unit of the metric")
                .also(histogram.name_span, "does not end in `_seconds`, `_milliseconds` or `_ms`")
                .help("add `unit: seconds` or `unit: milliseconds` beside `threshold`"),
            );
            None
        }
    }
}

/// The unit that the name of a metric tells.
fn unit_of(metric: &str) -> Option<&'static str> {
    if metric.ends_with("_seconds") {
        return Some("seconds");
    }
    (metric.ends_with("_milliseconds") || metric.ends_with("_ms")).then_some("milliseconds")
}

/// Number and unit of a threshold.
fn split(text: &str) -> Option<(Decimal, &str)> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let short = whole.len() <= 9 && fraction.len() <= 6;
    let known = matches!(unit, "us" | "ms" | "s" | "m" | "h");
    Decimal::parse(number).filter(|n| known && short && *n > Decimal::from(0)).map(|n| (n, unit))
}

impl Sli for Latency {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    /// Bad is what is not fast. A bucket that does not exist leaves no bad series
    /// and no ratio, which fires NoData; `or 0` would make a typo 100 % errors.
    fn base_series(&self, base: &Base) -> BaseSeries {
        let count = self.histogram.with_name_suffix("_count");
        let bucket = self.histogram.with_name_suffix("_bucket").with_matcher(matcher(
            "le",
            MatchOp::Regex,
            le::pattern(self.le),
        ));
        let fast = sum_by(&base.by, rate(&bucket, base.range));
        let slow = matching(base.total.clone(), BinaryOp::Sub, Some(match_on(&base.by)), fast);
        BaseSeries {
            first_bad: None,
            total: sum_by(&base.by, rate(&count, base.range)),
            bad: clamp_min(slow, integer(0)),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let count = self.histogram.with_name_suffix("_count");
        let bucket = self.histogram.with_name_suffix("_bucket");
        let fixed = feed::group(group, &[&self.histogram])?;
        let all = Values::Counter { good: 1.0, bad: 1.0 };
        let mut series = vec![FeedSeries::new(feed::labels(&[&count], &[], &fixed)?, all)];
        // A slow event is above the threshold, and below infinity.
        let fast = Values::Counter { good: 1.0, bad: 0.0 };
        for (le, values) in [(self.le.to_string(), fast), ("+Inf".to_owned(), all)] {
            let with_le = bucket.with_matcher(equal("le", le));
            series.push(FeedSeries::new(feed::labels(&[&with_le], &[], &fixed)?, values));
        }
        Ok(Feed { group: fixed, series, mixes: true })
    }
}

#[cfg(test)]
mod tests {
    use super::{split, unit_of};

    #[test]
    fn thresholds_have_units() {
        let shown = |text| split(text).map(|(n, unit)| format!("{n} {unit}"));
        assert_eq!(shown("300ms").as_deref(), Some("300 ms"));
        assert_eq!(shown("0.3s").as_deref(), Some("0.3 s"));
        for text in ["300", "ms", "0,3s", "1.s", "1h30m", "-1s", "0s", "0.0ms", "1d", "1234567890s"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn names_tell_units() {
        assert_eq!(unit_of("http_request_duration_seconds"), Some("seconds"));
        assert_eq!(unit_of("rpc_ms"), Some("milliseconds"));
        assert_eq!(unit_of("items"), None);
    }
}
