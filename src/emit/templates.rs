//! The templates of panels: those of the program, and the files of the same names in
//! the project's `templates/grafana/`, which take their place or add panels. A name and
//! values come in, a panel as JSON goes out.
//!
//! Delimiters are `<< >>`, `<% %>` and `<# #>`, so that `{{ }}` stays Grafana's. A value
//! enters a template through `tojson`, as text of markdown through `md`, as a link
//! through `link`: what was put through none of them is refused, so that no value can
//! end a string. Queries stand in `<% filter query %>`, prose in `<% filter text %>`.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};

use super::prose;
use crate::base::{Diagnostic, Diagnostics, Fault, FileId, SourceMap, Span, World, codes};
use crate::promql;

codes! {
    /// ## Why
    /// The panels of boards are templates. A file below `templates/grafana/` of the
    /// project takes the place of the one of its name, or adds a panel; one that
    /// cannot be filled in, or does not give a panel as JSON, would leave a hole in
    /// every board.
    /// ## Fires
    /// A file such as `templates/grafana/service/events.json` that holds
    /// `{"type": "stat", "title": << service >>}`.
    /// ## Instead
    /// A value enters JSON through `tojson`: `{"type": "stat", "title": << service | tojson >>}`.
    BOARD_TEMPLATE = Error "board-template";
}

/// Where a project keeps its own templates.
const FOLDER: &str = "templates/grafana";

/// How many steps a template may take: 300 SLOs take some 20,000.
const FUEL: u64 = 5_000_000;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/grafana/", $name, ".json")))),*]
    };
}

/// The templates of the program.
static BUILTIN: &[(&str, &str)] = templates![
    "part/budget-thresholds",
    "part/burn-thresholds",
    "part/firing",
    "part/hour-thresholds",
    "part/no-data",
    "part/plain-stat",
    "part/slo-table",
    "part/stat",
    "part/table",
    "part/timeseries",
    "service/ownership",
    "service/budget-left",
    "service/period-sli",
    "service/objective",
    "service/burn-rate",
    "service/exhausted-in",
    "service/outage-left",
    "service/events-left",
    "service/alerts-firing",
    "service/budget-over-time",
    "service/burn-down",
    "service/sli",
    "service/burn-rates",
    "service/burn-rate-alerts",
    "service/events",
    "service/alert-history",
    "service/groups",
    "service/plain-alerts",
    "service/plain-alert-history",
    "overview/slos",
    "overview/meeting",
    "overview/exhausted",
    "overview/burning",
    "overview/pages",
    "overview/no-data",
    "overview/table",
    "overview/firing",
    "overview/least-budget",
    "overview/low-traffic",
    "overview/budget-over-time",
    "owner/runbooks",
    "owner/slos",
    "owner/pages",
    "owner/tickets",
    "owner/least-budget",
    "owner/pages-30d",
    "owner/time-paging",
    "owner/table",
    "owner/firing",
    "owner/pages-by-alert",
    "owner/paging-per-day",
    "owner/alert-history",
];

/// All templates of a project.
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
    /// The project's own, by name.
    own: BTreeMap<String, (Utf8PathBuf, FileId)>,
}

impl Default for Templates {
    fn default() -> Templates {
        let mut env = environment();
        for (name, text) in BUILTIN {
            env.add_template(name, text).expect("the templates are part of the program and tested");
        }
        Templates { env, own: BTreeMap::new() }
    }
}

impl Templates {
    /// The templates of the program and those of the project. Reports files that are
    /// no templates.
    pub fn read(world: &dyn World, sources: &mut SourceMap, diags: &mut Diagnostics) -> Templates {
        let mut templates = Templates::default();
        let mut paths = match world.files(FOLDER.into()) {
            Ok(paths) => paths,
            Err(Fault::NotFound) => return templates,
            Err(fault) => {
                diags.push(unreadable(&sources.shown(FOLDER.into()), &fault));
                return templates;
            }
        };
        paths.retain(|path| path.extension() == Some("json"));
        for path in paths {
            match world.read(&path) {
                Ok(text) => {
                    let file = sources.add(path.clone(), text.clone());
                    templates.add(path, file, &text, diags);
                }
                Err(fault) => diags.push(unreadable(&sources.shown(&path), &fault)),
            }
        }
        templates
    }

    fn add(&mut self, path: Utf8PathBuf, file: FileId, text: &str, diags: &mut Diagnostics) {
        let name = name_of(&path);
        let kind = name.split('/').next().unwrap_or_default();
        if !name.contains('/') || !KINDS.contains(&kind) {
            let found = Diagnostic::new(
                &BOARD_TEMPLATE,
                Span::new(file, 0, 0),
                format!("no board has panels of `{FOLDER}/{kind}`"),
            );
            return diags.push(
                found
                    .label("would be on no board")
                    .help("put it into `service/`, `overview/` or `owner/`"),
            );
        }
        if let Err(error) = self.env.add_template_owned(name.clone(), text.to_owned()) {
            return diags.push(invalid(file, &error));
        }
        self.own.insert(name, (path, file));
    }

