//! A build of 1,000 specs of 10 SLOs as a whole process, beside `slokit generate` on
//! the same SLOs, in one run: `cargo bench --bench build`. slokit is the fastest peer; it
//! is looked for on the path, and the run says so where it is missing. What it writes is
//! what the target `prometheus` writes; the rule tests and the boards that a build adds
//! are timed apart.
//!
//! Each command runs several times in turn, into a folder of its own, and the least
//! and the median time are printed: the least is what the work takes, the rest is the
//! machine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SERVICES: usize = 1_000;
const SLOS: usize = 10;
const ROUNDS: usize = 5;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-build");
    // What an earlier run left behind would be counted as unchanged outputs.
    let _ = fs::remove_dir_all(&folder);
    write_specs(&folder);
    println!("{SERVICES} specs of {SLOS} SLOs, {ROUNDS} rounds, least and median");

    let (mut rules, mut boards) = (Vec::new(), Vec::new());
    let (mut whole, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let build = |out: &str, more: &[&str]| {
            let mut build = Command::new(env!("CARGO_BIN_EXE_ninefold"));
            build.current_dir(folder.join("ninefold")).args(["build", "-q", "--out", out]);
            time(build.args(more))
        };
        rules.extend(build(&format!("rules-{round}"), &["--target", "prometheus"]));
        boards.extend(build(&format!("boards-{round}"), &["--target", "grafana"]));
        whole.extend(build(&format!("generated-{round}"), &[]));
        let mut generate = Command::new("slokit");
        let out = format!("rules-{round}.yaml");
        generate.current_dir(&folder).args(["generate", "-i", "slokit", "-o", &out]);
        theirs.extend(time(&mut generate));
    }
    let own = report("ninefold build --target prometheus", &mut rules);
    report("ninefold build --target grafana", &mut boards);
    report("ninefold build, rules, tests, boards", &mut whole);
    match report("slokit generate", &mut theirs).zip(own) {
        Some((peer, own)) => println!("ratio {:.2}", peer.as_secs_f64() / own.as_secs_f64()),
        None => println!("slokit is not on the path: nothing to compare with"),
    }
}

/// The wall time of a command; `None` where it cannot be started or fails.
fn time(command: &mut Command) -> Option<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

/// Prints the least and the median, and returns the median.
fn report(name: &str, times: &mut [Duration]) -> Option<Duration> {
    times.sort_unstable();
    let (least, median) = (times.first()?, times.get(times.len() / 2)?);
    println!("{name:36} {:7.3} s {:7.3} s", least.as_secs_f64(), median.as_secs_f64());
    Some(*median)
}

/// The same SLOs in both languages.
fn write_specs(folder: &Path) {
    let runbook = "https://wiki.example.org/runbook";
    for service in 0..SERVICES {
        let name = format!("svc{service:04}");
        let mut ours = format!(
            "ninefold: v1\nservice: {name}\nowner: team-a\nrunbook: {runbook}\nremediation: {{page: 1h, ticket: 3d}}\nslos:\n"
        );
        let mut theirs =
            format!("version: prometheus/v1\nservice: {name}\nlabels: {{owner: team-a}}\nslos:\n");
        for slo in 0..SLOS {
            let total = format!("http_requests_total{{job=\"{name}\", handler=\"/h{slo}\"}}");
            let bad = total.replace('}', ", code=~\"5..\"}");
            // Writing to a string cannot fail.
            let _ = writeln!(
                ours,
                "  - name: slo{slo}\n    objective: 99.9\n    sli:\n      events:\n        bad: {bad}\n        total: {total}"
            );
            let _ = writeln!(
                theirs,
                "  - name: slo{slo}\n    objective: 99.9\n    sli:\n      events:\n        error_query: sum(rate({bad}[{{{{.window}}}}]))\n        total_query: sum(rate({total}[{{{{.window}}}}]))\n    alerting:\n      name: Svc{service:04}Slo{slo}\n      annotations: {{runbook: \"{runbook}\"}}\n      page_alert: {{labels: {{severity: critical}}}}\n      ticket_alert: {{labels: {{severity: warning}}}}"
            );
        }
        write(&folder.join("ninefold/slo").join(format!("{name}.yaml")), &ours);
        write(&folder.join("slokit").join(format!("{name}.yaml")), &theirs);
    }
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("every spec is in a folder");
    fs::create_dir_all(folder).expect("the target folder can be written");
    fs::write(path, text).expect("the target folder can be written");
}
