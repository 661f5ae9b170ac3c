//! The registries of owners: files of `ninefold: owners/v1` documents and
//! CODEOWNERS files. Comes out: who exists, and how to reach them.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::base::{Diagnostic, Diagnostics, Fault, SourceMap, Spanned, World, codes, nearest};
use crate::yaml::{self, Document, Field, Node, Pattern, Shape, Type};

codes! {
    /// ## Why
    /// With `owners:` in the project file every owner must stand in a registry. A
    /// registry that cannot be read would let every name pass.
    /// ## Fires
    /// Where a file of `owners:` does not exist, or holds no document that begins with
    /// `ninefold: owners/v1`.
    /// ```yaml
    /// ninefold: project/v1
    /// owners: [teams.yaml]
    /// ```
    /// ## Instead
    /// A file such as
    /// ```text
    /// ninefold: owners/v1
    /// owners:
    ///   team-payments: {name: Payments, contact: "#payments"}
    /// ```
    OWNERS_UNREADABLE = Error "owners-unreadable";
}

static NAME: Shape = Shape { doc: "The name that people use.", ty: Type::Text };
static CONTACT: Shape = Shape {
    doc: "Where they are reached: a channel, an address, a telephone number.",
    ty: Type::Text,
};
static OWNER_KEY: Pattern = Pattern {
    regex: r"^\S(.*\S)?$",
    test: |text| !text.is_empty() && text.trim() == text && !text.contains('\n'),
    what: "the name of an owner",
    help: "write it in one line, without spaces around it",
};
static OWNER: Shape = Shape {
    doc: "What is known of an owner.",
    ty: Type::Map(&[Field::optional("name", &NAME, ""), Field::optional("contact", &CONTACT, "")]),
};
static OWNERS: Shape = Shape {
    doc: "Every owner by the name that specs use.",
    ty: Type::Dict { key: &OWNER_KEY, value: &OWNER },
};
static VERSION: Shape =
    Shape { doc: "Says that this document is an owners registry.", ty: Type::Enum(&["owners/v1"]) };

/// The shape of an owners registry.
pub static SHAPE: Shape = Shape {
    doc: "An owners registry of ninefold: who may own a service, and how to reach them.",
    ty: Type::Map(&[
        Field::required("ninefold", &VERSION, ""),
        Field::required("owners", &OWNERS, ""),
    ]),
};

/// What is known of an owner besides the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The name that people use.
    pub name: Option<Arc<str>>,
    /// Where they are reached.
    pub contact: Option<Arc<str>>,
}

/// All owners of all registries.
#[derive(Debug, Default)]
pub struct Registry {
    owners: BTreeMap<Arc<str>, Owner>,
    files: Vec<Utf8PathBuf>,
    /// Whether part of a registry could not be read, so that any name may be in it.
    unread: bool,
}

impl Registry {
    /// Reads the registries that the project file names.
    pub fn read(
        paths: &[Spanned<Utf8PathBuf>],
        world: &dyn World,
        sources: &mut SourceMap,
        diags: &mut Diagnostics,
    ) -> Registry {
        let mut registry = Registry::default();
        for path in paths {
            registry.files.push(path.value.clone());
            match world.read(&path.value) {
                Ok(text) => registry.take(path, &text, sources, diags),
                Err(fault) => {
                    registry.unread = true;
                    diags.push(unreadable(path, &fault));
                }
            }
        }
        registry
    }

    fn take(
        &mut self,
        path: &Spanned<Utf8PathBuf>,
        text: &Arc<str>,
        sources: &mut SourceMap,
        diags: &mut Diagnostics,
    ) {
        if path.value.file_name() == Some("CODEOWNERS") {
            let owners = codeowners(text).map(|name| (name.into(), Owner::default()));
            return self.owners.extend(owners);
        }
        let file = sources.add(path.value.clone(), text.clone());
        let documents = yaml::parse(file, text, diags);
        self.unread |= documents.iter().any(|d| d.broken);
        let registries: Vec<&Document> =
            documents.iter().filter(|d| d.root.get("ninefold").is_some()).collect();
        if registries.is_empty() && documents.iter().all(|d| !d.broken) {
            self.unread = true;
            diags.push(
                Diagnostic::new(
                    &OWNERS_UNREADABLE,
                    path.span,
                    format!("`{}` is no owners registry", path.value),
                )
                .label("no document in it says `ninefold: owners/v1`")
                .help("begin the file with `ninefold: owners/v1`; a file of GitHub's or GitLab's form must be named CODEOWNERS"),
            );
        }
        for document in registries {
            yaml::check(&document.root, &SHAPE, !document.broken, diags);
            self.owners.extend(decode(&document.root));
        }
    }

    /// What is known of an owner, if the name is in a registry.
    pub fn get(&self, name: &str) -> Option<&Owner> {
        self.owners.get(name)
    }

    /// Whether a name that is not in it is unknown: not where there is no registry
    /// at all, nor where one could not be read, which was reported.
    pub fn is_complete(&self) -> bool {
        !self.files.is_empty() && !self.unread
    }

    /// The registered name that is nearest to a misspelt one.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.owners.keys().map(|k| &**k))
    }

    /// The files that were read, for messages.
    pub fn files(&self) -> &[Utf8PathBuf] {
        &self.files
    }
}

fn unreadable(path: &Spanned<Utf8PathBuf>, fault: &Fault) -> Diagnostic {
    Diagnostic::new(
        &OWNERS_UNREADABLE,
        path.span,
        format!("the owners registry `{}` cannot be read", path.value),
    )
    .label(fault.to_string())
    .help("`owners:` names files relative to the folder of `ninefold.yaml`")
}

fn decode(root: &Node) -> Vec<(Arc<str>, Owner)> {
    let Some(entries) = root.get("owners").and_then(Node::as_map) else { return Vec::new() };
    let text = |node: &Node, key| node.get(key).and_then(Node::as_str).map(Arc::from);
    entries
        .iter()
        .map(|e| {
            let owner = Owner { name: text(&e.value, "name"), contact: text(&e.value, "contact") };
            (e.key.name.as_str().into(), owner)
        })
        .collect()
}

/// The owners that a CODEOWNERS file names: `@user`, `@org/team`, addresses.
/// Form: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
fn codeowners(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(|line| line.split_whitespace().skip(1))
        .filter(|word| word.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::codeowners;

    #[test]
    fn codeowners_names_people_teams_and_addresses() {
        let text = "# all\n*       @org/core  # @nobody\n/docs/  docs@example.org @anna\n[Section]\n/empty/\n";
        let owners: Vec<&str> = codeowners(text).collect();
        assert_eq!(owners, ["@org/core", "docs@example.org", "@anna"]);
    }
}
