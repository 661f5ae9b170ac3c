//! What is written, before Prometheus' own judge: the rules load, and fire, stay
//! silent and reset as they should. A spec of `tests/rules` comes in, with a rule test
//! beside it, written by hand; every release of promtool runs it.

use std::process::Command;

use crate::live::Release;
use crate::support::{PROJECT, Scratch, releases, root};

/// A file of `tests/rules`.
fn read(file: &str) -> String {
    std::fs::read_to_string(root().join("tests/rules").join(file)).expect("a file of tests/rules")
}

/// A project with some specs of `tests/rules`, built.
fn project(specs: &[&str]) -> Scratch {
    let scratch = Scratch::project();
    for spec in specs {
        scratch.write(&format!("slo/{spec}.yaml"), &read(&format!("{spec}.yaml")));
    }
    scratch.run(&["build", "--verify"]).exits(0);
    scratch
}

/// Runs promtools with some arguments in a folder, and returns what each printed. All
/// must succeed.
fn promtools(releases: &[Release], scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let run = |mut promtool: Command, name: String| {
        let output = promtool.current_dir(&scratch.path).args(args).output();
        let output = output.expect("promtool starts");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "promtool {name}: {shown}{errors}");
        shown
    };
    releases.iter().map(|release| run(release.promtool(), release.name())).collect()
}

/// Runs a file of `tests/rules` with every promtool over the freshly built rules of a
/// spec.
fn test_rules(spec: &str, file: &str) {
    run_tests(&releases(), &project(&[spec]), file);
}

fn run_tests(releases: &[Release], scratch: &Scratch, file: &str) {
    scratch.write(file, &read(file));
    promtools(releases, scratch, &["test", "rules", file]);
}

#[test]
fn rules_load() {
    let scratch = project(&["checkout", "lowobj"]);
    let files = ["generated/rules/checkout.yaml", "generated/rules/lowobj.yaml"];
    for shown in
        promtools(&releases(), &scratch, &["check", "rules", "--lint=all", files[0], files[1]])
    {
        // 25 rules per SLO, 24 where first errors are not counted.
        assert!(shown.contains("97 rules found") && shown.contains("25 rules found"), "{shown}");
    }
}

/// Every window from 7 to 90 days, at the shortest and the longest scrape interval:
/// no range is empty, none is negative.
#[test]
fn every_window_loads() {
    let scratch = Scratch::project();
    let slo = |days: u32| {
        format!(
            "  - name: d{days}\n    objective: 99.9\n    window: {days}d\n    sli: {{events: {{bad: 'bad_total{{job=\"a\"}}', total: 'all_total{{job=\"a\"}}'}}}}\n"
        )
    };
    let slos: String = (7..=90).map(slo).collect();
    let checkout = read("checkout.yaml");
    let head =
        checkout.split("slos:").next().expect("a service").replace("checkout\n", "windows\n");
    scratch.write("slo/windows.yaml", &format!("{head}slos:\n{slos}"));
    for interval in ["1s", "75s"] {
        let prometheus = format!("{PROJECT}prometheus: {{scrape_interval: {interval}}}\n");
        scratch.write("ninefold.yaml", &prometheus);
        scratch.run(&["build", "--verify"]).exits(0);
        promtools(&releases(), &scratch, &["check", "rules", "generated/rules/windows.yaml"]);
    }
}

#[test]
fn availability() {
    test_rules("checkout", "availability_test.yml");
}

#[test]
fn latency() {
    test_rules("checkout", "latency_test.yml");
}

#[test]
fn low_objective() {
    test_rules("lowobj", "low_objective_test.yml");
}

#[test]
fn lists_and_good_events() {
    test_rules("checkout", "lists_test.yml");
}

#[test]
fn every_other_kind() {
    test_rules("kinds", "kinds_test.yml");
}

/// Series of histograms can be written in tests since promtool 2.53.
#[test]
fn native_histograms() {
    let mut releases = releases();
    releases.retain(|release| release.version >= (2, 53));
    if releases.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "CI needs promtool 2.53 or newer");
        eprintln!("skipped: no promtool 2.53 or newer; tests/prometheus/fetch.sh fetches it");
        return;
    }
    run_tests(&releases, &project(&["native"]), "native_test.yml");
}

#[test]
fn grouped() {
    test_rules("gateway", "grouped_test.yml");
}

#[test]
fn min_bad_events() {
    test_rules("quiet", "min_bad_events_test.yml");
}

#[test]
fn calendar_month() {
    test_rules("month", "calendar_month_test.yml");
}

/// Sloth's labels everywhere: its boards and routes go on working.
#[test]
fn names_of_sloth() {
    let scratch = Scratch::project();
    scratch.write("ninefold.yaml", &format!("{PROJECT}names: sloth\n"));
    scratch.run(&["build", "--verify"]).exits(0);
    run_tests(&releases(), &scratch, "names_sloth_test.yml");
}

/// The tests of one SLO, below `slos:`, and of more settings.
fn made(settings: &str, rest: &str) -> Scratch {
    let scratch = Scratch::project();
    let spec = format!("{}slos:\n  - name: a\n    objective: 99.9\n{rest}", head());
    scratch.write("slo/checkout.yaml", &spec);
    scratch.write("ninefold.yaml", &format!("{PROJECT}{settings}"));
    scratch.run(&["build"]).exits(0);
    scratch
}

