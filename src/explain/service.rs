//! A service, one line for each of its SLOs and plain alerts.

use super::page::{Page, WIDTH};
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
            vec![name, objective, slo.sli.kind().to_owned(), one_line(text)]
        });
        list(rows.collect(), &mut page);
    }
    if !service.alerts.is_empty() {
        page.heading(&format!("Alerts of {} that are no SLOs", service.name));
        let rows = service.alerts.iter().map(|alert| {
            vec![alert.name.to_string(), alert.severity.to_string(), one_line(&alert.summary)]
        });
        list(rows.collect(), &mut page);
    }
    page.finish()
}

/// Rows of words, each cut to the width of the page.
fn list(rows: Vec<Vec<String>>, page: &mut Page) {
    let words = rows.first().map(Vec::len).unwrap_or_default();
    let table = Table { rows, words, ..Table::default() };
    page.lines(table.lines().into_iter().map(|line| match line.char_indices().nth(WIDTH - 5) {
        Some((end, _)) => format!("{}...", line[..end].trim_end()),
        None => line,
    }));
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
