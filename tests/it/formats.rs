//! The forms of a report: each whole, over a project that holds every kind of
//! finding, and before the schema of its reader. `tests/formats/run.sh` lays the same
//! reports before the readers themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use ninefold::report::Format;
use serde_json::Value;

use crate::support::{Run, SPEC, Scratch, root, run_in};

/// A project with findings in two places and in none, with fixes, behind characters
/// of several bytes, and about texts that each format must escape.
fn project() -> PathBuf {
    root().join("tests/formats/project")
}

fn report(format: &str) -> Run {
    run_in(&project(), &["check", "--format", format]).exits(1)
}

/// A JSON report and the judge of a schema, in which no key is unknown.
fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn faults(schema: &Value, report: &Value) -> Vec<String> {
    let judge = jsonschema::validator_for(schema).expect("a schema");
    judge.iter_errors(report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

fn schema(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

fn list<'a>(value: &'a Value, path: &str) -> &'a Vec<Value> {
    value.pointer(path).and_then(Value::as_array).expect("a list")
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).expect("a text")
}

#[test]
fn each_format_whole() {
    let mut settings = insta::Settings::clone_current();
    // What `explain` prints is shown elsewhere, and grows.
    settings.add_filter("(\"(?:text|markdown)\"): \"## Why.*\"", "$1: \"## Why..\"");
    settings.add_filter("(\"(?:version|semanticVersion)\"): \"0\\..*\"", "$1: \"0..\"");
    settings.bind(|| {
        for format in Format::ALL {
            let run = report(format.name());
            insta::assert_snapshot!(format.name(), run.stdout);
            assert_eq!(run.stdout, report(format.name()).stdout, "twice, the same bytes");
            let here = root().to_str().expect("a path in UTF-8");
            assert!(!run.stdout.contains(here), "{format:?} names no folder of this machine");
        }
    });
}

#[test]
fn a_clean_project_has_a_report_too() {
    let scratch = Scratch::project();
    let run = |format| scratch.run(&["check", "--format", format]).exits(0);
    for format in ["human", "concise", "github"] {
        assert_eq!(run(format).stdout, "", "{format}");
    }
    assert_eq!(run("gitlab").stdout, "[]\n");
    assert_eq!(list(&json(&run("json")), "/diagnostics").len(), 0);
    assert_eq!(list(&json(&run("rdjson")), "/diagnostics").len(), 0);
    assert_eq!(list(&json(&run("sarif")), "/runs/0/results").len(), 0);
    insta::assert_snapshot!(run("junit").stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="ninefold" tests="2" failures="0" errors="0" skipped="0">
      <testsuite name="ninefold.yaml" tests="1" failures="0" errors="0" skipped="0">
        <testcase name="no findings" classname="ninefold.yaml" file="ninefold.yaml"/>
      </testsuite>
      <testsuite name="slo/checkout.yaml" tests="1" failures="0" errors="0" skipped="0">
        <testcase name="no findings" classname="slo/checkout.yaml" file="slo/checkout.yaml"/>
      </testsuite>
    </testsuites>
    "#);
}

/// Version 1 may grow, so the schema allows unknown keys; the report has none.
#[test]
fn json_is_what_its_schema_says() {
    fn close(schema: &mut Value) {
        if let Value::Object(map) = schema {
            if map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(close);
        }
    }
    let mut schema = schema("schemas/report.v1.json");
    close(&mut schema);
    let report = json(&report("json"));
    assert_eq!(faults(&schema, &report), [""; 0]);
    for (path, wrong) in [
        ("/version", Value::from(2)),
        ("/diagnostics/0/range/start/line", Value::from(0)),
        ("/diagnostics/0/severity", Value::from("note")),
        ("/diagnostics/0/fixes/0/edits/0/text", Value::Null),
    ] {
        let mut report = report.clone();
        *report.pointer_mut(path).expect("a value") = wrong;
        assert!(!faults(&schema, &report).is_empty(), "the schema takes a wrong {path}");
    }
}

#[test]
fn concise_lines_are_places() {
    let run = report("concise");
    assert_eq!(run.stdout.lines().count(), 10);
    let mut nowhere = 0;
    for line in run.stdout.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let (place, rest) = line.split_once("] ").expect("a code");
        assert!(!rest.is_empty());
        let (place, code) = place.rsplit_once('[').expect("a code");
        assert!(ninefold::compile::codes().iter().any(|known| known.name == code), "{code}");
        match place.rsplit_once(": ") {
            Some((place, "error" | "warning")) => {
                let (place, column) = place.rsplit_once(':').expect("a column");
                let (path, line) = place.rsplit_once(':').expect("a line");
                let source = fs::read_to_string(project().join(path)).expect("a file");
                let number = |text: &str| text.parse::<usize>().expect("a number");
                let line = source.lines().nth(number(line) - 1).expect("a line");
                assert!((1..=line.chars().count() + 1).contains(&number(column)), "{place}");
            }
            _ => nowhere += 1,
        }
    }
    assert_eq!(nowhere, 1);
}

