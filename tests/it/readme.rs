//! The README: what it shows is what the program does.

use crate::support::{RUNBOOK, Scratch, root};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("the README")
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = readme();
    let fence = format!("```{language}\n");
    let block = |part: &str| part.split("```").next().unwrap_or_default().to_owned();
    text.split(&fence).skip(1).map(block).collect()
}

#[test]
fn it_is_short() {
    assert!(readme().lines().count() < 200);
}

#[test]
fn the_spec_becomes_the_alert() {
    let blocks = blocks("yaml");
    assert_eq!(blocks.len(), 3, "a spec, an alert, a broken spec");
    let (spec, alert) = (&blocks[0], &blocks[1]);
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", spec);
    let run = scratch.run(&["build", "--out", "-"]).exits(0);
    assert!(run.stdout.contains(alert.as_str()), "{}", run.stdout);
    assert_eq!(run.stdout.matches("expr:").count(), 25);
}

#[test]
fn the_broken_spec_is_told_as_shown() {
    let broken = blocks("yaml").pop().expect("a broken spec");
    let told = blocks("text").pop().expect("what is said");
    let scratch = Scratch::project();
    scratch.write("slo/checkout.yaml", &broken);
    scratch.write("runbooks/checkout.md", &format!("{RUNBOOK}\n## Roll back\n"));
    let run = scratch.run(&["check"]).exits(1);
    assert_eq!(run.stdout.trim_end(), told.trim_end());
}

#[test]
fn its_commands_work_in_an_empty_folder() {
    let scratch = Scratch::new();
    let lines: Vec<String> = blocks("sh").concat().lines().map(str::to_owned).collect();
    let ours: Vec<&str> = lines.iter().filter_map(|l| l.strip_prefix("ninefold ")).collect();
    assert!(ours.len() >= 4, "{ours:?}");
    for line in ours {
        scratch.run(&line.split(' ').collect::<Vec<_>>()).exits(0);
    }
    assert!(scratch.has("generated/rules/checkout.yaml"));
}

#[test]
fn its_cargo_lines_are_those_that_ci_runs() {
    let cargo: Vec<String> = blocks("sh")
        .concat()
        .lines()
        .filter(|l| l.starts_with("cargo "))
        .map(str::to_owned)
        .collect();
    assert_eq!(cargo, ["cargo run --release -- build --project examples/02-shop", "cargo test"]);
}
