//! How the selectors of an SLI lie to each other: what is counted twice, and bad
//! events that are no part of all events. Only what their matchers prove is told.

use std::sync::Arc;

use super::sides::Side;
use super::values::{exclude, implies, is_always, refuses};
use crate::base::{Diagnostic, Diagnostics, Spanned, codes};
use crate::promql::{Matcher, Selector};

codes! {
    /// ## Why
    /// Bad (or good) events are a part of all events. Where both are counted by one
    /// metric and a matcher of `total` leaves some of them out, the error ratio is
    /// too high, or, where it leaves out all of them, has nothing to do with
    /// `total`.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout", handler!="/health"}
    /// ```
    /// ## Instead
    /// The same matchers on both sides, and one more that tells the bad events.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", handler!="/health", code=~"5.."}
    ///         total: http_requests_total{job="checkout", handler!="/health"}
    /// ```
    BAD_OUTSIDE_TOTAL = Warning "bad-outside-total";

    /// ## Why
    /// The selectors of a list add up. One that stands in it twice counts its events
    /// twice.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total:
    ///           - requests_total{job="checkout"}
    ///           - requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total:
    ///           - requests_total{job="checkout"}
    ///           - calls_total{job="checkout"}
    /// ```
    SELECTOR_TWICE = Error "selector-twice";

    /// ## Why
    /// The selectors of a list add up. Where one selects series of another, their
    /// events count twice.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total:
    ///           - requests_total{job="checkout"}
    ///           - requests_total{job="checkout", method="GET"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{job="checkout"}
    ///         total: requests_total{job="checkout"}
    /// ```
    SELECTOR_OVERLAP = Warning "selector-overlap";

    /// ## Why
    /// `group_by` gives each value of a label a budget of its own. Where that label
    /// tells bad events from the others, each group is all good or all bad, and no
    /// budget says anything.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [code]
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    /// ## Instead
    /// A label of which each value has good and bad events.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     group_by: [region]
    ///     sli:
    ///       events:
    ///         bad: http_requests_total{job="checkout", code=~"5.."}
    ///         total: http_requests_total{job="checkout"}
    /// ```
    GROUP_BY_OUTCOME = Warning "group-by-outcome";
}

/// Reports selectors of a list that count series of each other; whether none is
/// there twice.
pub(super) fn check_list(list: &[Selector], diags: &mut Diagnostics) -> bool {
    let mut sound = true;
    for (index, second) in list.iter().enumerate() {
        let before = || list.iter().take(index);
        if let Some(first) = before().find(|first| first.same_series(second)) {
            sound = false;
            diags.push(
                Diagnostic::new(
                    &SELECTOR_TWICE,
                    second.span,
                    "a selector stands in the list twice",
                )
                .label("its events would count twice")
                .also(first.span, "the first time")
                .help("remove one of them, or correct the one that was meant to differ"),
            );
            continue;
        }
        let Some(first) = before().find(|first| is_part(first, second) || is_part(second, first))
        else {
            continue;
        };
        diags.push(
            Diagnostic::new(
                &SELECTOR_OVERLAP,
                second.span,
                "two selectors of the list take the same series",
            )
            .label("events that are in both count twice")
            .also(first.span, "the other")
            .help("remove the narrower one, or add matchers that keep them apart"),
        );
    }
    sound
}

/// Whether every series of `narrow` is one of `wide`: each matcher of `wide` is
/// implied by one of `narrow`.
fn is_part(narrow: &Selector, wide: &Selector) -> bool {
    let implied =
        |matcher: &Matcher| own(narrow).any(|m| m.label == matcher.label && implies(m, matcher));
    same_metric(narrow, wide) && own(wide).all(implied)
}

fn same_metric(a: &Selector, b: &Selector) -> bool {
    a.metric().is_some() && a.metric() == b.metric()
}

/// The matchers of a selector but those of its metric's name.
fn own(selector: &Selector) -> impl Iterator<Item = &Matcher> {
    selector.matchers.iter().filter(|m| m.label != "__name__")
}

