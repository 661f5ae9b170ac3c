//! The pipeline, on one page: each stage is called once, in order. A world and a
//! project file come in; services with their plans come out, and from them, one
//! service at a time, artifacts.

mod boards;

use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::base::{
    Code, Diagnostic, Diagnostics, Fault, FileId, Severity, SourceMap, Span, World, codes,
};
use crate::config::{self, Config};
use crate::ir::{Artifact, Plan, Program, Service, WrittenFile};
use crate::promql::Judge;
use crate::spec::{Kind, SpecFile};
use crate::{
    diff, emit, explain, gotmpl, lint, lower, plan, policy, promql, resolve, rulefile, sli, spec,
    workspace, yaml,
};

use boards::Boards;

codes! {
    /// ## Why
    /// A file that cannot be read may hold the alert that matters.
    /// ## Fires
    /// A spec or project file that is missing, not UTF-8, longer than 64 MB, or
    /// outside the project.
    /// ## Instead
    /// Mend what the message names. Specs are text in UTF-8.
    FILE_UNREADABLE = Error "file-unreadable";

    /// ## Why
    /// The project file is `ninefold.yaml`. One of another name is not read: its
    /// owners, labels and severities would be lost without a word.
    /// ## Fires
    /// A `ninefold.yml` in a project without `ninefold.yaml`.
    /// ## Instead
    /// The name `ninefold.yaml`.
    PROJECT_NAME = Error "project-name";
}

/// A project under compilation: its settings and everything found so far.
pub struct Session<'a> {
    world: &'a dyn World,
    /// The settings.
    pub config: Config,
    /// The files that were read.
    pub sources: SourceMap,
    /// The findings, sorted after [`Session::check`].
    pub diags: Diagnostics,
    /// The project file, where there is one.
    project: Option<FileId>,
}

/// Which specs are compiled.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Those that `specs:` of the project file matches.
    Project,
    /// These files, and all specs in these folders; paths relative to the root.
    Named(Vec<Utf8PathBuf>),
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The services that are free of errors, with the plans of their SLOs.
    pub services: Vec<(Service, Vec<Plan>)>,
    /// The hand-written rules that were judged.
    pub rules: Vec<WrittenFile>,
    /// How many files were read as specs or as rules: foreign ones that were named do
    /// not count.
    pub files: usize,
    /// Whether discovery, or a folder that was named, found no spec.
    pub found_nothing: bool,
    /// Whether these are all specs of the project, and not some that were named.
    pub is_whole: bool,
    /// What is known of owners.
    pub owners: policy::Registry,
    /// The templates of boards.
    pub templates: emit::Templates,
}

