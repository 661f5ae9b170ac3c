//! The kind `latency`: a histogram, classic or native, and a threshold. Requests
//! slower than the threshold are bad.

use super::feed::{self, Feed, FeedGroup, FeedSeries, Unfed, Values};
use super::kind::{Base, BaseSeries, Cx, Kind, Need, Sli};
use super::le;
use super::pieces::zero;
use super::selector::{self, SELECTOR, rate};
use super::threshold::{self, BUCKETS, THRESHOLD, UNIT};
use crate::base::{Decimal, Diagnostic, Safety, Span, codes};
use crate::promql::{
    BinaryOp, Expr, MatchOp, Selector, binary, call, clamp_min, decimal, equal, integer, match_on,
    matcher, matching, number, paren, sum_by,
};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// `histogram` takes the name that its series share, without `_bucket`,
    /// `_count` or `_sum`: both the buckets and the count are read. A name that ends
    /// in `_total` is one of a counter.
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
    /// A native histogram has no buckets of its own: its resolution follows the
    /// values, and any threshold can be read from it.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 250ms
    ///         native: true
    ///         buckets: [0.1, 0.25, 0.5]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 250ms
    ///         native: true
    /// ```
    BUCKETS_OF_NATIVE = Error "buckets-of-native";
}

static NATIVE: Shape = Shape {
    doc: "Whether it is a native histogram (Prometheus 2.53 and newer). Then any threshold can be read.",
    ty: Type::Bool,
};
static SHAPE: Shape = Shape {
    doc: "A histogram and a threshold: what is slower is bad.",
    ty: Type::Map(&[
        Field::required(
            "histogram",
            &SELECTOR,
            "The histogram: its name without `_bucket`, and matchers.",
        )
        .such_as("http_request_duration_seconds{job=\"checkout\"}"),
        Field::required("threshold", &THRESHOLD, "").such_as("300ms"),
        Field::optional("unit", &UNIT, ""),
        Field::optional("native", &NATIVE, "").or("false"),
        Field::optional("buckets", &BUCKETS, "").such_as("[0.1, 0.3, 1]"),
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

/// An SLI over a histogram.
#[derive(Debug)]
struct Latency {
    histogram: Selector,
    /// The slowest of what is fast, in the unit of the metric.
    threshold: Decimal,
    /// Where the histogram is said to be native, if it is.
    native: Option<Span>,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let histogram = node.get("histogram").and_then(|n| selector::decode(n, cx));
    let histogram = histogram.filter(|h| check_histogram(h, cx))?;
    let native = node.get("native").filter(|n| n.as_bool() == Some(true)).map(|n| n.span);
    if let (Some(native), Some(buckets)) = (native, node.entry("buckets")) {
        cx.diags.push(
            Diagnostic::new(
                &BUCKETS_OF_NATIVE,
                buckets.key.span,
                "a native histogram has no buckets of its own",
            )
            .label("any threshold can be read from it")
            .also(native, "said to be native")
            .help("remove `buckets:`, or `native: true` if the histogram is a classic one"),
        );
        return None;
    }
    let threshold = threshold::decode(node, &histogram, cx)?;
    Some(Box::new(Latency { histogram, threshold, native }))
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
    let is_counter = metric.ends_with("_total");
    if is_counter {
        cx.diags.push(
            Diagnostic::new(
                &HISTOGRAM_SUFFIX,
                histogram.name_span.or(histogram.span),
                format!("`{metric}` is a counter, not a histogram, by its name"),
            )
            .label("ends in `_total`")
            .help("name a histogram: what its series are called before `_bucket` and `_count`; counters are measured with `events`"),
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
    suffix.is_none() && !is_counter && bound.is_none()
}

impl Sli for Latency {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.histogram.to_expr()]
    }

    fn needs(&self) -> Option<Need> {
        let need = |span| Need { since: (2, 53), what: "native histograms", span };
        self.native.map(need)
    }

    fn figures(&self) -> Vec<(&'static str, Decimal)> {
        vec![("threshold", self.threshold)]
    }

    fn base_series(&self, base: &Base) -> BaseSeries {
        match self.native {
            Some(_) => self.native_series(base),
            None => self.classic_series(base),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let count = self.histogram.with_name_suffix("_count");
        let bucket = self.histogram.with_name_suffix("_bucket");
        let fixed = feed::group(group, &[&self.histogram])?;
        if self.native.is_some() {
            let values = around(self.threshold.to_f64());
            let series = FeedSeries::new(feed::labels(&[&self.histogram], &[], &fixed)?, values);
            return Ok(Feed { group: fixed, series: vec![series], mixes: true });
        }
        let all = Values::Counter { good: 1.0, bad: 1.0 };
        let mut series = vec![FeedSeries::new(feed::labels(&[&count], &[], &fixed)?, all)];
        // A slow event is above the threshold, and below infinity.
        let fast = Values::Counter { good: 1.0, bad: 0.0 };
        for (le, values) in [(self.threshold.to_string(), fast), ("+Inf".to_owned(), all)] {
            let with_le = bucket.with_matcher(equal("le", le));
            series.push(FeedSeries::new(feed::labels(&[&with_le], &[], &fixed)?, values));
        }
        Ok(Feed { group: fixed, series, mixes: true })
    }
}

impl Latency {
    /// Bad is what is not fast. A bucket that does not exist leaves no bad series
    /// and no ratio, which fires NoData; `or 0` would make a typo 100 % errors.
    fn classic_series(&self, base: &Base) -> BaseSeries {
        let count = self.histogram.with_name_suffix("_count");
        let bucket = self.histogram.with_name_suffix("_bucket").with_matcher(matcher(
            "le",
            MatchOp::Regex,
            le::pattern(self.threshold),
        ));
        let fast = sum_by(&base.by, rate(&bucket, base.range));
        let slow = matching(base.total.clone(), BinaryOp::Sub, Some(match_on(&base.by)), fast);
        BaseSeries {
            first_bad: None,
            total: sum_by(&base.by, rate(&count, base.range)),
            bad: clamp_min(slow, integer(0)),
        }
    }

    /// Bad is the share above the threshold of all observations. The share of an
    /// empty histogram is not a number, which `>= 0` drops; the second arm puts 0 in
    /// its place. From minus infinity on, since a clock that was set back makes
    /// negative times, which are not slow.
    fn native_series(&self, base: &Base) -> BaseSeries {
        let on = || Some(match_on(&base.by));
        let all = || sum_by(&base.by, rate(&self.histogram, base.range));
        let bounds = [number("-Inf"), decimal(self.threshold), all()];
        let slow = binary(integer(1), BinaryOp::Sub, call("histogram_fraction", bounds));
        let slow = matching(slow, BinaryOp::Mul, on(), base.total.clone());
        let slow = paren(binary(slow, BinaryOp::Ge, integer(0)));
        BaseSeries {
            first_bad: None,
            total: call("histogram_count", [all()]),
            bad: matching(slow, BinaryOp::Or, on(), zero(base)),
        }
    }
}

/// The buckets of a native histogram on both sides of a threshold.
fn around(threshold: f64) -> Values {
    let (mut good, mut bad) = (0, 0);
    while 2f64.powi(good) > threshold {
        good -= 1;
    }
    while 2f64.powi(good + 1) <= threshold {
        good += 1;
    }
    // A bucket holds what is above half its bound.
    while 2f64.powi(bad - 1) < threshold {
        bad += 1;
    }
    while 2f64.powi(bad - 2) >= threshold {
        bad -= 1;
    }
    Values::Histogram { good, bad }
}

#[cfg(test)]
mod tests {
    use super::{Values, around};

    #[test]
    fn buckets_are_on_both_sides_of_a_threshold() {
        for (threshold, good, bad) in
            [(0.25, -2, -1), (0.3, -2, 0), (1.0, 0, 1), (300.0, 8, 10), (1e-6, -20, -18)]
        {
            assert_eq!(around(threshold), Values::Histogram { good, bad }, "{threshold}");
        }
    }
}
