//! Hostile input through the process: whatever comes in, the program ends soon, with
//! an exit code and a message, never with a panic or a signal. And builds that are
//! killed: whatever is on disk is whole, and the next build mends the rest.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ninefold::base::Diagnostics;
use ninefold::compile::{Scope, Selection, Session, document};
use ninefold::report::{Format, Style};
use ninefold::workspace::Memory;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::support::{PROJECT, RUNBOOK, Run, SPEC, Scratch, program};

/// How long a run may take: none takes a tenth of it alone, but this one is not
/// optimised and runs beside other tests.
const SOON: Duration = Duration::from_secs(30);

/// Runs the program and asserts that it ends soon, by itself, with one of `codes`
/// and, unless it is 0, a message.
#[track_caller]
fn ends(project: &Scratch, what: &str, args: &[&str], codes: &[i32]) -> Run {
    let path = |name: &str| project.path.join(name);
    let file = |name: &str| File::create(path(name)).expect("a file for the output");
    let mut command = program(&project.path);
    command.args(args).stdin(Stdio::null()).stdout(file(".stdout")).stderr(file(".stderr"));
    let mut child = command.spawn().expect("the program starts");
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break status;
        }
        let late = begun.elapsed() > SOON;
        if late {
            kill(&mut child);
        }
        assert!(!late, "{what}: no end after {SOON:?}");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.code().is_some(), "{what}: {status}");
    let code = status.code().unwrap_or_default();
    let run = Run { code, stdout: project.read(".stdout"), stderr: project.read(".stderr") };
    let said = format!("{}{}", run.stdout, run.stderr);
    let start: String = said.chars().take(2_000).collect();
    assert!(!said.contains("panicked at"), "{what}: {start}");
    assert!(codes.contains(&code), "{what}: exit {code}: {start}");
    assert!(code == 0 || said.contains("error"), "{what}: exit {code} without a word: {start}");
    run
}

fn kill(child: &mut Child) {
    // A child that has ended by now is just as dead.
    let _ = child.kill();
    child.wait().expect("a child of ours");
}

/// A project whose spec is `bytes`, checked and built.
#[track_caller]
fn spec(what: &str, bytes: impl AsRef<[u8]>, codes: &[i32]) {
    let project = Scratch::project();
    fs::write(project.path.join("slo/checkout.yaml"), bytes).expect("a spec can be written");
    ends(&project, what, &["check"], codes);
    ends(&project, what, &["build", "--verify"], codes);
}

/// The spec with an alert on `expr`, which is in single quotes.
fn alert(expr: &str) -> String {
    format!(
        "{SPEC}alerts:\n  - name: A\n    severity: page\n    summary: s\n    remediation: 1h\n    \
         expr: '{expr}'\n"
    )
}

const FAILS: &[i32] = &[1];

#[test]
fn deep_nesting() {
    for (name, begin, times) in [
        ("brackets", "[", 100_000),
        ("braces", "{a: ", 40_000),
        ("dashes", "- ", 100_000),
        ("questions", "? ", 100_000),
        ("tags and anchors", "!a &a ", 20_000),
    ] {
        spec(name, begin.repeat(times), FAILS);
        spec(name, format!("{SPEC}labels: {}", begin.repeat(times)), FAILS);
    }
    let map: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    spec("deep map", map, FAILS);
    spec("closed", format!("{SPEC}labels: {}1{}", "{a: ".repeat(3_000), "}".repeat(3_000)), FAILS);
}

#[test]
fn aliases() {
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for level in 1..=10 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    spec("alias bomb", format!("{SPEC}{bomb}"), FAILS);
    spec("alias bomb in labels", format!("{SPEC}{bomb}labels: *a10\nalerts: *a10\n"), FAILS);
    for own in ["&a [*a]", "ninefold: &a {a: *a}", "ninefold: v1\n<<: &x {<<: *x}", "a: *a"] {
        spec("self reference", format!("{own}\n"), FAILS);
    }
}

