//! A test is an input file and the whole output: each input of `tests/cases` goes
//! through the program as a process, and what it prints is the snapshot beside it.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::support::{PROJECT, RUNBOOK, Run, Scratch, root, tool};

/// `check/NAME.yaml` is the spec of a project that is sound but for it; a folder
/// `check/NAME` is a whole project.
#[test]
fn check() {
    let folder = root().join("tests/cases/check");
    each(&folder, |input, scratch| {
        lay_out(input, scratch);
        scratch.run(&["check"])
    });
}

/// `build/NAME.yaml` is a sound spec: its rules are the snapshot, and promtool takes
/// them.
#[test]
fn build() {
    let folder = root().join("tests/cases/build");
    each(&folder, |input, scratch| {
        lay_out(input, scratch);
        let run = scratch.run(&["build", "--out", "-", "--verify"]).exits(0);
        if let Some(mut promtool) = tool("promtool") {
            scratch.write("rules.yaml", &run.stdout);
            let output = promtool.current_dir(&scratch.path).args(["check", "rules", "rules.yaml"]);
            let output = output.output().expect("promtool starts");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {said}", input.display());
        }
        run
    });
}

/// `explain/NAME.yaml` is a sound spec of the service `checkout`, a folder a project
/// with one: the list of its SLOs, then each of them. Lines fit 100 columns where
/// words do, and amtool takes the inhibition rule.
#[test]
fn explain() {
    let folder = root().join("tests/cases/explain");
    each(&folder, |input, scratch| {
        lay_out(input, scratch);
        let mut run = scratch.run(&["explain", "checkout"]).exits(0);
        let words = run.stdout.lines().filter_map(|line| line.split_whitespace().next());
        let slos: Vec<String> =
            words.filter(|word| word.starts_with("checkout/")).map(str::to_owned).collect();
        for slo in &slos {
            let explained = scratch.run(&["explain", slo]).exits(0);
            inhibits(&explained.stdout, scratch);
            run.stdout.push_str(&format!("\n{}", explained.stdout));
            run.stderr.push_str(&explained.stderr);
        }
        // A link or an expression is written as it is.
        let whole = |line: &&str| line.split_whitespace().any(|word| word.len() > 50);
        let lines = run.stdout.lines().filter(|line| line.chars().count() > 100);
        let long: Vec<&str> = lines.filter(|line| !whole(line)).collect();
        assert!(!slos.is_empty() && long.is_empty(), "{}: {long:#?}", input.display());
        run
    });
}

/// Lays the inhibition rule of an explanation before Alertmanager's own judge.
fn inhibits(explained: &str, scratch: &Scratch) {
    let Some((_, rules)) = explained.split_once("  inhibit_rules:\n") else { return };
    let Some(mut amtool) = tool("amtool") else { return };
    let route = "route: {receiver: none}\nreceivers: [{name: none}]\n";
    let rules = rules.replace("\n  ", "\n");
    scratch.write("alertmanager.yml", &format!("{route}inhibit_rules:\n{}", &rules[2..]));
    let output = amtool.current_dir(&scratch.path).args(["check-config", "alertmanager.yml"]);
    let output = output.output().expect("amtool starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 inhibit rules"), "{said}");
}

