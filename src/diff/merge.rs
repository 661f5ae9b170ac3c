//! What all SLOs and alerts of a service have in common, since they inherit it: told once
//! instead of at each of them.

use super::change::{Change, Part};

/// The changes of each part, and how many SLOs and alerts are on both sides.
pub(super) fn merge(parts: &mut Vec<(Part, Vec<Change>)>, slos: usize, alerts: usize) {
    let count = |parts: &[(Part, Vec<Change>)], change: &Change, of_slos: bool| {
        let is_of = |part: &Part| match part {
            Part::Slo(_) => of_slos,
            Part::Alert(_) => !of_slos,
            Part::Service | Part::All(_) => false,
        };
        parts.iter().filter(|(part, changes)| is_of(part) && changes.contains(change)).count()
    };
    let mut inherited: Vec<Change> = Vec::new();
    for change in parts.iter().flat_map(|(_, changes)| changes).filter(|c| c.is_inherited) {
        if !inherited.contains(change) {
            inherited.push(change.clone());
        }
    }
    let mut common: [(&'static str, Vec<Change>); 3] =
        [("all SLOs and alerts", Vec::new()), ("all SLOs", Vec::new()), ("all alerts", Vec::new())];
    for change in inherited {
        let all_slos = slos > 0 && count(parts, &change, true) == slos;
        let all_alerts = alerts > 0 && count(parts, &change, false) == alerts;
        let at = match (all_slos, all_alerts) {
            (true, true) => 0,
            (true, false) if slos > 1 => 1,
            (false, true) if alerts > 1 => 2,
            _ => continue,
        };
        for (part, changes) in parts.iter_mut() {
            let covered = match part {
                Part::Slo(_) => at != 2,
                Part::Alert(_) => at != 1,
                Part::Service | Part::All(_) => false,
            };
            if covered {
                changes.retain(|known| *known != change);
            }
        }
        common[at].1.push(change);
    }
    let common = common.into_iter().map(|(words, changes)| (Part::All(words), changes));
    parts.splice(0..0, common);
    parts.retain(|(_, changes)| !changes.is_empty());
}

#[cfg(test)]
mod tests {
    use super::super::change::{Change, Part, Weight};
    use super::merge;

    fn owner(after: &str) -> Change {
        Change::between("owner", Weight::Other, Some("a".to_owned()), Some(after.to_owned()))
            .expect("a change")
            .inherited()
    }

    /// `All(..)`, `x`: the parts that are left, each with its changes.
    fn merged(slos: &[&[&str]], alerts: &[&[&str]]) -> Vec<String> {
        let changes = |list: &&[&str]| list.iter().map(|after| owner(after)).collect::<Vec<_>>();
        let slo = slos.iter().map(|list| (Part::Slo("s".to_owned()), changes(list)));
        let alert = alerts.iter().map(|list| (Part::Alert("x".to_owned()), changes(list)));
        let mut parts: Vec<_> = slo.chain(alert).collect();
        merge(&mut parts, slos.len(), alerts.len());
        let shown = |(part, changes): &(Part, Vec<Change>)| {
            let name = match part {
                Part::Service => "service",
                Part::All(words) => words,
                Part::Slo(name) | Part::Alert(name) => name,
            };
            let afters: Vec<&str> = changes.iter().filter_map(|c| c.after.as_deref()).collect();
            format!("{name}: {}", afters.join(" "))
        };
        parts.iter().map(shown).collect()
    }

    #[test]
    fn what_all_inherit_is_told_once() {
        assert_eq!(merged(&[&["b"], &["b"]], &[&["b"]]), ["all SLOs and alerts: b"]);
        assert_eq!(merged(&[&["b"], &["b"]], &[&[]]), ["all SLOs: b"]);
        assert_eq!(merged(&[&["b"], &["b"]], &[&["c"]]), ["all SLOs: b", "x: c"]);
        assert_eq!(merged(&[&["b"], &["c"]], &[]), ["s: b", "s: c"]);
        assert_eq!(merged(&[&["b"]], &[]), ["s: b"]);
        assert_eq!(merged(&[], &[&["b"], &["b"]]), ["all alerts: b"]);
        assert_eq!(merged(&[&["b"], &[]], &[]), ["s: b"]);
        assert_eq!(merged(&[], &[]), Vec::<String>::new());
    }
}
