//! `explain`, and what it prints: the examples in the documentation of every code
//! fire that code and nothing else, and what they say to write instead is clean. Those
//! of boards are JSON; `boards_lint` runs them.

use camino::Utf8PathBuf;
use ninefold::base::{Code, Severity};
use ninefold::compile::{Scope, Selection, Session, codes};
use ninefold::workspace::Memory;

use crate::support::{PROJECT, RUNBOOK, SPEC, Scratch};

/// Codes whose `## Fires` is in words, and why no text of a spec or project file
/// shows them.
const IN_WORDS: &[(&str, &str)] = &[
    ("board-template", "needs a file of the project"),
    ("board-too-large", "an example would be a quarter of a megabyte long"),
    ("file-unreadable", "needs bytes that are no text"),
    ("folder-unreadable", "needs a folder without permission"),
    ("object-too-large", "an example would be a quarter of a megabyte long"),
    ("orphan-edited", "needs an earlier build"),
    ("out-outside", "found when something is written"),
    ("output-edited", "needs an earlier build"),
    ("output-foreign", "needs a file in the output folder"),
    ("output-invalid", "would be a fault of ninefold"),
    ("owner-unknown", "needs a registry beside the project file"),
    ("path-not-found", "found on the command line"),
    ("project-document", "a document that says what it is does not fire it"),
    ("project-name", "needs a file of another name"),
    ("promql-too-large", "an example would be a page long"),
    ("rule-document-ignored", "`---` parts a project file from a spec in examples"),
    ("rule-templated", "words of another template engine are no example to run"),
    ("schema-disagrees", "would be a fault of ninefold"),
    ("selector-list", "an example would be a page long"),
    ("write-failed", "needs a disk that fails"),
    ("yaml-nesting", "an example would be a line of a hundred brackets"),
    ("yaml-tab", "a tab cannot be seen in an example"),
];

#[test]
fn every_code_says_why_when_and_what_instead() {
    for code in codes() {
        let headings: Vec<&str> =
            code.doc.lines().map(str::trim).filter(|l| l.starts_with("## ")).collect();
        assert_eq!(headings, ["## Why", "## Fires", "## Instead"], "{}", code.name);
        for heading in headings {
            assert!(!section(code, heading).trim().is_empty(), "{} {heading}", code.name);
        }
    }
}

#[test]
fn examples_fire_their_code_alone() {
    faulty("## Fires", |code, found| {
        let fires = found.iter().any(|(name, _)| *name == code.name);
        let mut errors = found.iter().filter(|(_, severity)| *severity == Severity::Error);
        fires && errors.all(|(name, _)| *name == code.name)
    });
}

#[test]
fn what_to_write_instead_is_clean() {
    faulty("## Instead", |_, found| found.is_empty());
}

