//! `ninefold diff`: says what a change of specs means, between a revision of git and the
//! working tree, or between two revisions.

use camino::Utf8Path;

use super::Outcome;
use super::args::{Diff, Global};
use super::project::Place;
use super::show::{self, Stream};
use crate::base::{Diagnostics, Severity, World};
use crate::compile::{self, Checked, Scope, Selection, Session, View};
use crate::diff;
use crate::report::Format;
use crate::workspace::Revision;

pub(super) fn run(options: &Diff, global: &Global) -> Outcome {
    let (place, _) = match Place::select(global, &[]) {
        Ok(found) => found,
        Err(fault) => return show::failure(&fault),
    };
    let wanted = match Wanted::of(options.from.as_deref(), options.to.as_deref()) {
        Ok(wanted) => wanted,
        Err(fault) => return show::failure(&fault),
    };
    let sides = wanted.from(&place.root).and_then(|from| Ok((from, wanted.to(&place)?)));
    let (from, to) = match sides {
        Ok(sides) => sides,
        Err(fault) => return show::failure(&fault),
    };
    let mut sessions = Vec::new();
    for (name, world) in [(&from.0, &from.1), (&to.0, &to.1)] {
        let mut session = Session::open(&**world, place.shown.clone());
        let checked = session.check(&Selection::Project, Scope::default());
        if session.is_misconfigured() {
            errors(name, &session, Stream::Error);
            return show::failure(&format!("the project file of {name} cannot be compared"));
        }
        sessions.push((name, session, checked));
    }
    let [before, after] = sessions.as_slice() else {
        return show::failure("there are not two sides");
    };
    if [before, after].iter().all(|(_, session, checked)| is_nothing(session, checked)) {
        show::line(global, &format!("no spec was found, neither in {} nor in {}", from.0, to.0));
        return Outcome::Nothing;
    }
    if options.format == diff::Format::Human {
        for (name, session, _) in [before, after] {
            errors(name, session, Stream::Error);
        }
    }
    let [before, after] = [before, after].map(|(name, session, checked)| View {
        name: name.as_str(),
        session,
        checked,
    });
    let comparison = compile::diff(before, after);
    show::text(&options.format.render(&comparison));
    let fails = options.fail_on.is_some() && comparison.counts().weaker > 0;
    if fails { Outcome::Findings } else { Outcome::Clean }
}

fn is_nothing(session: &Session<'_>, checked: &Checked) -> bool {
    checked.found_nothing && !session.diags.has_errors()
}

/// Prints the errors of a side, which keep something of it from being compared.
fn errors(name: &str, session: &Session<'_>, stream: Stream) {
    let mut errors = Diagnostics::default();
    let found = session.diags.iter().filter(|d| d.severity == Severity::Error);
    found.for_each(|error| errors.push(error.clone()));
    if !errors.is_empty() {
        show::aside(&format!("errors in {name}:\n\n"));
        show::findings(&errors, &session.sources, Format::Human, stream);
        show::aside("\n");
    }
}

/// A side: how it is called, and its files.
type Named = (String, Box<dyn World>);

/// Which sides are wanted.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    from: String,
    /// `None`: the working tree.
    to: Option<String>,
    /// Whether the common ancestor stands for `from`, as of `main...feature`.
    from_base: bool,
}

impl Wanted {
    /// Reads `REV`, `REV REV2`, `REV..REV2` and `REV...REV2`, as `git diff` does.
    fn of(from: Option<&str>, to: Option<&str>) -> Result<Wanted, String> {
        let from = from.unwrap_or("HEAD");
        let or_head = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
        let parted = match (from.split_once("..."), from.split_once("..")) {
            (Some((from, to)), _) => Some((from, to, true)),
            (None, Some((from, to))) => Some((from, to, false)),
            (None, None) => None,
        };
        match (parted, to) {
            (Some(_), Some(_)) => Err(format!("`{from}` names two revisions: a third is too many")),
            (Some((from, to, from_base)), None) => {
                Ok(Wanted { from: or_head(from), to: Some(or_head(to)), from_base })
            }
            (None, to) => {
                Ok(Wanted { from: from.to_owned(), to: to.map(str::to_owned), from_base: false })
            }
        }
    }

    fn from(&self, root: &Utf8Path) -> Result<Named, String> {
        match &self.to {
            Some(to) if self.from_base => {
                let revision = Revision::open_base(root, &self.from, to)?;
                let name = format!("the base of {} and {to}", self.from);
                Ok(named(&name, revision))
            }
            _ => Ok(named(&self.from, Revision::open(root, &self.from)?)),
        }
    }

    fn to(&self, place: &Place) -> Result<Named, String> {
        match &self.to {
            Some(to) => Ok(named(to, Revision::open(&place.root, to)?)),
            None => Ok(("the working tree".to_owned(), Box::new(place.disk()))),
        }
    }
}

/// A revision with its short id: `main (1a2b3c4)`.
fn named(name: &str, revision: Revision) -> Named {
    let id = revision.commit().get(..7).unwrap_or_default().to_owned();
    let name = name.escape_debug().to_string();
    let name = if revision.commit().starts_with(&name) { id } else { format!("{name} ({id})") };
    (name, Box::new(revision))
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn revisions_are_named_as_git_names_them() {
        let wanted = |from: Option<&str>, to: Option<&str>| {
            let Wanted { from, to, from_base } = Wanted::of(from, to).expect("revisions");
            format!("{from} {} {from_base}", to.unwrap_or("-".to_owned()))
        };
        assert_eq!(wanted(None, None), "HEAD - false");
        assert_eq!(wanted(Some("v1"), None), "v1 - false");
        assert_eq!(wanted(Some("v1"), Some("v2")), "v1 v2 false");
        assert_eq!(wanted(Some("v1..v2"), None), "v1 v2 false");
        assert_eq!(wanted(Some("v1.."), None), "v1 HEAD false");
        assert_eq!(wanted(Some("main...x"), None), "main x true");
        assert_eq!(wanted(Some("main..."), None), "main HEAD true");
        assert!(Wanted::of(Some("a..b"), Some("c")).is_err());
    }
}
