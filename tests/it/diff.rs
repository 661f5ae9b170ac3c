//! `ninefold diff`: what a change of specs means, between revisions of scratch
//! repositories and between worlds in memory.

use std::path::Path;
use std::process::Command;

use camino::Utf8PathBuf;
use ninefold::compile::{self, Scope, Selection, Session, View};
use ninefold::diff::{Comparison, Format};
use ninefold::workspace::Memory;

use crate::support::{PROJECT, RUNBOOK, Run, SPEC, Scratch, program, tool};

/// A project as it was: two services, and an alert that is no SLO.
const CHECKOUT: &str = r#"ninefold: v1
service: checkout
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
labels: {tier: "1"}
slos:
  - name: availability
    objective: 99.9
    description: Checkout requests answered without a server error.
    sli:
      events:
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
  - name: latency
    objective: 99
    sli:
      latency:
        histogram: http_request_duration_seconds{job="checkout"}
        threshold: 300ms
  - name: orders
    objective: 99.5
    sli:
      events:
        bad: orders_failed_total{job="checkout"}
        total: orders_total{job="checkout"}
alerts:
  - name: CheckoutQueueStuck
    expr: checkout_queue_oldest_seconds{job="checkout"} > 600
    for: 10m
    severity: page
    remediation: 30m
    summary: The checkout queue has not moved for ten minutes.
  - name: CheckoutDiskFull
    expr: disk_free_ratio{job="checkout"} < 0.1
    severity: ticket
    summary: The disk fills up.
"#;

/// The same project after a pull request.
fn changed() -> String {
    let (kept, alerts) = CHECKOUT.split_once("alerts:\n").expect("alerts");
    let (stuck, _) = alerts.split_once("  - name: CheckoutDiskFull").expect("an alert");
    let text = format!("{kept}alerts:\n{stuck}")
        .replace("owner: team-payments", "owner: team-checkout")
        .replace("objective: 99.9\n", "objective: 99.5\n")
        .replace("ticket: 3d}", "ticket: 5d}")
        .replace("threshold: 300ms", "threshold: 500ms\n    alerting: {page: false}")
        .replace("name: orders", "name: order-flow")
        .replace("for: 10m", "for: 15m");
    format!("{text}    labels: {{area: queue}}\n")
}

/// A repository of its own, where git is installed.
struct Repository {
    scratch: Scratch,
}

impl Repository {
    fn new() -> Option<Repository> {
        tool("git")?;
        let repository = Repository { scratch: Scratch::new() };
        repository.git(&["init", "-q", "-b", "main"]);
        Some(repository)
    }

    /// One with a sound project in its first commit.
    fn of(spec: &str) -> Option<Repository> {
        let repository = Repository::new()?;
        repository.write("ninefold.yaml", PROJECT);
        repository.write("runbooks/checkout.md", RUNBOOK);
        repository.write("slo/checkout.yaml", spec);
        repository.commit();
        Some(repository)
    }

    fn write(&self, path: &str, text: &str) {
        self.scratch.write(path, text);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "a change"]);
    }

    fn git(&self, args: &[&str]) {
        let output = git(&self.scratch.path).args(args).output().expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {said}");
    }

    fn diff(&self, args: &[&str]) -> Run {
        diff_in(&self.scratch.path, args)
    }
}

/// git with nobody's settings, and a clock that stands.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear();
    command
        .env("PATH", path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "A")
            .env(format!("GIT_{who}_EMAIL"), "a@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    command
}

fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn diff_in(folder: &Path, args: &[&str]) -> Run {
    let mut command = program(folder);
    command.env("PATH", path()).arg("diff").args(args);
    // The scratch folder is inside of another repository.
    command.env("GIT_CEILING_DIRECTORIES", env!("CARGO_TARGET_TMPDIR"));
    command.output().expect("the program starts").into()
}

