//! `ninefold test`: runs promtool over the rule tests that a build wrote, several
//! files at once, and says what failed in plain words.

use std::io::{ErrorKind, IsTerminal as _};
use std::process::Command;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::Outcome;
use super::args::{Global, Test};
use super::project::Place;
use super::promtool::{failures, too_old, unread};
use super::show::{self, Stream};
use crate::base::Count;
use crate::compile::{self, Checked, Scope, Session, Wanted};
use crate::emit;
use crate::ir::{Artifact, name};
use crate::report::{Format, summary};

pub(super) fn run(options: &Test, global: &Global) -> Outcome {
    let (place, selection) = match Place::select(global, &options.files) {
        Ok(found) => found,
        Err(fault) => return show::failure(&fault),
    };
    let disk = place.disk();
    let mut session = Session::open(&disk, place.shown.clone());
    let checked = session.check(&selection, Scope::default());
    if session.diags.has_errors() {
        show::findings(&session.diags, &session.sources, Format::Human, Stream::Error);
        show::line(
            global,
            &format!("{}; nothing was tested", summary(&session.diags, checked.files)),
        );
        let broken = session.is_misconfigured() || show::is_usage(&session.diags);
        return if broken { Outcome::Broken } else { Outcome::Findings };
    }
    if checked.found_nothing {
        show::findings(&session.diags, &session.sources, Format::Human, Stream::Error);
        return Outcome::Nothing;
    }
    let out = place.root.join(&session.config.out.value);
    let stale = stale(&checked, &mut session, &out);
    let shown = session.sources.shown(&session.config.out.value);
    for path in &stale {
        let path = shown.join(path);
        show::aside(&format!(
            "warning: `{path}` differs from the specs; `ninefold build` writes it\n"
        ));
    }
    let files = checked.services.iter().map(|(service, _)| Files {
        tests: name::test_file(&service.name),
        rules: name::rule_file(&service.name),
    });
    let files: Vec<Files> = files.filter(|files| out.join(&files.tests).is_file()).collect();
    let writes = session.config.writes("promtool", true);
    if files.is_empty() && writes && stale.is_empty() {
        untested(global, &checked);
        show::line(global, "nothing was tested: the specs give no rule test");
        return Outcome::Clean;
    }
    if files.is_empty() {
        return show::failure(&format!(
            "there are no rule tests below `{shown}/tests`; run `ninefold build` first, with the target `promtool` on"
        ));
    }
    let runs = match run_all(options, global, &out, &files) {
        Ok(runs) => runs,
        Err(fault) => return show::failure(&fault),
    };
    report(global, &shown, &runs);
    untested(global, &checked);
    if runs.iter().any(|run| run.failed) { Outcome::Findings } else { Outcome::Clean }
}

/// The outputs of one service that promtool reads, below the folder of outputs.
struct Files {
    tests: Utf8PathBuf,
    rules: Utf8PathBuf,
}

/// How the tests of one service ended.
struct Run<'a> {
    files: &'a Files,
    has_rules: bool,
    failed: bool,
    text: String,
}

/// Outputs of these services that are not as the specs make them.
fn stale(checked: &Checked, session: &mut Session<'_>, out: &Utf8Path) -> Vec<Utf8PathBuf> {
    let found = Mutex::new(Vec::new());
    let compare = |artifact: Artifact| {
        if std::fs::read_to_string(out.join(&artifact.path)).ok().as_ref() != Some(&artifact.text) {
            found.lock().unwrap_or_else(PoisonError::into_inner).push(artifact.path);
        }
    };
    for target in ["prometheus", "promtool"] {
        if session.config.writes(target, true) {
            let wanted = Wanted { target: Some(target), verify: false };
            compile::build(checked, session, wanted, &compare);
        }
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort();
    found
}

fn run_all<'a>(
    options: &Test,
    global: &Global,
    out: &Utf8Path,
    files: &'a [Files],
) -> Result<Vec<Run<'a>>, String> {
    let promtool = options.promtool.as_deref().unwrap_or("promtool".into());
    let done = AtomicUsize::new(0);
    let live = !global.quiet && std::io::stderr().is_terminal();
    let progress = |step: usize| {
        let so_far = done.fetch_add(step, Ordering::Relaxed) + step;
        if live {
            show::aside(&format!("\rtested {so_far} of {}", Count(files.len(), "service")));
        }
    };
    progress(0);
    let run = |files: &'a Files| {
        if !out.join(&files.rules).is_file() {
            progress(1);
            return Ok(Run { files, has_rules: false, failed: true, text: String::new() });
        }
        let path = out.join(&files.tests);
        let output = Command::new(promtool).args(["test", "rules"]).arg(&path).output();
        progress(1);
        let output = output.map_err(|fault| match fault.kind() {
            ErrorKind::NotFound => format!(
                "`{promtool}` was not found; it comes with Prometheus, and `--promtool PATH` names it"
            ),
            _ => format!("`{promtool}` cannot be run: {fault}"),
        })?;
        let text = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        let text = text.concat().replace(path.as_str(), files.tests.as_str());
        Ok(Run { files, has_rules: true, failed: !output.status.success(), text })
    };
    let runs: Result<Vec<Run<'a>>, String> = files.par_iter().map(run).collect();
    if live {
        show::aside("\r\x1b[K");
    }
    runs
}

/// What passed and what failed, and why.
fn report(global: &Global, shown: &Utf8Path, runs: &[Run<'_>]) {
    let failed: Vec<&Run<'_>> = runs.iter().filter(|run| run.failed).collect();
    for run in &failed {
        let mut text = format!("failed: {}\n", shown.join(&run.files.tests));
        let rules = shown.join(&run.files.rules);
        if !run.has_rules {
            text.push_str(&format!("  `{rules}` is missing; `ninefold build` writes it\n"));
            show::text(&text);
            continue;
        }
        if let Some(said) = too_old(&run.text) {
            text.push_str(&format!("  {said}\n"));
            show::text(&text);
            continue;
        }
        for failure in failures(&run.text) {
            text.push_str(&format!("  {failure}\n"));
        }
        for fault in unread(&run.text, run.files.rules.as_str()) {
            text.push_str(&format!("  `{rules}` cannot be read: {fault}\n"));
        }
        text.push_str("  promtool says:\n");
        for line in run.text.lines().filter(|line| !line.trim().is_empty()) {
            text.push_str(&format!("    {line}\n"));
        }
        show::text(&text);
    }
    let passed = runs.len() - failed.len();
    let line = match failed.len() {
        0 => format!("{} tested: all rule tests pass", Count(passed, "service")),
        failed => {
            format!("{} tested: {passed} passed, {failed} failed", Count(runs.len(), "service"))
        }
    };
    show::line(global, &line);
}

/// What no test was written for.
fn untested(global: &Global, checked: &Checked) {
    for (service, _) in &checked.services {
        for what in emit::untested(service) {
            show::line(global, &format!("not tested: {} {what}", service.name));
        }
    }
}
