//! The examples: their outputs are committed, and are what the program writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{Scratch, releases, root, run_in};

/// The folders below `examples/`.
fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("examples")).expect("the examples");
    let mut folders: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() >= 2, "the examples are there");
    folders
}

/// All files below a folder and what is in them.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("below the folder").to_owned();
                files.insert(relative, std::fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

#[test]
fn outputs_are_up_to_date() {
    for example in examples() {
        let run = run_in(&example, &["build", "--check"]).exits(0);
        assert_eq!(run.stdout, "", "{}", example.display());
        let findings = run.stderr.lines().filter_map(|line| Some(line.split_once("]: ")?.0));
        // A ratio as such is the last resort, and says so.
        let ratio: &[&str] = &["warning[ratio-unweighted"];
        let known = if example.ends_with("03-every-sli-kind") { ratio } else { &[] };
        assert_eq!(findings.collect::<Vec<_>>(), known, "{}: {}", example.display(), run.stderr);
    }
}

#[test]
fn two_builds_give_the_same_bytes() {
    for example in examples() {
        let scratch = [Scratch::new(), Scratch::new()];
        for copy in &scratch {
            let is_read =
                |path: &Path| !path.starts_with("generated") && !path.starts_with("pictures");
            for (path, bytes) in tree(&example).into_iter().filter(|(path, _)| is_read(path)) {
                let text = String::from_utf8(bytes).expect("examples are text");
                copy.write(path.to_str().expect("examples have plain names"), &text);
            }
            copy.run(&["build", "--verify"]).exits(0);
        }
        let built = scratch.each_ref().map(|copy| tree(&copy.path.join("generated")));
        assert_eq!(built[0], built[1]);
        assert_eq!(built[0], tree(&example.join("generated")), "{}", example.display());
    }
}

#[test]
fn promtool_takes_every_output() {
    let rules = examples().into_iter().flat_map(|example| {
        let folder = example.join("generated/rules");
        std::fs::read_dir(folder).expect("rules").map(|e| e.expect("an entry").path())
    });
    let rules: Vec<PathBuf> = rules.collect();
    for release in releases() {
        let output =
            release.promtool().args(["check", "rules", "--lint=all"]).args(&rules).output();
        let output = output.expect("promtool starts");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(shown.matches("SUCCESS").count(), rules.len(), "{shown}");
    }
}
