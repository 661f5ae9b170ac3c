//! The kind `events`: counters of bad (or good) and of all events.

use super::feed::{self, Feed, FeedGroup, FeedSeries, Unfed, Values};
use super::kind::{Base, BaseSeries, Cx, Kind, Sli};
use super::selector::{SELECTORS, decode_all, first_values, parts, rate};
use crate::base::{Diagnostic, codes};
use crate::promql::{
    BinaryOp, Expr, Selector, binary, clamp_min, integer, match_on, matching, sum_by,
};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// The error ratio needs bad events, or good ones from which the bad follow;
    /// both could contradict each other.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {total: 'http_requests_total{job="checkout"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    BAD_OR_GOOD = Error "bad-or-good";

    /// ## Why
    /// Where bad (or good) events are all events, the error ratio is always 1 (or
    /// 0) and the SLO says nothing.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout"}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    SAME_AS_TOTAL = Error "same-as-total";
}

static SHAPE: Shape = Shape {
    doc: "Counters of bad (or good) and of all events. Lists add up.",
    ty: Type::Map(&[
        Field::required(
            "total",
            &SELECTORS,
            "All events: a selector of a counter, or a list of them.",
        )
        .such_as("http_requests_total{job=\"checkout\"}"),
        Field::optional("bad", &SELECTORS, "Bad events. Either this or `good`.")
            .such_as("http_requests_total{job=\"checkout\", code=~\"5..\"}"),
        Field::optional("good", &SELECTORS, "Good events. Either this or `bad`.")
            .such_as("http_requests_total{job=\"checkout\", code!~\"5..\"}"),
    ]),
};

pub(super) static KIND: Kind = Kind {
    field: Field::optional("events", &SHAPE, "Counters of bad (or good) and of all events."),
    decode,
};

/// An SLI over counters.
#[derive(Debug)]
struct Events {
    total: Vec<Selector>,
    counted: Counted,
}

/// Which events are counted besides all.
#[derive(Debug)]
enum Counted {
    Bad(Vec<Selector>),
    Good(Vec<Selector>),
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let total = node.get("total").and_then(|n| decode_all(n, cx));
    let (key, counted) = match (node.entry("bad"), node.entry("good")) {
        (Some(bad), None) => ("bad", decode_all(&bad.value, cx)),
        (None, Some(good)) => ("good", decode_all(&good.value, cx)),
        (Some(bad), Some(good)) => {
            cx.diags.push(
                Diagnostic::new(&BAD_OR_GOOD, good.key.span, "`events` has both `bad` and `good`")
                    .label("one of them is enough")
                    .also(bad.key.span, "the other")
                    .help("keep `bad`, which needs no subtraction"),
            );
            return None;
        }
        (None, None) => {
            let place = node.as_map()?.first()?;
            cx.diags.push(
                Diagnostic::new(
                    &BAD_OR_GOOD,
                    place.key.span,
                    "`events` says neither which events are bad nor which are good",
                )
                .label("all events, but no bad ones")
                .help("add `bad:`, a selector of the counter of bad events"),
            );
            return None;
        }
    };
    let (total, counted) = (total?, counted?);
    if let Some((same, other)) = same_as_total(&counted, &total) {
        let always = if key == "bad" { "1: every event is bad" } else { "0: every event is good" };
        cx.diags.push(
            Diagnostic::new(
                &SAME_AS_TOTAL,
                same.span,
                format!("`{key}` selects the same events as `total`"),
            )
            .label(format!("the error ratio would always be {always}"))
            .also(other.span, "the same series")
            .help(format!("add a matcher that tells {key} events apart, such as `code=~\"5..\"`")),
        );
        return None;
    }
    let counted = if key == "bad" { Counted::Bad(counted) } else { Counted::Good(counted) };
    Some(Box::new(Events { total, counted }))
}

/// A selector of `counted` and its equal in `total`, where all of the total is
/// counted: a part of it may well be, as in `bad: x_failed`, `total: [x_failed, x_ok]`.
fn same_as_total<'a>(
    counted: &'a [Selector],
    total: &'a [Selector],
) -> Option<(&'a Selector, &'a Selector)> {
    let counts = |t: &'a Selector| counted.iter().find(|c| c.same_series(t)).map(|c| (c, t));
    let pairs: Option<Vec<_>> = total.iter().map(counts).collect();
    pairs?.into_iter().next()
}

impl Sli for Events {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn base_series(&self, base: &Base) -> BaseSeries {
        match &self.counted {
            Counted::Bad(bad) => self.with_bad(bad, base),
            Counted::Good(good) => self.with_good(good, base),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let (Counted::Bad(marked) | Counted::Good(marked)) = &self.counted;
        let selectors: Vec<&Selector> = marked.iter().chain(&self.total).collect();
        let group = feed::group(group, &selectors)?;
        let mut series: Vec<FeedSeries> = Vec::new();
        for part in feed::parts(marked, &self.total, &group)? {
            let values = match &self.counted {
                Counted::Bad(_) => Values::Counter { good: part.plain, bad: part.marked },
                Counted::Good(_) => Values::Counter { good: part.marked, bad: part.plain },
            };
            let up = FeedSeries::up_of(&part.labels);
            series.extend(up.filter(|up| !series.iter().any(|s| s.labels == up.labels)));
            series.push(FeedSeries::new(part.labels, values));
        }
        Ok(Feed { group, series, mixes: true })
    }
}

impl Events {
    /// The zero inside the sum makes the series 0, not absent, while no error was
    /// ever counted; outside of it `or` would keep both sides.
    fn with_bad(&self, bad: &[Selector], base: &Base) -> BaseSeries {
        let first = parts(bad.iter().filter_map(|b| first_values(b, base.range)));
        let first_bad = first.map(|first| {
            let seconds = integer(base.range.as_millis() / 1_000);
            binary(sum_by(&base.by, first), BinaryOp::Div, seconds)
        });
        let known = first_bad.as_ref().map(|_| base.first_bad.clone());
        // First errors are events of the total too where the total counts them,
        // that is where it is the same metric.
        let in_total = known.clone().filter(|_| self.counts_all(bad));
        BaseSeries {
            first_bad,
            total: sum_by(&base.by, or(rates(&self.total, base), in_total)),
            bad: sum_by(&base.by, or(or(rates(bad, base), known), Some(zero(base)))),
        }
    }

    fn with_good(&self, good: &[Selector], base: &Base) -> BaseSeries {
        let good = sum_by(&base.by, or(rates(good, base), Some(zero(base))));
        let bad = matching(base.total.clone(), BinaryOp::Sub, Some(match_on(&base.by)), good);
        BaseSeries {
            first_bad: None,
            total: sum_by(&base.by, rates(&self.total, base)),
            bad: clamp_min(bad, integer(0)),
        }
    }

    /// Whether each bad metric is one of those that the total adds up.
    fn counts_all(&self, bad: &[Selector]) -> bool {
        bad.iter().all(|b| self.total.iter().any(|t| t.metric() == b.metric()))
    }
}

fn rates(selectors: &[Selector], base: &Base) -> Expr {
    parts(selectors.iter().map(|s| rate(s, base.range)))
        .expect("the shape asks for at least one selector")
}

fn zero(base: &Base) -> Expr {
    binary(integer(0), BinaryOp::Mul, base.total.clone())
}

fn or(left: Expr, right: Option<Expr>) -> Expr {
    match right {
        Some(right) => binary(left, BinaryOp::Or, right),
        None => left,
    }
}
