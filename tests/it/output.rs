//! The output folder: what is created, changed, removed, kept and refused.

use crate::support::{PROJECT, SPEC, Scratch};

/// A sound project that writes rules and rule tests.
fn project() -> Scratch {
    let scratch = Scratch::project();
    let targets = "targets: {prometheus: {}, promtool: {}}\n";
    scratch.write("ninefold.yaml", &format!("{PROJECT}{targets}"));
    scratch
}

/// A second spec, beside that of [`Scratch::project`].
fn second(service: &str) -> String {
    SPEC.replace("service: checkout", &format!("service: {service}"))
}

#[test]
fn a_build_is_clean_right_after() {
    let scratch = project();
    let run = scratch.run(&["build"]).exits(0);
    assert!(run.stderr.ends_with("generated: 2 created\n"), "{}", run.stderr);
    let run = scratch.run(&["build", "--check"]).exits(0);
    assert!(run.stderr.contains("up to date"), "{}", run.stderr);
    let run = scratch.run(&["build"]).exits(0);
    assert!(run.stderr.ends_with("generated: up to date\n"), "{}", run.stderr);
}

#[test]
fn a_changed_spec_is_drift_until_it_is_built() {
    let scratch = project();
    scratch.run(&["build"]).exits(0);
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "99.5"));
    let run = scratch.run(&["build", "--check"]).exits(1);
    assert!(
        run.stdout.starts_with("out of date: generated/rules/checkout.yaml\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("\n-        expr: vector(0.999)\n+        expr: vector(0.995)\n"));
    scratch.run(&["build"]).exits(0);
    scratch.run(&["build", "--check"]).exits(0);
}

#[test]
fn a_diff_writes_nothing_and_does_not_fail() {
    let scratch = project();
    let run = scratch.run(&["build", "--diff"]).exits(0);
    assert!(run.stdout.contains("+groups:"), "{}", run.stdout);
    assert!(!scratch.has("generated"));
}

#[test]
fn an_edited_output_is_named_and_overwritten_with_a_warning() {
    let scratch = project();
    scratch.run(&["build"]).exits(0);
    let path = "generated/rules/checkout.yaml";
    let built = scratch.read(path);
    scratch.write(path, &built.replace("14.4", "99"));
    let run = scratch.run(&["build", "--check"]).exits(1);
    assert!(
        run.stdout.starts_with("edited by hand: generated/rules/checkout.yaml\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("> (99 * 0.001)"), "the difference is shown: {}", run.stdout);
    let run = scratch.run(&["build"]).exits(0);
    assert!(run.stderr.contains("warning[output-edited]"), "{}", run.stderr);
    assert_eq!(scratch.read(path), built);
}

#[test]
fn an_orphan_is_removed_unless_it_was_edited() {
    let scratch = project();
    scratch.write("slo/mailer.yaml", &second("mailer"));
    scratch.run(&["build"]).exits(0);
    std::fs::remove_file(scratch.path.join("slo/mailer.yaml")).expect("the spec is there");
    let run = scratch.run(&["build", "--check"]).exits(1);
    assert!(
        run.stdout.starts_with("made by no spec: generated/rules/mailer.yaml\n"),
        "{}",
        run.stdout
    );
    scratch.run(&["build"]).exits(0);
    assert!(!scratch.has("generated/rules/mailer.yaml"));

    scratch.write("slo/mailer.yaml", &second("mailer"));
    scratch.run(&["build"]).exits(0);
    std::fs::remove_file(scratch.path.join("slo/mailer.yaml")).expect("the spec is there");
    let path = "generated/rules/mailer.yaml";
    scratch.write(path, &scratch.read(path).replace("14.4", "99"));
    for _ in 0..2 {
        let run = scratch.run(&["build"]).exits(0);
        assert!(run.stderr.contains("warning[orphan-edited]"), "{}", run.stderr);
        assert!(scratch.has(path), "an edit exists nowhere else");
    }
}

#[test]
fn a_part_of_the_project_removes_no_orphans() {
    let scratch = project();
    scratch.write("slo/mailer.yaml", &second("mailer"));
    scratch.run(&["build"]).exits(0);
    scratch.run(&["build", "slo/checkout.yaml"]).exits(0);
    assert!(scratch.has("generated/rules/mailer.yaml"));
    let run = scratch.run(&["build", "--check"]).exits(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn a_foreign_file_is_never_touched() {
    let scratch = project();
    scratch.write("generated/rules/checkout.yaml", "groups: []\n");
    scratch.write("generated/rules/by-hand.yaml", "groups: []\n");
    let run = scratch.run(&["build"]).exits(1);
    assert!(run.stderr.contains("error[output-foreign]"), "{}", run.stderr);
    assert_eq!(scratch.read("generated/rules/checkout.yaml"), "groups: []\n");
    std::fs::remove_file(scratch.path.join("generated/rules/checkout.yaml")).expect("it is there");
    scratch.run(&["build"]).exits(0);
    assert_eq!(scratch.read("generated/rules/by-hand.yaml"), "groups: []\n");
}

#[test]
fn a_lost_manifest_loses_nothing() {
    let scratch = project();
    scratch.run(&["build"]).exits(0);
    std::fs::remove_file(scratch.path.join("generated/ninefold.manifest")).expect("it is there");
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "99.5"));
    scratch.run(&["build"]).exits(0);
    assert!(scratch.read("generated/rules/checkout.yaml").contains("vector(0.995)"));
    scratch.run(&["build", "--check"]).exits(0);
}

#[test]
fn nothing_is_written_while_a_spec_has_an_error() {
    let scratch = project();
    scratch.run(&["build"]).exits(0);
    let before = scratch.read("generated/rules/checkout.yaml");
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "99.5"));
    scratch.write("slo/mailer.yaml", &second("mailer").replace("owner: team-payments\n", ""));
    let run = scratch.run(&["build"]).exits(1);
    assert!(run.stderr.ends_with("1 error in 2 files; nothing was written\n"), "{}", run.stderr);
    assert_eq!(scratch.read("generated/rules/checkout.yaml"), before);
    assert!(!scratch.has("generated/rules/mailer.yaml"));
}

#[test]
fn the_manifest_has_a_sorted_line_for_each_output() {
    let scratch = project();
    scratch.write("slo/mailer.yaml", &second("mailer"));
    scratch.run(&["build"]).exits(0);
    let manifest = scratch.read("generated/ninefold.manifest");
    let paths: Vec<&str> = manifest.lines().filter_map(|l| l.split(' ').next()).collect();
    assert_eq!(
        paths,
        [
            "rules/checkout.yaml",
            "rules/mailer.yaml",
            "tests/checkout.test.yaml",
            "tests/mailer.test.yaml"
        ]
    );
    assert!(manifest.lines().all(|l| l.split(' ').nth(1).is_some_and(|h| h.len() == 64)));
}

#[test]
fn a_copy_of_an_output_is_drift() {
    let scratch = project();
    scratch.run(&["build"]).exits(0);
    let copy = scratch.read("generated/rules/checkout.yaml").replace("14.4", "99");
    scratch.write("generated/rules/old.yaml", &copy);
    let run = scratch.run(&["build", "--check"]).exits(1);
    assert!(
        run.stdout.starts_with("made by no spec, edited by hand: generated/rules/old.yaml\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn warnings_fail_a_check_of_the_outputs_where_they_are_asked_to() {
    let scratch = project();
    scratch.write("slo/checkout.yaml", &SPEC.replace("99.9", "90"));
    scratch.run(&["build"]).exits(0);
    scratch.run(&["build", "--check"]).exits(0);
    scratch.run(&["build", "--check", "--fail-on", "warning"]).exits(1);
}

#[test]
fn a_report_for_programs_is_alone_on_standard_output() {
    let scratch = project();
    let run = scratch.run(&["build", "--check", "--format", "json"]).exits(1);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["version"], 1);
    assert!(run.stderr.contains("missing: generated/rules/checkout.yaml"), "{}", run.stderr);
}

/// An output folder outside the project is shown where it is written.
#[test]
fn out_outside_is_shown_where_it_is_written() {
    let scratch = project();
    scratch.write("ninefold.yaml", "ninefold: project/v1\nout: ../x\n");
    let run = scratch.run(&["build"]).exits(2);
    let place = " --> ninefold.yaml:2:6\n";
    assert!(run.stderr.contains(place), "{}", run.stderr);
    // The argument stands in no file.
    let run = scratch.run(&["build", "--out", "../x"]).exits(2);
    assert!(!run.stderr.contains(" --> "), "{}", run.stderr);
}
