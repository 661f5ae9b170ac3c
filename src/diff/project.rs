//! What differs in the settings of a project that change every alert: told once, not at
//! each of them.

use std::collections::BTreeSet;

use super::change::{Change, Weight};
use super::text::one_line;
use crate::config::{Config, Names, Version};
use crate::ir::Labels;
use crate::yaml::to_json;

/// What differs in the settings.
pub(super) fn changes(was: &Config, is: &Config) -> Vec<Change> {
    let mut changes = names(was, is);
    let severities: BTreeSet<_> = was.severities.keys().chain(is.severities.keys()).collect();
    for severity in severities {
        let value = |config: &Config| config.severities.get(severity).map(|s| one_line(&s.label));
        let change = Change::between("severity label", Weight::Other, value(was), value(is));
        changes.extend(change.map(|change| {
            let both = change.before.is_some() && change.after.is_some();
            let change = change.key(one_line(severity));
            let note = "routes and inhibitions by `severity` have to follow";
            if both { change.note(note) } else { change }
        }));
    }
    let pairs = super::labels::pairs("label", &labels(was), &labels(is));
    changes.extend(pairs);
    changes.extend(server(was, is));
    changes.extend(targets(was, is));
    changes
}

fn names(was: &Config, is: &Config) -> Vec<Change> {
    let mode = |config: &Config| {
        let mode = match config.names {
            Names::Native => "native",
            Names::Sloth => "sloth",
        };
        Some(mode.to_owned())
    };
    let owner = |config: &Config| Some(one_line(&config.owner_label.value));
    let url = |config: &Config| config.runbooks.base_url.as_deref().map(one_line);
    let note = "series and labels of every SLO get other names: recorded history does not go on";
    let names = Change::between("names", Weight::Other, mode(was), mode(is));
    let label = Change::between("owner_label", Weight::Other, owner(was), owner(is));
    let routes = "routes by the owner have to follow";
    let changes = [
        names.map(|change| change.note(note)),
        label.map(|change| change.note(routes)),
        Change::between("runbooks base_url", Weight::Other, url(was), url(is)),
    ];
    changes.into_iter().flatten().collect()
}

/// The labels of every alert.
pub(super) fn labels(config: &Config) -> Labels {
    config.labels.iter().map(|(key, value)| (key.value.clone(), value.value.clone())).collect()
}

fn server(was: &Config, is: &Config) -> Vec<Change> {
    let (was, is) = (&was.prometheus, &is.prometheus);
    let external = |labels: &[crate::base::Spanned<std::sync::Arc<str>>]| {
        let mut names: Vec<String> = labels.iter().map(|label| one_line(&label.value)).collect();
        names.sort();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let version = |version: Version| Some(version.to_string());
    let scrape = (was.scrape_interval.value, is.scrape_interval.value);
    let offset = (was.query_offset.unwrap_or_default(), is.query_offset.unwrap_or_default());
    let external = (external(&was.external_labels), external(&is.external_labels));
    let retention = |kept: &Option<crate::base::Spanned<crate::base::Duration>>| {
        kept.as_ref().map(|kept| kept.value.to_string())
    };
    let changes = [
        Change::between("version", Weight::Other, version(was.version), version(is.version)),
        Change::between(
            "scrape_interval",
            Weight::of_rise(&scrape.0, &scrape.1),
            Some(scrape.0.to_string()),
            Some(scrape.1.to_string()),
        ),
        Change::between(
            "query_offset",
            Weight::of_rise(&offset.0, &offset.1),
            Some(offset.0.to_string()),
            Some(offset.1.to_string()),
        ),
        Change::between("external_labels", Weight::Other, external.0, external.1),
        Change::between(
            "retention",
            Weight::Other,
            retention(&was.retention),
            retention(&is.retention),
        ),
    ];
    changes.into_iter().flatten().collect()
}

/// The targets, by name; their options as JSON on one line.
fn targets(was: &Config, is: &Config) -> Vec<Change> {
    let names = |config: &Config| -> Option<BTreeSet<String>> {
        let entries = config.targets.as_ref()?.as_map()?;
        Some(entries.iter().map(|entry| entry.key.name.clone()).collect())
    };
    let (old, new) = (names(was), names(is));
    let shown = |names: &Option<BTreeSet<String>>| match names {
        Some(names) => names.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", "),
        None => "those by default".to_owned(),
    };
    let lost = match (&old, &new) {
        (Some(old), Some(new)) => !old.is_subset(new),
        _ => false,
    };
    let weight = if lost { Weight::Weaker } else { Weight::Other };
    let mut changes: Vec<Change> =
        Change::between("targets", weight, Some(shown(&old)), Some(shown(&new)))
            .into_iter()
            .collect();
    for name in old.unwrap_or_default().union(&new.unwrap_or_default()) {
        let options = |config: &Config| {
            let target = config.targets.as_ref().and_then(|targets| targets.get(name));
            let options = target.map(|options| one_line(&to_json(options).to_string()));
            options.filter(|text| !matches!(text.as_str(), "{}" | "null"))
        };
        let change = Change::between("target", Weight::Other, options(was), options(is));
        changes.extend(change.map(|change| change.key(one_line(name))));
    }
    changes
}

/// Whether a runbook is where the base URL moved it, and nowhere else.
pub(super) fn is_moved(was: &Config, is: &Config, before: &str, after: &str) -> bool {
    let base = |config: &Config| config.runbooks.base_url.clone().unwrap_or_default();
    let (old, new) = (base(was), base(is));
    let rests = (before.strip_prefix(&*old), after.strip_prefix(&*new));
    old != new && matches!(rests, (Some(before), Some(after)) if before == after)
}