/// The same with `check` alone, for what is slow to write and read back.
#[track_caller]
fn check(what: &str, bytes: impl AsRef<[u8]>, codes: &[i32]) {
    let project = Scratch::project();
    fs::write(project.path.join("slo/checkout.yaml"), bytes).expect("a spec can be written");
    ends(&project, what, &["check"], codes);
}

#[test]
fn many() {
    let many = |what: &dyn Fn(usize) -> String, times| -> String { (0..times).map(what).collect() };
    let labels = many(&|i| format!("  k{i}: \"1\"\n"), 200_000);
    check("200,000 labels", format!("{SPEC}labels:\n{labels}"), &[0]);
    let keys = many(&|i| format!("k{i}: 1\n"), 10_000);
    spec("10,000 unknown keys", format!("{SPEC}{keys}"), FAILS);
    spec("one key, 10,000 times", format!("{SPEC}{}", "owner: a\n".repeat(10_000)), FAILS);
    spec("20,000 documents", "---\n".repeat(20_000), FAILS);
}

#[test]
fn large() {
    let scalar = "x".repeat(50_000_000);
    check("a scalar of 50 MB", format!("{SPEC}annotations: {{a: \"{scalar}\"}}\n"), &[0]);
    check("a key of 50 MB", format!("{SPEC}{scalar}: 1\n"), FAILS);
    check("a file of 70 MB", "#".repeat(70_000_000), FAILS);
    check("a name of 5 MB", format!("ninefold: v1\nservice: {}\n", &scalar[..5_000_000]), FAILS);
    spec("a scalar of 5 MB", format!("{SPEC}labels: {{a: \"{}\"}}\n", &scalar[..5_000_000]), &[0]);
}

#[test]
fn expressions() {
    // What follows fails for its expression, not for what is around it.
    spec("a sound alert", alert("up == 0"), &[0]);
    let chain = |operator: &str, times: usize| format!("1{}", format!("{operator}1").repeat(times));
    for (name, expr) in [
        ("parentheses", format!("{}x{}", "(".repeat(20_000), ")".repeat(20_000))),
        ("parentheses left open", "(".repeat(20_000)),
        ("calls", "abs(".repeat(20_000)),
        ("signs", format!("{}x", "-".repeat(60_000))),
        ("1 MB of a name", "x".repeat(1_000_000)),
        ("1 MB of operators", chain(" + ", 250_000)),
        ("10,000 sums", chain(" + ", 10_000)),
        ("10,000 powers", chain(" ^ ", 10_000)),
        ("groups of a regex", format!("x{{a=~\"{}\"}}", "(".repeat(30_000))),
        ("repetitions of a regex", "x{a=~\"((a{900}){900}){900}\"}".to_owned()),
        ("a string left open", "x{a=\"".to_owned()),
    ] {
        spec(name, alert(&expr), FAILS);
    }
    let template = |text: String| format!("{SPEC}annotations: {{a: '{text}'}}\n");
    spec("a sound template", template("{{ $value }}".into()), &[0]);
    spec("blocks of a template", template("{{if true}}".repeat(20_000)), FAILS);
    spec("parentheses of a template", template(format!("{{{{ {}", "(".repeat(200_000))), FAILS);
    for number in ["9".repeat(100_000), format!("99.{}", "9".repeat(100_000)), "1e999999".into()] {
        spec("a number", SPEC.replace("99.9", &number), FAILS);
    }
}

#[test]
fn no_text() {
    spec("NUL bytes", [0; 1_000], FAILS);
    spec("a NUL in a name", SPEC.replace("checkout", "check\0out"), FAILS);
    spec("no UTF-8", [SPEC.as_bytes(), b"# caf\xe9\n"].concat(), FAILS);
    let utf16: Vec<u8> = SPEC.encode_utf16().flat_map(u16::to_le_bytes).collect();
    spec("UTF-16", [&[0xff, 0xfe], &utf16[..]].concat(), FAILS);
    spec("lone CR", SPEC.replace('\n', "\r"), &[0]);
    spec("CR LF", SPEC.replace('\n', "\r\n"), &[0]);
    spec("a byte order mark", format!("\u{feff}{SPEC}"), &[0]);
    spec("an empty file", "", FAILS);
    spec("comments alone", "# nothing\n# at all\n", FAILS);
    spec("a list", "- ninefold: v1\n", FAILS);
    spec("a scalar", "ninefold\n", FAILS);
    spec("null", "~\n", FAILS);
}

