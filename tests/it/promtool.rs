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

const GATEWAY: &str = r#"
ninefold: v1
service: gateway
owner: team-edge
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: by-handler
    objective: 99.5
    group_by: [handler]
    sli:
      events:
        bad: http_requests_total{job="gateway", code=~"5.."}
        total: http_requests_total{job="gateway"}
"#;

const QUIET: &str = r#"
ninefold: v1
service: quiet
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: a
    objective: 99.9
    alerting: {name: Quiet, min_bad_events: 3}
    sli:
      events:
        bad: http_requests_total{job="quiet", code=~"5.."}
        total: http_requests_total{job="quiet"}
"#;

const MONTH: &str = r#"
ninefold: v1
service: month
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: availability
    objective: 99.9
    window: month
    sli:
      events:
        bad: http_requests_total{job="month", code=~"5.."}
        total: http_requests_total{job="month"}
"#;

/// A project whose rules the tests load from `generated/rules`.
fn project() -> Scratch {
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", CHECKOUT);
    scratch.write("slo/lowobj.yaml", LOW);
    scratch.write("slo/gateway.yaml", GATEWAY);
    scratch.write("slo/quiet.yaml", QUIET);
    scratch.write("slo/month.yaml", MONTH);
    scratch.run(&["build", "--verify"]).exits(0);
    scratch
}

/// Runs every promtool with some arguments in a folder, and returns what each printed.
/// All must succeed.
fn promtools(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let run = |mut promtool: Command, name: String| {
        let output = promtool.current_dir(&scratch.path).args(args).output();
        let output = output.expect("promtool starts");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "promtool {name}: {shown}{errors}");
        shown
    };
    releases().iter().map(|release| run(release.promtool(), release.name())).collect()
}

/// Runs a file of `tests/rules` with every promtool over freshly built rules.
fn test_rules(file: &str) {
    let scratch = project();
    let text = std::fs::read_to_string(root().join("tests/rules").join(file)).expect("a rule test");
    scratch.write(file, &text);
    promtools(&scratch, &["test", "rules", file]);
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
fn grouped() {
    test_rules("grouped_test.yml");
}

#[test]
fn min_bad_events() {
    test_rules("min_bad_events_test.yml");
}

#[test]
fn calendar_month() {
    test_rules("calendar_month_test.yml");
}
