//! `ninefold init`: writes a first project that builds, from the templates below
//! `templates/init`. A file that exists is left as it is.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, context};

use super::Outcome;
use super::args::{Global, Init};
use super::schema;
use super::show;
use crate::{config, ir, spec, yaml};

/// What is written: path, template. `{service}` stands for the service's name.
const FILES: [(&str, &str); 4] = [
    (config::FILE, include_str!("../../templates/init/ninefold.yaml")),
    ("slo/{service}.yaml", include_str!("../../templates/init/spec.yaml")),
    ("runbooks/{service}.md", include_str!("../../templates/init/runbook.md")),
    ("owners.yaml", include_str!("../../templates/init/owners.yaml")),
];

/// The folder of the schemas, for the editor.
const SCHEMAS: &str = ".ninefold";

pub(super) fn run(options: &Init, global: &Global) -> Outcome {
    // Empty: the working directory, so that paths are shown without a `./`.
    let working = Utf8PathBuf::new();
    let folder = options.folder.as_ref().or(global.project.as_ref()).unwrap_or(&working);
    if !(spec::NAME.test)(&options.service) {
        return show::failure(&format!(
            "`{}` is no name of a service: {}",
            options.service,
            spec::NAME.what
        ));
    }
    if !(spec::OWNER.test)(&options.owner) {
        return show::failure(&format!(
            "`{}` is no name of an owner: {}",
            options.owner,
            spec::OWNER.what
        ));
    }
    match write_project(folder, options, global) {
        Ok(()) => {
            let here = matches!(folder.as_str(), "" | ".");
            let project = if here { String::new() } else { format!(" --project {folder}") };
            show::line(global, &format!("\nnow: ninefold build{project}"));
            Outcome::Clean
        }
        Err((path, error)) => show::failure(&format!("`{path}` cannot be written: {error}")),
    }
}

fn write_project(
    folder: &Utf8Path,
    options: &Init,
    global: &Global,
) -> Result<(), (Utf8PathBuf, std::io::Error)> {
    for (path, template) in FILES {
        let path = folder.join(path.replace("{service}", &options.service));
        let failed = |error| (path.clone(), error);
        if path.exists() {
            show::line(global, &format!("kept     {path}"));
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
        fs::write(&path, render(template, options, folder)).map_err(failed)?;
        show::line(global, &format!("created  {path}"));
    }
    let schemas = folder.join(SCHEMAS);
    schema::write_for_editors(&schemas).map_err(|error| (schemas.clone(), error))?;
    show::line(global, &format!("created  {schemas}/"));
    Ok(())
}

/// Fills a template in. `<< >>` are the delimiters, since `{{ }}` belongs to
/// Prometheus.
fn render(template: &str, options: &Init, folder: &Utf8Path) -> String {
    let syntax = SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters("<<", ">>")
        .comment_delimiters("<#", "#>")
        .build()
        .expect("the delimiters differ from each other");
    let mut environment = Environment::new();
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let values = context! {
        service => &options.service,
        owner => yaml::scalar(&options.owner),
        alert => ir::name::alert_name(&options.service, ""),
        base_url => base_url(folder),
    };
    let text = environment
        .render_str(template, values)
        .expect("the templates are part of the program and tested");
    format!("{}\n", text.trim_end())
}

/// Where the repository is read, from the remote `origin` of git's configuration:
/// GitHub's and GitLab's form of a link to a file.
fn base_url(folder: &Utf8Path) -> Option<String> {
    let configuration = fs::read_to_string(folder.join(".git/config")).ok()?;
    let origin = configuration.split("[remote \"origin\"]").nth(1)?;
    let section = origin.split("\n[").next()?;
    let remote = section.lines().find_map(|line| line.trim().strip_prefix("url = "))?;
    web_url(remote)
}

/// The web address of the main branch of a remote: `git@host:team/shop.git` and
/// `https://host/team/shop.git` alike.
fn web_url(remote: &str) -> Option<String> {
    let remote = remote.strip_suffix(".git").unwrap_or(remote);
    let path = match remote.strip_prefix("https://").or_else(|| remote.strip_prefix("ssh://git@")) {
        Some(path) => path.to_owned(),
        None => remote.strip_prefix("git@")?.replacen(':', "/", 1),
    };
    let (host, _) = path.split_once('/')?;
    // A remote with a password in it must not be copied into a file.
    if host.contains('@') || !host.contains('.') {
        return None;
    }
    let infix = if host.contains("gitlab") { "/-/blob" } else { "/blob" };
    Some(format!("https://{path}{infix}/main/"))
}

#[cfg(test)]
mod tests {
    use super::web_url;

    #[test]
    fn remotes_become_links() {
        for (remote, url) in [
            ("git@github.com:org/shop.git", Some("https://github.com/org/shop/blob/main/")),
            (
                "https://gitlab.example.org/a/b/shop.git",
                Some("https://gitlab.example.org/a/b/shop/-/blob/main/"),
            ),
            ("ssh://git@git.example.org/shop", Some("https://git.example.org/shop/blob/main/")),
            ("https://user:secret@github.com/org/shop.git", None),
            ("/srv/git/shop.git", None),
        ] {
            assert_eq!(web_url(remote).as_deref(), url, "{remote}");
        }
    }
}
