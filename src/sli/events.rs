//! The kind `events`: counters of bad (or good) and of all events.

use super::counters;
use super::feed::{self, Feed, FeedGroup, FeedSeries, Unfed, Values};
use super::kind::{Around, Base, BaseSeries, Cx, Kind, Sli};
use super::overlap;
use super::pieces::{or, seconds, zero};
use super::selector::{SELECTORS, decode_all, first_values, parts, rate};
use super::sides::{self, Side};
use crate::base::Diagnostics;
use crate::promql::{
    BinaryOp, Expr, Selector, binary, clamp_min, integer, match_on, matching, sum_by,
};
use crate::yaml::{Field, Node, Shape, Type};

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
    side: Side,
    counted: Vec<Selector>,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let total = node.get("total").and_then(|n| decode_all(n, cx));
    let (side, entry) =
        sides::decode(node, KIND.field.name, "a selector of the counter of bad events", cx)?;
    let counted = decode_all(&entry.value, cx);
    let (total, counted) = (total?, counted?);
    total.iter().chain(&counted).for_each(|s| counters::check_events(s, cx.diags));
    // Both lists are looked at, whatever the first one holds.
    let once = [&total, &counted].map(|list| overlap::check_list(list, cx.diags));
    if let Some((same, other)) = same_as_total(&counted, &total) {
        cx.diags.push(sides::same_as_total(side, same.span, other.span));
        return None;
    }
    overlap::check_part(side, &counted, &total, cx.diags);
    if once.contains(&false) {
        return None;
    }
    Some(Box::new(Events { total, side, counted }))
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

    fn exprs(&self) -> Vec<Expr> {
        self.total.iter().chain(&self.counted).map(Selector::to_expr).collect()
    }

    fn check(&self, around: &Around<'_>, diags: &mut Diagnostics) {
        overlap::check_groups(self.side, &self.counted, &self.total, around.by, diags);
    }

    fn base_series(&self, base: &Base) -> BaseSeries {
        match self.side {
            Side::Bad => self.with_bad(&self.counted, base),
            Side::Good => self.with_good(&self.counted, base),
        }
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        let marked = &self.counted;
        let selectors: Vec<&Selector> = marked.iter().chain(&self.total).collect();
        let group = feed::group(group, &selectors)?;
        let mut series: Vec<FeedSeries> = Vec::new();
        for part in feed::parts(marked, &self.total, &group)? {
            let values = match self.side {
                Side::Bad => Values::Counter { good: part.plain, bad: part.marked },
                Side::Good => Values::Counter { good: part.marked, bad: part.plain },
            };
            let up = FeedSeries::up_of(&part.labels);
            series.extend(up.filter(|up| !series.iter().any(|s| s.labels == up.labels)));
            series.push(FeedSeries::new(part.labels, values));
        }
        Ok(Feed { group, series, mixes: true })
    }
}

impl Events {
    /// Errors of the rates, those that no rate sees, and a zero that keeps the
    /// series from being absent while there are none.
    fn with_bad(&self, bad: &[Selector], base: &Base) -> BaseSeries {
        let counted = bad.iter().filter(|_| base.first_errors);
        let first = parts(counted.filter_map(|b| first_values(b, base.range)));
        let first_bad =
            first.map(|first| binary(sum_by(&base.by, first), BinaryOp::Div, seconds(base.range)));
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
