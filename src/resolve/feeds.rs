//! What the targets of an SLO would expose in a rule test: from its selectors, or
//! from `test_series:`.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::Name;
use crate::sli::{Feed, FeedGroup, FeedSeries, Sli, Unfed};
use crate::spec::{TestSeries, Written};

codes! {
    /// ## Why
    /// For each SLO a rule test is written, which proves that its alerts fire. The
    /// series that the test feeds are made up from the matchers of the SLI. Where
    /// that cannot be done there is no test, and nobody knows whether the alerts
    /// fire.
    /// ## Fires
    /// Matchers that no value was found for.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{path=~"/api.*", path=~".*checkout.*"}
    ///         total: requests_total{path=~"/api.*", path=~".*checkout.*"}
    /// ```
    /// ## Instead
    /// The series that the targets expose, each with what a counter grows by per
    /// second (`+1`), or with the value of a gauge (`1`): where all is good, and where
    /// all is bad.
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli:
    ///       events:
    ///         bad: errors_total{path=~"/api.*", path=~".*checkout.*"}
    ///         total: requests_total{path=~"/api.*", path=~".*checkout.*"}
    ///     test_series:
    ///       - {series: 'requests_total{path="/api/checkout"}', good: "+1", bad: "+1"}
    ///       - {series: 'errors_total{path="/api/checkout"}', good: "+0", bad: "+1"}
    /// ```
    TEST_UNFED = Warning "test-unfed";
}

/// The feeds of an SLO: of one group, and of another where there is one.
pub(super) fn feeds(
    sli: &dyn Sli,
    name: &Written,
    by: &[Name],
    own: Option<&[TestSeries]>,
    wanted: bool,
    diags: &mut Diagnostics,
) -> Vec<Feed> {
    if !wanted {
        return Vec::new();
    }
    if let Some(own) = own {
        let has = |label: &Name| {
            own.iter().any(|series| series.feed.labels.iter().any(|(name, _)| name == label))
        };
        // Series that are at fault were reported, and are not there.
        if let Some(label) = by.iter().find(|label| !own.is_empty() && !has(label)) {
            let why = format!("no series of `test_series` has the label `{label}` of `group_by`");
            diags.push(report(name, &Unfed::new(name.span, why)));
            return Vec::new();
        }
        return vec![written(sli, by, own)];
    }
    let first = match sli.feed(FeedGroup { by, nth: 0 }) {
        Ok(feed) => feed,
        Err(unfed) => {
            diags.push(report(name, &unfed));
            return Vec::new();
        }
    };
    let second = (!by.is_empty()).then(|| sli.feed(FeedGroup { by, nth: 1 }).ok()).flatten();
    let second = second.filter(|second| second.group != first.group);
    [Some(first), second].into_iter().flatten().collect()
}

/// The feed that a spec gives. Counters mix good and bad events; a condition, and
/// what is an event with each sample, is good or bad.
fn written(sli: &dyn Sli, by: &[Name], own: &[TestSeries]) -> Feed {
    let mut series: Vec<_> = own.iter().map(|series| series.feed.clone()).collect();
    // The first value of a new series counts where its target was up.
    let targets = own.iter().filter(|series| series.feed.is_errors());
    for up in targets.filter_map(|series| FeedSeries::up_of(&series.feed.labels)) {
        if !series.iter().any(|known| known.labels == up.labels) {
            series.push(up);
        }
    }
    let value = |label: &Name| {
        let mut labels = series.iter().flat_map(|s| &s.labels);
        labels.find(|(name, _)| name == label).cloned()
    };
    let group = by.iter().filter_map(value).collect();
    let mixes = !sli.is_instant() && series.iter().all(|s| s.is_constant() || s.is_counter());
    Feed { group, series, mixes }
}

fn report(name: &Written, unfed: &Unfed) -> Diagnostic {
    Diagnostic::new(
        &TEST_UNFED,
        unfed.span.or(name.span),
        format!("no rule test is written for `{}`: {}", name.value, unfed.why),
    )
    .label("no series can be made up for it")
    .help("give the series that its targets expose, below `test_series:` of the SLO")
}
