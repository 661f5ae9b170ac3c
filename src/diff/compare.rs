//! Two compiled projects to all that differs: services by name, their SLOs and alerts by
//! name, what is gone and what is new paired where it is the same under another name.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::alert;
use super::change::{Change, Comparison, Part, ServiceDiff, Uncompared, Weight};
use super::measure::{Form, Key, Measure};
use super::merge::merge;
use super::project;
use super::side::{Side, Unsure};
use super::slo::{self, Whole};
use crate::base::Count;
use crate::ir::{Alert, Plan, Service};

/// A service, its plans and what its SLOs measure.
struct Full<'a> {
    service: &'a Service,
    plans: &'a [Plan],
    measures: Vec<Measure>,
}

/// Both sides, and what of each could not be compiled.
struct Both<'a> {
    before: &'a Side<'a>,
    after: &'a Side<'a>,
    unsure: [Unsure<'a>; 2],
    uncompared: Vec<Uncompared>,
}

/// Compares two projects.
pub fn compare(before: &Side<'_>, after: &Side<'_>) -> Comparison {
    let is_all_new = before.services.is_empty()
        && !before.sources.files().any(|file| file.path != crate::config::FILE);
    let unsure = [Unsure::of(before), Unsure::of(after)];
    let mut both = Both { before, after, unsure, uncompared: Vec::new() };
    let mut services = both.services();
    for service in &mut services {
        for (_, changes) in &mut service.parts {
            changes.sort_by_key(|change| change.weight);
        }
    }
    services.retain(|service| !service.parts.is_empty());
    services.sort_by(|a, b| a.name.cmp(&b.name));
    both.uncompared.sort();
    both.uncompared.dedup();
    let mut project = match is_all_new {
        true => Vec::new(),
        false => project::changes(before.config, after.config),
    };
    project.sort_by_key(|change| change.weight);
    Comparison {
        before: before.name.to_owned(),
        after: after.name.to_owned(),
        is_all_new,
        project,
        services,
        uncompared: both.uncompared,
        faults: [before.faults(), after.faults()].concat(),
    }
}

impl<'a> Both<'a> {
    fn services(&mut self) -> Vec<ServiceDiff> {
        let mut old = full(self.before);
        let mut found = Vec::new();
        let mut new = Vec::new();
        for (name, is) in full(self.after) {
            match old.remove(name) {
                Some(was) => found.push(self.changed(&was, &is)),
                None => new.push(is),
            }
        }
        let mut gone: Vec<Full<'a>> = old.into_values().collect();
        self.retain_sure(&mut gone, 1);
        self.retain_sure(&mut new, 0);
        for (was, is) in slo::renamed(&mut gone, &mut new, signature) {
            found.push(self.changed(&was, &is));
        }
        found.extend(gone.iter().map(|full| whole(full, false)));
        found.extend(new.iter().map(|full| whole(full, true)));
        found
    }

    /// Leaves those out of which the other side, `at`, cannot be sure that it does not
    /// have them.
    fn retain_sure(&mut self, list: &mut Vec<Full<'a>>, at: usize) {
        let side = [self.before, self.after][at];
        list.retain(|full| {
            let name = &full.service.name;
            let is_unsure = self.unsure[at].has_service(side, name, &full.service.path);
            if is_unsure {
                let (service, side) = (name.to_string(), side.name.to_owned());
                self.uncompared.push(Uncompared { service, part: None, side });
            }
            !is_unsure
        });
    }

    /// Whether the other side may have a part after all.
    fn is_unsure(&mut self, service: &Service, part: &str, path: &Utf8Path, at: usize) -> bool {
        let is_unsure = self.unsure[at].has_part(&service.name, part, path);
        if is_unsure {
            self.uncompared.push(Uncompared {
                service: service.name.to_string(),
                part: Some(part.to_owned()),
                side: [self.before, self.after][at].name.to_owned(),
            });
        }
        is_unsure
    }

    /// A service that both sides have.
    fn changed(&mut self, was: &Full<'a>, is: &Full<'a>) -> ServiceDiff {
        let mut parts: Vec<(Part, Vec<Change>)> = Vec::new();
        let slos = self.slos(was, is, &mut parts);
        let alerts = self.alerts(was, is, &mut parts);
        merge(&mut parts, slos, alerts);
        if let Some(change) = slo::name_change(&was.service.name, &is.service.name) {
            parts.insert(0, (Part::Service, vec![change]));
        }
        ServiceDiff { name: is.service.name.to_string(), parts }
    }

    /// Compares the SLOs; returns how many are on both sides.
    fn slos(
        &mut self,
        was: &Full<'a>,
        is: &Full<'a>,
        parts: &mut Vec<(Part, Vec<Change>)>,
    ) -> usize {
        let mut old: BTreeMap<&str, Whole<'_>> = was.wholes().collect();
        let mut pairs = Vec::new();
        let mut new = Vec::new();
        for (name, after) in is.wholes().collect::<BTreeMap<_, _>>() {
            match old.remove(name) {
                Some(before) => pairs.push((before, after)),
                None => new.push(after),
            }
        }
        let mut gone: Vec<Whole<'_>> = old.into_values().collect();
        gone.retain(|w| !self.is_unsure(is.service, &w.slo.name, &was.service.path, 1));
        new.retain(|w| !self.is_unsure(was.service, &w.slo.name, &is.service.path, 0));
        pairs.extend(slo::renamed(&mut gone, &mut new, |whole| Some(whole.measure.key())));
        let mut found: Vec<(&str, Vec<Change>)> = Vec::new();
        for (before, after) in &pairs {
            let mut changes: Vec<Change> =
                slo::name_change(&before.slo.name, &after.slo.name).into_iter().collect();
            let more = slo::changes(*before, *after, &|a, b| self.is_moved(a, b));
            changes.extend(more.into_iter().filter(|change| !self.is_of_project(change)));
            found.push((&after.slo.name, changes));
        }
        for (list, is_new) in [(&gone, false), (&new, true)] {
            let one = |whole: &Whole<'_>| single("SLO", slo::summary(*whole), is_new);
            found.extend(list.iter().map(|whole| (&*whole.slo.name, vec![one(whole)])));
        }
        found.sort_by_key(|(name, _)| *name);
        parts.extend(found.into_iter().map(|(name, list)| (Part::Slo(name.to_owned()), list)));
        pairs.len()
    }

