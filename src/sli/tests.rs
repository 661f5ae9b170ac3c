//! The base series of each kind, grouped and not.

use super::*;
use crate::base::{Diagnostics, Duration, SourceMap};
use crate::promql::{Judge, call, equal, matchers, print_line, selector_with};
use crate::yaml;

fn decoded(text: &str) -> Box<dyn Sli> {
    let mut diags = Diagnostics::default();
    let file = SourceMap::default().add("a.yaml".into(), text.into());
    let documents = yaml::parse(file, text, &mut diags);
    let judge = Judge::default();
    let mut cx = Cx { judge: &judge, diags: &mut diags };
    let sli = decode(&documents[0].root, &mut cx).expect("an SLI");
    assert!(!diags.has_errors(), "{text}");
    sli
}

/// Bad and total, and first errors where there are any.
fn series(text: &str, by: &[&'static str], first_errors: bool) -> Vec<String> {
    let read = |name: &'static str| selector_with(name, &matchers([equal("slo", "a")]));
    let made = decoded(text).base_series(&Base {
        range: Duration::minutes(5),
        interval: Duration::seconds(30),
        by: by.iter().map(|label| (*label).into()).collect(),
        total: read("total"),
        first_bad: call("last_over_time", [read("first")]),
        first_errors,
    });
    let all = [Some(made.total), Some(made.bad), made.first_bad];
    all.iter().flatten().map(print_line).collect()
}

#[test]
fn every_kind_sums_by_its_groups() {
    for (sli, total, bad) in [
        ("probe: {up: up}", "count by (g) (up) / 30", "sum by (g) (up != bool 1) / 30"),
        (
            "slices: {good: 'x < 1'}",
            "sum by (g) ((x <= bool Inf)) / 60",
            "sum by (g) ((x >= bool 1)) / 60",
        ),
        (
            "slices: {good: 'x == 1'}",
            "sum by (g) ((x <= bool Inf)) / 60",
            "clamp_min(total{slo=\"a\"} - on (g) sum by (g) ((x == bool 1)) / 60, 0)",
        ),
        (
            "freshness: {timestamp: t, max_age: 1m}",
            "count by (g) (t) / 30",
            "sum by (g) (time() - t > bool 60) / 30",
        ),
        (
            "query: {bad: 'rate(b[$range])', total: 'rate(t[$range])'}",
            "sum by (g) (rate(t[5m]) >= 0)",
            "sum by (g) (rate(b[5m]) >= 0 or 0 * total{slo=\"a\"})",
        ),
        (
            "query: {good: 'rate(b[$range])', total: 'rate(t[$range])'}",
            "sum by (g) (rate(t[5m]) >= 0)",
            "clamp_min(total{slo=\"a\"} - on (g) sum by (g) (rate(b[5m]) >= 0 or 0 * total{slo=\"a\"}), 0)",
        ),
        (
            "ratio: {bad: 'avg_over_time(r[$range])'}",
            "sum by (g) (avg_over_time(r[5m]) <= bool Inf)",
            "sum by (g) (clamp_max(avg_over_time(r[5m]) >= 0, 1) or 0 * total{slo=\"a\"})",
        ),
        (
            "latency: {histogram: h_seconds, threshold: 1s, native: true}",
            "histogram_count(sum by (g) (rate(h_seconds[5m])))",
            "((1 - histogram_fraction(-Inf, 1, sum by (g) (rate(h_seconds[5m])))) * on (g) total{slo=\"a\"} >= 0) or on (g) 0 * total{slo=\"a\"}",
        ),
    ] {
        assert_eq!(series(sli, &["g"], true), [total, bad], "{sli}");
        let ungrouped = |text: &str| text.replace(" by (g)", "").replace("on (g)", "on ()");
        let plain =
            series(sli, &[], true).iter().map(|s| s.replace("sum (", "sum(")).collect::<Vec<_>>();
        let want = [ungrouped(total), ungrouped(bad)]
            .map(|s| s.replace("sum (", "sum(").replace("count (", "count("));
        assert_eq!(plain, want, "{sli}");
    }
}

#[test]
fn first_errors_are_counted_where_they_are_wanted() {
    let events = "events: {bad: 'e{job=\"a\", code=\"500\"}', total: 'e{job=\"a\"}'}";
    assert_eq!(series(events, &[], true).len(), 3);
    assert_eq!(
        series(events, &[], false),
        [
            "sum(rate(e{job=\"a\"}[5m]))",
            "sum(rate(e{job=\"a\", code=\"500\"}[5m]) or 0 * total{slo=\"a\"})",
        ]
    );
}

#[test]
fn instant_kinds_say_so() {
    for (sli, instant) in [
        ("probe: {up: up}", true),
        ("slices: {good: 'x < 1'}", true),
        ("freshness: {timestamp: t, max_age: 1m}", true),
        ("ratio: {bad: 'avg_over_time(r[$range])'}", false),
        ("query: {bad: 'rate(b[$range])', total: 'rate(t[$range])'}", false),
    ] {
        assert_eq!(decoded(sli).is_instant(), instant, "{sli}");
    }
}

#[test]
fn native_histograms_ask_for_a_version() {
    let latency = |rest: &str| {
        decoded(&format!("latency: {{histogram: h_seconds, threshold: 1s{rest}}}")).needs()
    };
    assert_eq!(latency(", native: true").map(|need| need.since), Some((2, 53)));
    assert_eq!(latency(", native: false"), None);
}