    /// Panels that the project adds to a kind of board: `service`, `overview`, `owner`.
    pub(super) fn added(&self, kind: &str) -> impl Iterator<Item = &str> {
        let is_added = move |name: &&String| {
            name.starts_with(kind)
                && name[kind.len()..].starts_with('/')
                && !BUILTIN.iter().any(|(known, _)| known == name)
        };
        self.own.keys().filter(is_added).map(String::as_str)
    }

    /// Whether any template is the project's own: then boards are not known to be sound.
    pub fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Fills a template in. `None`: it gives nothing, so that its panel is left out, or a
    /// fault, which was reported.
    pub(super) fn render(
        &self,
        name: &str,
        values: &Value,
        diags: &mut Diagnostics,
    ) -> Option<Map<String, Json>> {
        let filled = self.env.get_template(name).and_then(|template| template.render(values));
        let text = match filled {
            Ok(text) if text.trim().is_empty() => return None,
            Ok(text) => text,
            Err(error) => {
                diags.push(self.fault(name, &error));
                return None;
            }
        };
        let fault = match serde_json::from_str::<Json>(&text) {
            Ok(Json::Object(panel)) => return Some(panel),
            Ok(_) => "it gives no JSON object".to_owned(),
            Err(error) => {
                let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
                format!("it gives no JSON: {error}, which is `{}`", line.trim())
            }
        };
        diags.push(self.not_a_panel(name, &fault));
        None
    }

    fn fault(&self, name: &str, error: &Error) -> Diagnostic {
        // The fault may lie in a part that the template includes.
        let inner = error.name().filter(|inner| self.own.contains_key(*inner)).unwrap_or(name);
        match self.own.get(inner) {
            Some((_, file)) => invalid(*file, error),
            None => Diagnostic::new(
                &BOARD_TEMPLATE,
                Span::NONE,
                format!("the template `{name}` cannot be filled in: {}", said(error)),
            ),
        }
    }

    fn not_a_panel(&self, name: &str, fault: &str) -> Diagnostic {
        let place = self.own.get(name).map_or(Span::NONE, |(_, file)| Span::new(*file, 0, 0));
        Diagnostic::new(
            &BOARD_TEMPLATE,
            place,
            format!("the template `{name}` is no panel: {fault}"),
        )
        .help("write one JSON object; values enter it through `tojson`")
    }
}

/// The folders of templates.
const KINDS: [&str; 4] = ["service", "overview", "owner", "part"];

/// `service/events` of `templates/grafana/service/events.json`.
fn name_of(path: &Utf8Path) -> String {
    path.with_extension("").as_str().trim_start_matches(FOLDER).trim_start_matches('/').to_owned()
}

fn environment() -> Environment<'static> {
    let syntax = SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters("<<", ">>")
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the delimiters differ from each other");
    let mut env = Environment::new();
    env.set_syntax(syntax);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_fuel(Some(FUEL));
    env.set_formatter(only_safe);
    env.add_filter("tojson", known);
    env.add_filter("query", |text: String| json(&dedented(&text)));
    env.add_filter("text", |text: String| json(text.trim()));
    env.add_filter("md", |text: String| Value::from_safe_string(prose::markdown(&text)));
    env.add_filter("label", |text: String| Value::from_safe_string(promql::label(&text)));
    env.add_filter("component", |text: String| Value::from_safe_string(prose::component(&text)));
    env.add_filter("link", |text: String| {
        // In markdown `&copy;` is a character, in a link too.
        Value::from_safe_string(prose::link(&text).unwrap_or_default().replace('&', "&#38;"))
    });
    env
}

/// Writes what was made safe, and refuses everything else.
fn only_safe(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text).map_err(Error::from),
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the value {value:?} was not put through `tojson`, `md` or `link`"),
        )),
    }
}

/// A value as JSON, and none that is not there.
fn known(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "there is no such value"));
    }
    serde_json::to_string(value)
        .map(Value::from_safe_string)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// A string of JSON.
fn json(text: &str) -> Value {
    Value::from_safe_string(Json::String(text.to_owned()).to_string())
}

/// A query without the indentation that it has in its template.
fn dedented(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    let lines: Vec<&str> = lines.collect();
    let depth = |line: &&str| line.len() - line.trim_start().len();
    let least = lines.iter().filter(|line| !line.is_empty()).map(depth).min().unwrap_or_default();
    let kept: Vec<&str> = lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect();
    kept.join("\n").trim_end().to_owned()
}

/// What minijinja says, in one line.
fn said(error: &Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    detail.replace('\n', " ")
}

fn invalid(file: FileId, error: &Error) -> Diagnostic {
    let place = error.range().map_or(Span::new(file, 0, 0), |at| Span::new(file, at.start, at.end));
    Diagnostic::new(&BOARD_TEMPLATE, place, "this template of a panel cannot be filled in")
        .label(said(error))
        .help("values are listed in `templates/grafana/README.md` of ninefold; they enter JSON through `tojson`")
}

fn unreadable(shown: &Utf8Path, fault: &Fault) -> Diagnostic {
    Diagnostic::new(&BOARD_TEMPLATE, Span::NONE, format!("`{shown}` cannot be read: {fault}"))
}
