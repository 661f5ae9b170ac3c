//! Thresholds of histograms: a time with its unit, or a bare number that is the
//! value of `le` as it is, brought to the unit of the metric. Where the buckets are
//! known, the threshold is one of them.

use super::kind::Cx;
use crate::base::{Decimal, Diagnostic, Safety, Span, codes};
use crate::promql::Selector;
use crate::yaml::{Node, Pattern, Range, Shape, Type};

codes! {
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

    /// ## Why
    /// A bare number is the value of `le` as it is, in the unit of the metric. 300
    /// on a metric in seconds is five minutes, and 0.3 on one in milliseconds less
    /// than any request takes: a bucket that is not there, or an SLO that is always
    /// met.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300
    /// ```
    /// ## Instead
    /// The unit beside the number: `300s` too, where five minutes are meant.
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    /// ```
    THRESHOLD_UNITLESS = Warning "threshold-unitless";

    /// ## Why
    /// A classic histogram knows how many requests were faster than each of its
    /// buckets, and nothing between two of them. A threshold that is none of them
    /// selects no series, so the SLO has no data.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    ///         buckets: [0.1, 0.25, 0.5, 1]
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
    ///         buckets: [0.1, 0.25, 0.5, 1]
    /// ```
    THRESHOLD_BETWEEN_BUCKETS = Error "threshold-between-buckets";

    /// ## Why
    /// Buckets are written as the service has them, from the fastest to the
    /// slowest. One that is out of order was likely written in another unit.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 500ms
    ///         buckets: [100, 250, 500ms]
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 500ms
    ///         buckets: [100ms, 250ms, 500ms]
    /// ```
    BUCKETS_ORDER = Error "buckets-order";

    /// ## Why
    /// A name that ends in `_seconds`, `_milliseconds` or `_ms` tells the unit. With
    /// another `unit:` beside it, every threshold would be off by a factor of a
    /// thousand.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    ///         unit: milliseconds
    /// ```
    /// ## Instead
    /// The unit beside the threshold alone; or a bare number, where the name is wrong.
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    /// ```
    UNIT_CONTRADICTS = Error "unit-contradicts";

    /// ## Why
    /// Bare numbers in `buckets` are values of `le` as they are, in the unit of the
    /// metric. Buckets of 100 to 500 on a metric in seconds are minutes.
    /// ## Fires
    /// Where the threshold lies among the buckets only if they are read in the other
    /// unit.
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    ///         buckets: [100, 300, 500]
    /// ```
    /// ## Instead
    /// Their unit, or the values of `le`: `[0.1, 0.3, 0.5]`.
    /// ```yaml
    /// slos:
    ///   - name: latency
    ///     objective: 99
    ///     sli:
    ///       latency:
    ///         histogram: http_request_duration_seconds{job="checkout"}
    ///         threshold: 300ms
    ///         buckets: [100ms, 300ms, 500ms]
    /// ```
    BUCKETS_UNIT = Error "buckets-unit";
}

const TIME_TEXT: Pattern = Pattern {
    regex: r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?(us|ms|s|m|h)$",
    test: |text| split(text).is_some(),
    what: "a time with its unit",
    help: "write it like `300ms` or `0.3s`; the units are `us`, `ms`, `s`, `m` and `h`",
};
static THRESHOLD_TEXT: Pattern = TIME_TEXT;
static WITH_UNIT: Shape =
    Shape { doc: "A time with its unit.", ty: Type::Str(Some(&THRESHOLD_TEXT)) };
static RAW: Shape = Shape {
    doc: "The value of `le` as it is.",
    ty: Type::Number(Range { above: Some(0), ..Range::ALL }),
};
pub(super) static THRESHOLD: Shape = Shape {
    doc: "What is still fast enough, with its unit: `300ms`, `0.3s`. It must be a bucket of a classic histogram. A bare number is the value of `le`.",
    ty: Type::Either(&[&WITH_UNIT, &RAW]),
};
pub(super) static UNIT: Shape = Shape {
    doc: "The unit of the metric, where its name does not tell.",
    ty: Type::Enum(&["seconds", "milliseconds"]),
};
static BUCKET_TEXT: Pattern = Pattern {
    help: "write it like `300ms` or `0.3`; leave `+Inf` out, which every histogram has",
    ..TIME_TEXT
};
static BUCKET_WITH_UNIT: Shape =
    Shape { doc: "A time with its unit.", ty: Type::Str(Some(&BUCKET_TEXT)) };
