//! The pages of `docs/`: what they show is what the program does. Their configurations
//! of other people's tools are run by `tests/integrations/run.sh`.

use std::fs;

use crate::support::{RUNBOOK, SPEC, Scratch, root};

const PAGES: [&str; 2] = ["ci.md", "policy.md"];

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("a page")
}

/// The fenced blocks of a page: language and text.
fn blocks(name: &str) -> Vec<(String, String)> {
    let block = |part: &str| {
        let (language, text) = part.split_once('\n').expect("a block has lines");
        (language.to_owned(), text.to_owned())
    };
    page(name).split("```").skip(1).step_by(2).map(block).collect()
}

#[test]
fn they_are_few_and_short() {
    let entries = fs::read_dir(root().join("docs")).expect("the folder");
    let mut found: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, PAGES);
    for name in PAGES {
        let lines = page(name).lines().count();
        assert!(lines < 80, "{name} has {lines} lines");
    }
}

/// The files that a page shows: those that begin with a comment that names them.
fn project(name: &str) -> Scratch {
    let scratch = Scratch::new();
    for (_, text) in blocks(name) {
        let first = text.lines().next().unwrap_or_default();
        let path = first.trim_start_matches("<!-- ").trim_start_matches("# ");
        scratch.write(path.trim_end_matches(" -->"), &text);
    }
    scratch
}

#[test]
fn the_policy_s_project_is_sound() {
    let scratch = project("policy.md");
    scratch.run(&["check", "--fail-on", "warning"]).exits(0);
    let rules = scratch.run(&["build", "--out", "-"]).exits(0).stdout;
    let base = "runbook_url: https://git.example.com/shop/blob/main/runbooks/checkout.md";
    for (text, count) in [
        ("owner: team-payments", 4),
        ("owner: \"@shop/databases\"", 1),
        ("remediation_time: \"30m\"", 2),
        ("remediation_time: \"3d\"", 2),
        ("remediation_time: \"1d\"", 1),
        (&format!("{base}#errors\n"), 4),
        (&format!("{base}\n"), 1),
    ] {
        let alerts = rules.split("- alert:").skip(1);
        assert_eq!(alerts.filter(|a| a.contains(text)).count(), count, "{text}\n{rules}");
    }
}

#[test]
fn the_policy_refuses_what_it_says() {
    let scratch = project("policy.md");
    scratch.write("empty.md", "<!-- later -->\n");
    let sound = scratch.read("slo/checkout.yaml");
    let (owner, runbook) = ("owner: team-payments\n", "runbook: runbooks/checkout.md\n");
    for (old, new, code) in [
        (owner, "", "owner-missing"),
        (owner, "owner: TODO\n", "owner-placeholder"),
        (owner, "owner: team-paymnets\n", "owner-unknown"),
        (runbook, "", "runbook-missing"),
        (runbook, "runbook: TBD\n", "runbook-placeholder"),
        (runbook, "runbook: runbooks/chekout.md\n", "runbook-not-found"),
        (runbook, "runbook: empty.md\n", "runbook-empty"),
        (runbook, "runbook: ../checkout.md\n", "runbook-outside"),
        ("#errors", "#error", "runbook-anchor"),
        ("{page: 1h, ticket: 3d}", "{page: 1h}", "remediation-missing"),
    ] {
        let broken = sound.replacen(old, new, 1);
        assert_ne!(broken, sound, "the page holds {old}");
        scratch.write("slo/checkout.yaml", &broken);
        let run = scratch.run(&["check"]).exits(1);
        assert!(run.stdout.contains(&format!("error[{code}]")), "{code}:\n{}", run.stdout);
        scratch.run(&["explain", code]).exits(0);
    }
}

/// An owner of CODEOWNERS counts, and without registries any name does.
#[test]
fn the_policy_s_registries_are_read() {
    let scratch = project("policy.md");
    let settings = scratch.read("ninefold.yaml");
    let owners = scratch.read("owners.yaml");
    scratch.write("owners.yaml", &owners.replace("@shop/databases", "@shop/others"));
    scratch.run(&["check"]).exits(1);
    scratch.write("CODEOWNERS", "/db/ @shop/databases\n");
    scratch.write("ninefold.yaml", &settings.replace("[owners.yaml]", "[owners.yaml, CODEOWNERS]"));
    scratch.run(&["check", "--fail-on", "warning"]).exits(0);
    scratch.write("ninefold.yaml", &settings.replace("owners: [owners.yaml]\n", ""));
    scratch.run(&["check", "--fail-on", "warning"]).exits(0);
}

#[test]
fn the_commands_for_ci_end_as_they_say() {
    let commands: Vec<String> = blocks("ci.md")
        .into_iter()
        .filter(|(language, _)| language == "sh")
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(commands, ["ninefold check", "ninefold build --check"]);
    let scratch = Scratch::project();
    scratch.run(&["build"]).exits(0);
    let ends = |code: i32, more: &[&str]| {
        for command in &commands {
            let args = command.split(' ').skip(1).chain(more.iter().copied());
            scratch.run(&args.collect::<Vec<_>>()).exits(code);
        }
    };
    ends(0, &[]);
    ends(2, &["--project", "nowhere"]);
    scratch.write("runbooks/checkout.md", "");
    ends(1, &[]);
    scratch.write("runbooks/checkout.md", RUNBOOK);
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "99.5"));
    scratch.run(&["build", "--check"]).exits(1);
    scratch.write("ninefold.yaml", "ninefold: project/v1\nspecs: [nothing/*.yaml]\n");
    ends(3, &[]);
    scratch.write("ninefold.yaml", "ninefold: project/v2\n");
    ends(2, &[]);
}
