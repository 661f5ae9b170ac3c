//! What the targets of an SLO would expose in a rule test: from its selectors, or
//! from `test_series:`.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::promql::{Expr, ExprKind, Name};
use crate::sli::{Feed, FeedGroup, FeedSeries, Sli, Unfed, contradiction};
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

    /// ## Why
    /// The series of `test_series:` are all that the rule tests of an SLO are fed
    /// with. One of a metric that the SLI does not read changes nothing; often it is
    /// a name that was mistyped, and the tests fail for want of the right one.
    /// ## Fires
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: errors_total, total: requests_total}}
    ///     test_series:
    ///       - {series: requests_total, good: "+1", bad: "+1"}
    ///       - {series: error_total, good: "+0", bad: "+1"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: errors_total, total: requests_total}}
    ///     test_series:
    ///       - {series: requests_total, good: "+1", bad: "+1"}
    ///       - {series: errors_total, good: "+0", bad: "+1"}
    /// ```
    TEST_SERIES_UNREAD = Warning "test-series-unread";
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
        check_read(sli, own, diags);
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
            // What no series can match is reported as such.
            let exprs = sli.exprs();
            let mut selectors = exprs.iter().flat_map(Expr::selectors);
            if selectors.all(|selector| contradiction(selector).is_none()) {
                diags.push(report(name, &unfed));
            }
            return Vec::new();
        }
    };
    let second = (!by.is_empty()).then(|| sli.feed(FeedGroup { by, nth: 1 }).ok()).flatten();
    let second = second.filter(|second| second.group != first.group);
    [Some(first), second].into_iter().flatten().collect()
}

/// Reports series of metrics that the SLI does not read. `up` is read by other rules;
/// a histogram is named without the ends of its series.
fn check_read(sli: &dyn Sli, own: &[TestSeries], diags: &mut Diagnostics) {
    let (mut metrics, mut any) = (vec!["up".to_owned()], false);
    for expr in sli.exprs() {
        expr.walk(&mut |part| {
            let selector = match &part.kind {
                ExprKind::Selector(selector) => selector,
                ExprKind::Range(range) => &range.selector,
                _ => return,
            };
            match selector.metric() {
                Some(metric) => metrics.push(metric.as_str().to_owned()),
                None => any = true,
            }
        });
    }
    let is_read = |name: &str| {
        metrics.iter().any(|metric| {
            let end = name.strip_prefix(metric.as_str());
            end.is_some_and(|end| ["", "_count", "_bucket", "_sum"].contains(&end))
        })
    };
    for series in own {
        let name = series.feed.labels.first().map_or("", |(_, metric)| metric);
        if !any && !is_read(name) {
            diags.push(
                Diagnostic::new(
                    &TEST_SERIES_UNREAD,
                    series.span,
                    format!("the SLI does not read `{name}`"),
                )
                .label("changes nothing in a test")
                .help("name a metric of the SLI, or remove the series"),
            );
        }
    }
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
