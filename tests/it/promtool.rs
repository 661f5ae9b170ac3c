//! What is written, before Prometheus' own judge: the rules load, and fire, stay
//! silent and reset as they should.

use crate::support::{PROJECT, Scratch, root, tool};

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

/// A project whose rules the tests load from `generated/rules`.
fn project() -> Scratch {
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", CHECKOUT);
    scratch.write("slo/lowobj.yaml", LOW);
    scratch.run(&["build", "--verify"]).exits(0);
    scratch
}

/// Runs a file of `tests/rules` with promtool over freshly built rules.
fn test_rules(file: &str) {
    let Some(mut promtool) = tool("promtool") else { return };
    let scratch = project();
    let text = std::fs::read_to_string(root().join("tests/rules").join(file)).expect("a rule test");
    scratch.write(file, &text);
    let output = promtool.current_dir(&scratch.path).args(["test", "rules", file]).output();
    let output = output.expect("promtool starts");
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", shown(&output.stdout), shown(&output.stderr));
}

#[test]
fn rules_load() {
    let Some(mut promtool) = tool("promtool") else { return };
    let scratch = project();
    let output = promtool
        .current_dir(&scratch.path)
        .args([
            "check",
            "rules",
            "--lint=all",
            "generated/rules/checkout.yaml",
            "generated/rules/lowobj.yaml",
        ])
        .output()
        .expect("promtool starts");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    // 25 rules per SLO, 24 where first errors are not counted.
    assert!(shown.contains("97 rules found") && shown.contains("25 rules found"), "{shown}");
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
        let Some(mut promtool) = tool("promtool") else { return };
        let prometheus = format!("{PROJECT}prometheus: {{scrape_interval: {interval}}}\n");
        scratch.write("ninefold.yaml", &prometheus);
        scratch.run(&["build", "--verify"]).exits(0);
        let output = promtool
            .current_dir(&scratch.path)
            .args(["check", "rules", "generated/rules/windows.yaml"])
            .output()
            .expect("promtool starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