/// The other files of a project may be as bad as its specs.
#[test]
fn other_files() {
    let settings = format!("{PROJECT}owners: [owners.yaml, CODEOWNERS]\n");
    for path in ["ninefold.yaml", "owners.yaml", "CODEOWNERS", "runbooks/checkout.md"] {
        for (what, bytes) in [
            ("brackets", "[".repeat(100_000).into_bytes()),
            ("quotes", "> ".repeat(100_000).into_bytes()),
            ("stars", "*a **b ".repeat(50_000).into_bytes()),
            ("a header", format!("# {}", "[a](".repeat(50_000)).into_bytes()),
            ("NUL", vec![0; 1_000]),
            ("no UTF-8", vec![0xff; 1_000]),
            ("nothing", Vec::new()),
        ] {
            let project = Scratch::project();
            project.write("ninefold.yaml", &settings);
            project.write("owners.yaml", "ninefold: owners/v1\nowners: {team-payments: {}}\n");
            project.write("CODEOWNERS", "* team-payments\n");
            fs::write(project.path.join(path), bytes).expect("written");
            ends(&project, &format!("{what} in {path}"), &["build"], &[0, 1, 2]);
        }
    }
}

#[test]
fn places_that_are_no_place() {
    let project = Scratch::project();
    project.write("generated", "a file where a folder is needed");
    ends(&project, "`generated` is a file", &["build"], &[2]);

    let project = Scratch::project();
    project.write("generated/rules", "a file where a folder is needed");
    ends(&project, "`generated/rules` is a file", &["build"], &[2]);
    ends(&project, "`generated/rules` is a file", &["build", "--check"], &[1, 2]);
    assert_eq!(leftovers(&project.path), Vec::<PathBuf>::new());

    let project = Scratch::project();
    project.write("generated/rules/checkout.yaml/x", "a folder where a file is needed");
    ends(&project, "the output is a folder", &["build"], &[2]);

    let project = Scratch::project();
    project.write("generated/ninefold.manifest/x", "a folder where a file is needed");
    ends(&project, "the manifest is a folder", &["build"], &[2]);
    assert_eq!(leftovers(&project.path), Vec::<PathBuf>::new());

    let project = Scratch::project();
    fs::remove_file(project.path.join("ninefold.yaml")).expect("removed");
    project.write("ninefold.yaml/x", "a folder where a file is needed");
    ends(&project, "`ninefold.yaml` is a folder", &["build"], &[1, 2]);
}

