//! Our reading of PromQL before its judges: expressions come in, what we say of them
//! is held against what Prometheus and the second parser say, and the scores are
//! printed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use ninefold::base::{Diagnostics, Severity, Text};
use ninefold::promql::{Judge, Options, Release, Requirement, check, requirements_as_written};

use crate::corpus::{FOLDERS, expressions};
use crate::support::{corpus, root};

/// What we say of an expression.
struct Verdict {
    accepted: bool,
    codes: Vec<&'static str>,
    needs: Vec<Requirement>,
}

fn ours(source: &str, judge: &Judge) -> Verdict {
    let (text, options) = (Text::made(source), Options::default());
    let mut diags = Diagnostics::default();
    let expr = check(&text, options, judge, &mut diags);
    assert_eq!(expr.is_none(), diags.count(Severity::Error) > 0, "{source}");
    Verdict {
        accepted: expr.is_some(),
        codes: diags.iter().map(|d| d.code.name).collect(),
        needs: expr.map(|e| requirements_as_written(&text, options, &e)).unwrap_or_default(),
    }
}

/// What the second parser says. It panics on some durations that are no lengths of
/// time.
fn second(source: &str) -> bool {
    std::panic::catch_unwind(|| promql_parser::parser::parse(source).is_ok()).unwrap_or(false)
}

/// What a version says of an expression, by what the expression needs.
fn predicted(verdict: &Verdict, version: Release) -> char {
    let has = |need: &Requirement| {
        version >= need.since && need.until.is_none_or(|until| version < until)
    };
    let flagged = |need: &Requirement| {
        need.flag.is_some_and(|flag| flag.until.is_none_or(|until| version < until))
    };
    match verdict.accepted && verdict.needs.iter().all(has) {
        false => '.',
        true if verdict.needs.iter().any(flagged) => 'f',
        true => 'Y',
    }
}

/// The rows of the battery: what each version says, and the expression.
fn battery() -> Vec<(Vec<(Release, char)>, String)> {
    let path = root().join("tests/promql/versions.txt");
    let text = std::fs::read_to_string(path).expect("the battery is there");
    let mut lines = text.lines().filter(|line| !line.starts_with("# "));
    let number = |text: &str| text.parse::<u16>().expect("a number");
    let release = |word: &str| {
        let (major, minor) = word.split_once('.').expect("a version");
        (number(major), number(minor))
    };
    let versions: Vec<Release> =
        lines.next().expect("the versions").split(' ').map(release).collect();
    let row = |line: &str| {
        let (said, expr) = line.split_once("  ").expect("verdicts, two blanks, an expression");
        assert_eq!(said.len(), versions.len(), "{line}");
        (versions.iter().copied().zip(said.chars()).collect(), expr.to_owned())
    };
    lines.map(row).collect()
}

#[test]
fn every_version_is_known_for_what_it_reads() {
    let judge = Judge::default();
    let rows = battery();
    let mut wrong = String::new();
    for (said, expr) in &rows {
        let verdict = ours(expr, &judge);
        for (version, said) in said.iter().filter(|(_, said)| *said != '?') {
            let predicted = predicted(&verdict, *version);
            if predicted != *said {
                let _ = writeln!(wrong, "{version:?}: {said}, we say {predicted}: {expr}");
            }
        }
    }
    println!("{} expressions before {} versions", rows.len(), rows[0].0.len());
    assert!(wrong.is_empty(), "{wrong}");
    assert!(rows.len() > 300);
}

/// What only the second parser refuses is a warning; what only it accepts is refused.
#[test]
fn the_second_parser_alone_refuses_nothing() {
    let judge = Judge::default();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (said, expr) in battery() {
        let verdict = ours(&expr, &judge);
        let newer = verdict.codes.contains(&"promql-newer");
        let second = second(&expr);
        let anywhere = said.iter().any(|(_, said)| matches!(said, 'Y' | 'f'));
        assert_eq!(verdict.accepted, anywhere, "{expr}: {:?}", verdict.codes);
        assert!(!(newer && second), "the second parser reads it: {expr}");
        let class = match (anywhere, second) {
            (true, true) => "accepted by Prometheus and the second parser",
            (true, false) if newer => "accepted by Prometheus, and said to be newer",
            // Read by another name, or with escapes and regexes rewritten.
            (true, false) => "accepted by Prometheus, and made readable",
            (false, true) => "refused by Prometheus alone",
            (false, false) => "refused by both",
        };
        *counts.entry(class).or_default() += 1;
    }
    println!("{counts:#?}");
    assert_eq!(counts.len(), 5, "{counts:?}");
}

/// One line of a corpus file that matters here.
#[derive(serde::Deserialize)]
struct Case {
    input: String,
    valid: bool,
}

/// How many expressions there are, how many we judge as Prometheus does, and how
/// many the second parser.
type Score = (usize, usize, usize);

fn score(path: &Path) -> Score {
    let judge = Judge::default();
    let text = std::fs::read_to_string(path).expect("a file of the corpus");
    let cases: Vec<Case> =
        text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect();
    let right = |case: &&Case| {
        let accepted = ours(&case.input, &judge).accepted;
        if accepted != case.valid {
            eprintln!("valid: {}: {:?}", case.valid, case.input);
        }
        accepted == case.valid
    };
    let theirs = cases.iter().filter(|case| second(&case.input) == case.valid).count();
    (cases.len(), cases.iter().filter(right).count(), theirs)
}

/// The score among people's rules, which have no verdict of Prometheus beside them:
/// how many of those that the second parser accepts we accept, and the reverse.
fn agreement(folder: &Path) -> (Score, BTreeMap<&'static str, usize>) {
    let judge = Judge::default();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let expressions = expressions(folder);
    let mut agreed = 0;
    for expr in expressions.keys() {
        let verdict = ours(expr, &judge);
        let second = second(expr);
        agreed += usize::from(verdict.accepted == second);
        if verdict.accepted != second {
            let class = match () {
                () if verdict.codes.contains(&"promql-newer") => "newer than the second parser",
                () if !verdict.accepted => "refused by us alone",
                () => "made readable for the second parser",
            };
            *classes.entry(class).or_default() += 1;
        }
    }
    ((expressions.len(), agreed, expressions.len()), classes)
}

#[test]
fn scores() {
    let Some(corpus) = corpus() else { return };
    let mut table = format!("{:<42}{:>8}{:>8}{:>16}\n", "", "cases", "ours", "promql-parser");
    let mut row = |name: &str, (all, ours, theirs): Score| {
        let _ = writeln!(table, "{name:<42}{all:>8}{ours:>8}{theirs:>16}");
    };
    let mut scores = Vec::new();
    for name in ["parse_test.jsonl", "promqltest_eval.jsonl"] {
        let score = score(&corpus.join("promql").join(name));
        row(&format!("as Prometheus: {name}"), score);
        scores.push(score);
    }
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, _) in FOLDERS {
        let (score, differ) = agreement(&corpus.join(folder));
        row(&format!("as promql-parser: {folder}"), score);
        for (class, count) in differ {
            *classes.entry(class).or_default() += count;
        }
    }
    println!("{table}where we differ from promql-parser on rules: {classes:?}");
    let right: Vec<(usize, usize)> = scores.iter().map(|(all, ours, _)| (*ours, *all)).collect();
    assert_eq!(right, [(355, 355), (1_438, 1_438)], "{table}");
    let listed = ["made readable for the second parser", "newer than the second parser"];
    assert!(classes.keys().all(|class| listed.contains(class)), "{classes:?}");
}
