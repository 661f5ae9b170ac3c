//! Rule tests prove something: rules that are changed for the worse make them fail.
//! One SLO of each rule shape is built, its rule file changed, and promtool must
//! object; unchanged, every release of promtool is content.

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;

use crate::live::Release;
use crate::support::{Scratch, releases, root};

/// SLOs of the rule shapes: counters of bad events, of good events and in lists,
/// a histogram, groups, gauges.
const SHAPES: &[(&str, &str)] = &[
    ("bad", r#"{events: {bad: 'r_total{job="a",code=~"5.."}', total: 'r_total{job="a"}'}}"#),
    ("good", r#"{events: {good: 'r_total{job="a",code!~"5.."}', total: 'r_total{job="a"}'}}"#),
    ("lists", r#"{events: {bad: [read_failed, write_failed], total: [reads, writes]}}"#),
    (
        "latency",
        r#"{latency: {histogram: 'http_request_duration_seconds{job="a"}', threshold: 300ms}}"#,
    ),
    (
        "grouped",
        "{events: {bad: 'r_total{job=\"a\",code=~\"5..\"}', total: 'r_total{job=\"a\"}'}}\n    group_by: [region]",
    ),
    ("probe", r#"{probe: {up: 'probe_success{job="a"}'}}"#),
    ("freshness", r#"{freshness: {timestamp: 'done_timestamp_seconds{job="a"}', max_age: 1h}}"#),
];

/// A project with one service per shape, and plain alerts.
fn project() -> Scratch {
    let scratch = Scratch::project();
    for (name, sli) in SHAPES {
        scratch.write(&format!("slo/{name}.yaml"), &service(name, sli));
    }
    scratch.write("slo/plain.yaml", PLAIN);
    scratch.run(&["build", "--verify"]).exits(0);
    scratch
}

fn service(name: &str, sli: &str) -> String {
    format!(
        "ninefold: v1\nservice: {name}\nowner: team-a\nrunbook: runbooks/checkout.md\nremediation: {{page: 1h, ticket: 3d}}\nslos:\n  - name: a\n    objective: 99.9\n    sli: {sli}\n"
    )
}

const PLAIN: &str = r#"
ninefold: v1
service: plain
owner: team-a
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
alerts:
  - name: QueueStuck
    expr: queue_oldest_seconds{job="a"} > 600
    for: 10m
    severity: page
    summary: The queue has not moved.
  - name: QueueLong
    expr: sum by (shard) (queue_length{job="a"}) > 100
    for: 5m
    severity: ticket
    summary: "Shard {{ $labels.shard }} has a long queue."
    tests:
      - series:
          queue_length{job="a", shard="0"}: 60x5 200x20
          queue_length{job="a", shard="1"}: 60x25
        silent_at: [5m, 9m]
        fires_at: 15m
"#;

/// Runs the tests of one service over its rules, changed or not: whether promtool is
/// content, and what it says.
fn tested(promtool: &mut Command, scratch: &Path, service: &str) -> (bool, String) {
    let file = format!("tests/{service}.test.yaml");
    let output = promtool.current_dir(scratch).args(["test", "rules", &file]).output();
    let output = output.expect("promtool starts");
    let text = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
    (output.status.success(), text.concat())
}

/// The release that is on every machine of a developer, and the oldest.
fn oldest() -> Option<Release> {
    let found = releases().into_iter().next();
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI needs promtool");
    found
}

#[test]
fn rules_as_built_pass_on_every_promtool() {
    let scratch = project();
    let generated = scratch.path.join("generated");
    let services = SHAPES.iter().map(|(name, _)| *name).chain(["plain"]);
    for service in services {
        assert!(generated.join(format!("tests/{service}.test.yaml")).is_file(), "{service}");
        for release in releases() {
            let (passed, text) = tested(&mut release.promtool(), &generated, service);
            assert!(passed, "{service}, promtool {}: {text}", release.name());
        }
    }
}

/// What is done to a rule file: a name, the text that is looked for, what takes its
/// place, and the shapes whose rules hold it.
type Mutation = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Shapes whose alerts differ: what is changed in alerts is the same in the others.
const SOME: &[&str] = &["bad", "grouped", "probe"];
const ALL: &[&str] = &["bad", "good", "lists", "latency", "grouped", "probe", "freshness"];
const COUNTERS: &[&str] = &["bad", "lists", "grouped"];

const MUTATIONS: &[Mutation] = &[
    ("half of the errors counted", "\0half", "", ALL),
    ("the threshold of the first page pair doubled", "(14.4 * 0.001)", "(28.8 * 0.001)", SOME),
    ("the threshold of the second page pair doubled", "(6 * 0.001)", "(12 * 0.001)", SOME),
    ("the threshold of the first ticket pair doubled", "(3 * 0.001)", "(6 * 0.001)", SOME),
    ("the threshold of the last pair doubled", "(1 * 0.001)", "(2 * 0.001)", SOME),
    ("the threshold of the last pair halved", "(1 * 0.001)", "(0.5 * 0.001)", SOME),
    ("the long window of the page lost", "ratio_rate1h{service=", "ratio_rate6h{service=", SOME),
    ("the short window of the page lost", "ratio_rate30m{service=", "ratio_rate6h{service=", SOME),
    ("the long window of the ticket lost", "ratio_rate3d{service=", "ratio_rate1d{service=", SOME),
    (
        "the windows of an hour and six swapped",
        "\0swap",
        "",
        &["bad", "good", "lists", "latency", "grouped"],
    ),
    ("the owner removed", "          owner: team-a\n", "", SOME),
    ("the severity changed", "severity: critical", "severity: warning", SOME),
    ("the runbook removed", "\0runbook", "", SOME),
    ("the remediation time changed", "remediation_time: \"1h\"", "remediation_time: \"2h\"", SOME),
    ("no data waits for longer", "for: 12m", "for: 30m", SOME),
    ("an exhausted budget is passed over", "<= 0", "< -1", SOME),
    ("the page goes on for an hour", "keep_firing_for: 10m", "keep_firing_for: 1h", SOME),
    ("first errors are counted again and again", "\0unless", "", COUNTERS_WITH_JOB),
    ("no zero where there is no error series", "\0zero", "", COUNTERS),
    (
        "no zero where there is no traffic",
        "\0idle",
        "",
        &["bad", "good", "lists", "latency", "grouped"],
    ),
    ("first errors are not counted", "<= 100", "<= 1", COUNTERS_WITH_JOB),
    ("groups that report are taken for gone", "\0gone", "", &["grouped"]),
    ("a group's label lost", "sum by (region)", "sum", &["grouped"]),
];

const COUNTERS_WITH_JOB: &[&str] = &["bad", "grouped"];

/// The rules, changed.
fn mutate(rules: &str, (_, from, to, _): &Mutation) -> String {
    match *from {
        "\0swap" => {
            let rules = rules.replace("record: slo:sli_error:ratio_rate1h", "record: \0");
            let rules = rules.replace(
                "record: slo:sli_error:ratio_rate6h",
                "record: slo:sli_error:ratio_rate1h",
            );
            rules.replace("record: \0", "record: slo:sli_error:ratio_rate6h")
        }
        "\0half" => halve(rules),
        "\0runbook" => without_lines(rules, "runbook_url: "),
        "\0unless" => {
            // `(x <= 100 unless x offset 5m)` without its second half.
            cut(rules, "unless", "offset 5m")
        }
        "\0zero" => cut(rules, "or 0 * slo:events_total:rate5m", "}"),
        "\0idle" => cut(rules, "or slo:events_total:rate5m", "== 0"),
        "\0gone" => cut(rules, "unless on (region)", "}"),
        from => rules.replace(from, to),
    }
}

/// The base series of bad events counts half of them.
fn halve(rules: &str) -> String {
    let (before, rule) =
        rules.split_once("record: slo:events_bad:rate5m\n").expect("the base series");
    let rule = match rule.split_once("expr: |-\n") {
        Some((start, expr)) if start.trim().is_empty() => {
            format!("{start}expr: |-\n          0.5 *\n{expr}")
        }
        _ => rule.replacen("expr: ", "expr: 0.5 * ", 1),
    };
    format!("{before}record: slo:events_bad:rate5m\n{rule}")
}

fn without_lines(text: &str, part: &str) -> String {
    text.lines().filter(|line| !line.contains(part)).map(|line| format!("{line}\n")).collect()
}

/// Each run from `start` to the next `end` removed.
fn cut(text: &str, start: &str, end: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // An operator may stand on the line before its operand.
    let found = |text: &str| {
        let spaced: Vec<&str> = start.split(' ').collect();
        let starts = text.match_indices(spaced[0]).map(|(at, _)| at);
        starts.filter(|at| text[..*at].ends_with([' ', '('])).find(|at| {
            let words = text[*at..].split_whitespace().take(spaced.len());
            words.zip(&spaced).all(|(word, wanted)| word.starts_with(wanted))
                && text[*at..].split_whitespace().count() >= spaced.len()
        })
    };
    while let Some(at) = found(rest) {
        let Some(length) = rest[at..].find(end) else { break };
        out.push_str(&rest[..at]);
        rest = &rest[at + length + end.len()..];
    }
    out.push_str(rest);
    out
}

#[test]
fn changed_rules_fail() {
    let Some(release) = oldest() else { return };
    let scratch = project();
    let cases = MUTATIONS.iter().enumerate().flat_map(|(number, mutation)| {
        mutation.3.iter().map(move |shape| (number, mutation, *shape))
    });
    let cases: Vec<_> = cases.collect();
    let survivors: Vec<String> = cases
        .par_iter()
        .filter_map(|(number, mutation, shape)| {
            let rules = scratch.read(&format!("generated/rules/{shape}.yaml"));
            let changed = mutate(&rules, mutation);
            if changed == rules {
                return Some(format!("{shape}: {}: nothing was changed", mutation.0));
            }
            let folder = format!("mutated/{number}-{shape}");
            scratch.write(&format!("{folder}/rules/{shape}.yaml"), &changed);
            let test = format!("tests/{shape}.test.yaml");
            scratch.write(&format!("{folder}/{test}"), &scratch.read(&format!("generated/{test}")));
            let (passed, text) =
                tested(&mut release.promtool(), &scratch.path.join(&folder), shape);
            // Rules that do not load prove nothing.
            let loads = text.contains("exp") && !text.contains("could not parse");
            match (passed, loads) {
                (true, _) => Some(format!("{shape}: {}: the tests pass", mutation.0)),
                (_, false) => Some(format!(
                    "{shape}: {}: does not load: {}",
                    mutation.0,
                    text.lines().find(|l| l.contains("rules/")).unwrap_or_default()
                )),
                _ => None,
            }
        })
        .collect();
    assert!(survivors.is_empty(), "{}\nof {}", survivors.join("\n"), cases.len());
}

/// Plain alerts too: those whose test is made up, and those that have one.
#[test]
fn changed_plain_alerts_fail() {
    let Some(release) = oldest() else { return };
    let scratch = project();
    let rules = scratch.read("generated/rules/plain.yaml");
    for (from, to) in [
        ("> 600", "> 6000"),
        ("> 100", "> 1000"),
        ("for: 10m", "for: 1h"),
        ("for: 5m", "for: 1m"),
        ("severity: critical", "severity: warning"),
        ("severity: warning", "severity: critical"),
    ] {
        let changed = rules.replace(from, to);
        assert_ne!(changed, rules, "{from}");
        scratch.write("generated/rules/plain.yaml", &changed);
        let generated = scratch.path.join("generated");
        let (passed, text) = tested(&mut release.promtool(), &generated, "plain");
        assert!(!passed, "{from} -> {to}: {text}");
    }
}

/// `ninefold test` over each example: the tests that are committed pass.
#[test]
fn examples_prove_their_alerts() {
    for example in ["01-first-slo", "02-shop", "03-every-sli-kind"] {
        let generated = root().join("examples").join(example).join("generated");
        let entries = std::fs::read_dir(generated.join("tests")).expect("rule tests");
        for entry in entries {
            let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
            let service = name.strip_suffix(".test.yaml").expect("a rule test");
            let text = std::fs::read_to_string(generated.join("tests").join(&name)).expect("text");
            let needs = if text.contains("{{schema:") { (2, 53) } else { (0, 0) };
            for release in releases().into_iter().filter(|r| r.version >= needs) {
                let (passed, text) = tested(&mut release.promtool(), &generated, service);
                assert!(passed, "{example}, {service}, promtool {}: {text}", release.name());
            }
        }
    }
}

/// `ninefold test`: clean, failed in plain words, and what it needs.
#[test]
fn the_command_says_what_failed() {
    let Some(release) = oldest() else { return };
    let promtool = release.promtool().get_program().to_string_lossy().into_owned();
    let scratch = Scratch::project();
    let run = scratch.run(&["test", "--promtool", &promtool]).exits(2);
    assert!(run.stderr.contains("run `ninefold build` first"), "{}", run.stderr);

    scratch.run(&["build"]).exits(0);
    let run = scratch.run(&["test", "--promtool", &promtool]).exits(0);
    assert_eq!(run.stderr, "1 service tested: all rule tests pass\n");
    let run = scratch.run(&["test", "--promtool", "no/promtool"]).exits(2);
    assert!(run.stderr.contains("`no/promtool` was not found"), "{}", run.stderr);

    let rules = scratch.read("generated/rules/checkout.yaml");
    scratch.write("generated/rules/checkout.yaml", &rules.replace("critical", "minor"));
    let run = scratch.run(&["test", "--promtool", &promtool]).exits(1);
    let said = "`CheckoutAvailabilityPage` fires at 4m, but `severity` is `minor`, not `critical`";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    assert!(run.stderr.contains("differs from the specs"), "{}", run.stderr);
    assert!(run.stderr.ends_with("1 service tested: 0 passed, 1 failed\n"), "{}", run.stderr);
}

/// Series that a spec gives take the place of those that cannot be made up.
#[test]
fn given_series_are_fed() {
    let Some(release) = oldest() else { return };
    let scratch = Scratch::project();
    let sli = r#"{events: {bad: 'errors_total{path=~"/api.*",path=~".*pay.*"}', total: 'r_total{path=~"/api.*",path=~".*pay.*"}'}}"#;
    scratch.write("slo/given.yaml", &service("given", sli));
    let run = scratch.run(&["build"]).exits(0);
    assert!(run.stderr.contains("warning[test-unfed]"), "{}", run.stderr);
    assert!(!scratch.has("generated/tests/given.test.yaml"), "no test is pretended");

    let series = "    test_series:\n      - {series: 'r_total{path=\"/api/pay\"}', good: +1, bad: +1}\n      - {series: 'errors_total{path=\"/api/pay\"}', good: +0, bad: +1}\n";
    scratch.write("slo/given.yaml", &(service("given", sli) + series));
    let run = scratch.run(&["build", "--verify"]).exits(0);
    assert!(!run.stderr.contains("test-unfed"), "{}", run.stderr);
    let generated = scratch.path.join("generated");
    let (passed, text) = tested(&mut release.promtool(), &generated, "given");
    assert!(passed, "{text}");
    let rules = scratch.read("generated/rules/given.yaml");
    scratch.write("generated/rules/given.yaml", &rules.replace("errors_total", "other_total"));
    let (passed, text) = tested(&mut release.promtool(), &generated, "given");
    assert!(!passed, "{text}");
}