/// Holds the examples below a heading against what is right, and against the list
/// of those that are known not to be.
fn faulty(heading: &str, right: impl Fn(&Code, &[Finding]) -> bool) {
    let mut wrong = Vec::new();
    for code in codes() {
        let Some(fragment) = example(code, heading) else { continue };
        let found = findings(&fragment);
        if !right(code, &found) {
            eprintln!("{} {heading}: {found:?}", code.name);
            wrong.push(code.name);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new(), "wrong below {heading}");
}

#[test]
fn codes_without_an_example_have_a_reason() {
    let of_boards: Vec<&str> =
        ninefold::lint::CODES.iter().copied().flatten().map(|code| code.name).collect();
    let without: Vec<&str> = codes()
        .into_iter()
        .filter(|code| !of_boards.contains(&code.name))
        .filter(|code| example(code, "## Fires").is_none())
        .map(|code| code.name)
        .collect();
    let listed: Vec<&str> = IN_WORDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(without, listed, "examples in words, against those that have a reason");
}

#[test]
fn a_known_code_is_explained() {
    let run = Scratch::new().run(&["explain", "owner-placeholder"]).exits(0);
    insta::assert_snapshot!(run.transcript(), @r#"
    error[owner-placeholder]

    ## Why
    `TODO` answers no page.

    ## Fires
    ```yaml
    owner: TODO
    ```

    ## Instead
    ```yaml
    owner: team-payments
    ```
    [exit 0]
    "#);
}

#[test]
fn a_misspelt_code_is_suggested() {
    let run = Scratch::new().run(&["explain", "owner-mising"]).exits(2);
    insta::assert_snapshot!(run.transcript(), @r#"
    error: no code is called `owner-mising`; a similar code exists: `owner-missing`
    [exit 2]
    "#);
}

#[test]
fn an_unknown_code_leads_to_the_list() {
    let run = Scratch::new().run(&["explain", "banana"]).exits(2);
    insta::assert_snapshot!(run.transcript(), @r#"
    error: no code is called `banana`; `ninefold explain` lists all codes
    [exit 2]
    "#);
}

#[test]
fn the_list_has_every_code_in_one_line() {
    let run = Scratch::new().run(&["explain"]).exits(0);
    let all = codes();
    assert_eq!(run.stdout.lines().count(), all.len());
    for (line, code) in run.stdout.lines().zip(all) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(code.name));
        assert_eq!(words.next(), Some(code.severity.name()), "{line}");
        assert!(words.count() > 2, "{line}");
    }
}

#[test]
fn what_is_misspelt_is_suggested() {
    let scratch = Scratch::project();
    let said: String = ["chekout", "chekout/availability", "checkout/avialability", "checkout/x"]
        .into_iter()
        .chain(["banana", "banana/x", "owner-mising", "/", "checkout//"])
        .map(|what| scratch.run(&["explain", what]).exits(2).stderr)
        .collect();
    insta::assert_snapshot!(said, @r"
    error: no code and no service is called `chekout`; a similar service exists: `checkout`
    error: no service is called `chekout`; a similar service exists: `checkout`
    error: the service `checkout` has no SLO `avialability`; a similar SLO exists: `checkout/availability`
    error: the service `checkout` has no SLO `x`; it has `availability`
    error: no code and no service is called `banana`; `ninefold explain` lists all codes
    error: no service is called `banana`; `ninefold check` reads all specs of the project
    error: no code and no service is called `owner-mising`; a similar code exists: `owner-missing`
    error: no code and no service is called `/`; `ninefold explain` lists all codes
    error: the service `checkout` has no SLO `/`; it has `availability`
    ");
}

#[test]
fn a_service_lists_its_slos() {
    let scratch = Scratch::project();
    let run = scratch.run(&["explain", "checkout"]).exits(0);
    insta::assert_snapshot!(run.transcript(), @r"
    SLOs of checkout (slo/checkout.yaml)
      checkout/availability  99.9% over 30d  events
    [exit 0]
    ");
    assert_eq!(scratch.run(&["explain", "checkout/"]).exits(0).stdout, run.stdout);
}

/// A code is a code, whatever services are called.
#[test]
fn a_service_that_is_called_like_a_code() {
    let scratch = Scratch::project();
    let spec = SPEC.replace("service: checkout", "service: spec-empty");
    scratch.write("slo/other.yaml", &spec);
    let code = scratch.run(&["explain", "spec-empty"]).exits(0);
    assert!(code.stdout.starts_with("warning[spec-empty]"), "{}", code.stdout);
    let service = scratch.run(&["explain", "spec-empty/"]).exits(0);
    assert!(service.stdout.contains("spec-empty/availability"), "{}", service.stdout);
}

/// A fault elsewhere does not hide what is sound, and what is not sound is not
/// guessed at.
#[test]
fn a_project_with_errors() {
    let scratch = Scratch::project();
    let second = SPEC.split_once("slos:\n").expect("SLOs").1.replace("availability", "orders");
    let broken = second.replace("code=~", "code==");
    scratch.write("slo/checkout.yaml", &format!("{SPEC}{broken}"));
    let sound = scratch.run(&["explain", "checkout/availability"]).exits(0);
    assert!(sound.stdout.contains("\nNever alerts\n"), "{}", sound.stdout);
    let said = format!(
        "{}{}",
        sound.stderr,
        scratch.run(&["explain", "checkout/orders"]).exits(2).transcript()
    );
    insta::assert_snapshot!(said, @r"

    1 error in the project: `ninefold check` shows them
    error: the service `checkout` has no SLO `orders`; it has `availability`
    1 error in the project: `ninefold check` shows them
    [exit 2]
    ");
}

/// The text below a heading of a code's documentation.
pub(crate) fn section(code: &Code, heading: &str) -> String {
    let lines = code.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let below = lines.skip_while(|line| *line != heading).skip(1);
    below.take_while(|line| !line.starts_with("## ")).map(|line| format!("{line}\n")).collect()
}

/// The fenced `yaml` block below a heading.
fn example(code: &Code, heading: &str) -> Option<String> {
    let section = section(code, heading);
    let (_, block) = section.split_once("```yaml\n")?;
    let (block, _) = block.split_once("```").expect("a fence is closed");
    Some(block.to_owned())
}

/// A code and its severity.
type Finding = (&'static str, Severity);

/// What the sound project of all tests says when a fragment is laid over its spec,
/// or a project file stands in place of its own; `---` parts both.
fn findings(fragment: &str) -> Vec<Finding> {
    let (project, spec) = match fragment.starts_with("ninefold: project/v1") {
        true => {
            let (project, spec) = fragment.split_once("---\n").unwrap_or((fragment, ""));
            (project.to_owned(), over(SPEC, spec))
        }
        false => (PROJECT.to_owned(), over(SPEC, fragment)),
    };
    // A rule file stands beside the sound spec.
    let (spec, rules) = match spec.find("\ngroups:") {
        Some(at) => (spec[..=at].to_owned(), Some(spec[at + 1..].to_owned())),
        None => (spec, None),
    };
    let world = rules
        .into_iter()
        .fold(Memory::default(), |world, text| world.with("rules/hand.yaml", text));
    let world = world
        .with("ninefold.yaml", project)
        .with("runbooks/checkout.md", RUNBOOK)
        .with("runbooks/empty.md", "\n")
        .with("slo/checkout.yaml", spec);
    let mut session = Session::open(&world, Utf8PathBuf::new());
    session.check(&Selection::Project, Scope { verify: true, rules: true });
    session.diags.iter().map(|d| (d.code.name, d.severity)).collect()
}

/// A spec with the top-level keys of a fragment in place of its own. A fragment
/// that says what it is stands alone.
fn over(base: &str, fragment: &str) -> String {
    if fragment.starts_with("ninefold:") {
        return fragment.to_owned();
    }
    let keys: Vec<&str> = blocks(fragment).into_iter().map(|(key, _)| key).collect();
    let kept = blocks(base).into_iter().filter(|(key, _)| !keys.contains(key));
    let mut text: String = kept.map(|(_, block)| block).collect();
    text.push_str(fragment);
    text
}

/// The top-level keys of a text, each with its lines.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let inside = line.starts_with([' ', '#', '\t', '\n', '-']);
        match blocks.last_mut() {
            Some((_, block)) if inside => block.push_str(line),
            _ => blocks.push((line.split(':').next().unwrap_or_default(), line.to_owned())),
        }
    }
    blocks
}
