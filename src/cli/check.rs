//! `ninefold check`: reports every fault of the specs and of the hand-written rules, and
//! writes nothing.

use super::Outcome;
use super::args::{Check, Global};
use super::project::Place;
use super::show::{self, Stream};
use crate::base::Count;
use crate::compile::{Scope, Session};
use crate::ir::WrittenFile;
use crate::report::{Format, summary};

pub(super) fn run(options: &Check, global: &Global) -> Outcome {
    let (place, selection) = match Place::select(global, &options.files) {
        Ok(found) => found,
        Err(fault) => return show::failure(&fault),
    };
    let disk = place.disk();
    let mut session = Session::open(&disk, place.shown);
    let checked = session.check(&selection, Scope { verify: false, rules: true });
    let reported = show::report(&session.diags, &session.sources, &options.report, Stream::Out);
    if session.diags.is_empty() && !checked.found_nothing {
        let slos: usize = checked.services.iter().map(|(s, _)| s.slos.len()).sum();
        let alerts: usize = checked.services.iter().map(|(s, _)| s.alerts.len()).sum();
        let rules: usize = checked.rules.iter().map(WrittenFile::count).sum();
        let (slos, alerts) = (Count(slos, "SLO"), Count(alerts, "plain alert"));
        let what = match rules {
            0 => format!("{slos} and {alerts}"),
            _ => format!("{slos}, {alerts} and {}", Count(rules, "hand-written rule")),
        };
        show::line(
            global,
            &format!("{} checked, {what}: no findings", Count(checked.files, "file")),
        );
    } else if matches!(options.report.shown(), Format::Human | Format::Concise) {
        show::line(global, &summary(&session.diags, checked.files));
    }
    if session.is_misconfigured() || show::is_usage(&session.diags) {
        return Outcome::Broken;
    }
    let outcome = match checked.found_nothing && !session.diags.has_errors() {
        true => Outcome::Nothing,
        false => show::outcome(&session.diags, &options.report),
    };
    outcome.unless_broken(reported)
}
