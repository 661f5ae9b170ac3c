//! `ninefold build`: compiles specs to rules and writes them, or says what would
//! change.

use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::Outcome;
use super::args::{Build, Global};
use super::project::Place;
use super::show::{self, Stream};
use crate::base::{Count, Diagnostics, Span, list};
use crate::compile::{self, Checked, Scope, Selection, Session, Wanted};
use crate::emit;
use crate::ir::Artifact;
use crate::report::{Format, summary};
use crate::workspace::{self, Change, ChangeKind, Mode, WRITE_FAILED};

pub(super) fn run(options: &Build, global: &Global) -> Outcome {
    if let Some(target) = &options.target
        && !emit::names().contains(&target.as_str())
    {
        return show::failure(&format!(
            "no target is called `{target}`; there is {}",
            list(&emit::names(), "and")
        ));
    }
    if is_printed(options) && (options.check || options.diff) {
        return show::failure(
            "`--out -` prints the rules: there is nothing for `--check` or `--diff` to compare with",
        );
    }
    let (place, selection) = match Place::select(global, &options.files) {
        Ok(found) => found,
        Err(fault) => return show::failure(&fault),
    };
    let disk = place.disk();
    let mut session = Session::open(&disk, place.shown.clone());
    let checked = session.check(&selection, Scope { verify: options.verify, rules: false });
    if session.diags.has_errors() {
        let reported = report(&session, options);
        show::line(
            global,
            &format!("{}; nothing was written", summary(&session.diags, checked.files)),
        );
        let broken = session.is_misconfigured() || show::is_usage(&session.diags);
        let outcome = if broken { Outcome::Broken } else { Outcome::Findings };
        return outcome.unless_broken(reported);
    }
    if checked.found_nothing {
        return Outcome::Nothing.unless_broken(report(&session, options));
    }
    if is_printed(options) {
        return print_documents(&checked, &mut session, options);
    }
    let out = match out_folder(&place, &session, options) {
        Ok(out) => out,
        Err(fault) => return show::failure(&fault),
    };
    write(
        options,
        global,
        &place,
        &mut session,
        &checked,
        &out,
        matches!(selection, Selection::Project),
    )
}

/// The output folder, relative to the root.
fn out_folder(
    place: &Place,
    session: &Session<'_>,
    options: &Build,
) -> Result<Utf8PathBuf, String> {
    match &options.out {
        Some(folder) => place.inside(folder),
        None => Ok(session.config.out.value.clone()),
    }
}

/// Writes the outputs, or compares them where asked to.
fn write(
    options: &Build,
    global: &Global,
    place: &Place,
    session: &mut Session<'_>,
    checked: &Checked,
    out: &Utf8Path,
    whole_project: bool,
) -> Outcome {
    let only_compare = options.check || options.diff;
    let mode = Mode {
        write: !only_compare,
        prune: whole_project && options.target.is_none(),
        diff: only_compare,
    };
    let shown = session.sources.shown(out);
    let named = match options.out {
        Some(_) => Span::NONE,
        None => session.config.out.span,
    };
    let diags = &mut session.diags;
    let Some(stage) = workspace::stage(&place.root, out, &shown, named, mode, diags) else {
        report(session, options);
        return Outcome::Broken;
    };
    let verified = Mutex::new(Diagnostics::default());
    let wanted = Wanted { target: options.target.as_deref(), verify: options.verify };
    let found = compile::build(checked, session, wanted, &|artifact| {
        if options.verify {
            let mut diags = Diagnostics::default();
            emit::verify(&artifact, &mut diags);
            verified.lock().unwrap_or_else(PoisonError::into_inner).append(diags);
        }
        stage.put(&artifact);
    });
    let verified = verified.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ended = if verified.is_empty() { Outcome::Findings } else { Outcome::Broken };
    session.diags.append(found);
    session.diags.append(verified);
    if session.diags.has_errors() {
        stage.abandon();
        session.diags.sort();
        let reported = report(session, options);
        let summary = summary(&session.diags, checked.files);
        show::line(global, &format!("{summary}; nothing was written"));
        return ended.unless_broken(reported);
    }
    let changes = stage.finish(&mut session.diags);
    session.diags.sort();
    let reported = report(session, options);
    if session.diags.has_errors() {
        let failed = session.diags.iter().any(|d| std::ptr::eq(d.code, &WRITE_FAILED));
        let outcome = if failed { Outcome::Broken } else { Outcome::Findings };
        return outcome.unless_broken(reported);
    }
    let outcome = match only_compare {
        true => compare(options, global, &changes, &shown, checked)
            .max(show::outcome(&session.diags, &options.report)),
        false => {
            show::line(global, &written(&changes, &shown, checked));
            show::outcome(&session.diags, &options.report)
        }
    };
    outcome.unless_broken(reported)
}

