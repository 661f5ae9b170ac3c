//! What is written, before Prometheus' own judge: the rules load, and fire, stay
//! silent and reset as they should.

use std::process::Command;

use crate::support::{PROJECT, Scratch, releases, root};

/// The specs that the rule tests of `tests/rules` are about.
const CHECKOUT: &str = r#"
ninefold: v1
service: checkout
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
  - name: latency
    objective: 99
    sli:
      latency:
        histogram: http_request_duration_seconds{job="checkout"}
        threshold: 300ms
  - name: answers
    objective: 99.9
    sli:
      events:
        good:
          - answers_total{job="web", code="200"}
          - answers_total{job="api", code="200"}
        total: ['answers_total{job="web"}', 'answers_total{job="api"}']
  - name: sums
    objective: 99.9
    sli:
      events:
        bad: [reads_failed_total, writes_failed_total]
        total: [reads_total, writes_total]
"#;

const LOW: &str = r#"
ninefold: v1
service: lowobj
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: a
    objective: 90
    sli:
      events:
        bad: http_requests_total{job="lo", code=~"5.."}
        total: http_requests_total{job="lo"}
    alerting: {name: LowObj}
"#;

/// One SLO and more of each kind that is not a counter of events or a classic histogram.
const KINDS: &str = r#"
ninefold: v1
service: kinds
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: up
    objective: 99.9
    sli: {probe: {up: 'probe_success{job="bb"}'}}
  - name: minutes
    objective: 95
    sli:
      slices:
        good: sum(rate(http_requests_total{job="sl", code=~"5.."}[2m])) / sum(rate(http_requests_total{job="sl"}[2m])) <= 0.05
  - name: both
    objective: 95
    sli: {slices: {good: 'queue_length{job="sl"} < 100 and queue_age_seconds{job="sl"} < 60'}}
  - name: either
    objective: 95
    sli: {slices: {good: 'queue_length{job="sl"} < 100 or queue_age_seconds{job="sl"} < 60'}}
  - name: backup
    objective: 99
    sli: {freshness: {timestamp: 'job_last_success_timestamp_seconds{job="bk"}', max_age: 30m}}
  - name: backup-ms
    objective: 99
    sli: {freshness: {timestamp: 'job_last_success_ms{job="bk"}', max_age: 30m}}
  - name: calls
    objective: 99
    sli:
      query:
        bad: sum(rate(calls_total{job="q", result!="ok"}[$range]))
        total: sum(rate(calls_total{job="q"}[$range]))
  - name: calls-good
    objective: 99
    sli:
      query:
        good: sum(rate(calls_total{job="q", result="ok"}[$range]))
        total: sum by (result) (rate(calls_total{job="q"}[$range]))
  - name: odd
    objective: 99
    sli:
      query:
        bad: sum(rate(nothing_total{job="q"}[$range]))
        total: sum(rate(odd_total{job="q"}[$range]))
  - name: raw
    objective: 99
    sli: {ratio: {bad: 'avg_over_time(my_error_ratio{job="raw"}[$range])'}}
  - name: raw-good
    objective: 99
    sli: {ratio: {good: 'avg_over_time(my_success_ratio{job="raw"}[$range])'}}
"#;

const NATIVE: &str = r#"
ninefold: v1
service: native
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: lat
    objective: 99
    sli:
      latency: {histogram: 'rpc_duration_seconds{job="nh"}', threshold: 250ms, native: true}
  - name: between
    objective: 99
    sli:
      latency: {histogram: 'rpc_duration_seconds{job="nh"}', threshold: 300ms, native: true}
"#;

/// A project whose rules the tests load from `generated/rules`.
fn project() -> Scratch {
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", CHECKOUT);
    scratch.write("slo/lowobj.yaml", LOW);
    scratch.run(&["build", "--verify"]).exits(0);
    scratch
}

/// Runs every promtool with some arguments in a folder, and returns what each printed.
/// All must succeed.
fn promtools(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    promtools_since((0, 0), scratch, args)
}

/// Runs every promtool of a version or a newer one.
fn promtools_since(since: (u32, u32), scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let run = |mut promtool: Command, name: String| {
        let output = promtool.current_dir(&scratch.path).args(args).output();
        let output = output.expect("promtool starts");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "promtool {name}: {shown}{errors}");
        shown
    };
    let fit = releases().into_iter().filter(|release| release.version >= since);
    fit.map(|release| run(release.promtool(), release.name())).collect()
}

/// Runs a file of `tests/rules` with every promtool over freshly built rules.
fn test_rules(file: &str) {
    test_rules_since((0, 0), file);
}

/// Runs a file of `tests/rules` with every promtool of a version or a newer one.
fn test_rules_since(since: (u32, u32), file: &str) {
    let scratch = project();
    scratch.write("slo/kinds.yaml", KINDS);
    scratch.write("slo/native.yaml", NATIVE);
    scratch.run(&["build", "--verify"]).exits(0);
    let text = std::fs::read_to_string(root().join("tests/rules").join(file)).expect("a rule test");
    scratch.write(file, &text);
    let ran = promtools_since(since, &scratch, &["test", "rules", file]);
    if ran.is_empty() {
        eprintln!("skipped: no promtool of {}.{} or newer", since.0, since.1);
    }
}

#[test]
fn rules_load() {
    let scratch = project();
    let files = ["generated/rules/checkout.yaml", "generated/rules/lowobj.yaml"];
    for shown in promtools(&scratch, &["check", "rules", "--lint=all", files[0], files[1]]) {
        // 25 rules per SLO, 24 where first errors are not counted.
        assert!(shown.contains("97 rules found") && shown.contains("25 rules found"), "{shown}");
    }
}

/// Every window from 7 to 90 days, at the shortest and the longest scrape interval:
/// no range is empty, none is negative.
#[test]
fn every_window_loads() {
    let scratch = project();
    let slo = |days: u32| {
        format!(
            "  - name: d{days}\n    objective: 99.9\n    window: {days}d\n    sli: {{events: {{bad: 'bad_total{{job=\"a\"}}', total: 'all_total{{job=\"a\"}}'}}}}\n"
        )
    };
    let slos: String = (7..=90).map(slo).collect();
    let head =
        CHECKOUT.split("slos:").next().expect("a service").replace("checkout\n", "windows\n");
    scratch.write("slo/windows.yaml", &format!("{head}slos:\n{slos}"));
    for interval in ["1s", "75s"] {
        let prometheus = format!("{PROJECT}prometheus: {{scrape_interval: {interval}}}\n");
        scratch.write("ninefold.yaml", &prometheus);
        scratch.run(&["build", "--verify"]).exits(0);
        promtools(&scratch, &["check", "rules", "generated/rules/windows.yaml"]);
    }
}

#[test]
fn availability() {
    test_rules("availability_test.yml");
}

#[test]
fn latency() {
    test_rules("latency_test.yml");
}

#[test]
fn low_objective() {
    test_rules("low_objective_test.yml");
}

#[test]
fn lists_and_good_events() {
    test_rules("lists_test.yml");
}

#[test]
fn every_other_kind() {
    test_rules("kinds_test.yml");
}

/// Series of histograms can be written in tests since promtool 2.53.
#[test]
fn native_histograms() {
    test_rules_since((2, 53), "native_test.yml");
}
