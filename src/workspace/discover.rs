//! Which files are specs, and which are hand-written rules: the globs of the project
//! file, or the paths of the command line, to sorted paths below the root.

use camino::{Utf8Path, Utf8PathBuf};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::base::{Diagnostic, Diagnostics, Fault, Span, Spanned, World, codes, list};
use crate::config::{self, Config};

codes! {
    /// ## Why
    /// A glob that cannot be read matches nothing.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// specs: ["slo/[a-.yaml"]
    /// ```
    /// ## Instead
    /// `*` stands for any part of a name, `**` for any folders, `{a,b}` for either.
    /// ```yaml
    /// ninefold: project/v1
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// specs: ["slo/**/*.yaml"]
    /// ```
    GLOB_INVALID = Error "glob-invalid";

    /// ## Why
    /// A path on the command line that does not exist is a slip, not an empty
    /// project.
    /// ## Fires
    /// `ninefold check slo/chekout.yaml`
    /// ## Instead
    /// The path of a spec, or of a folder of specs.
    PATH_NOT_FOUND = Error "path-not-found";

    /// ## Why
    /// A build without specs writes nothing, which is rarely what is meant.
    /// ## Fires
    /// A project whose `specs:` match no file.
    /// ```yaml
    /// ninefold: project/v1
    /// specs: ["specs/*.yaml"]
    /// ```
    /// ## Instead
    /// Specs where `specs:` looks for them (default `slo/**/*.yaml`), or
    /// `ninefold init` for a first one.
    NO_SPECS = Warning "no-specs";

    /// ## Why
    /// A folder that cannot be searched may hold specs. Going on without them would
    /// remove their outputs, and with them the alerts that somebody counts on.
    /// ## Fires
    /// A folder below `specs:` without the permission to read it.
    /// ## Instead
    /// A folder that can be read, or globs that leave it out.
    FOLDER_UNREADABLE = Error "folder-unreadable";

    /// ## Why
    /// Outputs among the specs would be read as specs by the next build.
    /// ## Fires
    /// ```yaml
    /// ninefold: project/v1
    /// out: slo
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// out: generated
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// ```
    OUT_AMONG_SPECS = Error "out-among-specs";
}

/// What discovery found.
#[derive(Debug, Default)]
pub struct Found {
    /// Paths of specs relative to the root, sorted, each once. Where files were named:
    /// of anything.
    pub paths: Vec<Utf8PathBuf>,
    /// Paths of hand-written rule files that are no specs, sorted, each once.
    pub rules: Vec<Utf8PathBuf>,
    /// Whether the project, or a folder that was named, holds no file that could be a
    /// spec.
    pub nothing: bool,
    /// Whether files were searched for, rather than named one by one.
    pub searched: bool,
}

/// Finds the specs of the project and, if they are wanted, its hand-written rules; or
/// what `named` names: files as they are, folders searched for YAML files. `shown` is
/// how messages name a path.
pub fn discover(
    world: &dyn World,
    config: &Config,
    named: Option<&[Utf8PathBuf]>,
    with_rules: bool,
    shown: &dyn Fn(&Utf8Path) -> Utf8PathBuf,
    diags: &mut Diagnostics,
) -> Found {
    let mut found = match named {
        None => matched(world, config, shown, diags),
        Some(paths) => named_paths(world, paths, shown, diags),
    };
    found.paths.sort();
    found.paths.dedup();
    if with_rules && named.is_none() {
        let is_spec = |path: &Utf8PathBuf| found.paths.binary_search(path).is_ok();
        let mut rules = globbed(world, config, &config.rules, shown, diags);
        rules.retain(|path| !is_spec(path));
        rules.sort();
        rules.dedup();
        found.nothing &= rules.is_empty();
        found.rules = rules;
    }
    if found.nothing {
        diags.push(nothing(config, named.is_some()));
    }
    found
}

fn nothing(config: &Config, named: bool) -> Diagnostic {
    let message = "no spec was found";
    if named {
        return Diagnostic::new(&NO_SPECS, Span::NONE, message)
            .help("a spec is a `.yaml` or `.yml` file that begins with `ninefold: v1`");
    }
    let globs: Vec<&str> = config.specs.iter().map(|g| g.value.as_str()).collect();
    let span = config.specs.first().map_or(Span::NONE, |g| g.span);
    Diagnostic::new(&NO_SPECS, span, message)
        .label("matches no file")
        .note(format!("looked for {}", list(&globs, "and")))
        .help(
            "`ninefold init` writes a first spec; `specs:` in `ninefold.yaml` says where specs are",
        )
}

/// The specs that the globs of the project match.
fn matched(
    world: &dyn World,
    config: &Config,
    shown: &dyn Fn(&Utf8Path) -> Utf8PathBuf,
    diags: &mut Diagnostics,
) -> Found {
    let inside =
        |glob: &&Spanned<String>| literal_folder(&glob.value).starts_with(&config.out.value);
    if let Some(glob) = config.specs.iter().find(inside) {
        diags.push(
            Diagnostic::new(
                &OUT_AMONG_SPECS,
                config.out.span,
                format!("the output folder `{}` holds the specs", config.out.value),
            )
            .label("outputs would be read as specs")
            .also(glob.span, "specs are looked for here")
            .help("write outputs to a folder of their own, such as `out: generated`"),
        );
        return Found { searched: true, ..Found::default() };
    }
    let paths = globbed(world, config, &config.specs, shown, diags);
    Found { nothing: paths.is_empty(), paths, rules: Vec::new(), searched: true }
}