/// Bytes that no YAML file of the repository can hold.
#[test]
fn not_utf8() {
    let scratch = Scratch::project();
    fs::write(scratch.path.join("slo/latin1.yaml"), b"ninefold: v1\nservice: caf\xe9\n")
        .expect("a file can be written");
    let run = scratch.run(&["check"]).exits(1);
    insta::assert_snapshot!(run.transcript(), @r#"
    error[file-unreadable]: `slo/latin1.yaml` cannot be read: not UTF-8 text: byte 25 is no character
     |
     = help: save it as text in UTF-8

    1 error in 1 file
    [exit 1]
    "#);
}

/// A code that no case shows is a message that nobody has read.
#[test]
fn every_code_is_shown() {
    let snapshots: String = inputs(&root().join("tests/cases/check"))
        .into_iter()
        .map(|input| fs::read_to_string(snapshot(&input)).unwrap_or_default())
        .collect();
    // Those are shown by the tests beside them: no spec fires them.
    let of_boards: Vec<&str> =
        ninefold::lint::CODES.iter().copied().flatten().map(|code| code.name).collect();
    let unseen: Vec<&str> = ninefold::compile::codes()
        .into_iter()
        .filter(|code| !snapshots.contains(&format!("{}[{}]", code.severity.name(), code.name)))
        .map(|code| code.name)
        .filter(|name| !of_boards.contains(name))
        .collect();
    let names: Vec<&str> = UNSEEN.iter().map(|(name, _)| *name).collect();
    assert_eq!(unseen, names, "codes that no case shows, against those that have a reason");
}

/// Codes that no case can show, and where they are tested instead.
const UNSEEN: &[(&str, &str)] = &[
    ("board-template", "found by `build`: `dashboards::a_template_that_cannot_be_filled_in`"),
    ("board-too-large", "found by `build`: `dashboards::a_board_that_is_too_large_for_an_object`"),
    ("file-unreadable", "`not_utf8` here: no case holds such bytes"),
    ("folder-unreadable", "needs a folder without permission"),
    ("object-too-large", "found by `build`: `operator::one_slo_that_is_too_large`"),
    ("orphan-edited", "found by `build`, after an earlier one"),
    ("out-outside", "found by `build`"),
    ("output-edited", "found by `build`, after an earlier one"),
    ("output-foreign", "found by `build`"),
    ("output-invalid", "would be a fault of ninefold"),
    ("path-not-found", "found on the command line"),
    ("schema-disagrees", "would be a fault of ninefold"),
    ("write-failed", "found by `build`"),
];

/// Runs every input of a folder and holds the transcripts against the snapshots.
/// All that differ are told, not the first.
fn each(folder: &Path, run: impl Fn(&Path, &Scratch) -> Run) {
    let inputs = inputs(folder);
    assert!(!inputs.is_empty(), "no case in {}", folder.display());
    let mut failed = stale(folder, &inputs);
    for input in &inputs {
        let scratch = Scratch::new();
        let shown = run(input, &scratch).transcript();
        let name = stem(input);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let holds = || settings.bind(|| insta::assert_snapshot!(name.as_str(), shown));
        if catch_unwind(AssertUnwindSafe(holds)).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), inputs.len());
}

/// The inputs of a folder, sorted: YAML files and folders.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of cases");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut inputs: Vec<PathBuf> = paths
        .filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    inputs.sort();
    inputs
}

/// Snapshots whose input is gone.
fn stale(folder: &Path, inputs: &[PathBuf]) -> Vec<String> {
    let names: BTreeSet<String> = inputs.iter().map(|input| stem(input)).collect();
    assert_eq!(names.len(), inputs.len(), "a case is a file or a folder, not both");
    let entries = fs::read_dir(folder).expect("a folder of cases");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "snap"))
        .filter(|path| !names.contains(&stem(path)))
        .map(|path| format!("{}: a snapshot without an input", path.display()))
        .collect()
}

fn snapshot(input: &Path) -> PathBuf {
    input.with_file_name(format!("{}.snap", stem(input)))
}

fn stem(path: &Path) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    let name = name.strip_suffix(".snap").or(name.strip_suffix(".yaml")).unwrap_or(&name);
    name.to_owned()
}

/// Puts an input into a scratch folder as the project that it stands for.
fn lay_out(input: &Path, scratch: &Scratch) {
    if input.is_dir() {
        return copy(input, &scratch.path);
    }
    let text = fs::read_to_string(input).expect("a case in UTF-8");
    scratch.write("ninefold.yaml", PROJECT);
    scratch.write("runbooks/checkout.md", RUNBOOK);
    scratch.write("slo/checkout.yaml", &text);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("a folder of a case") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}
