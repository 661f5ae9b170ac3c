//! The verdict over the alerts of one service: claims as written come in, what the
//! alerts will carry comes out, or a finding per cause.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::placeholder::is_placeholder;
use super::registry::Registry;
use super::runbook::Library;
use crate::base::{Count, Diagnostic, Diagnostics, Duration, Safety, Spanned, World, codes};
use crate::config::Config;
use crate::yaml;

codes! {
    /// ## Why
    /// An alert that belongs to nobody is answered by nobody. Every alert carries
    /// its owner as a label, so that it can be routed.
    /// ## Fires
    /// Where neither the SLO or alert nor the service above it has an `owner:`.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// runbook: runbooks/checkout.md
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: team-payments
    /// ```
    OWNER_MISSING = Error "owner-missing";

    /// ## Why
    /// `TODO` answers no page.
    /// ## Fires
    /// ```yaml
    /// owner: TODO
    /// ```
    /// ## Instead
    /// ```yaml
    /// owner: team-payments
    /// ```
    OWNER_PLACEHOLDER = Error "owner-placeholder";

    /// ## Why
    /// The project file names registries of owners, and this owner is in none of
    /// them: a misspelt team routes to nobody.
    /// ## Fires
    /// `owner: team-paymnets`, in a project whose registry knows `team-payments`.
    /// ## Instead
    /// The name as the registry spells it, or a new entry in the registry.
    OWNER_UNKNOWN = Error "owner-unknown";

    /// ## Why
    /// Whoever is woken sees only the alert. A runbook says what it means, how to
    /// see what is wrong and how to mend it.
    /// ## Fires
    /// Where neither the SLO or alert nor the service above it has a `runbook:`.
    /// ```yaml
    /// ninefold: v1
    /// service: checkout
    /// owner: team-payments
    /// remediation: {page: 1h, ticket: 3d}
    /// slos:
    ///   - name: availability
    ///     objective: 99.9
    ///     sli: {events: {bad: 'errors_total{job="a"}', total: 'requests_total{job="a"}'}}
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: runbooks/checkout.md
    /// ```
    RUNBOOK_MISSING = Error "runbook-missing";

    /// ## Why
    /// A remediation time is the promise of the owner: from firing to fixed. It
    /// tells whoever is woken whether to get up, and everybody else what to expect.
    /// Each severity that alerts of the service have needs one.
    /// ## Fires
    /// ```yaml
    /// remediation: {page: 1h}
    /// ```
    /// ## Instead
    /// ```yaml
    /// remediation: {page: 1h, ticket: 3d}
    /// ```
    REMEDIATION_MISSING = Error "remediation-missing";
}

/// A text as its owner wrote it.
pub type Written = Spanned<Arc<str>>;

/// What an SLO or a plain alert says about itself, inheritance applied.
#[derive(Debug)]
pub struct Claim {
    /// The SLO or the alert, at its name.
    pub name: Written,
    /// The word for it in messages: `SLO` or `alert`.
    pub what: &'static str,
    /// The alerts that would be written: name, severity name.
    pub alerts: Vec<(String, Arc<str>)>,
    /// The nearest owner.
    pub owner: Option<Written>,
    /// The nearest runbook.
    pub runbook: Option<Written>,
    /// Remediation times by severity name; for a plain alert its own.
    pub remediation: BTreeMap<Arc<str>, Spanned<Duration>>,
    /// How a remediation time is written here: a map, or one duration.
    pub remediation_is_map: bool,
    /// Of which of them something was written that could not be read. That was
    /// reported: it is not missing.
    pub unread: Unread,
}

/// What was written for a claim, or above it, and could not be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unread {
    /// An owner.
    pub owner: bool,
    /// A runbook.
    pub runbook: bool,
    /// A remediation time.
    pub remediation: bool,
}

impl Claim {
    fn lacks_owner(&self) -> bool {
        self.owner.is_none() && !self.unread.owner
    }

    fn lacks_runbook(&self) -> bool {
        self.runbook.is_none() && !self.unread.runbook
    }
}

/// What the alerts of a claim will carry.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Who is woken.
    pub owner: Arc<str>,
    /// What they follow.
    pub runbook_url: Arc<str>,
    /// From firing to fixed, per severity name.
    pub remediation: BTreeMap<Arc<str>, Duration>,
}