/// The files that globs match, but for the project's own: a glob such as `**/*.yaml`
/// does not mean the project file, the registries or the outputs.
fn globbed(
    world: &dyn World,
    config: &Config,
    globs: &[Spanned<String>],
    shown: &dyn Fn(&Utf8Path) -> Utf8PathBuf,
    diags: &mut Diagnostics,
) -> Vec<Utf8PathBuf> {
    let is_own = |path: &Utf8Path| {
        path == config::FILE
            || path.starts_with(&config.out.value)
            || config.owners.iter().any(|owners| path == owners.value)
    };
    let mut set = GlobSetBuilder::new();
    let mut paths = Vec::new();
    for glob in globs {
        match compile(&glob.value) {
            Ok(glob) => set.add(glob),
            Err(error) => {
                diags.push(
                    Diagnostic::new(&GLOB_INVALID, glob.span, "the glob cannot be read")
                        .label(error.kind().to_string())
                        .help("`*` is any part of a name, `**` any folders, `{a,b}` either; write `[[]` for a bracket"),
                );
                continue;
            }
        };
    }
    let set = set.build().unwrap_or_else(|_| GlobSet::empty());
    let mut folders: Vec<&Utf8Path> = globs.iter().map(|g| literal_folder(&g.value)).collect();
    folders.sort();
    folders.dedup();
    for folder in folders {
        let files = files_below(world, folder, shown, diags);
        paths.extend(
            files.into_iter().filter(|path| set.is_match(path.as_std_path()) && !is_own(path)),
        );
    }
    paths
}

/// The files below a folder; none where it does not exist. What cannot be read is
/// an error: the outputs of the specs in it would be taken for orphans.
fn files_below(
    world: &dyn World,
    folder: &Utf8Path,
    shown: &dyn Fn(&Utf8Path) -> Utf8PathBuf,
    diags: &mut Diagnostics,
) -> Vec<Utf8PathBuf> {
    match world.files(folder) {
        Ok(files) => files,
        Err(Fault::NotFound) => Vec::new(),
        Err(fault) => {
            let message = format!("the folder `{}` cannot be searched: {fault}", shown(folder));
            diags.push(Diagnostic::new(&FOLDER_UNREADABLE, Span::NONE, message).help(
                "make it readable, or narrow the globs of `specs:` and `rules:` in `ninefold.yaml`",
            ));
            Vec::new()
        }
    }
}

fn compile(glob: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(glob.strip_prefix("./").unwrap_or(glob)).literal_separator(true).build()
}

/// The folders at the start of a glob that hold no wildcard: only they are walked.
fn literal_folder(glob: &str) -> &Utf8Path {
    let glob = glob.strip_prefix("./").unwrap_or(glob);
    let wild = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    let end = glob[..wild].rfind('/').unwrap_or(0);
    Utf8Path::new(&glob[..end])
}

/// The files that the command line names.
fn named_paths(
    world: &dyn World,
    named: &[Utf8PathBuf],
    shown: &dyn Fn(&Utf8Path) -> Utf8PathBuf,
    diags: &mut Diagnostics,
) -> Found {
    let mut found = Found::default();
    for path in named {
        match world.read(path) {
            Err(Fault::Folder) => {
                let files = files_below(world, path, shown, diags);
                let before = found.paths.len();
                found.paths.extend(files.into_iter().filter(|f| is_yaml(f)));
                found.nothing |= found.paths.len() == before;
                found.searched = true;
            }
            Err(Fault::NotFound) => diags.push(
                Diagnostic::new(
                    &PATH_NOT_FOUND,
                    Span::NONE,
                    format!("`{}` does not exist", shown(path)),
                )
                .help("paths on the command line are relative to the working directory"),
            ),
            // Any other fault is told when the file is read.
            _ => found.paths.push(path.clone()),
        }
    }
    found
}

fn is_yaml(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
}

#[cfg(test)]
mod tests {
    use super::{compile, discover, literal_folder};
    use crate::base::{Diagnostics, Fault, World};
    use crate::config::Config;
    use camino::{Utf8Path, Utf8PathBuf};
    use std::sync::Arc;

    /// A project whose folders cannot be searched.
    struct Locked;

    impl World for Locked {
        fn read(&self, _: &Utf8Path) -> Result<Arc<str>, Fault> {
            Err(Fault::Folder)
        }

        fn files(&self, _: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Fault> {
            Err(Fault::System("permission denied".into()))
        }
    }

    #[test]
    fn a_folder_that_cannot_be_searched_is_an_error_not_an_empty_one() {
        for named in [None, Some(&["slo".into()][..])] {
            let mut diags = Diagnostics::default();
            discover(&Locked, &Config::default(), named, true, &|p| p.to_owned(), &mut diags);
            let codes: Vec<_> = diags.iter().map(|d| d.code.name).collect();
            assert!(codes.contains(&"folder-unreadable"), "{codes:?}");
        }
    }

    #[test]
    fn only_the_literal_start_of_a_glob_is_walked() {
        for (glob, folder) in [
            ("slo/**/*.yaml", "slo"),
            ("**/*.slo.yaml", ""),
            ("a/b/c.yaml", "a/b"),
            ("./a/{b,c}/*", "a"),
            ("c.yaml", ""),
        ] {
            assert_eq!(literal_folder(glob), folder, "{glob}");
        }
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        let matches =
            |glob: &str, path| compile(glob).expect("a glob").compile_matcher().is_match(path);
        assert!(matches("slo/**/*.yaml", "slo/checkout.yaml"));
        assert!(matches("slo/**/*.yaml", "slo/a/b/checkout.yaml"));
        assert!(!matches("slo/*.yaml", "slo/a/checkout.yaml"));
    }
}
