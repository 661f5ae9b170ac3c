//! SLOs and alerts with their plans to rules. Every expression is built from typed
//! pieces; nothing here is text until it is printed.

mod alerts;
mod cache;
mod meta;
mod ratio;
mod series;

use std::sync::Arc;

use crate::config::Config;
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
        groups.push(RuleGroup { name: name::alert_group(&service.name), interval: None, rules });
    }
    RuleSet { groups }
}

fn slo_groups(slo: &Slo, plan: &Plan, config: &Config, cache: &Cache) -> [RuleGroup; 2] {
    let series = Series::new(slo, plan, cache.shelf(slo, plan));
    let mut fast = ratio::base_series(&series);
    fast.extend(plan.fast_windows.iter().map(|window| ratio::window(&series, *window)));
    fast.push(meta::current_burn_rate(&series));
    fast.push(alerts::page(&series, config));

    let mut slow = ratio::tiles(&series);
    slow.extend(plan.slow_windows.iter().map(|window| ratio::window(&series, *window)));
    slow.extend(meta::constants(&series));
    slow.extend(meta::budget(&series));
    slow.push(meta::info(&series));
    slow.push(alerts::ticket(&series, config));
    slow.push(alerts::budget_exhausted(&series, config));
    slow.push(alerts::no_data(&series, config));

    let group = |name, interval, rules| RuleGroup { name, interval: Some(interval), rules };
    [
        group(name::fast_group(&slo.service, &slo.name), plan.fast, fast),
        group(name::slow_group(&slo.service, &slo.name), plan.slow, slow),
    ]
}

/// Label names and values in the order in which they are written.
type Pairs = Vec<(Name, Arc<str>)>;