static BUCKET: Shape = Shape {
    doc: "A bucket: a time with its unit, or the value of `le`.",
    ty: Type::Either(&[&BUCKET_WITH_UNIT, &RAW]),
};
pub(super) static BUCKETS: Shape = Shape {
    doc: "The buckets that the histogram has, ascending, without `+Inf`. Where they are given, the threshold is held against them.",
    ty: Type::List { item: &BUCKET, min: 1 },
};

/// Reads `threshold`, in the unit of the metric, and holds it against `buckets`.
pub(super) fn decode(node: &Node, histogram: &Selector, cx: &mut Cx<'_>) -> Option<Decimal> {
    let written = node.get("threshold")?;
    let named = node.get("unit").and_then(Node::as_str);
    let metric = histogram.metric().map(|m| m.as_str()).unwrap_or_default();
    let told = unit_of(metric);
    if let (Some(unit), Some(told)) = (node.get("unit").filter(|_| named.is_some()), told)
        && named != Some(told)
    {
        cx.diags.push(
            Diagnostic::new(
                &UNIT_CONTRADICTS,
                unit.span,
                format!("`{metric}` is in {told}, by its name"),
            )
            .label("another unit")
            .also(histogram.name_span, "tells the unit")
            .help("remove `unit:`"),
        );
        return None;
    }
    let unit = Unit { known: named.or(told), histogram };
    let threshold = unit.read(written, cx)?;
    let Some(buckets) = node.get("buckets") else {
        check_unit_was_meant(written, threshold, &unit, cx);
        return Some(threshold);
    };
    let items = buckets.as_seq()?;
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        read.push((unit.read(item, cx)?, item));
    }
    let sound = is_ascending(&read, cx)
        && is_of_unit(threshold, written, &read, &unit, cx)
        && is_bucket(threshold, written, &read, cx);
    sound.then_some(threshold)
}

/// The unit of a histogram.
struct Unit<'a> {
    known: Option<&'a str>,
    histogram: &'a Selector,
}

impl Unit<'_> {
    /// A time in the unit of the metric.
    fn read(&self, node: &Node, cx: &mut Cx<'_>) -> Option<Decimal> {
        if let Some(raw) = node.as_decimal() {
            return Some(raw);
        }
        let (number, unit) = split(node.as_str()?)?;
        let seconds = match unit {
            "us" => number.scaled(-6),
            "ms" => number.scaled(-3),
            "m" => number * Decimal::from(60),
            "h" => number * Decimal::from(3_600),
            _ => number,
        };
        match self.known {
            Some("seconds") => Some(seconds),
            Some("milliseconds") => Some(seconds.scaled(3)),
            _ => {
                cx.diags.push(self.not_known(node.span));
                None
            }
        }
    }

    fn not_known(&self, span: Span) -> Diagnostic {
        let metric = self.histogram.metric().map(|m| m.as_str()).unwrap_or_default();
        Diagnostic::new(&LATENCY_UNIT, span, format!("the unit of `{metric}` is not known"))
            .label("cannot be converted to the unit of the metric")
            .also(self.histogram.name_span, "does not end in `_seconds`, `_milliseconds` or `_ms`")
            .help("add `unit: seconds` or `unit: milliseconds` beside `threshold`")
    }
}

/// Warns of a bare number that is likely of another unit than the metric: from a
/// hundred seconds on, or below a millisecond.
fn check_unit_was_meant(written: &Node, value: Decimal, unit: &Unit<'_>, cx: &mut Cx<'_>) {
    let Some(text) = written.as_decimal().and(written.as_str()) else { return };
    let (here, other) = match unit.known {
        Some("seconds") if value >= Decimal::from(100) => ("s", "ms"),
        Some("milliseconds") if value < Decimal::from(1) => ("ms", "s"),
        _ => return,
    };
    cx.diags.push(
        Diagnostic::new(
            &THRESHOLD_UNITLESS,
            written.span,
            format!("the threshold is {text} {}", unit.known.unwrap_or_default()),
        )
        .label("a bare number is in the unit of the metric")
        .help(format!("write `{text}{other}`, or `{text}{here}` where that is meant")),
    );
}

fn is_ascending(buckets: &[(Decimal, &Node)], cx: &mut Cx<'_>) -> bool {
    let fault = buckets.windows(2).find_map(|pair| match pair {
        [(low, first), (high, second)] if low >= high => Some((first, second)),
        _ => None,
    });
    let Some((first, second)) = fault else { return true };
    cx.diags.push(
        Diagnostic::new(&BUCKETS_ORDER, second.span, "the buckets are not in ascending order")
            .label("not above the one before")
            .also(first.span, "the one before")
            .help("write each bucket once, ascending; give all of them units, or none"),
    );
    false
}