/// Prints what differs and fails on it when `--check` was given.
fn compare(
    options: &Build,
    global: &Global,
    changes: &[Change],
    shown: &Utf8Path,
    checked: &Checked,
) -> Outcome {
    // A report for programs has the output for itself.
    let print = match options.report.shown() {
        Format::Human => show::text,
        _ => show::aside,
    };
    for change in changes {
        print(&format!("{}\n", difference(change, shown)));
    }
    for change in changes {
        print(&change.diff);
    }
    if changes.is_empty() {
        show::line(global, &format!("{}: up to date", made(checked)));
        return Outcome::Clean;
    }
    let count = Count(changes.len(), "output");
    let verb = if changes.len() == 1 { "differs" } else { "differ" };
    show::line(global, &format!("{count} {verb} from the specs; `ninefold build` writes them"));
    if options.check { Outcome::Findings } else { Outcome::Clean }
}

fn difference(change: &Change, shown: &Utf8Path) -> String {
    let path = shown.join(&change.path);
    match change.kind {
        ChangeKind::Created => format!("missing: {path}"),
        ChangeKind::Changed if change.edited => format!("edited by hand: {path}"),
        ChangeKind::Changed => format!("out of date: {path}"),
        ChangeKind::Removed if change.edited => format!("made by no spec, edited by hand: {path}"),
        ChangeKind::Removed => format!("made by no spec: {path}"),
    }
}

fn written(changes: &[Change], shown: &Utf8Path, checked: &Checked) -> String {
    let count = |kind| changes.iter().filter(|c| c.kind == kind).count();
    let (created, changed, removed) =
        (count(ChangeKind::Created), count(ChangeKind::Changed), count(ChangeKind::Removed));
    let parts: Vec<String> = [(created, "created"), (changed, "changed"), (removed, "removed")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let done = if parts.is_empty() { "up to date".to_owned() } else { parts.join(", ") };
    let folder = if shown.as_str().is_empty() { "." } else { shown.as_str() };
    format!("{} -> {folder}: {done}", made(checked))
}

/// What a project holds, in a line.
fn made(checked: &Checked) -> String {
    let slos: usize = checked.services.iter().map(|(s, _)| s.slos.len()).sum();
    let alerts: usize = checked.services.iter().map(|(s, _)| s.alerts.len()).sum();
    format!(
        "{}, {}, {}",
        Count(checked.services.len(), "service"),
        Count(slos, "SLO"),
        Count(alerts, "plain alert")
    )
}

/// Whether the rules are printed instead of written.
fn is_printed(options: &Build) -> bool {
    options.out.as_deref() == Some(Utf8Path::new("-"))
}

/// Prints all rules as one document, or the documents of a target.
fn print_documents(checked: &Checked, session: &mut Session<'_>, options: &Build) -> Outcome {
    let made = match options.target.as_deref() {
        None | Some("prometheus") => {
            let text = compile::document(checked, &session.config);
            vec![Artifact { path: "-".into(), text }]
        }
        target => {
            let made = Mutex::new(Vec::new());
            let wanted = Wanted { target, verify: options.verify };
            let found = compile::build(checked, session, wanted, &|artifact| {
                made.lock().unwrap_or_else(PoisonError::into_inner).push(artifact);
            });
            session.diags.append(found);
            let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
            made.sort_by(|a, b| a.path.cmp(&b.path));
            made
        }
    };
    let broken = session.diags.has_errors();
    if options.verify {
        made.iter().for_each(|artifact| emit::verify(artifact, &mut session.diags));
    }
    session.diags.sort();
    let reported = report(session, options);
    if session.diags.has_errors() {
        let outcome = if broken { Outcome::Findings } else { Outcome::Broken };
        return outcome.unless_broken(reported);
    }
    let texts: Vec<&str> = made.iter().map(|artifact| artifact.text.as_str()).collect();
    show::text(&texts.join("---\n"));
    show::outcome(&session.diags, &options.report).unless_broken(reported)
}

/// Prints the findings: beside what the build prints where a person reads them.
fn report(session: &Session<'_>, options: &Build) -> Outcome {
    let stream = match options.report.shown() {
        Format::Human => Stream::Error,
        _ if is_printed(options) => Stream::Error,
        _ => Stream::Out,
    };
    show::report(&session.diags, &session.sources, &options.report, stream)
}
