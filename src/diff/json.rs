//! A comparison for programs: one versioned JSON object.

use serde_json::{Value, json};

use super::change::{Change, Comparison, Part};

/// Raised when a field changes its meaning or goes; not when one is added.
const VERSION: u32 = 1;

/// The object, indented, with a line break at its end.
pub(super) fn render(comparison: &Comparison) -> String {
    let counts = comparison.counts();
    let services = comparison.services.iter().map(|service| {
        let parts = service.parts.iter();
        let changes = parts.flat_map(|(part, list)| list.iter().map(|c| change(Some(part), c)));
        json!({"service": service.name, "changes": changes.collect::<Vec<_>>()})
    });
    let faults = comparison.faults.iter().map(|fault| {
        json!({
            "side": fault.side,
            "code": fault.code,
            "message": fault.message,
            "place": fault.place,
        })
    });
    let uncompared = comparison
        .uncompared
        .iter()
        .map(|u| json!({"side": u.side, "service": u.service, "name": u.part}));
    let report = json!({
        "version": VERSION,
        "before": comparison.before,
        "after": comparison.after,
        "all_new": comparison.is_all_new,
        "summary": {
            "weaker": counts.weaker,
            "stronger": counts.stronger,
            "other": counts.other,
            "services": comparison.services.len(),
        },
        "project": comparison.project.iter().map(|c| change(None, c)).collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "uncompared": uncompared.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

/// A change; `of` says of what it is, and is left out for the project.
fn change(part: Option<&Part>, change: &Change) -> Value {
    let mut value = json!({
        "what": change.what,
        "key": Some(&change.key).filter(|key| !key.is_empty()),
        "before": change.before,
        "after": change.after,
        "weight": change.weight.name(),
        "derived": change.is_derived,
        "notes": change.notes,
    });
    if let (Some(part), Some(map)) = (part, value.as_object_mut()) {
        let (of, name) = match part {
            Part::Service => ("service", None),
            Part::All(words) => (*words, None),
            Part::Slo(name) => ("slo", Some(name)),
            Part::Alert(name) => ("alert", Some(name)),
        };
        map.insert("of".to_owned(), json!(of));
        map.insert("name".to_owned(), json!(name));
    }
    value
}
