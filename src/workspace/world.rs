//! The two worlds that the compiler reads from: a folder of the disk, and files
//! in memory for tests and editors. A path relative to the root comes in; a
//! text, or why there is none, comes out. Both keep the same rules.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

use crate::base::{Fault, World};

/// A folder of the disk. Nothing outside it is read: no absolute path, no `..`
/// that leaves it, no symbolic link that leads out of it.
#[derive(Debug)]
pub struct Disk {
    root: Utf8PathBuf,
    /// The root with all links followed, which what is read must lie below.
    real: PathBuf,
}

impl Disk {
    /// The folder `root`.
    pub fn new(root: Utf8PathBuf) -> Disk {
        // A root that is not there fails at each read, with that path.
        let real = std::fs::canonicalize(&root).unwrap_or_else(|_| root.clone().into());
        Disk { root, real }
    }

    /// The place on disk of a path that does not leave the root.
    fn locate(&self, path: &Utf8Path) -> Result<PathBuf, Fault> {
        let inside = within(path)?;
        let real = std::fs::canonicalize(self.root.join(inside)).map_err(fault)?;
        if real.starts_with(&self.real) { Ok(real) } else { Err(Fault::Outside) }
    }
}

impl World for Disk {
    fn read(&self, path: &Utf8Path) -> Result<Arc<str>, Fault> {
        let place = self.locate(path)?;
        let meta = std::fs::metadata(&place).map_err(fault)?;
        if meta.is_dir() {
            return Err(Fault::Folder);
        }
        if !meta.is_file() {
            // Reading a pipe or a device might never end.
            return Err(Fault::System("it is no regular file".to_owned()));
        }
        if meta.len() > <dyn World>::MAX_BYTES {
            return Err(Fault::TooLarge(meta.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
        let file = File::open(&place).map_err(fault)?;
        file.take(<dyn World>::MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fault)?;
        text(bytes)
    }

    fn files(&self, under: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Fault> {
        let inside = within(under)?;
        let place = self.locate(under)?;
        if !place.is_dir() {
            return Err(not_a_folder());
        }
        let walk = WalkBuilder::new(&place).standard_filters(false).hidden(true).build();
        let mut files = Vec::new();
        for entry in walk {
            let entry = entry.map_err(walk_fault)?;
            // A link is a file unless it leads to a folder. One that leads nowhere is
            // listed too, so that it is refused by name when it is read.
            let is_file = match entry.file_type() {
                Some(kind) if kind.is_symlink() => !entry.path().is_dir(),
                Some(kind) => kind.is_file(),
                None => false,
            };
            let below = entry.path().strip_prefix(&place).ok().and_then(slashed);
            if let (true, Some(below)) = (is_file, below) {
                files.push(inside.join(below));
            }
        }
        sort(&mut files);
        Ok(files)
    }
}

/// Files in memory.
///
/// ```
/// use ninefold::base::World;
/// use ninefold::workspace::Memory;
/// let world = Memory::default().with("slo/a.yaml", "ninefold: v1\n");
/// assert_eq!(&*world.read("slo/a.yaml".into()).unwrap(), "ninefold: v1\n");
/// assert_eq!(world.files("".into()).unwrap(), ["slo/a.yaml"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<Utf8PathBuf, Arc<str>>,
}

impl Memory {
    /// The same files and one more.
    pub fn with(mut self, path: impl Into<Utf8PathBuf>, text: impl Into<Arc<str>>) -> Memory {
        self.insert(path, text);
        self
    }

    /// Writes a file, or another text into it. `path` is relative to the root.
    pub fn insert(&mut self, path: impl Into<Utf8PathBuf>, text: impl Into<Arc<str>>) {
        let path = path.into();
        self.files.insert(within(&path).unwrap_or(path), text.into());
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &Utf8Path) {
        if let Ok(path) = within(path) {
            self.files.remove(&path);
        }
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        path.as_str().is_empty() || self.files.keys().any(|f| f != path && f.starts_with(path))
    }
}

impl World for Memory {
    fn read(&self, path: &Utf8Path) -> Result<Arc<str>, Fault> {
        let path = within(path)?;
        let Some(found) = self.files.get(&path) else {
            return Err(if self.is_folder(&path) { Fault::Folder } else { Fault::NotFound });
        };
        let bytes = found.len() as u64;
        if bytes > <dyn World>::MAX_BYTES {
            return Err(Fault::TooLarge(bytes));
        }
        Ok(found.strip_prefix(BOM).map_or_else(|| Arc::clone(found), Arc::from))
    }

    fn files(&self, under: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Fault> {
        let under = within(under)?;
        if !self.is_folder(&under) {
            let file = self.files.contains_key(&under);
            return Err(if file { not_a_folder() } else { Fault::NotFound });
        }
        let hidden = |path: &Utf8Path| {
            path.strip_prefix(&under).is_ok_and(|p| p.iter().any(|part| part.starts_with('.')))
        };
        let below = self.files.keys().filter(|f| f.starts_with(&under) && !hidden(f));
        let mut files: Vec<Utf8PathBuf> = below.cloned().collect();
        sort(&mut files);
        Ok(files)
    }
}

const BOM: char = '\u{feff}';

pub(super) fn not_a_folder() -> Fault {
    Fault::System("it is no folder".to_owned())
}

/// `path` without `.` and `..`, unless it leaves the root.
pub(super) fn within(path: &Utf8Path) -> Result<Utf8PathBuf, Fault> {
    let mut clean = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::Normal(name) => clean.push(name),
            Utf8Component::ParentDir if clean.pop() => {}
            _ => return Err(Fault::Outside),
        }
    }
    Ok(clean)
}

/// A path below the root with `/` between its parts; none if it is not UTF-8.
fn slashed(path: &Path) -> Option<Utf8PathBuf> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/").into())
}

/// By bytes, as `LC_ALL=C sort` does: the order is the same on every system.
pub(super) fn sort(files: &mut [Utf8PathBuf]) {
    files.sort_by(|a, b| a.as_str().cmp(b.as_str()));
}

/// The text of bytes, without a byte order mark.
pub(super) fn text(bytes: Vec<u8>) -> Result<Arc<str>, Fault> {
    let length = bytes.len() as u64;
    if length > <dyn World>::MAX_BYTES {
        return Err(Fault::TooLarge(length));
    }
    let text =
        String::from_utf8(bytes).map_err(|e| Fault::NotUtf8(e.utf8_error().valid_up_to()))?;
    Ok(text.strip_prefix(BOM).unwrap_or(&text).into())
}

#[allow(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn fault(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fault::NotFound,
        _ => Fault::System(words(&error)),
    }
}