/// A spec up to its SLOs.
fn head() -> &'static str {
    crate::support::SPEC.split("slos:").next().expect("a service")
}

const EVENTS: &str =
    "    sli: {events: {bad: 'r_total{job=\"x\",code=~\"5..\"}', total: 'r_total{job=\"x\"}'}}\n";

/// Runs the generated tests with each release from a version on.
fn proves(scratch: &Scratch, since: (u32, u32)) {
    let mut releases = releases();
    releases.retain(|release| release.version >= since);
    promtools(&releases, scratch, &["test", "rules", "generated/tests/checkout.test.yaml"]);
}

/// Rules that look back: whole minutes, parts of them, and further than a sample is
/// read for.
#[test]
fn made_tests_follow_the_query_offset() {
    let plain = "alerts:\n  - {name: QueueLong, expr: 'queue{job=\"x\"} > 5', for: 2m, severity: ticket, summary: Long., tests: [{series: {'queue{job=\"x\"}': 0x4 9x20}, silent_at: 6m, fires_at: 7m}]}\n  - {name: QueueLonger, expr: 'queue{job=\"x\"} > 7', for: 2m, severity: ticket, summary: Longer.}\n";
    for offset in ["30s", "1m", "10m"] {
        let settings = format!("prometheus: {{version: \"2.53\", query_offset: {offset}}}\n");
        proves(&made(&settings, &format!("{EVENTS}{plain}")), (2, 53));
    }
}

/// Where each second weighs alike, much traffic at first hides nothing.
#[test]
fn made_tests_of_a_ratio() {
    let sli =
        "    sli: {ratio: {bad: 'sum(rate(e_total[$range])) / sum(rate(t_total[$range]))'}}\n";
    proves(&made("", sli), (0, 0));
}

/// Series of a spec have no `up`, which first errors are asked of.
#[test]
fn made_tests_of_given_series() {
    let series = "    test_series:\n      - {series: 'r_total{job=\"x\",code=\"200\"}', good: \"+1\", bad: \"+0\"}\n      - {series: 'r_total{job=\"x\",code=\"500\"}', good: \"+0\", bad: \"+1\"}\n";
    let scratch = made("", &format!("{EVENTS}{series}"));
    let text = scratch.read("generated/tests/checkout.test.yaml");
    assert!(text.contains("slo:events_bad:rate5m"), "first errors are asked for: {text}");
    proves(&scratch, (0, 0));
    let series = series.replace("job=\"x\"", "job=\"x\",instance=\"i7\"");
    proves(&made("", &format!("{EVENTS}{series}")), (0, 0));
}

/// Timestamps in other units than the second.
#[test]
fn made_tests_of_milliseconds() {
    for metric in ["last_commit_ms", "last_commit_nanoseconds"] {
        let sli = format!(
            "    sli: {{freshness: {{timestamp: '{metric}{{job=\"x\"}}', max_age: 1h}}}}\n"
        );
        let scratch = made("", &sli);
        assert!(scratch.has("generated/tests/checkout.test.yaml"), "{metric} is fed");
        proves(&scratch, (0, 0));
    }
}

/// What cannot be tested is listed, and is no failure.
#[test]
fn specs_without_tests() {
    let sli = "    sli: {events: {bad: 'e{path=~\"/api.*\",path=~\".*checkout.*\"}', total: 't{path=~\"/api.*\",path=~\".*checkout.*\"}'}}\n";
    let scratch = made("", sli);
    assert!(!scratch.has("generated/tests/checkout.test.yaml"));
    let run = scratch.run(&["test"]).exits(0);
    let told = run.transcript();
    assert!(
        told.contains("not tested: checkout a: ") && told.contains("nothing was tested"),
        "{told}"
    );
}

/// A file of rules that is missing is told in one sentence.
#[test]
fn tests_without_rules() {
    let scratch = made("", EVENTS);
    std::fs::remove_file(scratch.path.join("generated/rules/checkout.yaml")).expect("removed");
    let told = scratch.run(&["test"]).exits(1).transcript();
    assert!(
        told.contains("`generated/rules/checkout.yaml` is missing; `ninefold build`"),
        "{told}"
    );
    assert!(!told.contains("promtool says"), "{told}");
}

/// Alerts that ask for many bad events: more traffic makes them, or more time; a test
/// that would last too long is left out.
#[test]
fn made_tests_of_many_bad_events() {
    let ratio =
        "    sli: {ratio: {bad: 'sum(rate(e_total[$range])) / sum(rate(t_total[$range]))'}}\n";
    let probe = "    sli: {probe: {up: 'probe_success{job=\"x\"}'}}\n";
    let slices = "    sli: {slices: {slice: 5m, good: 'max(q{job=\"x\"}) < 5'}}\n";
    for (sli, least, fires) in [
        (EVENTS, 100_000, true),
        (EVENTS, 4_000_000_000_u32, true),
        (ratio, 10, true),
        (ratio, 100_000, false),
        (probe, 3, true),
        (probe, 100_000, false),
        (slices, 3, true),
    ] {
        let alerting = format!("    alerting: {{min_bad_events: {least}}}\n");
        let scratch = made("", &format!("{sli}{alerting}"));
        let text = scratch.read("generated/tests/checkout.test.yaml");
        assert_eq!(text.contains("everything is bad"), fires, "{sli} {least}");
        proves(&scratch, (0, 0));
    }
}