    /// Compares the plain alerts; returns how many are on both sides.
    fn alerts(
        &mut self,
        was: &Full<'a>,
        is: &Full<'a>,
        parts: &mut Vec<(Part, Vec<Change>)>,
    ) -> usize {
        let named = |full: &Full<'a>| -> BTreeMap<&'a str, &'a Alert> {
            full.service.alerts.iter().map(|alert| (&*alert.name, alert)).collect()
        };
        let mut old = named(was);
        let mut pairs = Vec::new();
        let mut new = Vec::new();
        for (name, after) in named(is) {
            match old.remove(name) {
                Some(before) => pairs.push((before, after)),
                None => new.push(after),
            }
        }
        let mut gone: Vec<&Alert> = old.into_values().collect();
        gone.retain(|alert| !self.is_unsure(is.service, &alert.name, &was.service.path, 1));
        new.retain(|alert| !self.is_unsure(was.service, &alert.name, &is.service.path, 0));
        pairs.extend(slo::renamed(&mut gone, &mut new, |alert| Some(Form::of_alert(alert).text)));
        let mut found: Vec<(&str, Vec<Change>)> = Vec::new();
        for (before, after) in &pairs {
            let more = alert::changes(before, after, &|a, b| self.is_moved(a, b));
            let own = more.into_iter().filter(|change| !self.is_of_project(change));
            found.push((&after.name, own.collect()));
        }
        for (list, is_new) in [(&gone, false), (&new, true)] {
            let one = |alert: &Alert| single("alert", alert::summary(alert), is_new);
            found.extend(list.iter().map(|alert| (&*alert.name, vec![one(alert)])));
        }
        found.sort_by_key(|(name, _)| *name);
        parts.extend(found.into_iter().map(|(name, list)| (Part::Alert(name.to_owned()), list)));
        pairs.len()
    }

    fn is_moved(&self, before: &str, after: &str) -> bool {
        project::is_moved(self.before.config, self.after.config, before, after)
    }

    /// Whether a label changed because that of the project did.
    fn is_of_project(&self, change: &Change) -> bool {
        let value = |side: &Side<'_>| project::labels(side.config).get(&*change.key).cloned();
        let same = |value: Option<std::sync::Arc<str>>, shown: &Option<String>| {
            value.as_deref() == shown.as_deref()
        };
        change.what == "label"
            && same(value(self.before), &change.before)
            && same(value(self.after), &change.after)
    }
}

impl<'a> Full<'a> {
    fn wholes(&self) -> impl Iterator<Item = (&'a str, Whole<'_>)> {
        let planned = self.service.slos.iter().zip(self.plans).zip(&self.measures);
        planned.map(|((slo, plan), measure)| (&*slo.name, Whole { slo, plan, measure }))
    }
}

/// The services of a side, by name.
fn full<'a>(side: &Side<'a>) -> BTreeMap<&'a str, Full<'a>> {
    let full = |(service, plans): &'a (Service, Vec<Plan>)| {
        let measures = service.slos.iter().map(Measure::of).collect();
        (&*service.name, Full { service, plans, measures })
    };
    // One whose name could not be read has none.
    side.services.iter().filter(|(service, _)| !service.name.is_empty()).map(full).collect()
}

/// What a service is about, whatever its name: what it measures, what it alerts on.
fn signature(full: &Full<'_>) -> Option<(Vec<Key>, Vec<String>)> {
    let mut measures: Vec<_> = full.measures.iter().map(Measure::key).collect();
    measures.sort();
    let mut alerts: Vec<String> =
        full.service.alerts.iter().map(|alert| Form::of_alert(alert).text).collect();
    alerts.sort();
    (!measures.is_empty() || !alerts.is_empty()).then_some((measures, alerts))
}

/// A service that one side alone has: all of it is new, or gone.
fn whole(full: &Full<'_>, is_new: bool) -> ServiceDiff {
    let service = full.service;
    let holds = format!(
        "{}, {}",
        Count(service.slos.len(), "SLO"),
        Count(service.alerts.len(), "plain alert")
    );
    let mut parts = vec![(Part::Service, vec![single("service", holds, is_new).derived()])];
    for (name, whole) in full.wholes().collect::<BTreeMap<_, _>>() {
        let change = single("SLO", slo::summary(whole), is_new);
        parts.push((Part::Slo(name.to_owned()), vec![change]));
    }
    let mut alerts: Vec<&Alert> = service.alerts.iter().collect();
    alerts.sort_by_key(|alert| &alert.name);
    for alert in alerts {
        let change = single("alert", alert::summary(alert), is_new);
        parts.push((Part::Alert(alert.name.to_string()), vec![change]));
    }
    ServiceDiff { name: service.name.to_string(), parts }
}

/// Something that one side alone has.
fn single(what: &'static str, summary: String, is_new: bool) -> Change {
    let (before, after) = if is_new { (None, Some(summary)) } else { (Some(summary), None) };
    let weight = Weight::of_presence(is_new);
    let made = Change::between(what, weight, before, after);
    made.expect("there is something on one side alone")
}
