//! A service, one line for each of its SLOs and plain alerts.

use super::page::Page;
use super::table::Table;
use crate::ir::{Plan, Service};

/// Lists what a service has.
pub fn service(service: &Service, plans: &[Plan]) -> String {
    let mut page = Page::default();
    if !service.slos.is_empty() {
        page.heading(&format!("SLOs of {} ({})", service.name, service.path));
        let rows = service.slos.iter().zip(plans).map(|(slo, plan)| {
            let name = format!("{}/{}", slo.service, slo.name);
            let objective = format!("{}% over {}", slo.objective.percent, plan.window);
            let text = slo.description.as_deref().unwrap_or_default();
            vec![
                name,
                objective,
                slo.sli.kind().to_owned(),
                slo.promise.owner.to_string(),
                short(text),
            ]
        });
        page.lines(Table { rows: rows.collect(), words: 5, ..Table::default() }.lines());
    }
    if !service.alerts.is_empty() {
        page.heading(&format!("Alerts of {} that are no SLOs", service.name));
        let rows = service.alerts.iter().map(|alert| {
            let owner = alert.promise.owner.to_string();
            vec![alert.name.to_string(), alert.severity.to_string(), owner, short(&alert.summary)]
        });
        page.lines(Table { rows: rows.collect(), words: 4, ..Table::default() }.lines());
    }
    page.finish()
}

/// The beginning of a text, on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", line[..end].trim_end()),
        None => line,
    }
}

/// Characters of a description in the list.
const LONGEST: usize = 40;