/// A manifest is a file of the repository: anybody can write one.
#[test]
fn a_manifest_reaches_no_file_outside() {
    let project = Scratch::new();
    let inner = Scratch { path: project.path.join("inner") };
    for (path, text) in [("ninefold.yaml", PROJECT), ("slo/a.yaml", SPEC)] {
        inner.write(path, text);
    }
    inner.write("runbooks/checkout.md", RUNBOOK);
    project.write("victim", "precious");
    let digest = Sha256::digest("precious").iter().map(|b| format!("{b:02x}")).collect::<String>();
    let absolute = project.path.join("victim");
    let absolute = absolute.to_str().expect("UTF-8");
    let lines: Vec<String> = ["../../victim", "rules/../../../victim", absolute]
        .iter()
        .map(|path| format!("{path} {digest}\n"))
        .collect();
    inner.write("generated/ninefold.manifest", &lines.concat());
    ends(&inner, "a manifest that names files outside", &["build"], &[0]);
    assert!(project.has("victim"), "removed by a line of the manifest");
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let outside = Scratch::new();
    outside.write("page.md", RUNBOOK);
    outside.write("rules/x", "");
    let link = |project: &Scratch, to: &Path, at: &str| {
        let at = project.path.join(at);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        let _ = fs::remove_file(&at);
        symlink(to, at).expect("a link");
    };

    let project = Scratch::project();
    link(&project, &outside.path.join("page.md"), "runbooks/checkout.md");
    ends(&project, "a runbook outside", &["build"], &[1]);

    for to in ["loop.yaml", "nowhere.yaml"] {
        let project = Scratch::project();
        link(&project, Path::new(to), "slo/loop.yaml");
        ends(&project, "a spec that links to itself, or nowhere", &["build"], &[1]);
        ends(&project, "the same by name", &["build", "slo/loop.yaml"], &[1, 2]);
    }

    for at in ["generated", "generated/rules"] {
        let project = Scratch::project();
        link(&project, &outside.path, at);
        ends(&project, "an output folder outside", &["build"], &[1, 2]);
        let mut left: Vec<_> = files(&outside.path);
        left.sort();
        assert_eq!(left, [outside.path.join("page.md"), outside.path.join("rules/x")], "{at}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Scratch::project();
    project.write("generated/rules/.keep", "");
    let folder = project.path.join("generated/rules");
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode));
    allow(0o555).expect("permissions can be set");
    if File::create(folder.join(".probe")).is_ok() {
        eprintln!("skipped: permissions do not bind this user");
    } else {
        ends(&project, "no permission", &["build"], &[2]);
    }
    allow(0o755).expect("permissions can be set");
}