#[test]
fn sarif_holds_together() {
    let log = json(&report("sarif"));
    assert_eq!(text(&log, "/version"), "2.1.0");
    assert_eq!(text(&log, "/runs/0/columnKind"), "unicodeCodePoints");
    let rules = list(&log, "/runs/0/tool/driver/rules");
    let results = list(&log, "/runs/0/results");
    let mut prints = BTreeSet::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(rules[index]["defaultConfiguration"]["level"], result["level"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(place, "/artifactLocation/uri");
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        assert!(uri.chars().all(plain), "{uri}");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert!(prints.insert(text(result, "/partialFingerprints/ninefold~1v1")), "{result}");
        let message = text(result, "/message/text").replace("{{", "").replace("}}", "");
        assert!(!message.contains(['{', '}']), "single braces are placeholders: {message}");
    }
    let with = |key: &str| results.iter().filter(|result| result.get(key).is_some()).count();
    assert_eq!((results.len(), with("relatedLocations"), with("fixes")), (10, 3, 1));
}

/// Lines that moved are no new findings.
#[test]
fn fingerprints_outlive_a_change_of_lines() {
    let scratch = Scratch::project();
    let spec = SPEC.replace("99.9", "100").replace("5..", "(");
    let mut prints = Vec::new();
    for spec in [spec.clone(), format!("# A line.\n\n{spec}")] {
        scratch.write("slo/checkout.yaml", &spec);
        let sarif = json(&scratch.run(&["check", "--format", "sarif"]).exits(1));
        let gitlab = json(&scratch.run(&["check", "--format", "gitlab"]).exits(1));
        let of = |value: &Value, path: &str| text(value, path).to_owned();
        let sarif: Vec<String> = list(&sarif, "/runs/0/results")
            .iter()
            .map(|result| of(result, "/partialFingerprints/ninefold~1v1"))
            .collect();
        let gitlab: Vec<String> =
            list(&gitlab, "").iter().map(|issue| of(issue, "/fingerprint")).collect();
        assert_eq!(sarif, gitlab);
        prints.push(sarif);
    }
    assert!(prints[0].len() >= 2, "{prints:?}");
    assert_eq!(prints[0], prints[1]);
}

#[test]
fn gitlab_is_what_its_documentation_says() {
    let report = json(&report("gitlab"));
    assert_eq!(faults(&schema("tests/formats/gitlab.schema.json"), &report), [""; 0]);
    let issues = list(&report, "");
    let prints: BTreeSet<&str> = issues.iter().map(|issue| text(issue, "/fingerprint")).collect();
    assert_eq!(prints.len(), issues.len());
    // What is in no file is shown at the project file.
    assert_eq!(text(&issues[issues.len() - 1], "/location/path"), ninefold::config::FILE);
}

/// Columns are bytes: the first fix replaces what stands behind characters of several.
#[test]
fn rdjson_is_what_its_messages_say() {
    let report = json(&report("rdjson"));
    assert_eq!(faults(&schema("tests/formats/rdjson.schema.json"), &report), [""; 0]);
    let finding = &report["diagnostics"][0];
    let suggestion = &finding["suggestions"][0];
    let file = project().join(text(finding, "/location/path"));
    let source = fs::read_to_string(file).expect("a file");
    let at =
        |path: &str| suggestion.pointer(path).and_then(Value::as_u64).expect("a number") as usize;
    let line = source.lines().nth(at("/range/start/line") - 1).expect("a line");
    let (start, end) = (at("/range/start/column") - 1, at("/range/end/column") - 1);
    assert_eq!((&line[start..end], text(suggestion, "/text")), ("==", "="));
}

/// Decoded as the runner decodes them.
#[test]
fn github_commands_are_whole() {
    let run = report("github");
    let decode = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    let commands: Vec<(&str, &str)> = run
        .stdout
        .lines()
        .map(|line| line.strip_prefix("::").expect("a command"))
        .map(|line| line.split_once("::").expect("a message"))
        .collect();
    assert_eq!(commands.len(), 10);
    for (head, message) in &commands {
        let (level, properties) = head.split_once(' ').expect("properties");
        assert!(matches!(level, "error" | "warning"));
        let pairs: Vec<(&str, String)> = properties
            .split(',')
            .map(|pair| pair.split_once('=').expect("a value"))
            .map(|(key, value)| (key, decode(value)))
            .collect();
        let value = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
        let title = value("title").expect("a title");
        assert!(ninefold::compile::codes().iter().any(|code| code.name == title), "{title}");
        if let Some(file) = value("file") {
            assert!(project().join(file).is_file(), "{file}");
            assert!(decode(message).starts_with(&format!("{file}:")), "{message}");
            let line = |key| value(key).and_then(|v| v.parse::<usize>().ok()).expect("a line");
            assert!(line("line") <= line("endLine"));
        }
    }
    let decoded: String = commands.iter().map(|(_, message)| decode(message)).collect();
    assert!(decoded.contains("<b>&amp; 100 % \"é\""), "{decoded}");
}

#[test]
fn a_report_goes_to_a_file_and_people_read_the_log() {
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "100"));
    scratch.write("reports/readme.txt", "");
    let shown = scratch.run(&["check"]).exits(1);
    for format in Format::ALL {
        let name = format.name();
        let alone = scratch.run(&["check", "--format", name]).exits(1);
        for path in ["report", "reports/report"] {
            let args = ["check", "--format", name, "--output", path];
            let run = scratch.run(&args).exits(1);
            assert_eq!(scratch.read(path), alone.stdout, "{name}");
            assert_eq!(run.transcript(), shown.transcript(), "{name}");
        }
        let dash = scratch.run(&["check", "--format", name, "--output", "-"]).exits(1);
        assert_eq!(dash.transcript(), alone.transcript(), "{name}");
    }
    // The path is one of the working directory, not of the project.
    let below = run_in(&scratch.path.join("reports"), &["check", "--output", "below"]).exits(1);
    assert!(below.stdout.contains("../slo/checkout.yaml:8:16"), "{}", below.stdout);
    assert!(scratch.read("reports/below").contains("../slo/checkout.yaml:8:16"));
}