/// Judges services one after the other; reads each runbook once.
pub struct Judge<'a> {
    registry: &'a Registry,
    runbooks: Library<'a>,
}

impl<'a> Judge<'a> {
    /// A judge who knows these owners and reads runbooks from `world`.
    pub fn new(world: &'a dyn World, config: &'a Config, registry: &'a Registry) -> Judge<'a> {
        Judge { registry, runbooks: Library::new(world, config) }
    }

    /// Judges all claims of a service. What comes out is in their order, `None`
    /// where a claim does not hold. What all claims lack is reported once.
    pub fn judge(
        &mut self,
        service: &Written,
        claims: &[Claim],
        diags: &mut Diagnostics,
    ) -> Vec<Option<Kept>> {
        report_missing(service, claims, &OWNER, Claim::lacks_owner, diags);
        report_missing(service, claims, &RUNBOOK, Claim::lacks_runbook, diags);
        report_remediation(service, claims, diags);
        claims.iter().map(|claim| self.kept(claim, diags)).collect()
    }

    fn kept(&mut self, claim: &Claim, diags: &mut Diagnostics) -> Option<Kept> {
        let owner = claim.owner.as_ref().filter(|o| self.knows(o, diags)).map(|o| o.value.clone());
        let runbook_url = claim.runbook.as_ref().and_then(|r| self.runbooks.url(r, diags));
        let complete = missing_severities(claim).is_empty();
        let remediation = claim.remediation.iter().map(|(s, d)| (s.clone(), d.value)).collect();
        Some(Kept { owner: owner?, runbook_url: runbook_url?, remediation }).filter(|_| complete)
    }

    fn knows(&self, owner: &Written, diags: &mut Diagnostics) -> bool {
        let name = &*owner.value;
        if is_placeholder(name) {
            diags.push(
                Diagnostic::new(&OWNER_PLACEHOLDER, owner.span, format!("`{name}` is no owner"))
                    .label("wakes nobody")
                    .help("name the team that is on call for it"),
            );
            return false;
        }
        if !self.registry.is_complete() || self.registry.get(name).is_some() {
            return true;
        }
        let files: Vec<_> = self.registry.files().iter().map(|f| f.as_str()).collect();
        let files = crate::base::list(&files, "or");
        let unknown = Diagnostic::new(
            &OWNER_UNKNOWN,
            owner.span,
            format!("the owner `{name}` is in no registry"),
        )
        .label(format!("not found in {files}"));
        diags.push(match self.registry.nearest(name) {
            Some(near) => unknown.fix(
                format!("write `{near}`, which is registered"),
                owner.span,
                yaml::scalar(near),
                Safety::Suggestion,
            ),
            None => unknown.help(format!("add `{name}` to {files}")),
        });
        false
    }
}

/// What every claim needs and how its lack is told.
struct Need {
    code: &'static crate::base::Code,
    noun: &'static str,
    /// What comes of it, said at one claim.
    label: fn(&Claim) -> String,
    /// What to add, for a service and perhaps one of its SLOs.
    add: fn(service: &str, slo: Option<&str>) -> String,
}

static OWNER: Need = Need {
    code: &OWNER_MISSING,
    noun: "owner",
    label: |_| "wakes nobody in particular".into(),
    add: |_, _| "`owner:` with the team that is on call for it".into(),
};

static RUNBOOK: Need = Need {
    code: &RUNBOOK_MISSING,
    noun: "runbook",
    label: |claim| {
        let wakes = claim.alerts.iter().any(|(_, severity)| &**severity == "page");
        let verb = if wakes { "pages" } else { "is sent to" };
        let whom = claim.owner.as_ref().map_or("somebody", |owner| &*owner.value);
        format!("{verb} {whom}, with nothing to follow")
    },
    add: |service, part| match part {
        Some(part) => format!("`runbook:` with a file such as `runbooks/{service}.md#{part}`"),
        None => format!("`runbook:` with a file such as `runbooks/{service}.md`"),
    },
};

/// Reports what claims lack: once on the service where all lack it, else on each.
fn report_missing(
    service: &Written,
    claims: &[Claim],
    need: &Need,
    lacks: impl Fn(&Claim) -> bool,
    diags: &mut Diagnostics,
) {
    let lacking: Vec<&Claim> = claims.iter().filter(|c| lacks(c)).collect();
    if lacking.len() > 1 && lacking.len() == claims.len() {
        let alerts: usize = lacking.iter().map(|c| c.alerts.len()).sum();
        let message = format!("service `{}` has no {}", service.value, need.noun);
        let label = format!("its {} would go out without one", Count(alerts, "alert"));
        let help = format!("on the service, add {}", (need.add)(&service.value, None));
        return diags
            .push(Diagnostic::new(need.code, service.span, message).label(label).help(help));
    }
    for claim in lacking {
        let message = format!("{} has no {}", first_alert(claim, |_| true), need.noun);
        diags.push(
            Diagnostic::new(need.code, claim.name.span, message).label((need.label)(claim)).help(
                format!(
                    "add {}, here or on the service",
                    (need.add)(&service.value, Some(&claim.name.value.to_lowercase()))
                ),
            ),
        );
    }
}

/// Reports severities without a remediation time: once on the service for those
/// that all claims of SLOs lack, else on each claim.
fn report_remediation(service: &Written, claims: &[Claim], diags: &mut Diagnostics) {
    let lacks: Vec<(&Claim, Vec<&Arc<str>>)> = claims
        .iter()
        .filter(|c| !c.unread.remediation)
        .map(|c| (c, missing_severities(c)))
        .filter(|(_, missing)| !missing.is_empty())
        .collect();
    let slos = claims.iter().filter(|c| c.remediation_is_map).count();
    let same: Vec<_> = lacks.iter().filter(|(c, _)| c.remediation_is_map).collect();
    let once = same.len() > 1 && same.len() == slos && same.windows(2).all(|w| w[0].1 == w[1].1);
    if once {
        let (_, missing) = same[0];
        let alerts = same.iter().flat_map(|(c, m)| c.alerts.iter().filter(|(_, s)| m.contains(&s)));
        diags.push(
            Diagnostic::new(
                &REMEDIATION_MISSING,
                service.span,
                format!(
                    "service `{}` has no remediation time for {}",
                    service.value,
                    severities(missing)
                ),
            )
            .label(format!(
                "its {} promise no time from firing to fixed",
                Count(alerts.count(), "alert")
            ))
            .help(format!("add `remediation: {{{}}}` to the service", example(missing))),
        );
    }
    for (claim, missing) in lacks {
        if once && claim.remediation_is_map {
            continue;
        }
        let subject = first_alert(claim, |severity| missing.contains(&severity));
        let help = match claim.remediation_is_map {
            true => format!("add `remediation: {{{}}}` here or on the service", example(&missing)),
            false => "add `remediation:` with a duration such as `30m`".to_owned(),
        };
        diags.push(
            Diagnostic::new(
                &REMEDIATION_MISSING,
                claim.name.span,
                format!("{subject} has no remediation time"),
            )
            .label(format!("promises no time from firing to fixed for {}", severities(&missing)))
            .help(help),
        );
    }
}

/// The severities of a claim's alerts that have no remediation time, each once.
fn missing_severities(claim: &Claim) -> Vec<&Arc<str>> {
    let mut missing: Vec<&Arc<str>> = claim
        .alerts
        .iter()
        .map(|(_, s)| s)
        .filter(|s| !claim.remediation.contains_key(*s))
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// The first alert of a claim that `wanted` holds for, as messages call it.
fn first_alert(claim: &Claim, wanted: impl Fn(&Arc<str>) -> bool) -> String {
    match claim.alerts.iter().find(|(_, severity)| wanted(severity)) {
        Some((name, severity)) => format!("{severity} alert `{name}`"),
        None => format!("{} `{}`", claim.what, claim.name.value),
    }
}

fn severities(missing: &[&Arc<str>]) -> String {
    crate::base::list(missing, "and")
}

fn example(missing: &[&Arc<str>]) -> String {
    let pairs: Vec<String> = missing
        .iter()
        .map(|s| format!("{s}: {}", if &***s == "ticket" { "3d" } else { "1h" }))
        .collect();
    pairs.join(", ")
}