impl<'a> Session<'a> {
    /// Opens a project: reads `ninefold.yaml` at the root of `world`, if there is
    /// one. `shown` is the way from the working directory to the root.
    pub fn open(world: &'a dyn World, shown: Utf8PathBuf) -> Session<'a> {
        let mut sources = SourceMap::showing(shown);
        let mut diags = Diagnostics::default();
        let path = Utf8Path::new(config::FILE);
        let mut project = None;
        let config = match world.read(path) {
            Ok(text) => {
                let file = sources.add(path.to_owned(), text.clone());
                project = Some(file);
                let documents = yaml::parse(file, &text, &mut diags);
                config::decode(file, &documents, &mut diags)
            }
            Err(Fault::NotFound) => {
                let other = Utf8Path::new("ninefold.yml");
                if world.read(other).is_ok() {
                    diags.push(misnamed(&sources.shown(other)));
                }
                Config::default()
            }
            Err(fault) => {
                diags.push(unreadable(&sources.shown(path), &fault));
                Config { sound: false, ..Config::default() }
            }
        };
        emit::check_targets(&config, &mut diags);
        Session { world, config, sources, diags, project }
    }

    /// Whether the project file itself is at fault, or cannot be read.
    pub fn is_misconfigured(&self) -> bool {
        let in_project =
            |d: &Diagnostic| d.primary.span.file().is_some_and(|f| Some(f) == self.project);
        !self.config.sound
            || self.diags.iter().any(|d| d.severity == Severity::Error && in_project(d))
    }

    /// Runs every stage up to the plan over the selected specs, and judges hand-written
    /// rules where they are wanted.
    pub fn check(&mut self, selection: &Selection, scope: Scope) -> Checked {
        let named = match selection {
            Selection::Project => None,
            Selection::Named(paths) => Some(paths.as_slice()),
        };
        let shown = |path: &Utf8Path| self.sources.shown(path);
        let (world, config) = (self.world, &self.config);
        let found = workspace::discover(world, config, named, scope.rules, &shown, &mut self.diags);
        let kind = if named.is_some() { Kind::Named } else { Kind::Matched };
        let specs = found.paths.into_iter().map(|path| (path, Role::Spec(kind)));
        let paths: Vec<_> =
            specs.chain(found.rules.into_iter().map(|path| (path, Role::Rules))).collect();
        let texts: Vec<_> = paths.par_iter().map(|(path, _)| world.read(path)).collect();
        let mut files: Vec<(FileId, Arc<str>, Role)> = Vec::new();
        for ((path, role), text) in paths.into_iter().zip(texts) {
            match text {
                // What we wrote was judged before it was written.
                Ok(text) if scope.rules && rulefile::is_ours(&text) => {}
                Ok(text) => files.push((self.sources.add(path, text.clone()), text, role)),
                Err(fault) => self.diags.push(unreadable(&self.sources.shown(&path), &fault)),
            }
        }

        let judge = Judge::default();
        let parsed: Vec<(Read, Diagnostics)> = files
            .par_iter()
            .map(|(file, text, role)| self.parse(*file, text, *role, scope, &judge))
            .collect();
        let (mut specs, mut rules) = (Vec::new(), Vec::new());
        for (read, diags) in parsed {
            self.diags.append(diags);
            match read {
                Read::Spec(spec) => specs.push(spec),
                Read::Rules(file) => rules.push(file),
                Read::Foreign => {}
            }
        }
        let read = specs.iter().filter(|s| s.ours).count() + rules.len();
        let files = if named.is_some() { read } else { specs.len() + rules.len() };

        let registry = policy::Registry::read(
            &self.config.owners,
            self.world,
            &mut self.sources,
            &mut self.diags,
        );
        let mut court = policy::Judge::new(self.world, &self.config, &registry);
        let services = resolve::resolve(specs, &self.config, &mut court, &mut self.diags);
        let planned = services.into_iter().map(|service| {
            let plan = |slo| plan::plan(slo, &self.config, &mut self.diags);
            let plans = service.slos.iter().map(plan).collect();
            (service, plans)
        });
        let services = planned.collect();
        let templates =
            emit::templates(&self.config, self.world, &mut self.sources, &mut self.diags);
        self.diags.sort();
        Checked {
            services,
            rules,
            files,
            found_nothing: found.nothing || (read == 0 && found.searched),
            is_whole: named.is_none(),
            owners: registry,
            templates,
        }
    }

    /// Text to a decoded spec or to rules, with every finding that one file alone can
    /// give.
    fn parse(
        &self,
        file: FileId,
        text: &str,
        role: Role,
        scope: Scope,
        judge: &Judge,
    ) -> (Read, Diagnostics) {
        let mut diags = Diagnostics::default();
        let path = self.sources.file(file).path.clone();
        let is_matched = role == Role::Rules;
        let rules = |diags: &mut Diagnostics| {
            let path = path.as_path();
            let source = rulefile::Source { file, path, text, is_matched, is_templated: false };
            rulefile::read(source, &self.config, judge, diags)
        };
        let Role::Spec(kind) = role else {
            let read = rules(&mut diags).map_or(Read::Foreign, Read::Rules);
            return (read, diags);
        };
        let documents = yaml::parse(file, text, &mut diags);
        let is_spec = || documents.iter().any(|d| d.root.get("ninefold").is_some());
        if scope.rules && kind == Kind::Named && !is_spec() {
            let mut found = Diagnostics::default();
            if let Some(rules) = rules(&mut found) {
                return (Read::Rules(rules), found);
            }
        }
        let spec = spec::decode(file, path, &documents, kind, judge, &mut diags);
        if scope.verify {
            spec::verify(&documents, &mut diags);
        }
        (Read::Spec(spec), diags)
    }
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// Whether the schema, too, judges every spec.
    pub verify: bool,
    /// Whether hand-written rules are judged, which never block a build.
    pub rules: bool,
}

/// What a file is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Spec(Kind),
    Rules,
}

/// What a file turned out to hold.
enum Read {
    Spec(SpecFile),
    Rules(WrittenFile),
    /// Nothing of ours.
    Foreign,
}

/// What of a build is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// One target alone, instead of all that the project writes.
    pub target: Option<&'a str>,
    /// Whether every output is read back and judged.
    pub verify: bool,
}