/// A snapshot in which commits have one id.
fn holds(name: &str, text: &str) {
    let filters = vec![(r"\([0-9a-f]{7}\)", "(1234567)")];
    insta::with_settings!({filters => filters, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

/// Compares two specs of one project, in memory.
fn compared(before: &str, after: &str) -> Comparison {
    compared_in((PROJECT, before), (PROJECT, after))
}

fn compared_in(before: (&str, &str), after: (&str, &str)) -> Comparison {
    let world = |(project, spec): (&str, &str)| {
        Memory::default()
            .with("ninefold.yaml", project)
            .with("runbooks/checkout.md", RUNBOOK)
            .with("slo/checkout.yaml", spec)
    };
    let worlds = [world(before), world(after)];
    let [before, after] = worlds.each_ref().map(|world| {
        let mut session = Session::open(world, Utf8PathBuf::new());
        let checked = session.check(&Selection::Project, Scope::default());
        (session, checked)
    });
    compile::diff(
        View { name: "before", session: &before.0, checked: &before.1 },
        View { name: "after", session: &after.0, checked: &after.1 },
    )
}

#[test]
fn a_pull_request_in_words_and_as_markdown() {
    let Some(repository) = Repository::of(CHECKOUT) else { return };
    repository.write("slo/checkout.yaml", &changed());
    repository.write("slo/search.yaml", &SPEC.replace("checkout\n", "search\n"));
    repository
        .write("ninefold.yaml", &format!("{PROJECT}severities: {{page: sev1, ticket: warning}}\n"));
    let human = repository.diff(&[]).exits(0);
    assert!(human.stdout.lines().all(|line| line.chars().count() <= 100), "{}", human.stdout);
    holds("human", &human.transcript());
    let markdown = repository.diff(&["HEAD", "--format", "markdown"]).exits(0);
    holds("markdown", &markdown.transcript());
    let json = repository.diff(&["--format", "json"]).exits(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(report["services"][0]["service"], "checkout");
    let objective = &report["services"][0]["changes"];
    let weaker = |c: &serde_json::Value| c["what"] == "objective" && c["weight"] == "weaker";
    assert!(objective.as_array().expect("changes").iter().any(weaker), "{json}");
    repository.diff(&["--fail-on", "weaker"]).exits(1);
}

#[test]
fn how_a_spec_is_laid_out_is_no_change() {
    let Some(repository) = Repository::of(CHECKOUT) else { return };
    let (head, slos) = CHECKOUT.split_once("slos:\n").expect("SLOs");
    let relaid = slos
        .replace("> 600", "\n      >\n      600 # ten minutes")
        .replace("{job=\"checkout\", code=~\"5..\"}", "{ code =~ '5..',  job = 'checkout' }");
    let relaid = relaid.replace("    expr: check", "    expr: |-\n      check");
    repository.write("slo/other.yaml", &format!("# Moved.\n{head}\nslos:\n{relaid}"));
    repository.git(&["rm", "-q", "slo/checkout.yaml"]);
    let run = repository.diff(&[]).exits(0);
    assert!(run.stdout.ends_with("the working tree: no change\n"), "{}", run.transcript());
    repository.diff(&["--fail-on", "weaker"]).exits(0);
    let markdown = repository.diff(&["--format", "markdown"]).exits(0).stdout;
    assert!(markdown.starts_with("### SLOs and alerts: no change\n"), "{markdown}");
}

/// Every single thing that can change, one at a time.
#[test]
fn each_change_has_its_words() {
    let slo = "    objective: 99.9\n";
    let with = |keys: &str| SPEC.replace(slo, &format!("{slo}    {keys}\n"));
    let changes = [
        ("objective", SPEC.replace("99.9", "99.95")),
        ("window", with("window: 28d")),
        ("sli", SPEC.replace("5..", "[45]..")),
        ("group_by", with("group_by: [region]")),
        ("expected", with("expected_rate: 2000/m")),
        ("description", with("description: Works.")),
        ("names", with("alerting: {name: Shop}")),
        ("labels", with("labels: {tier: \"1\"}")),
        ("annotations", with("annotations: {channel: \"#shop\"}")),
        ("runbook", SPEC.replace("runbooks/checkout.md", "runbooks/checkout.md#latency")),
        ("remediation", SPEC.replace("page: 1h", "page: 30m")),
        ("no page", with("alerting: {page: false}")),
        ("no ticket", with("alerting: {ticket: false, budget_exhausted: false}")),
        ("no data as a ticket", with("alerting: {no_data: ticket}")),
        ("no data ignored", with("alerting: {no_data: ignore}")),
        ("bad events", with("alerting: {min_bad_events: 5}")),
        ("page labels", with("alerting: {page: {labels: {a: b}, keep_firing_for: 1h}}")),
        (
            "burn rates",
            with("alerting: {burn_rates: [{severity: page, long: 1h, short: 5m, factor: 10}]}"),
        ),
        ("renamed SLO", SPEC.replace("availability", "uptime")),
        ("renamed service", SPEC.replace("service: checkout", "service: shop")),
    ];
    let mut text = String::new();
    for (name, after) in changes {
        let comparison = compared(SPEC, &after);
        assert!(comparison.faults.is_empty(), "{name}: {:?}", comparison.faults);
        text.push_str(&format!("# {name}\n{}\n", Format::Human.render(&comparison)));
    }
    holds("each", &text);
}

#[test]
fn settings_of_the_project_are_told_once() {
    let base = "runbooks: {base_url: \"https://git.example.com/shop/blob/main/\"}";
    let settings = [
        "names: sloth",
        "owner_label: team",
        "labels: {env: prod}",
        "severities: {page: sev1, ticket: warning, info: note}",
        "prometheus: {version: \"3.5\", scrape_interval: 60s, external_labels: [cluster]}",
        "targets: {prometheus: {}, grafana: {base_url: \"https://grafana.example.com\"}}",
    ];
    let mut text = String::new();
    for setting in settings {
        let project = format!("{PROJECT}{setting}\n");
        let comparison = compared_in((PROJECT, SPEC), (&project, SPEC));
        text.push_str(&format!("# {setting}\n{}\n", Format::Human.render(&comparison)));
    }
    let moved = PROJECT.replace(base, "runbooks: {base_url: \"https://wiki.example.com/\"}");
    let comparison = compared_in((PROJECT, SPEC), (&moved, SPEC));
    assert!(comparison.services.is_empty(), "a moved base is told once: {comparison:?}");
    holds("project", &text);
}

/// What has errors on one side is neither gone nor new, and hides nothing else.
#[test]
fn what_does_not_compile_is_said_and_the_rest_compared() {
    let Some(repository) = Repository::of(CHECKOUT) else { return };
    let broken = CHECKOUT.replace("orders_failed_total{", "orders_failed_total{{");
    repository.write("slo/checkout.yaml", &broken.replace("objective: 99.9\n", "objective: 99\n"));
    let run = repository.diff(&[]).exits(0);
    assert!(run.stderr.starts_with("errors in the working tree:"), "{}", run.stderr);
    assert!(run.stdout.contains("checkout/orders (the working tree)"), "{}", run.stdout);
    assert!(run.stdout.contains("99.9% (43m12s in 30d) -> 99%"), "{}", run.stdout);
    assert!(!run.stdout.contains("gone"), "{}", run.stdout);
    let markdown = repository.diff(&["--format", "markdown"]).exits(0).stdout;
    assert!(markdown.contains("Left out: <code>checkout/orders</code>"), "{markdown}");

    // Not even the names can be read; then the other way round.
    for text in ["ninefold: v1\nservice: [\n", "ninefold: v1\n\tservice: x\n"] {
        repository.write("slo/checkout.yaml", text);
        repository.write("slo/search.yaml", &SPEC.replace("checkout\n", "search\n"));
        let run = repository.diff(&[]).exits(0);
        assert!(!run.stdout.contains("gone"), "{text:?}: {}", run.transcript());
        assert!(run.stdout.contains("new: 99.9%"), "{text:?}: {}", run.transcript());
    }
    repository.commit();
    repository.write("slo/checkout.yaml", CHECKOUT);
    let run = repository.diff(&[]).exits(0);
    assert!(run.stderr.starts_with("errors in HEAD (") && !run.stdout.contains("new:"));
    assert!(run.stdout.contains("  checkout (HEAD ("), "{}", run.transcript());

    // A file that is no text, and one whose text is elsewhere.
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for bytes in [&b"caf\xe9"[..], lfs.as_bytes()] {
        std::fs::write(repository.scratch.path.join("slo/checkout.yaml"), bytes).expect("written");
        repository.commit();
        repository.write("slo/checkout.yaml", CHECKOUT);
        let run = repository.diff(&[]).exits(0);
        assert!(run.stderr.contains("error[file-unreadable]: `slo/checkout.yaml`"));
        assert!(!run.stdout.contains("new:"), "{}", run.transcript());
    }
}

#[test]
fn a_project_file_at_fault_is_not_compared() {
    let Some(repository) = Repository::of(SPEC) else { return };
    repository.write("ninefold.yaml", "ninefold: project/v1\nspecs: 1\n");
    let run = repository.diff(&[]).exits(2);
    assert!(run.stderr.contains("errors in the working tree:"), "{}", run.stderr);
    assert!(run.stdout.is_empty());
}

#[test]
fn revisions_and_what_can_be_wrong_with_them() {
    let Some(repository) = Repository::of(SPEC) else { return };
    repository.git(&["tag", "v1"]);
    repository.git(&["checkout", "-q", "-b", "feature"]);
    repository.write("slo/checkout.yaml", &SPEC.replace("99.9", "99"));
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.write("slo/checkout.yaml", &SPEC.replace("99.9", "99.99"));
    repository.commit();
    let objective = |args: &[&str]| {
        let run = repository.diff(args).exits(0);
        let line = run.stdout.lines().find(|line| line.contains("objective"));
        let words = line.unwrap_or("no change").split_whitespace().filter(|w| w.ends_with('%'));
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(objective(&[]), "");
    assert_eq!(objective(&["v1"]), "99.9% 99.99%");
    assert_eq!(objective(&["v1", "feature"]), "99.9% 99%");
    assert_eq!(objective(&["main..feature"]), "99.99% 99%");
    assert_eq!(objective(&["main...feature"]), "99.9% 99%");
    assert_eq!(objective(&["feature..."]), "99.9% 99.99%");

    let mut said = String::new();
    for args in
        [&["nope"][..], &["v1", "nope"], &["--", "--all"], &[""], &["v1:slo"], &["a..b", "c"]]
    {
        said.push_str(&format!("{args:?}: {}", repository.diff(args).exits(2).stderr));
    }
    let shallow = Scratch::new();
    let url = format!("file://{}", repository.scratch.path.display());
    let clone = git(&shallow.path).args(["clone", "-q", "--depth", "1", &url, "."]).output();
    assert!(clone.expect("git starts").status.success());
    said.push_str(&diff_in(&shallow.path, &["HEAD~1"]).exits(2).stderr);
    diff_in(&shallow.path, &[]).exits(0);
    let outside = Scratch::project();
    said.push_str(&diff_in(&outside.path, &[]).exits(2).stderr);
    let mut command = program(&outside.path);
    command.env("PATH", "/nowhere").arg("diff");
    let without: Run = command.output().expect("the program starts").into();
    said.push_str(&without.exits(2).stderr);
    holds("faults", &said);
}

/// A project below a folder of its repository, and of what a hook sets.
#[test]
fn a_project_in_a_folder_of_its_repository() {
    let Some(repository) = Repository::new() else { return };
    repository.write("readme", "");
    repository.commit();
    repository.write("shop/ninefold.yaml", PROJECT);
    repository.write("shop/runbooks/checkout.md", RUNBOOK);
    repository.write("shop/slo/checkout.yaml", SPEC);
    let folder = repository.scratch.path.join("shop");
    let run = diff_in(&folder, &[]).exits(0);
    assert!(run.stdout.contains("has no spec: everything is new"), "{}", run.stdout);
    assert!(run.stdout.contains("1 stronger, in 1 service"), "{}", run.stdout);
    repository.commit();
    repository.write("shop/slo/checkout.yaml", &SPEC.replace("99.9", "99"));
    let mut hook = program(&folder);
    hook.env("PATH", path()).env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index").arg("diff");
    let run: Run = hook.output().expect("the program starts").into();
    assert!(run.exits(0).stdout.contains("99.9% (43m12s in 30d) -> 99% (7h12m in 30d)"));
    let above = repository.diff(&["--project", "shop"]).exits(0);
    assert!(above.stdout.contains("1 weaker, in 1 service"), "{}", above.stdout);
}

#[cfg(unix)]
#[test]
fn links_and_strange_paths_are_read_as_on_the_disk() {
    use std::os::unix::fs::symlink;
    let Some(repository) = Repository::of(SPEC) else { return };
    let search = SPEC.replace("checkout\n", "search\n");
    let mailer = SPEC.replace("checkout\n", "mailer\n");
    repository.write("shared/search.yaml", &search);
    repository.write("slo/ a\n\"b\t.yaml", &mailer);
    let link = |to: &str, at: &str| symlink(to, repository.scratch.path.join(at)).expect("a link");
    link("../shared/search.yaml", "slo/search.yaml");
    link("shared", "alias");
    repository.commit();
    let run = repository.diff(&[]).exits(0);
    assert!(run.stdout.ends_with(": no change\n"), "{}", run.transcript());
    for path in ["shared/search.yaml", "slo/ a\n\"b\t.yaml"] {
        let text = repository.scratch.read(path);
        repository.write(path, &text.replace("99.9", "99"));
    }
    let run = repository.diff(&[]).exits(0);
    assert!(run.stdout.contains("2 weaker, in 2 services"), "{}", run.transcript());
    // One that leads out of the project is refused on either side.
    let outside = crate::support::root().join("Cargo.toml");
    link(outside.to_str().expect("a path in UTF-8"), "slo/out.yaml");
    repository.commit();
    let run = repository.diff(&[]).exits(0);
    assert_eq!(run.stderr.matches("lies outside the project").count(), 2, "{}", run.stderr);
}

/// Nothing in a spec leaves its cell, is run as HTML, or notifies anybody.
#[test]
fn hostile_texts_stay_in_their_cells() {
    let hostile = r"'| <img src=x onerror=alert(1)> `a` @org/team **b** [c](http://d) \| #1 :+1:'";
    let after = SPEC
        .replace("owner: team-payments", "owner: \"@org/team\"")
        .replace(
            "    objective: 99.9\n",
            &format!("    objective: 99.9\n    description: {hostile}\n    annotations: {{note: \"a\\n| b\\u202e\"}}\n"),
        );
    let comparison = compared(SPEC, &after);
    assert!(comparison.faults.is_empty(), "{:?}", comparison.faults);
    let markdown = Format::Markdown.render(&comparison);
    for line in markdown.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.matches('|').count(), 6, "{line}");
    }
    for word in ["@org", "<img", "`a`", "**b**", "](", "\\|", " #1", ":+1:", "\u{202e}"] {
        assert!(!markdown.contains(word), "{word}: {markdown}");
    }
    let human = Format::Human.render(&comparison);
    assert!(human.contains("a | b\\u{202e}") && human.contains("@org/team"), "{human}");
}

/// A comment on a forge has an end, and so has a page.
#[test]
fn much_is_folded_and_more_is_left_out() {
    let spec = |service: usize, objective: &str| {
        SPEC.replace("checkout\n", &format!("s{service}\n")).replace("99.9", objective)
    };
    let all =
        |objective: &str| (0..200).map(|s| spec(s, objective)).collect::<Vec<_>>().join("---\n");
    let comparison = compared(&all("99.9"), &all("99"));
    let markdown = Format::Markdown.render(&comparison);
    assert!(markdown.len() < 65_000, "{}", markdown.len());
    assert!(markdown.contains("<details open><summary><code>s0</code>: 1 weaker</summary>"));
    assert!(markdown.contains("more services are left out"), "{markdown}");
    assert_eq!(comparison.counts().weaker, 200);
}
