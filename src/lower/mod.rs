//! SLOs and alerts with their plans to rules. Every expression is built from typed
//! pieces; nothing here is text until it is printed.

mod alerts;
mod cache;
mod meta;
mod ratio;
mod series;

use std::sync::Arc;

use crate::config::{Config, Window};
use crate::ir::{Plan, RuleGroup, RuleSet, Service, Slo, name};
use crate::promql::Name;
use series::Series;

pub use cache::Cache;

/// The rules of one service: two groups per SLO, and one of plain alerts.
///
/// Rules of a group run in order, at one timestamp: each stands below those that it
/// reads.
pub fn lower(service: &Service, plans: &[Plan], config: &Config, cache: &Cache) -> RuleSet {
    let mut groups = Vec::with_capacity(2 * plans.len() + 1);
    for (slo, plan) in service.slos.iter().zip(plans) {
        groups.extend(slo_groups(slo, plan, config, cache));
    }
    if !service.alerts.is_empty() {
        let rules = service.alerts.iter().map(|alert| alerts::plain(alert, config)).collect();
        groups.push(RuleGroup {
            name: name::alert_group(&service.name),
            interval: None,
            query_offset: config.prometheus.query_offset,
            rules,
        });
    }
    RuleSet { groups }
}

fn slo_groups(slo: &Slo, plan: &Plan, config: &Config, cache: &Cache) -> [RuleGroup; 2] {
    let series = Series::new(slo, plan, cache.shelf(slo, plan));
    let alerting = &slo.alerting;
    let mut fast = ratio::base_series(&series);
    fast.extend(plan.fast_windows.iter().map(|window| ratio::window(&series, *window)));
    fast.push(meta::current_burn_rate(&series));
    fast.extend(alerting.page.as_ref().map(|page| alerts::page(&series, page, config)));

    let mut slow = ratio::tiles(&series);
    slow.extend(plan.slow_windows.iter().map(|window| ratio::window(&series, *window)));
    if plan.window == Window::Month {
        slow.push(ratio::month(&series));
    }
    slow.extend(meta::constants(&series));
    slow.extend(meta::budget(&series));
    slow.push(meta::info(&series));
    slow.extend(alerting.ticket.as_ref().map(|ticket| alerts::ticket(&series, ticket, config)));
    if alerting.budget_exhausted {
        slow.push(alerts::budget_exhausted(&series, config));
    }
    slow.extend(
        alerting.no_data.as_ref().map(|severity| alerts::no_data(&series, severity, config)),
    );

    let group = |name, interval, rules| RuleGroup {
        name,
        interval: Some(interval),
        query_offset: config.prometheus.query_offset,
        rules,
    };
    [
        group(name::fast_group(&slo.service, &slo.name), plan.fast, fast),
        group(name::slow_group(&slo.service, &slo.name), plan.slow, slow),
    ]
}

/// Label names and values in the order in which they are written.
type Pairs = Vec<(Name, Arc<str>)>;