/// What the system says, without its number and its capital.
pub(super) fn words(error: &io::Error) -> String {
    let said = error.to_string();
    let plain = said.split(" (os error").next().unwrap_or_default();
    let mut chars = plain.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[allow(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn walk_fault(error: ignore::Error) -> Fault {
    let said = error.io_error().map_or_else(|| error.to_string(), words);
    Fault::System(format!("a folder in it cannot be listed: {said}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A folder that is gone when the test is.
    struct Scratch(Utf8PathBuf);

    impl Scratch {
        fn new() -> Scratch {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("ninefold-world-{}-{n}", std::process::id());
            let base = Utf8PathBuf::from_path_buf(std::env::temp_dir()).expect("UTF-8");
            let path = base.join(name);
            std::fs::create_dir_all(path.join("root")).expect("a folder");
            Scratch(path)
        }

        fn root(&self) -> Utf8PathBuf {
            self.0.join("root")
        }

        fn write(&self, path: &str, bytes: &[u8]) {
            let place = self.root().join(path);
            std::fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            std::fs::write(place, bytes).expect("written");
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    const FILES: [(&str, &str); 8] = [
        ("ninefold.yaml", "ninefold: project/v1\n"),
        ("slo/b.yaml", "\u{feff}b"),
        ("slo/a/x.yaml", "x"),
        ("slo/a.yaml", "a"),
        ("slo/.hidden.yaml", "h"),
        (".github/CODEOWNERS", "c"),
        (".gitignore", "slo/\n"),
        ("target/t.yaml", ""),
    ];

    /// What holds of both worlds that hold `FILES`.
    fn keeps_the_rules(world: &dyn World) {
        let read = |path: &str| world.read(path.into()).map(|text| text.to_string());
        let files = |under: &str| {
            let found = world.files(under.into());
            found.map(|f| f.iter().map(|p| p.as_str().to_owned()).collect::<Vec<_>>())
        };
        let owned = |paths: &[&str]| Ok(paths.iter().map(|p| (*p).to_owned()).collect());

        assert_eq!(read("slo/a.yaml"), Ok("a".into()));
        assert_eq!(read("slo/b.yaml"), Ok("b".into()), "the mark is stripped");
        assert_eq!(read("./slo/a/../a.yaml"), Ok("a".into()));
        assert_eq!(read("slo/.hidden.yaml"), Ok("h".into()), "hidden, but named");
        assert_eq!(read("target/t.yaml"), Ok(String::new()));
        assert_eq!(read("slo"), Err(Fault::Folder));
        assert_eq!(read(""), Err(Fault::Folder));
        assert_eq!(read("slo/c.yaml"), Err(Fault::NotFound));
        assert_eq!(read("slo/a.yaml/x"), Err(Fault::NotFound));
        assert_eq!(read("../secret"), Err(Fault::Outside));
        assert_eq!(read("slo/../../secret"), Err(Fault::Outside));
        assert_eq!(read("/etc/passwd"), Err(Fault::Outside));

        let slos = ["slo/a.yaml", "slo/a/x.yaml", "slo/b.yaml"];
        assert_eq!(files("slo"), owned(&slos));
        assert_eq!(files("./slo/"), owned(&slos));
        let all = [&["ninefold.yaml"], &slos[..], &["target/t.yaml"]].concat();
        assert_eq!(files(""), owned(&all));
        assert_eq!(files(".github"), owned(&[".github/CODEOWNERS"]));
        assert_eq!(files("nowhere"), Err(Fault::NotFound));
        assert_eq!(files("slo/a.yaml"), Err(not_a_folder()));
        assert_eq!(files(".."), Err(Fault::Outside));
    }

    #[test]
    fn the_disk_keeps_the_rules() {
        let scratch = Scratch::new();
        for (path, text) in FILES {
            scratch.write(path, text.as_bytes());
        }
        std::fs::write(scratch.0.join("secret"), "s").expect("written");
        keeps_the_rules(&Disk::new(scratch.root()));
    }

    #[test]
    fn memory_keeps_the_rules() {
        let world = FILES.iter().fold(Memory::default(), |w, (path, text)| w.with(*path, *text));
        keeps_the_rules(&world);
        let mut world = world;
        world.remove("slo/a.yaml".into());
        assert_eq!(world.read("slo/a.yaml".into()), Err(Fault::NotFound));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let scratch = Scratch::new();
        scratch.write("latin.yaml", b"a: caf\xe9\n");
        let large = File::create(scratch.root().join("large.yaml")).expect("a file");
        large.set_len(<dyn World>::MAX_BYTES + 1).expect("made long");
        let world = Disk::new(scratch.root());
        assert_eq!(world.read("latin.yaml".into()), Err(Fault::NotUtf8(6)));
        assert_eq!(world.read("large.yaml".into()), Err(Fault::TooLarge(64_000_001)));
    }

    #[test]
    fn a_root_that_is_not_there_reads_nothing() {
        let world = Disk::new("/nowhere/at/all".into());
        assert_eq!(world.read("a.yaml".into()), Err(Fault::NotFound));
        assert_eq!(world.files("".into()), Err(Fault::NotFound));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_within_the_root_alone() {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        let scratch = Scratch::new();
        scratch.write("real/a.yaml", b"a");
        std::fs::create_dir_all(scratch.0.join("outside")).expect("a folder");
        std::fs::write(scratch.0.join("outside/s.yaml"), "s").expect("written");
        let link = |to: &str, at: &str| symlink(to, scratch.root().join(at)).expect("a link");
        link("real/a.yaml", "file.yaml");
        link("real", "folder");
        link("../outside", "out");
        link("../outside/s.yaml", "out.yaml");
        link("nowhere", "broken.yaml");
        link("loop.yaml", "loop.yaml");
        let strange = std::ffi::OsStr::from_bytes(b"bad\xff.yaml");
        std::fs::write(scratch.root().as_std_path().join(strange), "x").expect("written");

        let world = Disk::new(scratch.root());
        let read = |path: &str| world.read(path.into()).map(|text| text.to_string());
        assert_eq!(read("file.yaml"), Ok("a".into()));
        assert_eq!(read("folder/a.yaml"), Ok("a".into()));
        assert_eq!(read("out/s.yaml"), Err(Fault::Outside));
        assert_eq!(read("out.yaml"), Err(Fault::Outside));
        assert_eq!(read("broken.yaml"), Err(Fault::NotFound));
        assert!(matches!(read("loop.yaml"), Err(Fault::System(_))));
        assert_eq!(world.files("out".into()), Err(Fault::Outside));
        // Links that cannot be read are listed, so that they are refused by name.
        assert_eq!(
            world.files("".into()).expect("files"),
            ["broken.yaml", "file.yaml", "loop.yaml", "out.yaml", "real/a.yaml"]
        );

        // The root itself may be reached through a link.
        symlink(scratch.root(), scratch.0.join("alias")).expect("a link");
        let alias = Disk::new(scratch.0.join("alias"));
        assert_eq!(alias.read("file.yaml".into()).map(|t| t.to_string()), Ok("a".into()));
    }
}
