//! Runbooks: a path or an URL as written comes in; the URL that the alert will
//! carry comes out, if the page behind it exists as far as can be seen offline.

use std::collections::HashMap;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::markdown::{self, Anchor};
use super::placeholder::{is_no_host, is_placeholder};
use crate::base::{
    Diagnostic, Diagnostics, Fault, Safety, Span, Spanned, World, codes, list, nearest,
};
use crate::config::Config;
use crate::yaml;

codes! {
    /// ## Why
    /// A placeholder is a promise that nobody kept. Whoever is woken by the alert
    /// follows the link and finds nothing.
    /// ## Fires
    /// ```yaml
    /// runbook: TODO
    /// ```
    /// ## Instead
    /// A file of the repository that says what to do, or the URL of such a page.
    /// ```yaml
    /// runbook: runbooks/checkout.md
    /// ```
    RUNBOOK_PLACEHOLDER = Error "runbook-placeholder";

    /// ## Why
    /// A runbook that is not there is no runbook. The path is relative to the
    /// project's root, the folder of `ninefold.yaml`.
    /// ## Fires
    /// ```yaml
    /// runbook: runbooks/chekout.md
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: runbooks/checkout.md
    /// ```
    RUNBOOK_NOT_FOUND = Error "runbook-not-found";

    /// ## Why
    /// An empty page helps nobody at three in the morning.
    /// ## Fires
    /// ```yaml
    /// runbook: runbooks/empty.md
    /// ```
    /// ## Instead
    /// A page that says what the alert means, how to see what is wrong, and how to
    /// mend it.
    /// ```yaml
    /// runbook: runbooks/checkout.md
    /// ```
    RUNBOOK_EMPTY = Error "runbook-empty";

    /// ## Why
    /// A link to a heading that does not exist opens the page at its top, and the
    /// reader has to search. Anchors are those that GitHub makes of headings.
    /// ## Fires
    /// ```yaml
    /// runbook: runbooks/checkout.md#latencies
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: runbooks/checkout.md#latency
    /// ```
    RUNBOOK_ANCHOR = Error "runbook-anchor";

    /// ## Why
    /// A path that leaves the repository exists on one machine and nowhere else.
    /// ## Fires
    /// ```yaml
    /// runbook: ../wiki/checkout.md
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: runbooks/checkout.md
    /// ```
    RUNBOOK_OUTSIDE = Error "runbook-outside";

    /// ## Why
    /// A runbook without encryption can be read and changed on its way, and many
    /// browsers refuse to open it.
    /// ## Fires
    /// ```yaml
    /// runbook: http://wiki.example.org/checkout
    /// ```
    /// ## Instead
    /// ```yaml
    /// runbook: https://wiki.example.org/checkout
    /// ```
    RUNBOOK_INSECURE = Warning "runbook-insecure";

    /// ## Why
    /// An alert carries the runbook as `runbook_url`. A bare path of the repository
    /// is no link: the reader has to know where the repository is.
    /// ## Fires
    /// A runbook that is a path, in a project whose `ninefold.yaml` names no
    /// `runbooks: {base_url: ...}`.
    /// ```yaml
    /// ninefold: project/v1
    /// window: 30d
    /// ```
    /// ## Instead
    /// ```yaml
    /// ninefold: project/v1
    /// window: 30d
    /// runbooks: {base_url: "https://git.example.com/shop/blob/main/"}
    /// ```
    RUNBOOK_NO_BASE_URL = Warning "runbook-no-base-url";
}

/// Reads each runbook file once, however many alerts lead to it.
pub(super) struct Library<'a> {
    world: &'a dyn World,
    base_url: Option<&'a str>,
    /// The files of the project, once one of them was looked for in vain.
    files: Option<Vec<Utf8PathBuf>>,
    pages: HashMap<Utf8PathBuf, Page>,
    /// Whether a path was already reported to lack a base URL: one cause, one
    /// finding.
    said_no_base_url: bool,
}

/// What is known of a runbook file.
#[derive(Clone)]
enum Page {
    Missing(Fault),
    Blank,
    Anchors(Arc<[Anchor]>),
}