/// One change of a text by somebody who is not looking.
#[derive(Clone, Debug)]
enum Mutation {
    Insert(usize, u8),
    Delete(usize, usize),
    Replace(usize, u8),
    Duplicate(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    // Bytes that mean something are likelier than others.
    let telling = proptest::sample::select(&b" \n\t-:{}[],&*!|>'\"%#?@`\\$()0~=+."[..]);
    let byte = prop_oneof![3 => telling, 1 => any::<u8>()];
    prop_oneof![
        (any::<usize>(), byte.clone()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        (any::<usize>(), 1..20usize).prop_map(|(at, len)| Mutation::Delete(at, len)),
        (any::<usize>(), byte).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Mutation::Duplicate(from, to)),
    ]
}

fn mutate(text: &str, mutations: &[Mutation]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for mutation in mutations {
        let place = |at: usize| at % (bytes.len() + 1);
        match *mutation {
            Mutation::Insert(at, byte) => bytes.insert(place(at), byte),
            Mutation::Delete(at, len) => {
                let start = place(at);
                let end = (start + len).min(bytes.len());
                bytes.drain(start..end);
            }
            Mutation::Replace(at, byte) => {
                let at = place(at);
                bytes.splice(at..(at + 1).min(bytes.len()), [byte]);
            }
            Mutation::Duplicate(from, to) => {
                let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
                let (from, to) = (from % lines.len().max(1), to % (lines.len() + 1));
                let line = lines.get(from).copied().unwrap_or_default();
                bytes = [&lines[..to].concat(), line, &lines[to..].concat()].concat();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A spec that uses most of the language.
const RICH: &str = "\
labels: {tier: \"1\"}
annotations: &notes
  channel: \"#payments, {{ $labels.job }}\"
alerts:
  - name: QueueStuck
    expr: |
      max by (job) (queue_oldest_seconds{job=~\"check.*\"})
        > 600 and on (job) up == 1
    for: 10m
    severity: page
    remediation: 30m
    summary: The queue has not moved for {{ $value | humanizeDuration }}.
    runbook: runbooks/checkout.md#latency
    annotations: *notes
";

/// The findings as JSON, and the rules where there is no error.
fn compiled(text: &str) -> (String, String) {
    let world = Memory::default()
        .with("ninefold.yaml", PROJECT)
        .with("runbooks/checkout.md", RUNBOOK)
        .with("slo/checkout.yaml", text);
    let mut session = Session::open(&world, "".into());
    let checked = session.check(&Selection::Project, Scope { verify: true, rules: true });
    let render = |format: Format, diags: &Diagnostics| {
        format.render(diags, &session.sources, Style { color: true, width: 100 })
    };
    // Rendered for people too: that must not panic either.
    render(Format::Human, &session.diags);
    let sound = !session.diags.has_errors();
    let rules = if sound { document(&checked, &session.config) } else { String::new() };
    (render(Format::Json, &session.diags), rules)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_spec_with_slips_is_judged_the_same_twice(
        mutations in prop::collection::vec(mutation(), 1..8)
    ) {
        let text = mutate(&format!("{SPEC}{RICH}"), &mutations);
        prop_assert_eq!(compiled(&text), compiled(&text), "{}", text);
    }
}

#[test]
fn the_rich_spec_is_sound() {
    let (findings, rules) = compiled(&format!("{SPEC}{RICH}"));
    assert!(findings.contains("\"diagnostics\": []"), "{findings}");
    assert!(rules.contains("QueueStuck"));
}

/// How many services the project of the kill test has.
const SERVICES: usize = 300;

/// When a build is killed: after so many per cent of the time that a whole one
/// takes, or (`None`) as soon as it has begun to put files into place.
const KILLS: [Option<u32>; 20] = [
    Some(5),
    None,
    Some(20),
    None,
    Some(35),
    Some(50),
    None,
    Some(60),
    Some(65),
    Some(70),
    None,
    Some(75),
    Some(80),
    Some(85),
    None,
    Some(90),
    Some(95),
    None,
    Some(98),
    Some(100),
];

#[cfg(unix)]
#[test]
fn killed_builds_leave_whole_files() {
    let objectives = ["99.9", "99.5", "99"];
    let project = Scratch::project();
    let write_specs = |objective: &str| {
        for service in 0..SERVICES {
            let spec = SPEC.replace("service: checkout", &format!("service: s{service}"));
            let spec = spec.replace("99.9", objective);
            project.write(&format!("slo/s{service}.yaml"), &spec);
        }
    };
    fs::remove_file(project.path.join("slo/checkout.yaml")).expect("removed");
    let rules = project.path.join("generated/rules");
    let mut whole = Duration::ZERO;
    let versions = objectives.map(|objective| {
        write_specs(objective);
        let begun = Instant::now();
        project.run(&["build", "--quiet"]).exits(0);
        whole = begun.elapsed();
        let outputs = files(&rules);
        assert_eq!(outputs.len(), SERVICES);
        outputs
            .into_iter()
            .map(|path| (path.clone(), fs::read(path).expect("an output")))
            .collect::<std::collections::BTreeMap<_, _>>()
    });

    let manifest = project.path.join("generated/ninefold.manifest");
    let mut mixed = 0;
    for (round, delay) in KILLS.iter().enumerate() {
        write_specs(objectives[round % objectives.len()]);
        let before = fs::read(&manifest).expect("a manifest");
        let mut command = program(&project.path);
        command.args(["build", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let begun = Instant::now();
        match delay {
            Some(percent) => std::thread::sleep(whole * *percent / 100),
            None => {
                while fs::read(&manifest).is_ok_and(|now| now == before) && begun.elapsed() < SOON {
                }
            }
        }
        kill(&mut child);
        let mut seen = std::collections::BTreeSet::new();
        for path in files(&rules).into_iter().filter(|path| !is_temporary(path)) {
            let bytes = fs::read(&path).expect("an output");
            let version = versions.iter().position(|outputs| outputs.get(&path) == Some(&bytes));
            assert!(version.is_some(), "round {round}: {} is not whole", path.display());
            seen.extend(version);
        }
        mixed += usize::from(seen.len() > 1);
    }
    println!("{mixed} of {} kills left old and new files side by side", KILLS.len());

    let run = project.run(&["build"]).exits(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let run = project.run(&["build", "--check"]).exits(0);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("warning"), "{}", run.stderr);
    assert_eq!(leftovers(&project.path), Vec::<PathBuf>::new());
    assert_eq!(files(&rules).len(), SERVICES);
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn is_temporary(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".ninefold-tmp")
}

/// What a build staged and did not put into place.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|path| is_temporary(path)).collect()
}