/// Compiles checked services to artifacts, several at once; each is handed to
/// `take` and dropped, so that memory does not grow with the output. What a target
/// could not write, and boards that Grafana would not draw, are reported.
pub fn build(
    checked: &Checked,
    session: &mut Session<'_>,
    wanted: Wanted<'_>,
    take: &(dyn Fn(Artifact) + Sync),
) -> Diagnostics {
    let Session { config, sources, .. } = session;
    let cache = lower::Cache::default();
    let setup = emit::Setup { config, owners: &checked.owners, templates: &checked.templates };
    // The queries of our own templates are judged in the tests.
    let judge = (wanted.verify || checked.templates.has_own()).then(Judge::default);
    let boards = Boards::judged_by(judge);
    let found = Mutex::new(Diagnostics::default());
    let report = |diags| found.lock().unwrap_or_else(PoisonError::into_inner).append(diags);
    let checked_take = |artifact: Artifact| {
        boards.check(&artifact, config.out.value.join(&artifact.path));
        take(artifact);
    };
    checked.services.par_iter().for_each(|(service, plans)| {
        let rules = lower::lower(service, plans, config, &cache);
        let program = Program { service, plans, rules };
        let mut diags = Diagnostics::default();
        emit::run(&program, &setup, wanted.target, &checked_take, &mut diags);
        report(diags);
    });
    // Of some specs, a board of all SLOs would show less than there is.
    if checked.is_whole {
        let mut diags = Diagnostics::default();
        emit::run_whole(&checked.services, &setup, wanted.target, &checked_take, &mut diags);
        report(diags);
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    boards.tell(sources, &mut found);
    found.sort();
    found
}

/// All rules of checked services as one rule document.
pub fn document(checked: &Checked, config: &Config) -> String {
    let cache = lower::Cache::default();
    let sets: Vec<_> = checked
        .services
        .iter()
        .map(|(service, plans)| lower::lower(service, plans, config, &cache))
        .collect();
    let mut paths: Vec<&str> = checked.services.iter().map(|(s, _)| s.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    emit::document(&sets, &paths)
}

/// Explains an SLO, or lists those of a service; `None` where there is no such.
pub fn explain(
    checked: &Checked,
    session: &Session<'_>,
    service: &str,
    slo: Option<&str>,
) -> Option<String> {
    let (service, plans) = checked.services.iter().find(|(s, _)| *s.name == *service)?;
    let Some(slo) = slo else { return Some(explain::service(service, plans)) };
    let rules = lower::lower(service, plans, &session.config, &lower::Cache::default());
    let (slo, plan) = service.slos.iter().zip(plans).find(|(s, _)| *s.name == *slo)?;
    let (config, sources) = (&session.config, &session.sources);
    Some(explain::slo(explain::Subject { slo, plan, rules: &rules, config, sources }))
}

/// A checked project under the name that a comparison gives it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// How it is called.
    pub name: &'a str,
    /// Its settings and findings.
    pub session: &'a Session<'a>,
    /// Its services.
    pub checked: &'a Checked,
}

/// Compares two checked projects.
pub fn diff(before: View<'_>, after: View<'_>) -> diff::Comparison {
    fn side<'a>(View { name, session, checked }: View<'a>) -> diff::Side<'a> {
        let Session { world, config, sources, diags, .. } = session;
        diff::Side { name, world: *world, config, sources, diags, services: &checked.services }
    }
    diff::compare(&side(before), &side(after))
}

/// Every code there is, sorted by name: what `explain` knows.
pub fn codes() -> Vec<&'static Code> {
    let single = [CODES, yaml::CODES, promql::CODES, gotmpl::CODES];
    let several = [
        config::CODES,
        policy::CODES,
        sli::CODES,
        spec::CODES,
        resolve::CODES,
        rulefile::CODES,
        plan::CODES,
        emit::CODES,
        lint::CODES,
        workspace::CODES,
    ];
    let lists = single.into_iter().chain(several.into_iter().flatten().copied());
    let mut codes: Vec<&Code> = lists.flatten().copied().collect();
    codes.sort_by_key(|code| code.name);
    codes
}

fn misnamed(shown: &Utf8Path) -> Diagnostic {
    Diagnostic::new(
        &PROJECT_NAME,
        Span::NONE,
        format!("`{shown}` is not read: the project file is `ninefold.yaml`"),
    )
    .help("rename it to `ninefold.yaml`")
}

fn unreadable(shown: &Utf8Path, fault: &Fault) -> Diagnostic {
    let found =
        Diagnostic::new(&FILE_UNREADABLE, Span::NONE, format!("`{shown}` cannot be read: {fault}"));
    match fault {
        Fault::NotUtf8(_) => found.help("save it as text in UTF-8"),
        Fault::Outside => found.help("move it into the project, or leave it out of `specs:`"),
        Fault::TooLarge(_) => found.help("split it: one file can hold many services, and need not"),
        _ => found,
    }
}