/// Warns of events of one side that are not in the total, where all of the total is
/// the same metric.
pub(super) fn check_part(
    side: Side,
    counted: &[Selector],
    total: &[Selector],
    diags: &mut Diagnostics,
) {
    for selector in counted {
        if !total.iter().all(|t| same_metric(selector, t)) {
            continue;
        }
        let excluded: Option<Vec<_>> = total.iter().map(|t| exclusion(selector, t)).collect();
        if let Some((own, other)) = excluded.and_then(|pairs| pairs.first().copied()) {
            diags.push(outside(side, own, other));
        } else if let [total] = total {
            own(total).filter_map(|m| left_out(selector, m)).for_each(|fault| {
                diags.push(fault(side, selector));
            });
        }
    }
}

/// Warns of labels of `by` that alone tell the events of one side from all of them.
pub(super) fn check_groups(
    side: Side,
    counted: &[Selector],
    total: &[Selector],
    by: &[Spanned<Arc<str>>],
    diags: &mut Diagnostics,
) {
    let key = side.key();
    for selector in counted {
        let Some(total) = total.iter().find(|t| same_metric(selector, t)) else { continue };
        let is_new = |m: &&Matcher| !own(total).any(|other| other.same(m));
        let telling: Vec<&Matcher> = own(selector).filter(is_new).collect();
        let label = |m: &Matcher| by.iter().find(|label| *label.value == *m.label);
        if !telling.iter().all(|m| label(m).is_some()) {
            continue;
        }
        let Some((matcher, label)) = telling.first().and_then(|m| Some((*m, label(m)?))) else {
            continue;
        };
        diags.push(
            Diagnostic::new(
                &GROUP_BY_OUTCOME,
                label.span,
                format!("each group of `{}` is all good or all bad", label.value),
            )
            .label("a budget for each of its values")
            .also(matcher.span, format!("tells {key} events from the others"))
            .help("group by a label of which each value has good and bad events"),
        );
    }
}

/// A matcher of each that no series can satisfy together.
fn exclusion<'a>(a: &'a Selector, b: &'a Selector) -> Option<(&'a Matcher, &'a Matcher)> {
    let pairs = own(a).flat_map(|m| own(b).map(move |other| (m, other)));
    pairs.into_iter().find(|(m, other)| m.label == other.label && exclude(m, other))
}

fn outside(side: Side, own: &Matcher, other: &Matcher) -> Diagnostic {
    let key = side.key();
    Diagnostic::new(&BAD_OUTSIDE_TOTAL, own.span, format!("no {key} event is part of `total`"))
        .label("selects what `total` leaves out")
        .also(other.span, "leaves out all of it")
        .help(format!("take the matcher of `{}` out of `total`", other.label))
}

/// Why some series of `selector` are left out by a matcher of the total: `selector`
/// says nothing of its label, or takes a value that it refuses.
fn left_out(
    selector: &Selector,
    total: &Matcher,
) -> Option<impl FnOnce(Side, &Selector) -> Diagnostic> {
    let same: Vec<&Matcher> = own(selector).filter(|m| m.label == total.label).collect();
    let value = match same.as_slice() {
        [] if is_always(total) => return None,
        [] => None,
        [only] => Some(only.examples().into_iter().find(|value| refuses(total, value))?),
        _ => return None,
    };
    let (label, total_span) = (total.label.clone(), total.span);
    let wanted = format!("{label}{}\"{}\"", total.op.text(), total.value);
    Some(move |side: Side, selector: &Selector| {
        let key = side.key();
        let place = match &value {
            Some(value) => format!("takes `{label}=\"{value}\"`, which `total` leaves out"),
            None => format!("takes every `{label}`"),
        };
        Diagnostic::new(
            &BAD_OUTSIDE_TOTAL,
            selector.span,
            format!("some {key} events are not part of `total`"),
        )
        .label(place)
        .also(total_span, "`total` takes these alone")
        .help(format!("add `{wanted}` to `{key}` too, or take it out of `total`"))
    })
}