impl<'a> Library<'a> {
    pub(super) fn new(world: &'a dyn World, config: &'a Config) -> Library<'a> {
        let base_url = config.runbooks.base_url.as_deref();
        // A project file with a fault may name a base URL.
        let said_no_base_url = base_url.is_some() || !config.sound;
        Library { world, base_url, files: None, pages: HashMap::new(), said_no_base_url }
    }

    /// The URL that an alert will carry for the runbook as written, unless
    /// something is wrong with it.
    pub(super) fn url(
        &mut self,
        written: &Spanned<Arc<str>>,
        diags: &mut Diagnostics,
    ) -> Option<Arc<str>> {
        let text = written.value.trim();
        if is_placeholder(text) {
            diags.push(placeholder(written, "names no page"));
            return None;
        }
        match text.split_once("://") {
            Some((scheme, rest)) => url(written, scheme, rest, diags),
            None => self.path(written, text, diags),
        }
    }

    fn path(
        &mut self,
        written: &Spanned<Arc<str>>,
        text: &str,
        diags: &mut Diagnostics,
    ) -> Option<Arc<str>> {
        let (path, anchor) = match text.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (text, None),
        };
        let Some(path) = inside(Utf8Path::new(path)) else {
            diags.push(self.beyond(written, path));
            return None;
        };
        let page = self.page(&path);
        match (page, anchor) {
            (Page::Missing(fault), _) => {
                diags.push(self.missing(written, &path, &fault));
                return None;
            }
            (Page::Blank, _) => {
                diags.push(
                    Diagnostic::new(&RUNBOOK_EMPTY, written.span, format!("the runbook `{path}` is empty"))
                        .label("leads to a page that says nothing")
                        .help("write down what the alert means, how to see what is wrong, and how to mend it"),
                );
                return None;
            }
            (Page::Anchors(anchors), Some(anchor)) if is_markdown(&path) => {
                if !anchors.iter().any(|a| a.slug == anchor) {
                    diags.push(no_heading(written, &path, anchor, &anchors));
                    return None;
                }
            }
            (Page::Anchors(_), _) => {}
        }
        self.report_no_base_url(written, diags);
        Some(self.joined(&path, anchor).into())
    }

    fn page(&mut self, path: &Utf8Path) -> Page {
        if let Some(page) = self.pages.get(path) {
            return page.clone();
        }
        let page = match self.world.read(path) {
            Err(fault) => Page::Missing(fault),
            Ok(text) if markdown::is_blank(&text) => Page::Blank,
            Ok(text) => Page::Anchors(markdown::anchors(&text).into()),
        };
        self.pages.insert(path.to_owned(), page.clone());
        page
    }

    fn missing(
        &mut self,
        written: &Spanned<Arc<str>>,
        path: &Utf8Path,
        fault: &Fault,
    ) -> Diagnostic {
        let fact = match fault {
            Fault::Outside => return outside(written),
            Fault::NotFound => format!("the runbook `{path}` does not exist"),
            Fault::Folder => format!("the runbook `{path}` is a folder"),
            _ => format!("the runbook `{path}` cannot be read"),
        };
        let found = Diagnostic::new(&RUNBOOK_NOT_FOUND, written.span, fact);
        match fault {
            Fault::NotFound => {}
            Fault::Folder => return found.label("no page").help("name a file in it"),
            fault => return found.label(fault.to_string()).help("save it as text in UTF-8"),
        }
        let found = found.label("leads nowhere");
        match self.similar(path) {
            Some(near) => {
                let place = part(written, 0..written.value.find('#').unwrap_or(written.value.len()));
                let title = format!("name `{near}`, which exists");
                found.fix(title, place.0, place.1(near.as_str()), Safety::Suggestion)
            }
            None => found.help(
                "write the page, at this path below the folder of `ninefold.yaml`, or name the `https` URL of one",
            ),
        }
    }

    /// A file that may be meant by a path that does not exist: of the same name in
    /// another folder, or of a similar name in the same folder.
    fn similar(&mut self, path: &Utf8Path) -> Option<&Utf8Path> {
        let world = self.world;
        let all = || world.files(Utf8Path::new("")).unwrap_or_default();
        let files = self.files.get_or_insert_with(all);
        let beside = files.iter().filter(|file| file.parent() == path.parent());
        let names = beside.filter_map(|file| Some((file.file_name()?, file)));
        let names: Vec<(&str, &Utf8PathBuf)> = names.collect();
        let near = nearest(path.file_name()?, names.iter().map(|(name, _)| *name));
        let near = near.and_then(|near| names.iter().find(|(name, _)| *name == near));
        let elsewhere = || files.iter().find(|file| file.file_name() == path.file_name());
        near.map(|(_, file)| *file).or_else(elsewhere).map(Utf8PathBuf::as_path)
    }

    fn report_no_base_url(&mut self, written: &Spanned<Arc<str>>, diags: &mut Diagnostics) {
        if self.said_no_base_url {
            return;
        }
        self.said_no_base_url = true;
        diags.push(
            Diagnostic::new(&RUNBOOK_NO_BASE_URL, written.span, "alerts will link their runbook by a bare path")
                .label("becomes `runbook_url` as it is, which no browser can open")
                .help("set `runbooks: {base_url: \"https://...\"}` in `ninefold.yaml` to where the repository is read"),
        );
    }

    fn joined(&self, path: &Utf8Path, anchor: Option<&str>) -> String {
        let anchor = anchor.map(|a| format!("#{a}")).unwrap_or_default();
        match self.base_url {
            None => format!("{path}{anchor}"),
            Some(base) => {
                format!("{}/{}{anchor}", base.trim_end_matches('/'), encoded(path.as_str()))
            }
        }
    }
}

