//! A commit of a git repository as a world to read from. A project's root and the name
//! of a revision come in; the files below that root come out, read as they are asked for
//! by one `git cat-file` that runs as long as the world does.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::world::{not_a_folder, sort, text, within, words};
use crate::base::{Fault, World};

/// The files of a commit below a project's root. It keeps the rules of the disk: no
/// path leaves the root, symbolic links are followed within it.
#[derive(Debug)]
pub struct Revision {
    commit: String,
    files: BTreeMap<Utf8PathBuf, Entry>,
    contents: Mutex<Contents>,
}

/// A file of a commit.
#[derive(Clone, Debug)]
struct Entry {
    id: String,
    is_link: bool,
}

/// As many links are followed at the most as by Linux.
const MAX_LINKS: usize = 40;

/// What a file begins with that git LFS keeps elsewhere.
const LFS: &str = "version https://git-lfs.github.com/spec/";

impl Revision {
    /// The commit that `name` means in the repository that `root` is in. An error says
    /// what is wrong, in words.
    pub fn open(root: &Utf8Path, name: &str) -> Result<Revision, String> {
        let commit = commit(root, name)?;
        Revision::of(root, commit)
    }

    /// The commit that two revisions have as their nearest common ancestor.
    pub fn open_base(root: &Utf8Path, one: &str, other: &str) -> Result<Revision, String> {
        let ids = [commit(root, one)?, commit(root, other)?];
        let output = run(root, &["merge-base", &ids[0], &ids[1]])?;
        let base = line(&output);
        if !output.status.success() || base.is_empty() {
            let hint = shallow_hint(root)?;
            return Err(format!("`{one}` and `{other}` have no common ancestor{hint}"));
        }
        Revision::of(root, base)
    }

    fn of(root: &Utf8Path, commit: String) -> Result<Revision, String> {
        // Below a folder of the repository, git lists what is in it, relative to it.
        let output = run(root, &["ls-tree", "-r", "-z", &commit])?;
        if !output.status.success() {
            return Err(format!("the files of {} cannot be listed: {}", &commit, said(&output)));
        }
        let files = output.stdout.split(|byte| *byte == 0).filter_map(entry).collect();
        let contents = Mutex::new(Contents::open(root)?);
        Ok(Revision { commit, files, contents })
    }

    /// The commit's id.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Whether the commit has no file below the root.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        let mut below = self.files.range(path.to_owned()..);
        path.as_str().is_empty() || below.any(|(file, _)| file != path && file.starts_with(path))
    }

    fn content(&self, entry: &Entry) -> Result<Arc<str>, Fault> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        text(contents.read(&entry.id)?)
    }

    /// Where a path leads once all links on the way are followed.
    fn follow(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Fault> {
        let mut place = within(path)?;
        for _ in 0..MAX_LINKS {
            let link = place.ancestors().find_map(|part| {
                let entry = self.files.get(part).filter(|entry| entry.is_link)?;
                Some((part.to_owned(), entry))
            });
            let Some((link, entry)) = link else { return Ok(place) };
            let target = self.content(entry)?;
            if Utf8Path::new(&*target).is_absolute() {
                return Err(Fault::Outside);
            }
            let rest = place.strip_prefix(&link).map(Utf8Path::to_owned).unwrap_or_default();
            let above = link.parent().unwrap_or(Utf8Path::new(""));
            place = within(&above.join(&*target).join(rest))?;
        }
        Err(Fault::System("too many levels of symbolic links".to_owned()))
    }
}

impl World for Revision {
    fn read(&self, path: &Utf8Path) -> Result<Arc<str>, Fault> {
        let place = self.follow(path)?;
        let Some(entry) = self.files.get(&place) else {
            return Err(if self.is_folder(&place) { Fault::Folder } else { Fault::NotFound });
        };
        let text = self.content(entry)?;
        if text.starts_with(LFS) {
            let why = "git LFS keeps it outside of the repository";
            return Err(Fault::System(why.to_owned()));
        }
        Ok(text)
    }

    fn files(&self, under: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Fault> {
        let inside = within(under)?;
        let place = self.follow(under)?;
        if !self.is_folder(&place) {
            let is_file = self.files.contains_key(&place);
            return Err(if is_file { not_a_folder() } else { Fault::NotFound });
        }
        let mut files = Vec::new();
        for (file, entry) in self.files.range(place.clone()..) {
            let Ok(below) = file.strip_prefix(&place) else { break };
            let hidden = below.iter().any(|part| part.starts_with('.'));
            // A link to a folder is not walked, as on the disk.
            let leads = || self.follow(file).is_ok_and(|target| self.is_folder(&target));
            if hidden || (entry.is_link && leads()) {
                continue;
            }
            files.push(inside.join(below));
        }
        sort(&mut files);
        Ok(files)
    }
}

/// `git cat-file --batch`: an id in, the object out.
#[derive(Debug)]
struct Contents {
    child: Child,
    ids: Option<ChildStdin>,
    objects: BufReader<ChildStdout>,
}

impl Contents {
    fn open(root: &Utf8Path) -> Result<Contents, String> {
        let mut command = git(root);
        command.args(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_run(&error))?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(ids), Some(objects)) = pipes else {
            return Err("git cannot be talked to".to_owned());
        };
        Ok(Contents { child, ids: Some(ids), objects: BufReader::new(objects) })
    }

