//! Every metric, label, group and file name that is ever written. Series names
//! are Sloth's, the de facto standard (its `pkg/common/conventions`); the ones
//! that Sloth has no counterpart for follow `level:metric:operations`.

use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

use crate::base::Duration;

/// The label that names the service.
pub const SERVICE: &str = "service";
/// The label that names the SLO.
pub const SLO: &str = "slo";
/// The label of ratio series that names their window.
pub const WINDOW: &str = "window";
/// The label that carries the value of an alert's severity.
pub const SEVERITY: &str = "severity";
/// The label of the info series that names the owner.
pub const OWNER: &str = "owner";
/// The label of the info series that names the objective, in per cent.
pub const OBJECTIVE: &str = "objective";
/// The label of the info series that names the SLI kind.
pub const KIND: &str = "kind";

/// Sloth's label for `<service>-<slo>`.
pub const SLOTH_ID: &str = "sloth_id";
/// Sloth's label for the service.
pub const SLOTH_SERVICE: &str = "sloth_service";
/// Sloth's label for the SLO.
pub const SLOTH_SLO: &str = "sloth_slo";
/// Sloth's label for the window of a ratio.
pub const SLOTH_WINDOW: &str = "sloth_window";
/// Sloth's label for the name of an alert's severity: `page`, `ticket`.
pub const SLOTH_SEVERITY: &str = "sloth_severity";
/// Sloth's name of the info series.
pub const SLOTH_INFO: &str = "sloth_slo_info";

/// Labels that no user label may take, besides the owner label, the external
/// labels and what begins with `__` or `sloth_`.
pub const RESERVED_LABELS: &[&str] =
    &["alertname", "alertstate", SEVERITY, OWNER, SERVICE, SLO, WINDOW, OBJECTIVE, KIND, "le"];

/// The annotation that says in one line what is wrong.
pub const SUMMARY: &str = "summary";
/// The annotation that says it in a few sentences, with numbers.
pub const DESCRIPTION: &str = "description";
/// The annotation that links the runbook.
pub const RUNBOOK_URL: &str = "runbook_url";
/// The annotation that names the promised time from firing to fixed.
pub const REMEDIATION_TIME: &str = "remediation_time";
/// The annotation that links the dashboard.
pub const DASHBOARD_URL: &str = "dashboard_url";

/// Annotations that are written by the compiler and by nobody else.
pub const RESERVED_ANNOTATIONS: &[&str] =
    &[SUMMARY, DESCRIPTION, RUNBOOK_URL, REMEDIATION_TIME, DASHBOARD_URL];

/// Constant 1 with what is known of an SLO in its labels.
pub const INFO: &str = "ninefold_slo_info";
/// The number of the month (UTC), `12 * year + month`: which samples are of this month.
pub const CALENDAR_MONTH: &str = "slo:calendar:month";
/// The objective as a ratio.
pub const OBJECTIVE_RATIO: &str = "slo:objective:ratio";
/// The error budget as a ratio.
pub const BUDGET_RATIO: &str = "slo:error_budget:ratio";
/// The window of the objective in days.
pub const PERIOD_DAYS: &str = "slo:time_period:days";
/// How many times faster than evenly the budget burns now.
pub const CURRENT_BURN_RATE: &str = "slo:current_burn_rate:ratio";
/// How many times the budget the errors of the window are.
pub const PERIOD_BURN_RATE: &str = "slo:period_burn_rate:ratio";
/// The share of the window for which there is data.
pub const PERIOD_COVERAGE: &str = "slo:period_coverage:ratio";
/// The share of the error budget that is left; negative when overspent.
pub const BUDGET_REMAINING: &str = "slo:period_error_budget_remaining:ratio";

/// Events per second whose first sight was their first value (sparse).
pub fn events_first_bad(base: Duration) -> String {
    format!("slo:events_first_bad:rate{base}")
}

/// Bad events per second.
pub fn events_bad(base: Duration) -> String {
    format!("slo:events_bad:rate{base}")
}

/// All events per second.
pub fn events_total(base: Duration) -> String {
    format!("slo:events_total:rate{base}")
}

/// Sums of [`events_bad`] over one interval of the slow group.
pub fn tile_bad(slow: Duration, base: Duration) -> String {
    format!("slo:events_bad:sum{slow}_rate{base}")
}

/// Sums of [`events_total`] over one interval of the slow group.
pub fn tile_total(slow: Duration, base: Duration) -> String {
    format!("slo:events_total:sum{slow}_rate{base}")
}

/// Sums of [`events_bad`] over an hour.
pub fn hour_bad(base: Duration) -> String {
    format!("slo:events_bad:sum1h_rate{base}")
}

/// Sums of [`events_total`] over an hour.
pub fn hour_total(base: Duration) -> String {
    format!("slo:events_total:sum1h_rate{base}")
}

/// The error ratio over a window.
pub fn error_ratio(window: Duration) -> String {
    format!("slo:sli_error:ratio_rate{window}")
}

/// The error ratio over the calendar month so far.
pub const MONTH_ERROR_RATIO: &str = "slo:sli_error:ratio_month";