/// An URL as written, if it leads somewhere.
fn url(
    written: &Spanned<Arc<str>>,
    scheme: &str,
    rest: &str,
    diags: &mut Diagnostics,
) -> Option<Arc<str>> {
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        diags.push(placeholder(written, "no link that a browser opens"));
        return None;
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if written.value.trim().contains(char::is_whitespace) {
        diags.push(placeholder(written, "an URL has no blanks"));
        return None;
    }
    if is_no_host(host) {
        diags.push(placeholder(written, "this URL names no host"));
        return None;
    }
    if scheme == "http" {
        let blank = written.value.len() - written.value.trim_start().len();
        let place = part(written, blank..blank + scheme.len());
        diags.push(
            Diagnostic::new(
                &RUNBOOK_INSECURE,
                written.span,
                "the runbook is linked without encryption",
            )
            .label("a plain `http` URL")
            .fix("use `https`", place.0, place.1("https"), Safety::Suggestion),
        );
    }
    Some(written.value.trim().into())
}

fn placeholder(written: &Spanned<Arc<str>>, label: &str) -> Diagnostic {
    Diagnostic::new(
        &RUNBOOK_PLACEHOLDER,
        written.span,
        format!("`{}` is no runbook", written.value.trim()),
    )
    .label(label)
    .help("name a file such as `runbooks/checkout.md#latency`, or an `https` URL")
}

impl Library<'_> {
    /// A path that leaves the root: by mistake where the same path without its start
    /// is there.
    fn beyond(&self, written: &Spanned<Arc<str>>, path: &str) -> Diagnostic {
        let normal = |part| match part {
            Utf8Component::Normal(name) => Some(name),
            _ => None,
        };
        let inside: Utf8PathBuf = Utf8Path::new(path).components().filter_map(normal).collect();
        if inside.as_str().is_empty() || self.world.read(&inside).is_err() {
            return outside(written);
        }
        let anchor = written.value.find('#').map_or("", |at| &written.value[at..]);
        Diagnostic::new(&RUNBOOK_OUTSIDE, written.span, "the runbook lies outside the repository")
            .label("paths begin at the folder of `ninefold.yaml`, not at the spec")
            .fix(
                format!("name `{inside}`, which exists"),
                written.span,
                yaml::scalar(&format!("{inside}{anchor}")),
                Safety::Suggestion,
            )
    }
}

