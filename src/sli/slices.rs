//! The kind `slices`: the share of slices of time in which a condition holds. Each
//! series of the condition has slices of its own.

use super::condition::{self, Condition};
use super::counters;
use super::expression::{self, check_labels, check_per_second};
use super::feed::{Feed, FeedGroup, Unfed};
use super::kind::{Around, Base, BaseSeries, Cx, Kind, Sli};
use super::pieces::per_second;
use crate::base::{Diagnostic, Diagnostics, Duration, Span, codes};
use crate::promql::{BinaryOp, Expr, clamp_min, integer, match_on, matching, sum_by};
use crate::yaml::{Field, Node, Shape, Type};

codes! {
    /// ## Why
    /// Each slice is judged on its own, over its own length. A slice shorter than
    /// two scrapes holds too few samples for a rate, and has no value. One longer
    /// than five minutes is longer than the shortest window of an alert.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: minutes
    ///     objective: 99
    ///     sli:
    ///       slices:
    ///         good: avg_over_time(queue_length{job="checkout"}[$range]) < 100
    ///         slice: 30s
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: minutes
    ///     objective: 99
    ///     sli:
    ///       slices:
    ///         good: avg_over_time(queue_length{job="checkout"}[$range]) < 100
    ///         slice: 1m
    /// ```
    SLICE_LENGTH = Error "slice-length";
}

/// The slice where none is given: what a minute of an SLO is for most people.
const DEFAULT: Duration = Duration::minutes(1);

/// The longest slice: the range of the base series, which is the shortest window.
const LONGEST: Duration = Duration::minutes(5);

static CONDITION: Shape = Shape {
    doc: "A comparison in PromQL that holds while all is well; `$range` is the slice. It may be joined of several by `and` and `or`.",
    ty: Type::Text,
};
static SLICE: Shape = Shape {
    doc: "The length of a slice, from two scrapes to 5m.",
    ty: Type::Duration { zero: false },
};
static SHAPE: Shape = Shape {
    doc: "The share of slices of time in which a condition holds. Without traffic there is no slice.",
    ty: Type::Map(&[
        Field::required("good", &CONDITION, "").such_as(
            "histogram_quantile(0.99, sum by (le) (rate(request_seconds_bucket[$range]))) < 0.5",
        ),
        Field::optional("slice", &SLICE, "").or("1m").such_as("1m"),
    ]),
};

pub(super) static KIND: Kind = Kind {
    field: Field::optional(
        "slices",
        &SHAPE,
        "The share of time slices in which a condition holds.",
    ),
    decode,
};

/// An SLI over slices of time.
#[derive(Debug)]
struct Slices {
    /// As it was written.
    written: Expr,
    condition: Condition,
    slice: Duration,
    /// Where the length of the slice is written, or the condition.
    slice_span: Span,
}

fn decode(node: &Node, cx: &mut Cx<'_>) -> Option<Box<dyn Sli>> {
    let written = node.get("good").and_then(|n| expression::decode(n, cx));
    let slice = node.get("slice");
    let length = slice.map_or(Some(DEFAULT), |n| Duration::parse(n.as_str()?));
    let length = length.filter(|length| check_length(*length, slice, cx));
    let written = written?;
    let condition = condition::decode(&written, cx)?;
    check_per_second(&written, cx.diags);
    counters::check_rates(&written, cx.diags);
    let slice_span = slice.map_or(written.span, |n| n.span);
    Some(Box::new(Slices { written, condition, slice: length?, slice_span }))
}

fn check_length(length: Duration, node: Option<&Node>, cx: &mut Cx<'_>) -> bool {
    let Some(node) = node else { return true };
    let fault = if length > LONGEST {
        "longer than the shortest window"
    } else if length.as_whole_seconds().is_none() {
        "not a whole number of seconds"
    } else {
        return true;
    };
    cx.diags.push(
        Diagnostic::new(&SLICE_LENGTH, node.span, format!("a slice cannot be {length} long"))
            .label(fault)
            .help("write a slice of up to `5m`, such as `1m`"),
    );
    false
}

impl Sli for Slices {
    fn kind(&self) -> &'static str {
        KIND.field.name
    }

    fn is_instant(&self) -> bool {
        true
    }

    fn exprs(&self) -> Vec<Expr> {
        vec![self.written.clone()]
    }

    fn check(&self, around: &Around<'_>, diags: &mut Diagnostics) {
        for comparison in self.condition.comparisons() {
            check_labels(comparison, around.by, diags);
        }
        let least = around.scrape_interval * 2;
        if self.slice >= least {
            return;
        }
        diags.push(
            Diagnostic::new(
                &SLICE_LENGTH,
                self.slice_span,
                format!("a slice of {} is shorter than two scrapes", self.slice),
            )
            .label(format!("targets are scraped every {}", around.scrape_interval))
            .help(format!("set `slice:` to at least `{least}`")),
        );
    }

    fn feed(&self, group: FeedGroup<'_>) -> Result<Feed, Unfed> {
        self.condition.feed(group)
    }

    /// A slice is an event. Where the condition can be turned round, its failures
    /// are summed, else the slices in which it holds are taken from all of them.
    fn base_series(&self, base: &Base) -> BaseSeries {
        let filled = self.condition.with_placeholder(self.slice);
        let slices = |expr| per_second(sum_by(&base.by, expr), self.slice);
        let bad = match filled.fails() {
            Some(fails) => slices(fails),
            None => {
                let on = Some(match_on(&base.by));
                let good = slices(filled.holds());
                clamp_min(matching(base.total.clone(), BinaryOp::Sub, on, good), integer(0))
            }
        };
        BaseSeries { first_bad: None, total: slices(filled.known()), bad }
    }
}