/// The group of an SLO that is evaluated at the scrape interval. A colon parts
/// the names, since none of them can hold one: `a-b` + `c` is not `a` + `b-c`.
pub fn fast_group(service: &str, slo: &str) -> String {
    format!("slo-fast:{service}:{slo}")
}

/// The group of an SLO that is evaluated every few minutes.
pub fn slow_group(service: &str, slo: &str) -> String {
    format!("slo-slow:{service}:{slo}")
}

/// The group of a service's plain alerts.
pub fn alert_group(service: &str) -> String {
    format!("alerts:{service}")
}

/// The four alerts of an SLO, as suffixes of its alert name. Distinct, since one
/// name at two severities trips kube-prometheus' default inhibition.
pub const ALERT_SUFFIXES: &[&str] = &[PAGE, TICKET, BUDGET_EXHAUSTED, NO_DATA];
/// The budget burns so fast that somebody must be woken.
pub const PAGE: &str = "Page";
/// The budget burns faster than evenly.
pub const TICKET: &str = "Ticket";
/// Nothing is left of the budget.
pub const BUDGET_EXHAUSTED: &str = "BudgetExhausted";
/// The SLI has no value.
pub const NO_DATA: &str = "NoData";

/// The start of an SLO's alert names: its service and name in camel case.
///
/// ```
/// assert_eq!(ninefold::ir::name::alert_name("checkout-api", "p99.latency"), "CheckoutApiP99Latency");
/// ```
pub fn alert_name(service: &str, slo: &str) -> String {
    let words = service.split(SEPARATORS).chain(slo.split(SEPARATORS));
    words.filter(|w| !w.is_empty()).map(capitalised).collect()
}

/// What separates the words of a service's or an SLO's name.
const SEPARATORS: [char; 3] = ['-', '_', '.'];

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

/// The rule file of a service, relative to the output folder.
pub fn rule_file(service: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("rules/{service}.yaml"))
}

/// The file of rule tests of a service, relative to the output folder.
pub fn test_file(service: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("tests/{service}.test.yaml"))
}

/// The file of a service's `PrometheusRule` objects, relative to the output folder.
pub fn operator_file(service: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("operator/{service}.yaml"))
}

/// The name of the `part`-th object of a service, counted from 1: an RFC 1123
/// subdomain. Lower case is no loss, since services are unique ignoring case. A name
/// that loses more (`a_b`, `a..b`), or that could be the second part of another
/// service (`web-2`), carries a hash, or one object would take the place of another.
///
/// ```
/// use ninefold::ir::name::object;
/// assert_eq!(object("Checkout", 1), "slo-checkout");
/// assert_eq!(object("checkout", 2), "slo-checkout-2");
/// assert_eq!(object("checkout_api", 1), "slo-checkout-api-d4318eed");
/// ```
pub fn object(service: &str, part: usize) -> String {
    let lower = service.to_ascii_lowercase();
    // A part between dots must begin and end with a letter or digit.
    let mut kept = lower.replace('_', "-");
    while let Some(at) = [".-", "-.", ".."].iter().find_map(|pair| kept.find(pair)) {
        kept.replace_range(at..at + 2, "--");
    }
    let mut name = format!("slo-{kept}");
    if kept != lower || is_numbered(&kept) {
        let hash = Sha256::digest(&lower);
        let digits: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        name = format!("{name}-{digits}");
    }
    if part > 1 { format!("{name}-{part}") } else { name }
}

/// Whether a name ends as that of a second or later object does.
fn is_numbered(name: &str) -> bool {
    let number = name.rsplit_once('-').map(|(_, number)| number);
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::object;
    use crate::config::is_object_name;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn names_that_lose_something_carry_a_hash() {
        for (service, kept) in [
            ("checkout", "slo-checkout"),
            ("Checkout.API", "slo-checkout.api"),
            ("a--b", "slo-a--b"),
            ("web-v2", "slo-web-v2"),
        ] {
            assert_eq!(object(service, 1), kept);
        }
        for (service, begin) in [
            ("a_b", "slo-a-b-"),
            ("a..b", "slo-a--b-"),
            ("a.-.b", "slo-a---b-"),
            ("a._b", "slo-a--b-"),
            ("web-2", "slo-web-2-"),
        ] {
            let name = object(service, 1);
            assert!(name.starts_with(begin) && name.len() == begin.len() + 8, "{service}: {name}");
        }
    }

    proptest! {
        #[test]
        fn objects_of_two_services_differ(
            services in proptest::collection::btree_set("[ab2]([-a2_.]{0,5}[ab2])?", 2..40)
        ) {
            let mut seen: BTreeMap<String, (String, usize)> = BTreeMap::new();
            for service in services {
                for part in [1, 2, 3, 12] {
                    let name = object(&service, part);
                    prop_assert!(is_object_name(&name), "{}", name);
                    let own = (service.clone(), part);
                    if let Some(other) = seen.insert(name.clone(), own.clone()) {
                        prop_assert!(false, "{}: {:?} and {:?}", name, other, own);
                    }
                }
            }
        }
    }
}