fn outside(written: &Spanned<Arc<str>>) -> Diagnostic {
    Diagnostic::new(&RUNBOOK_OUTSIDE, written.span, "the runbook lies outside the repository")
        .label("leaves the project's root")
        .help("move the page into the repository, or name the `https` URL under which it is read")
}

fn no_heading(
    written: &Spanned<Arc<str>>,
    path: &Utf8Path,
    anchor: &str,
    anchors: &[Anchor],
) -> Diagnostic {
    let text = &*written.value;
    let place = part(written, text.find('#').unwrap_or(0)..text.trim_end().len());
    let found = Diagnostic::new(
        &RUNBOOK_ANCHOR,
        place.0,
        format!("the runbook `{path}` has no heading `#{anchor}`"),
    )
    .label("opens the page at its top");
    if let Some(near) = nearest(anchor, anchors.iter().map(|a| a.slug.as_str())) {
        let title = format!("name the heading `#{near}`, which exists");
        return found.fix(title, place.0, place.1(&format!("#{near}")), Safety::Suggestion);
    }
    let mut slugs: Vec<String> = anchors.iter().map(|a| format!("#{}", a.slug)).collect();
    if slugs.is_empty() {
        return found.help(format!("the page has no heading: add one that reads `{anchor}`"));
    }
    let more = slugs.len().saturating_sub(SHOWN_HEADINGS);
    slugs.truncate(SHOWN_HEADINGS);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    found.help(format!("add the heading, or use one that exists: {}{rest}", list(&slugs, "or")))
}

/// More headings than this are not listed in a message.
const SHOWN_HEADINGS: usize = 8;

/// The place of part of a text, and how a new part is written there. In quotes with
/// escapes the parts have no places of their own: there the whole is replaced.
fn part(
    written: &Spanned<Arc<str>>,
    range: std::ops::Range<usize>,
) -> (Span, impl Fn(&str) -> String) {
    let text = written.value.clone();
    let whole = written.span;
    let quotes = whole.range().len().checked_sub(text.len());
    let start = whole.range().start + if quotes == Some(2) { 1 } else { 0 };
    let exact = whole.file().filter(|_| matches!(quotes, Some(0 | 2)));
    let span = exact.map_or(whole, |file| Span::new(file, start + range.start, start + range.end));
    let write = move |new: &str| {
        if exact.is_some() {
            return new.to_owned();
        }
        let (before, after) = (text.get(..range.start), text.get(range.end..));
        yaml::scalar(&[before.unwrap_or_default(), new, after.unwrap_or_default()].concat())
    };
    (span, write)
}

fn is_markdown(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("md" | "markdown" | "MD"))
}

/// The path with `.` and `..` worked out, or `None` where it is absolute or leaves
/// the root.
pub(super) fn inside(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut inside = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::Normal(name) => inside.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if inside.pop() => {}
            _ => return None,
        }
    }
    Some(inside)
}

/// The path with everything percent-encoded that an URL's path cannot hold
/// (RFC 3986, `pchar`).
fn encoded(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => url.push(byte as char),
            b'/' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*'
            | b'+' | b',' | b';' | b'=' | b':' | b'@' => url.push(byte as char),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::{encoded, inside};
    use camino::Utf8Path;

    #[test]
    fn paths_that_leave_the_root_are_found() {
        let shown = |p: &str| inside(Utf8Path::new(p)).map(|p| p.to_string());
        assert_eq!(shown("./runbooks/a.md").as_deref(), Some("runbooks/a.md"));
        assert_eq!(shown("runbooks/../a.md").as_deref(), Some("a.md"));
        assert_eq!(shown("runbooks/../../a.md"), None);
        assert_eq!(shown("../a.md"), None);
        assert_eq!(shown("/etc/passwd"), None);
    }

    #[test]
    fn urls_are_encoded() {
        assert_eq!(encoded("run books/käse.md"), "run%20books/k%C3%A4se.md");
    }
}
