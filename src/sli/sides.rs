//! Bad or good: the side of the events that an SLI counts besides all of them.

use super::kind::Cx;
use crate::base::{Diagnostic, Span, codes};
use crate::yaml::{Entry, Node};

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

/// Which events are counted besides all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The bad ones.
    Bad,
    /// The good ones, from which the bad follow.
    Good,
}

impl Side {
    /// Its key.
    pub(super) fn key(self) -> &'static str {
        match self {
            Side::Bad => "bad",
            Side::Good => "good",
        }
    }
}

/// The one of `bad` and `good` that is there, of an SLI of `kind`. `wanted` says what
/// is written there.
pub(super) fn decode<'n>(
    node: &'n Node,
    kind: &'static str,
    wanted: &'static str,
    cx: &mut Cx<'_>,
) -> Option<(Side, &'n Entry)> {
    let fault = match (node.entry("bad"), node.entry("good")) {
        (Some(bad), None) => return Some((Side::Bad, bad)),
        (None, Some(good)) => return Some((Side::Good, good)),
        (Some(bad), Some(good)) => Diagnostic::new(
            &BAD_OR_GOOD,
            good.key.span,
            format!("`{kind}` has both `bad` and `good`"),
        )
        .label("one of them is enough")
        .also(bad.key.span, "the other")
        .help("keep `bad`, which needs no subtraction"),
        // A key that is not known was reported, and is likely the one that is missing.
        (None, None) if node.as_map()?.iter().any(|e| e.key.name != "total") => return None,
        (None, None) => {
            let first = node.as_map()?.first();
            let label = match node.get("total") {
                Some(_) => "all events, but no bad ones",
                None => "neither of them is here",
            };
            Diagnostic::new(
                &BAD_OR_GOOD,
                first.map_or(node.span, |entry| entry.key.span),
                format!("`{kind}` says neither which events are bad nor which are good"),
            )
            .label(label)
            .help(format!("add `bad:`, {wanted}"))
        }
    };
    cx.diags.push(fault);
    None
}

/// The finding that the side at `same` is all of the total at `other`.
pub(super) fn same_as_total(side: Side, same: Span, other: Span) -> Diagnostic {
    let key = side.key();
    let always = match side {
        Side::Bad => "1: every event is bad",
        Side::Good => "0: every event is good",
    };
    Diagnostic::new(&SAME_AS_TOTAL, same, format!("`{key}` selects the same events as `total`"))
        .label(format!("the error ratio would always be {always}"))
        .also(other, "the same series")
        .help(format!("add a matcher that tells {key} events apart, such as `code=~\"5..\"`"))
}
