//! `ninefold explain`: prints why a code matters, what fires it and what to write
//! instead; or what was made of an SLO.

use super::Outcome;
use super::args::{Explain, Global};
use super::project::Place;
use super::show;
use crate::base::{Code, Count, Severity, list, nearest};
use crate::compile::{self, Checked, Scope, Session};

pub(super) fn run(options: &Explain, global: &Global) -> Outcome {
    let codes = compile::codes();
    let Some(name) = &options.what else {
        show::text(&listing(&codes));
        return Outcome::Clean;
    };
    if let Some((service, slo)) = name.split_once('/') {
        return in_project(name, service, Some(slo).filter(|slo| !slo.is_empty()), &[], global);
    }
    match codes.iter().find(|code| code.name == name) {
        Some(code) => {
            show::text(&explanation(code));
            Outcome::Clean
        }
        None => in_project(name, name, None, &codes, global),
    }
}

/// Explains what only the project knows: a service, or one of its SLOs.
fn in_project(
    name: &str,
    service: &str,
    slo: Option<&str>,
    codes: &[&Code],
    global: &Global,
) -> Outcome {
    let (place, selection) = match Place::select(global, &[]) {
        Ok(found) => found,
        Err(fault) => return show::failure(&fault),
    };
    let disk = place.disk();
    let mut session = Session::open(&disk, place.shown);
    let checked = session.check(&selection, Scope::default());
    let errors = session.diags.count(Severity::Error);
    let faulty = format!("{} in the project: `ninefold check` shows them", Count(errors, "error"));
    if let Some(text) = compile::explain(&checked, &session, service, slo) {
        show::text(&text);
        if errors > 0 {
            show::line(global, &format!("\n{faulty}"));
        }
        return Outcome::Clean;
    }
    let fault = unknown(name, slo.map(|slo| (service, slo)), codes, &checked);
    show::failure(&if errors > 0 { format!("{fault}\n{faulty}") } else { fault })
}

/// Says that nothing is called `name`, and what is.
fn unknown(name: &str, slo: Option<(&str, &str)>, codes: &[&Code], checked: &Checked) -> String {
    let services = || checked.services.iter().map(|(service, _)| service);
    if let Some((service, slo)) = slo {
        let own = services().find(|s| *s.name == *service);
        if let Some(own) = own {
            let names: Vec<&str> = own.slos.iter().map(|slo| &*slo.name).collect();
            let hint = match nearest(slo, names.iter().copied()) {
                Some(near) => format!("a similar SLO exists: `{service}/{near}`"),
                None if names.is_empty() => "it has none".to_owned(),
                None => format!("it has {}", list(&names, "and")),
            };
            return format!("the service `{service}` has no SLO `{slo}`; {hint}");
        }
        let names: Vec<&str> = services().map(|s| &*s.name).collect();
        let hint = match nearest(service, names.iter().copied()) {
            Some(near) => format!("a similar service exists: `{near}`"),
            None if names.is_empty() => "no service was found".to_owned(),
            None => "`ninefold check` reads all specs of the project".to_owned(),
        };
        return format!("no service is called `{service}`; {hint}");
    }
    let code = nearest(name, codes.iter().map(|c| c.name));
    let service = nearest(name, services().map(|s| &*s.name));
    let what = if checked.services.is_empty() { "no code" } else { "no code and no service" };
    let hint = match (code, service) {
        (_, Some(near)) => format!("a similar service exists: `{near}`"),
        (Some(near), None) => format!("a similar code exists: `{near}`"),
        (None, None) => "`ninefold explain` lists all codes".to_owned(),
    };
    format!("{what} is called `{name}`; {hint}")
}

/// The documentation of a code below its name.
fn explanation(code: &Code) -> String {
    format!("{}[{}]\n\n{}", code.severity.name(), code.name, code.text())
}

fn listing(codes: &[&Code]) -> String {
    let width = codes.iter().map(|c| c.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in codes {
        let why = code.why();
        text.push_str(&format!("{:width$}  {:7}  {why}\n", code.name, code.severity.name()));
    }
    text
}