    fn read(&mut self, id: &str) -> Result<Vec<u8>, Fault> {
        let failed = |error: std::io::Error| Fault::System(format!("git: {}", words(&error)));
        let gone = || Fault::System("git does not have its text".to_owned());
        let ids = self.ids.as_mut().ok_or_else(gone)?;
        ids.write_all(format!("{id}\n").as_bytes()).and_then(|()| ids.flush()).map_err(failed)?;
        let mut head = String::new();
        self.objects.read_line(&mut head).map_err(failed)?;
        // `<id> blob <size>`, or `<id> missing`.
        let size: Option<u64> = head.split_whitespace().nth(2).and_then(|size| size.parse().ok());
        let size = size.ok_or_else(gone)?;
        let mut object = self.objects.by_ref().take(size + 1);
        if size > <dyn World>::MAX_BYTES {
            std::io::copy(&mut object, &mut std::io::sink()).map_err(failed)?;
            return Err(Fault::TooLarge(size));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        object.read_to_end(&mut bytes).map_err(failed)?;
        // A line break that is not part of it ends an object.
        if bytes.pop() != Some(b'\n') {
            return Err(gone());
        }
        Ok(bytes)
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        // Without a pipe to read from it ends by itself.
        self.ids = None;
        let _ = self.child.wait();
    }
}

/// `<mode> <type> <id>\t<path>`. None for a submodule, or a path that is not UTF-8.
fn entry(line: &[u8]) -> Option<(Utf8PathBuf, Entry)> {
    let line = std::str::from_utf8(line).ok()?;
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split(' ');
    let (mode, kind, id) = (words.next()?, words.next()?, words.next()?);
    let entry = Entry { id: id.to_owned(), is_link: mode == "120000" };
    (kind == "blob").then(|| (path.into(), entry))
}

/// The id of the commit that a name means.
fn commit(root: &Utf8Path, name: &str) -> Result<String, String> {
    let wanted = format!("{name}^{{commit}}");
    if name.is_empty() || name.contains('\0') {
        return Err("a revision has a name, such as `HEAD` or `main`".to_owned());
    }
    // Whatever the name begins with, it is no option.
    let output = run(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
    let id = line(&output);
    if output.status.success() && id.bytes().all(|b| b.is_ascii_hexdigit()) && !id.is_empty() {
        return Ok(id);
    }
    let hint = shallow_hint(root)?;
    Err(format!("git knows no revision `{}`{hint}", name.escape_debug()))
}

/// What to do where the history was cut off. An error where there is no repository.
fn shallow_hint(root: &Utf8Path) -> Result<&'static str, String> {
    let output = run(root, &["rev-parse", "--is-shallow-repository"])?;
    if !output.status.success() {
        let said = said(&output);
        let message = "the project is in no git repository, which `diff` compares with";
        // Such as a repository of another user, which git refuses to read.
        let is_plain = said.contains("not a git repository");
        return Err(if is_plain { message.to_owned() } else { format!("{message}: {said}") });
    }
    Ok(match line(&output).as_str() {
        "true" => {
            "; this is a shallow clone: `git fetch --unshallow` gets the rest, `fetch-depth: 0` in GitHub's checkout"
        }
        _ => "",
    })
}

/// git in a folder. A hook runs with the variables of its repository, which would be
/// taken relative to the wrong folder here.
fn git(root: &Utf8Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command
}

fn run(root: &Utf8Path, args: &[&str]) -> Result<Output, String> {
    git(root).args(args).stdin(Stdio::null()).output().map_err(|error| not_run(&error))
}

fn not_run(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "git was not found, which `diff` reads revisions with".to_owned(),
        _ => format!("git cannot be run: {}", words(error)),
    }
}

fn line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The first line of what git complains of.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let first = text.lines().next().unwrap_or("it does not say why");
    first.trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn entries_are_read_whatever_their_path() {
        let read = |line: &str| entry(line.as_bytes()).map(|(p, e)| (p.to_string(), e.is_link));
        assert_eq!(read("100644 blob ab12\ta b\n\tc"), Some(("a b\n\tc".to_owned(), false)));
        assert_eq!(read("120000 blob ab12\tlink"), Some(("link".to_owned(), true)));
        assert_eq!(read("160000 commit ab12\tmodule"), None);
        assert!(entry(b"100644 blob ab12\tbad\xff").is_none() && read("").is_none());
    }
}
