//! Tests of plain alerts: those that the spec gives, or one that follows from an
//! expression that compares a selector with a number.

use std::sync::Arc;

use super::alert;
use super::case::{Case, Check, Scenario};
use super::subject::{alerts_series, firing, minutes};
use super::values::number;
use crate::base::{Diagnostics, Text};
use crate::ir::{Alert, AlertProof, Program, Rule, RuleKind, Service, name};
use crate::promql::{self, BinaryOp, ExprKind, Name, Options, Selector, print_line, string};
use crate::sli::{FeedSeries, Labels, Values, labels_for};

/// The tests of all plain alerts of a service.
pub(super) fn cases(program: &Program<'_>) -> Vec<(Scenario, Case)> {
    let group = name::alert_group(&program.service.name);
    let rules = program.rules.groups.iter().filter(|g| g.name == group).flat_map(|g| &g.rules);
    let alerts = program.service.alerts.iter().zip(rules).enumerate();
    let mut cases = Vec::new();
    for (index, (alert, rule)) in alerts {
        let made = match alert.tests.as_slice() {
            [] => made_up(alert, rule).into_iter().collect(),
            tests => tests.iter().map(|test| given(alert, rule, test)).collect::<Vec<_>>(),
        };
        let made = made.into_iter().enumerate();
        cases.extend(made.map(|(test, case)| (Scenario::Plain(index, test), case)));
    }
    cases
}

/// What of a service no test is written for, each with the reason.
pub fn untested(service: &Service) -> Vec<String> {
    let slos = service.slos.iter().filter(|slo| slo.feeds.is_empty()).map(|slo| {
        format!("{}: no series can be made up for it, and `test_series:` is not given", slo.name)
    });
    let has_none = |alert: &&Alert| alert.tests.is_empty() && limit(&alert.expr).is_none();
    let alerts = service.alerts.iter().filter(has_none).map(|alert| {
        format!("{}: its expression does not compare a selector with a number, and `tests:` is not given", alert.name)
    });
    slos.chain(alerts).collect()
}

/// A test as the spec gives it.
fn given(alert: &Alert, rule: &Rule, test: &AlertProof) -> Case {
    let mut case = Case { interval: Some(test.interval.to_string()), ..Case::default() };
    let series =
        test.series.iter().map(|(labels, values)| (text(labels).into(), values.to_string()));
    case.series = series.collect();
    // Where one series of those can be the one that fires, its labels are known.
    let known = limit(&alert.expr).and_then(|(selector, ..)| {
        let mut taken = test.series.iter().filter(|(labels, _)| selector.takes(labels));
        taken.next().filter(|_| taken.next().is_none()).map(|(labels, _)| labels)
    });
    for at in &test.silent_at {
        case.silent(0, &alert.name);
        if let Some(silent) = case.alerts.last_mut() {
            silent.at = *at;
        }
    }
    for at in &test.fires_at {
        let (expr, samples) = match known {
            Some(labels) => fires(alert, rule, labels),
            None => fires_somewhere(alert, rule),
        };
        case.checks.push(Check { at: *at, expr, samples });
        // Nothing in the annotations that only the moment knows: they are held too.
        let whole = known.and_then(|labels| alert::whole(rule, without_name(labels), ""));
        if let Some(whole) = whole {
            case.fires_whole(0, &alert.name, vec![whole]);
            if let Some(last) = case.alerts.last_mut() {
                last.at = *at;
            }
        }
    }
    case
}

/// A test that follows from `selector > number`.
fn made_up(alert: &Alert, rule: &Rule) -> Option<Case> {
    let (selector, op, limit) = limit(&alert.expr)?;
    let labels = labels_for(&selector)?;
    let far = (limit.abs() * 0.1).max(1.0);
    let (fires_with, silent_with) = match op {
        BinaryOp::Gt | BinaryOp::Ge => (limit + far, limit - far),
        BinaryOp::Lt | BinaryOp::Le => (limit - far, limit + far),
        BinaryOp::Eq => (limit, limit + far),
        BinaryOp::Ne => (limit + far, limit),
        _ => return None,
    };
    let RuleKind::Alert { for_, .. } = &rule.kind else { return None };
    let wait = for_.map_or(0, |wait| minutes(wait).ceil() as u32);
    if wait > 24 * 60 {
        return None;
    }
    let mut case = Case::default();
    let (silent, fired) = (number(silent_with), number(fires_with));
    case.series.push((text(&labels).into(), format!("{silent}x2 {fired}x{}", wait + 1)));
    case.silent(2, &alert.name);
    if wait > 1 {
        case.silent(3 + wait - 1, &alert.name);
    }
    match alert::whole(rule, without_name(&labels), "") {
        Some(whole) => case.fires_whole(3 + wait + 1, &alert.name, vec![whole]),
        None => {
            let (expr, samples) = fires(alert, rule, &labels);
            case.gives(3 + wait + 1, expr, samples);
        }
    }
    Some(case)
}

/// That the alert of this series fires, with its labels, and no other of its name.
fn fires(alert: &Alert, rule: &Rule, labels: &Labels) -> (String, Vec<(String, String)>) {
    let labels = alert::labels(rule, without_name(labels));
    let series = alerts_series(&alert.name, &labels);
    (firing(&alert.name), vec![(series, "1".to_owned())])
}

/// That an alert of this name fires and has the labels that its rule stamps.
fn fires_somewhere(alert: &Alert, rule: &Rule) -> (String, Vec<(String, String)>) {
    let value = |value: &Arc<str>| print_line(&string(Arc::clone(value)));
    let labels: Vec<String> =
        rule.labels.iter().map(|(k, v)| format!(",{k}={}", value(v))).collect();
    let alerts = firing(&alert.name).replace('}', &format!("{}}}", labels.concat()));
    (format!("count({alerts}) > bool 0"), vec![("{}".to_owned(), "1".to_owned())])
}

/// The parts of `selector op number`, whichever side each stands on.
fn limit(expr: &Text) -> Option<(Selector, BinaryOp, f64)> {
    let options = Options { placeholder: false };
    let tree = promql::parse_with(expr, options, &mut Diagnostics::default())?;
    let ExprKind::Binary(binary) = &tree.bare().kind else { return None };
    if binary.is_bool || !binary.op.is_comparison() {
        return None;
    }
    let number = |side: &promql::Expr| match &side.bare().kind {
        ExprKind::Number(number) => number.value().filter(|n| n.is_finite()),
        _ => None,
    };
    let selector = |side: &promql::Expr| match &side.bare().kind {
        ExprKind::Selector(selector) => {
            let moved = selector.offset.is_some() || selector.at.is_some();
            Some(selector.clone()).filter(|s| !moved && s.metric().is_some())
        }
        _ => None,
    };
    match (selector(&binary.left), number(&binary.right)) {
        (Some(selector), Some(limit)) => Some((selector, binary.op, limit)),
        _ => {
            let turned = match binary.op {
                BinaryOp::Gt => BinaryOp::Lt,
                BinaryOp::Ge => BinaryOp::Le,
                BinaryOp::Lt => BinaryOp::Gt,
                BinaryOp::Le => BinaryOp::Ge,
                op => op,
            };
            Some((selector(&binary.right)?, turned, number(&binary.left)?))
        }
    }
}

/// The labels that a comparison keeps.
fn without_name(labels: &Labels) -> &[(Name, Arc<str>)] {
    labels.get(1..).unwrap_or_default()
}

fn text(labels: &Labels) -> String {
    FeedSeries::new(labels.clone(), Values::Gauge { good: 0.0, bad: 0.0 }).text()
}
