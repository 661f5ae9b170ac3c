//! The same SLO in three hands: ninefold's rules from its own program, Sloth's from its
//! committed example, Pyrra's by the shape that its source gives them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::history::{Rule, seconds};
use crate::traffic::METRIC;

/// The regular expression of `code` for bad events, as in Sloth's example.
const BAD: &str = "(5..|429)";

/// The rules of one SLO by one contender.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) rules: Vec<Rule>,
    /// How the ratio of bad events over the period is read.
    pub(crate) ratio: String,
}

/// The rules of ninefold for the SLO of each job, in the order of the jobs.
pub(crate) fn ninefold(folder: &Path, jobs: &[&str]) -> Vec<Contender> {
    fs::create_dir_all(folder.join("slo")).expect("the target folder can be written");
    for job in jobs {
        let spec = format!(
            "ninefold: v1\nservice: {job}\nowner: team-a\nrunbook: https://wiki.example.org/runbook\nremediation: {{page: 1h, ticket: 3d}}\nslos:\n  - name: requests-availability\n    objective: 99.9\n    sli:\n      events:\n        bad: {METRIC}{{job=\"{job}\",code=~\"{BAD}\"}}\n        total: {METRIC}{{job=\"{job}\"}}\n"
        );
        fs::write(folder.join(format!("slo/{job}.yaml")), spec)
            .expect("the target folder can be written");
    }
    let status = Command::new(env!("CARGO_BIN_EXE_ninefold"))
        .current_dir(folder)
        .args(["build", "-q"])
        .status()
        .expect("ninefold starts");
    assert!(status.success(), "ninefold refuses the specs");
    let contender = |job: &&str| {
        let path = folder.join(format!("generated/rules/{job}.yaml"));
        let text = fs::read_to_string(path).expect("rules were written");
        Contender {
            name: "ninefold",
            rules: rules_of(&text, |_| true),
            ratio: format!("slo:sli_error:ratio_rate30d{{service=\"{job}\"}}"),
        }
    };
    jobs.iter().map(contender).collect()
}

/// Sloth's example of the same SLO, where the corpus is there.
pub(crate) fn sloth_example() -> Option<String> {
    let given = std::env::var_os("NINEFOLD_CORPUS").map(PathBuf::from);
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = given.unwrap_or_else(ours).join("sloth/examples/_gen/getting-started.yml");
    fs::read_to_string(path).ok()
}

/// Sloth's rules for a job: its example, with the job in the place of its service.
pub(crate) fn sloth(example: &str, job: &str) -> Contender {
    Contender {
        name: "Sloth",
        rules: rules_of(&example.replace("myservice", job), |group| {
            group.ends_with("requests-availability")
        }),
        ratio: format!("slo:sli_error:ratio_rate30d{{sloth_service=\"{job}\"}}"),
    }
}

/// Pyrra's rules for a job: `slo/rules.go`, for a ratio of one metric over 30 days.
/// `fast`: its option `performanceOverAccuracy`.
pub(crate) fn pyrra(job: &str, fast: bool) -> Contender {
    let stem = METRIC.trim_end_matches("_count");
    let selector = format!("job=\"{job}\"");
    let bad = format!("job=\"{job}\",code=~\"{BAD}\"");
    // Both ways run on one server, and their series must differ.
    let slo = if fast { "requests-availability-fast" } else { "requests-availability" };
    let identity = format!("job=\"{job}\",slo=\"{slo}\"");
    let record = |name: String, expr: String, interval: i64| Rule {
        record: Some(name),
        expr,
        labels: vec![("job".to_owned(), job.to_owned()), ("slo".to_owned(), slo.to_owned())],
        interval,
    };
    let alert = |expr: String, interval: i64| Rule { record: None, expr, labels: vec![], interval };

    // The group of a window from 28d to below 35d is evaluated every 2m30s.
    let rare = 150;
    let period = format!("{stem}:increase30d");
    let mut rules = vec![alert(format!("absent({METRIC}{{{selector}}}) == 1"), rare)];
    if fast {
        let short = format!("{stem}:increase5m");
        let expr = format!("sum by (code) (increase({METRIC}{{{selector}}}[5m]))");
        rules.push(record(short.clone(), expr, 30));
        let expr = format!("sum by (code) (sum_over_time({short}{{{identity}}}[30d:5m]))");
        rules.push(record(period.clone(), expr, rare));
    } else {
        let expr = format!("sum by (code) (increase({METRIC}{{{selector}}}[30d]))");
        rules.push(record(period.clone(), expr, rare));
    }
    // The windows are made for 28 days, scaled, and rounded to a minute.
    let scaled = |minutes: i64| (minutes * 30 + 14) / 28;
    let rate = |minutes: i64| format!("{stem}:burnrate{}m", scaled(minutes));
    for minutes in [5, 30, 60, 120, 360, 1_440, 5_760] {
        let of =
            |selector: &str| format!("sum(rate({METRIC}{{{selector}}}[{}m]))", scaled(minutes));
        rules.push(record(rate(minutes), format!("{} / {}", of(&bad), of(&selector)), 30));
    }
    for (short, long, factor) in [(5, 60, 14), (30, 360, 7), (120, 1_440, 2), (360, 5_760, 1)] {
        let over = |minutes| format!("{}{{{identity}}} > ({factor} * (1-0.999))", rate(minutes));
        rules.push(alert(format!("{} and {}", over(short), over(long)), 30));
    }
    let of = |more: &str| format!("{period}{{{identity}{more}}}");
    Contender {
        name: if fast { "Pyrra perf." } else { "Pyrra" },
        rules,
        ratio: format!("sum({} or vector(0)) / sum({})", of(&format!(",code=~\"{BAD}\"")), of("")),
    }
}

/// The rules of a file, of the groups whose names are chosen.
fn rules_of(text: &str, chosen: impl Fn(&str) -> bool) -> Vec<Rule> {
    let file: Value = serde_yaml::from_str(text).expect("rule files are YAML");
    let list = |value: &Value| value.as_sequence().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut rules = Vec::new();
    for group in list(&file["groups"]) {
        // Sloth's groups name no interval: the scrape interval, as for the others.
        let interval = group["interval"].as_str().map_or(30, seconds);
        if !chosen(&text(&group["name"])) {
            continue;
        }
        rules.extend(list(&group["rules"]).iter().map(|rule| Rule::read(rule, interval)));
    }
    rules
}

impl Contender {
    /// Whether the ratio over the period needs the past of a rule.
    pub(crate) fn needs_past(&self, rule: &Rule) -> bool {
        let last = self.rules.iter().find(|rule| self.is_ratio(rule));
        let mut open: Vec<&Rule> =
            last.into_iter().flat_map(|last| last.reads(&self.rules)).collect();
        while let Some(next) = open.pop() {
            if std::ptr::eq(next, rule) {
                return true;
            }
            open.extend(next.reads(&self.rules));
        }
        false
    }

    /// Whether a rule is the one that the ratio over the period reads.
    pub(crate) fn is_ratio(&self, rule: &Rule) -> bool {
        rule.record.as_deref().is_some_and(|name| self.ratio.contains(&format!("{name}{{")))
    }
}
