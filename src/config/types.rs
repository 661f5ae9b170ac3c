//! What a project file says, defaults filled in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::base::{Duration, Span, Spanned};
use crate::yaml::Node;

/// A label and its value.
pub type Label = (Spanned<Arc<str>>, Spanned<Arc<str>>);

/// The window over which an objective holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The last so many days at each moment: 7 to 90 whole days.
    Rolling(Duration),
    /// The calendar month (UTC) so far; the budget is that of the whole month.
    Month,
}

impl Window {
    /// Reads `30d` or `month`.
    pub fn parse(text: &str) -> Option<Window> {
        match text {
            "month" => Some(Window::Month),
            _ => Duration::parse(text).map(Window::Rolling),
        }
    }

    /// How long it is for burn rates: a calendar month counts as 30 days.
    pub fn length(self) -> Duration {
        match self {
            Window::Rolling(length) => length,
            Window::Month => Duration::days(30),
        }
    }

    /// How far back samples are read at the most.
    pub fn reach(self) -> Duration {
        match self {
            Window::Rolling(length) => length,
            Window::Month => Duration::days(31),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Rolling(length) => length.fmt(f),
            Window::Month => f.write_str("month"),
        }
    }
}

/// Whose names series and labels bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Names {
    /// Our own: labels `service`, `slo`, `window`.
    #[default]
    Native,
    /// Sloth's: labels `sloth_id`, `sloth_service`, `sloth_slo`, `sloth_window`, so
    /// that its boards and routes keep working.
    Sloth,
}

/// The settings of a project. Paths are relative to its root.
#[derive(Clone, Debug)]
pub struct Config {
    /// Globs of the specs.
    pub specs: Vec<Spanned<String>>,
    /// Globs of hand-written rule files.
    pub rules: Vec<Spanned<String>>,
    /// Globs of hand-written dashboards.
    pub dashboards: Vec<Spanned<String>>,
    /// The folder that outputs go to.
    pub out: Spanned<Utf8PathBuf>,
    /// The window of objectives that name none.
    pub window: Spanned<Window>,
    /// Whose names series and labels bear.
    pub names: Names,
    /// Labels of every alert.
    pub labels: Vec<Label>,
    /// The alert label that carries the owner.
    pub owner_label: Spanned<Arc<str>>,
    /// The registries of owners. Empty: any owner that is no placeholder.
    pub owners: Vec<Spanned<Utf8PathBuf>>,
    /// Where runbooks are read.
    pub runbooks: Runbooks,
    /// The server that the rules are for.
    pub prometheus: Prometheus,
    /// The severities, by name, in order of their names.
    pub severities: BTreeMap<Arc<str>, Severity>,
    /// The targets and their options, as written. `None`: all targets.
    pub targets: Option<Node>,
    /// Whether the project file was read without a fault; where not, defaults may
    /// stand for what was written.
    pub sound: bool,
}

/// Where runbooks are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runbooks {
    /// What is put before the path of a runbook to make it an URL.
    pub base_url: Option<String>,
}

/// A severity of alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Severity {
    /// The value of the label `severity`.
    pub label: Arc<str>,
    /// Where it is written, [`Span::NONE`] for a default.
    pub span: Span,
}

/// The server that the rules are for.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// The oldest version that must load them.
    pub version: Version,
    /// Where it is written, [`Span::NONE`] for the default.
    pub version_span: Span,
    /// How often targets are scraped, 1s to 75s.
    pub scrape_interval: Spanned<Duration>,
    /// How long samples are kept. `None`: not checked.
    pub retention: Option<Spanned<Duration>>,
    /// How far back rules are evaluated, where samples arrive late. `None`: not written.
    pub query_offset: Option<Duration>,
    /// Labels that the server adds to everything it sends out.
    pub external_labels: Vec<Spanned<Arc<str>>>,
}

/// A version of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Config {
    /// Whether the project wants a target: one that it names or, if it names none, one
    /// that is written by default.
    pub fn writes(&self, target: &str, by_default: bool) -> bool {
        self.targets.as_ref().map_or(by_default, |targets| targets.get(target).is_some())
    }
}

impl Config {
    /// The value of the label `severity` that alerts of a severity bear.
    pub fn severity_label<'a>(&'a self, severity: &'a str) -> &'a str {
        self.severities.get(severity).map_or(severity, |known| &*known.label)
    }

    /// The address of the Grafana that boards are provisioned to.
    pub fn grafana_url(&self) -> Option<&str> {
        self.grafana("base_url")
    }

    /// What tells the boards of this project from those of another in the same Grafana;
    /// empty where it is not said.
    pub fn grafana_name(&self) -> &str {
        self.grafana("name").unwrap_or_default()
    }

    /// The uid of the data source that boards show at first.
    pub fn grafana_datasource(&self) -> Option<&str> {
        self.grafana("datasource")
    }

    /// The time zone of boards.
    pub fn grafana_timezone(&self) -> &str {
        self.grafana("timezone").unwrap_or("utc")
    }

    fn grafana(&self, option: &str) -> Option<&str> {
        self.targets.as_ref()?.get("grafana")?.get(option)?.as_str()
    }
}

impl Version {
    /// Reads `2.53` or `2.53.1`.
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse().ok();
        Some(Version { major: number()?, minor: number()? })
    }

    /// Whether it is this version or a newer one.
    pub fn at_least(self, major: u32, minor: u32) -> bool {
        self >= Version { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Default for Config {
    /// What holds without a project file.
    fn default() -> Config {
        let none = |text: &str| Spanned::new(text.to_owned(), Span::NONE);
        let severity = |label: &str| Severity { label: label.into(), span: Span::NONE };
        Config {
            specs: vec![none("slo/**/*.yaml"), none("slo/**/*.yml")],
            rules: vec![none("rules/**/*.yml"), none("rules/**/*.yaml")],
            dashboards: Vec::new(),
            out: Spanned::new("generated".into(), Span::NONE),
            window: Spanned::new(Window::Rolling(Duration::days(30)), Span::NONE),
            names: Names::Native,
            labels: Vec::new(),
            owner_label: Spanned::new("owner".into(), Span::NONE),
            owners: Vec::new(),
            runbooks: Runbooks::default(),
            prometheus: Prometheus {
                version: Version { major: 2, minor: 53 },
                version_span: Span::NONE,
                scrape_interval: Spanned::new(Duration::seconds(30), Span::NONE),
                retention: None,
                query_offset: None,
                external_labels: Vec::new(),
            },
            severities: BTreeMap::from([
                ("page".into(), severity("critical")),
                ("ticket".into(), severity("warning")),
            ]),
            targets: None,
            sound: true,
        }
    }
}