/// Whether bare buckets are of the unit of the metric, as far as a threshold with a
/// unit tells: it lies among them, or not even among what they are in the other.
fn is_of_unit(
    threshold: Decimal,
    written: &Node,
    buckets: &[(Decimal, &Node)],
    unit: &Unit<'_>,
    cx: &mut Cx<'_>,
) -> bool {
    let (other, power, here) = match unit.known {
        Some("seconds") => ("ms", -3, "seconds"),
        Some("milliseconds") => ("s", 3, "milliseconds"),
        _ => return true,
    };
    let ([(first, place), ..], [.., (last, _)]) = (buckets, buckets) else { return true };
    let bare = |node: &Node| node.as_decimal().is_some();
    let among = |low: Decimal, high: Decimal| low <= threshold && threshold <= high;
    if bare(written)
        || !buckets.iter().all(|(_, node)| bare(node))
        || among(*first, *last)
        || !among(first.scaled(power), last.scaled(power))
    {
        return true;
    }
    let texts = |write: &dyn Fn(Decimal) -> String| {
        let all: Vec<String> = buckets.iter().map(|(bucket, _)| write(*bucket)).collect();
        all.join(", ")
    };
    let with_unit = texts(&|bucket| format!("{bucket}{other}"));
    let scaled = texts(&|bucket| bucket.scaled(power).to_string());
    cx.diags.push(
        Diagnostic::new(&BUCKETS_UNIT, place.span, format!("the buckets are read as {here}"))
            .label("bare numbers are in the unit of the metric")
            .also(written.span, format!("among them only if they are in `{other}`"))
            .help(format!("write them as `[{with_unit}]` or `[{scaled}]`")),
    );
    false
}

fn is_bucket(
    threshold: Decimal,
    written: &Node,
    buckets: &[(Decimal, &Node)],
    cx: &mut Cx<'_>,
) -> bool {
    if buckets.iter().any(|(bucket, _)| *bucket == threshold) {
        return true;
    }
    let below = buckets.iter().rev().find(|(bucket, _)| *bucket < threshold);
    let above = buckets.iter().find(|(bucket, _)| *bucket > threshold);
    let text = |node: &Node| node.as_str().unwrap_or_default().to_owned();
    let gap = |side: Option<&(Decimal, &Node)>| {
        side.map(|(b, node)| (distance(*b, threshold), text(node)))
    };
    let (low, high) = (gap(below), gap(above));
    let message = match (&low, &high) {
        (Some((_, low)), Some((_, high))) => {
            format!("the threshold is between the buckets `{low}` and `{high}`")
        }
        (Some((_, low)), None) => format!("the threshold is above the last bucket, `{low}`"),
        (None, Some((_, high))) => format!("the threshold is below the first bucket, `{high}`"),
        (None, None) => return true,
    };
    let is_near = match (below, above) {
        (Some(_), Some(_)) => true,
        _ => is_near(threshold, buckets),
    };
    let nearest = low.into_iter().chain(high).min().map(|(_, text)| text).unwrap_or_default();
    let place = below.or(above).map_or(Span::NONE, |(_, node)| node.span);
    let fault = Diagnostic::new(&THRESHOLD_BETWEEN_BUCKETS, written.span, message)
        .label("no bucket of the histogram")
        .also(place, "the nearest buckets stand here")
        .note("a classic histogram says nothing between two buckets");
    cx.diags.push(match is_near {
        true => fault.fix("take the nearest bucket", written.span, nearest, Safety::Suggestion),
        false => fault.help("write one of the buckets, or all buckets that the histogram has"),
    });
    false
}

/// Whether a threshold beyond the buckets is no further from the last one than that
/// is from its neighbour, and of its size.
fn is_near(threshold: Decimal, buckets: &[(Decimal, &Node)]) -> bool {
    let ten = Decimal::from(10);
    match buckets {
        [(first, _), (next, _), ..] if threshold < *first => {
            *first - threshold <= *next - *first && *first <= threshold * ten
        }
        [.., (before, _), (last, _)] => {
            threshold - *last <= *last - *before && threshold <= *last * ten
        }
        _ => false,
    }
}

fn distance(a: Decimal, b: Decimal) -> Decimal {
    if a < b { b - a } else { a - b }
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
