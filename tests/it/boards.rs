//! The boards of the examples show the right numbers.

use crate::incidents::{Past, Plain, Truth};
use crate::pasts;
use crate::replay::{replay, rule_files};
use crate::support::releases;

#[test]
fn boards_of_the_shop() {
    boards("02-shop", pasts::SHOP, pasts::SHOP_ALERTS);
}

#[test]
fn boards_of_every_kind() {
    boards("03-every-sli-kind", pasts::KINDS, pasts::KINDS_ALERTS);
}

fn boards(example: &str, pasts: &'static [Past], plain: &'static [Plain]) {
    let Some(release) = releases().pop() else { return };
    let files = rule_files(example);
    let truths: Vec<Truth> = files.iter().flat_map(|file| Truth::of(file, pasts)).collect();
    let history = replay(release, example, &files, &truths, plain);
    for truth in &truths {
        eprintln!(
            "{} {} left {:.4} sli {:.6} 1h {:?} ex {:?} out {:.1} ev {:.1} pages {:?}",
            truth.past.service,
            truth.past.slo,
            truth.budget_left(),
            truth.period_sli(),
            truth.burn_rate(3600),
            truth.exhausted_in(),
            truth.outage_left(),
            truth.events_left(),
            truth.pages()
        );
    }
    let end = crate::incidents::END.to_string();
    for q in [
        "slo:period_error_budget_remaining:ratio",
        "1-slo:sli_error:ratio_rate30d",
        "slo:sli_error:ratio_rate1h / ignoring(window) slo:error_budget:ratio",
        "ALERTS",
        "count({__name__=~\".+\"}) by (__name__)",
    ] {
        let data = history.server().get("/api/v1/query", &[("query", q), ("time", &end)]);
        for r in data.expect("ok")["result"].as_array().into_iter().flatten() {
            eprintln!("{} {}", r["metric"], r["value"][1]);
        }
    }
}