#[test]
fn a_build_reports_to_a_file_too() {
    let scratch = Scratch::project();
    let args = ["build", "--format", "sarif", "--output", "report.sarif"];
    let run = scratch.run(&args).exits(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("1 service"), "{}", run.transcript());
    assert!(scratch.read("report.sarif").contains("\"results\": []"));
    let args = ["build", "--format", "sarif", "--output", "nowhere/report.sarif"];
    scratch.run(&args).exits(2);
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "100"));
    let args = ["build", "--format", "junit", "--output", "report.xml"];
    let run = scratch.run(&args).exits(1);
    assert!(run.stderr.contains("error[out-of-range]"), "{}", run.transcript());
    assert!(scratch.read("report.xml").contains("<failure type=\"out-of-range\""));
}

#[test]
fn a_report_that_cannot_be_written_is_exit_2() {
    let scratch = Scratch::project();
    scratch.write("reports/readme.txt", "");
    for (path, fault) in [
        ("nowhere/report", "there is no folder `nowhere`"),
        ("reports", "s a directory"),
        ("slo/../slo/checkout.yaml", "it is a file of the project that was read"),
    ] {
        let run = scratch.run(&["check", "--format", "json", "--output", path]).exits(2);
        let expected = format!("error: the report cannot be written to `{path}`: ");
        assert!(run.stderr.contains(&expected) && run.stderr.contains(fault), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    assert_eq!(scratch.read("slo/checkout.yaml"), SPEC, "a spec is never overwritten");
}

#[test]
fn help_lists_every_format() {
    let help = Scratch::new().run(&["check", "--help"]).exits(0).stdout;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for format in Format::ALL {
        let line = format!("- {}: {}", format.name(), format.about());
        assert!(words(&help).contains(&words(&line)), "{line}: {help}");
    }
}
