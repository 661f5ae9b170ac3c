//! The only writing to the disk. Artifacts come in one by one and are staged as
//! temporary files beside their targets; `finish` renames them all, or only says what
//! differs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::{Digest, FILE, Manifest};
use super::world::words;
use crate::base::{Diagnostic, Diagnostics, Span, codes};
use crate::ir::{Artifact, MARK};

codes! {
    /// ## Why
    /// An output that was edited by hand loses the edit with the next build, since
    /// the spec is the only source.
    /// ## Fires
    /// A file under the output folder whose content is not what the last build
    /// wrote there.
    /// ## Instead
    /// Make the change in the spec. What a spec cannot say belongs into a rule file
    /// of its own, outside the output folder.
    OUTPUT_EDITED = Warning "output-edited";

    /// ## Why
    /// A file that no build wrote is never overwritten.
    /// ## Fires
    /// A file at the path of an output that is neither in the manifest nor begins
    /// with the line that outputs begin with.
    /// ## Instead
    /// Move the file away, or set another folder as `out:` in `ninefold.yaml`.
    OUTPUT_FOREIGN = Error "output-foreign";

    /// ## Why
    /// An output whose spec is gone is removed, so that its alerts stop. One that
    /// was edited by hand is left where it is: the edit exists nowhere else.
    /// ## Fires
    /// A generated file that no spec makes any more and that was changed by hand.
    /// ## Instead
    /// Remove the file, or move what is worth keeping out of the output folder.
    ORPHAN_EDITED = Warning "orphan-edited";

    /// ## Why
    /// The output could not be written. Every file of it is as it was before or
    /// complete; the next build finishes the set.
    /// ## Fires
    /// A folder without write permission, a full disk, a file where a folder is
    /// needed.
    /// ## Instead
    /// Mend what the message names and build again.
    WRITE_FAILED = Error "write-failed";

    /// ## Why
    /// No path of a project leaves its root: what is written outside belongs to
    /// somebody else.
    /// ## Fires
    /// `out: ../rules`, or an output folder that is a symbolic link out of the
    /// project.
    /// ## Instead
    /// A folder of the project, such as `out: generated`.
    OUT_OUTSIDE = Error "out-outside";
}

/// The end of the names of temporary files.
const TEMPORARY: &str = ".ninefold-tmp";

/// What happened, or would happen, to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// Its content is another.
    Changed,
    /// No spec makes it any more.
    Removed,
}

/// A file of the output that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Relative to the output folder.
    pub path: Utf8PathBuf,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Whether its content was changed by hand before.
    pub edited: bool,
    /// The unified diff from what is there to what belongs there, where asked for.
    pub diff: String,
}

/// What a build is to do with its output.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// Write; else only compare.
    pub write: bool,
    /// Remove files that no spec makes any more.
    pub prune: bool,
    /// Keep the diff of each change.
    pub diff: bool,
}

/// The output folder while a build is under way.
pub struct Stage {
    /// The project's root, with all links followed.
    root: Utf8PathBuf,
    /// The output folder.
    folder: Utf8PathBuf,
    /// The output folder as messages name it.
    shown: Utf8PathBuf,
    mode: Mode,
    before: Manifest,
    state: Mutex<State>,
    /// Held until the build ends, so that two at once do not sweep each other's
    /// files. The folder itself is locked: nothing is left behind. `None` where the
    /// system has no such lock, or the folder is not there yet.
    _lock: Option<fs::File>,
}

#[derive(Default)]
struct State {
    after: Manifest,
    /// Temporary file to target, both absolute.
    staged: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    changes: Vec<Change>,
    diags: Diagnostics,
}

impl State {
    fn discard(&self) {
        for temporary in self.staged.keys() {
            // What cannot be removed now is swept by the next build.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Opens the output folder `out` of the project at `root`, which messages name
/// `shown` and which is written at `written`. Removes what a killed build left behind.
/// `None`: reported.
pub fn stage(
    root: &Utf8Path,
    out: &Utf8Path,
    shown: &Utf8Path,
    written: Span,
    mode: Mode,
    diags: &mut Diagnostics,
) -> Option<Stage> {
    let folder = root.join(out);
    let real = root.canonicalize_utf8().ok().filter(|real| is_inside(real, &folder));
    let Some(root) = real else {
        diags.push(outside(shown, written));
        return None;
    };
    let lock = mode.write.then(|| lock(&folder)).flatten();
    let before = match fs::read_to_string(folder.join(FILE)) {
        Ok(text) => Manifest::parse(&text),
        Err(_) => Manifest::default(),
    };
    let (shown, state) = (shown.to_owned(), Mutex::default());
    let stage = Stage { root, folder, shown, mode, before, state, _lock: lock };
    if mode.write {
        stage.sweep();
    }
    Some(stage)
}

impl Stage {
    /// Takes one artifact: compares it with what is there and, when writing, puts
    /// it beside its target. May be called from several threads at once.
    pub fn put(&self, artifact: &Artifact) {
        let target = self.folder.join(&artifact.path);
        if !self.holds(&target) {
            return self.report(outside(&self.shown.join(parent(&artifact.path)), Span::NONE));
        }
        let digest = Digest::of(artifact.text.as_bytes());
        let current = match fs::read(&target) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return self.fail(&artifact.path, &error),
        };
        let kind = if current.is_some() { ChangeKind::Changed } else { ChangeKind::Created };
        let mut edited = false;
        if let Some(bytes) = &current {
            let known = Digest::of(bytes);
            if known == digest {
                return self.with(|state| state.after.insert(artifact.path.clone(), digest));
            }
            edited =
                self.before.contains(&artifact.path) && !self.before.knows(&artifact.path, known);
            if !self.before.contains(&artifact.path) && !is_marked(bytes) {
                return self.report(self.foreign(&artifact.path));
            }
        }
        let staged = match self.mode.write {
            true => match self.write_temporary(&target, &artifact.text) {
                Ok(temporary) => Some(temporary),
                Err(error) => return self.fail(&artifact.path, &error),
            },
            false => None,
        };
        let diff = self.diff(&artifact.path, current.as_deref(), &artifact.text);
        self.with(|state| {
            state.after.insert(artifact.path.clone(), digest);
            state.changes.push(Change { path: artifact.path.clone(), kind, edited, diff });
            state.staged.extend(staged.map(|temporary| (temporary, target)));
            if edited && self.mode.write {
                state.diags.push(self.edited(&artifact.path));
            }
        });
    }

    /// Ends the build. When writing, all staged files take their places and
    /// orphans go; else nothing is touched. Returns what changed (or differs), in
    /// order of paths; on an error, nothing is put into place.
    pub fn finish(self, diags: &mut Diagnostics) -> Vec<Change> {
        let orphans = if self.mode.prune { self.orphans() } else { Vec::new() };
        let mut state =
            std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        if !self.mode.prune {
            state.after = self.before.replaced_by(&state.after);
        }
        for orphan in &orphans {
            match orphan.edited {
                true if self.mode.write => {
                    state.after.keep(&orphan.path, &self.before);
                    state.diags.push(self.orphan_edited(&orphan.path));
                }
                _ => state.changes.push(orphan.clone()),
            }
        }
        let failed = state.diags.has_errors();
        diags.append(std::mem::take(&mut state.diags));
        state.changes.sort_by(|a, b| a.path.cmp(&b.path));
        if !self.mode.write {
            return state.changes;
        }
        if failed {
            state.discard();
            return Vec::new();
        }
        if let Err((path, error)) = self.commit(&state) {
            diags.push(self.failed(&path, &error));
            state.discard();
        }
        state.changes
    }

    /// Takes back what was staged, and changes nothing.
    pub fn abandon(self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.discard();
    }

    /// Puts all staged files into place. See [`Manifest`] for the order.
    fn commit(&self, state: &State) -> Result<(), (Utf8PathBuf, io::Error)> {
        if state.changes.is_empty() && state.after == self.before {
            return Ok(());
        }
        let manifest = Utf8PathBuf::from(FILE);
        let write = |known: &Manifest| {
            self.replace(&self.folder.join(FILE), &known.to_text())
                .map_err(|e| (manifest.clone(), e))
        };
        write(&self.before.union(&state.after))?;
        for (temporary, target) in &state.staged {
            fs::rename(temporary, target).map_err(|e| (self.relative(target), e))?;
        }
        for change in state.changes.iter().filter(|c| c.kind == ChangeKind::Removed) {
            fs::remove_file(self.folder.join(&change.path))
                .map_err(|e| (change.path.clone(), e))?;
        }
        write(&state.after)
    }

    fn replace(&self, target: &Utf8Path, text: &str) -> io::Result<()> {
        let temporary = self.write_temporary(target, text)?;
        fs::rename(&temporary, target).inspect_err(|_| {
            // What cannot be removed now is swept by the next build.
            let _ = fs::remove_file(&temporary);
        })
    }

    fn write_temporary(&self, target: &Utf8Path, text: &str) -> io::Result<Utf8PathBuf> {
        let folder = parent(target);
        fs::create_dir_all(folder)?;
        let name = target.file_name().unwrap_or_default();
        let temporary = folder.join(format!(".{name}{TEMPORARY}"));
        // Never through a link that somebody put there.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::File::create_new(&temporary)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        Ok(temporary)
    }

    /// Files that were generated and are made by no spec any more.
    fn orphans(&self) -> Vec<Change> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let generated = self.files().into_iter().filter(|p| !is_temporary(p));
        let marked = generated.filter(|p| self.is_marked_file(p));
        let mut paths: Vec<Utf8PathBuf> = self.before.paths().cloned().chain(marked).collect();
        paths.sort();
        paths.dedup();
        paths.retain(|path| !state.after.contains(path) && self.holds(&self.folder.join(path)));
        let orphan = |path: Utf8PathBuf| {
            let bytes = fs::read(self.folder.join(&path)).ok()?;
            let edited = !self.before.knows(&path, Digest::of(&bytes));
            let diff = match String::from_utf8(bytes) {
                Ok(text) if self.mode.diff => unified(&self.shown.join(&path), &text, ""),
                _ => String::new(),
            };
            Some(Change { path, kind: ChangeKind::Removed, edited, diff })
        };
        paths.into_iter().filter_map(orphan).collect()
    }

    fn is_marked_file(&self, path: &Utf8Path) -> bool {
        let mut start = Vec::new();
        let file = fs::File::open(self.folder.join(path));
        let read =
            file.and_then(|f| io::Read::read_to_end(&mut io::Read::take(f, 256), &mut start));
        read.is_ok() && is_marked(&start)
    }

    /// All files below the output folder, relative to it.
    fn files(&self) -> Vec<Utf8PathBuf> {
        let walk = ignore::WalkBuilder::new(&self.folder)
            .standard_filters(false)
            .follow_links(false)
            .build();
        walk.filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_some_and(|t| t.is_file()))
            .filter_map(|entry| Utf8PathBuf::from_path_buf(entry.into_path()).ok())
            .map(|path| self.relative(&path))
            .collect()
    }

    /// Removes the temporary files of a killed build.
    fn sweep(&self) {
        for path in self.files().into_iter().filter(|p| is_temporary(p)) {
            // What cannot be removed shows up again when it is written to.
            let _ = fs::remove_file(self.folder.join(path));
        }
    }

    /// Whether a file lies in the project, even if a folder above it is a link.
    fn holds(&self, target: &Utf8Path) -> bool {
        is_inside(&self.root, parent(target))
    }

    fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.folder).unwrap_or(path).to_owned()
    }

    fn diff(&self, path: &Utf8Path, current: Option<&[u8]>, text: &str) -> String {
        if !self.mode.diff {
            return String::new();
        }
        let current = String::from_utf8_lossy(current.unwrap_or_default());
        unified(&self.shown.join(path), &current, text)
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn report(&self, diagnostic: Diagnostic) {
        self.with(|state| state.diags.push(diagnostic));
    }

    fn fail(&self, path: &Utf8Path, error: &io::Error) {
        self.report(self.failed(path, error));
    }

    fn failed(&self, path: &Utf8Path, error: &io::Error) -> Diagnostic {
        let shown = self.shown.join(path);
        Diagnostic::new(
            &WRITE_FAILED,
            Span::NONE,
            format!("`{shown}` cannot be written: {}", words(error)),
        )
        .help("every output is as before or complete; mend this and build again")
    }

    fn edited(&self, path: &Utf8Path) -> Diagnostic {
        let shown = self.shown.join(path);
        Diagnostic::new(
            &OUTPUT_EDITED,
            Span::NONE,
            format!("`{shown}` was edited by hand and is overwritten"),
        )
        .help("change the spec instead: outputs are made anew by every build")
    }

    fn orphan_edited(&self, path: &Utf8Path) -> Diagnostic {
        let shown = self.shown.join(path);
        Diagnostic::new(
            &ORPHAN_EDITED,
            Span::NONE,
            format!("`{shown}` is made by no spec any more, but was edited by hand"),
        )
        .help("it was left in place: remove it, or move it out of the output folder")
    }

    fn foreign(&self, path: &Utf8Path) -> Diagnostic {
        let shown = self.shown.join(path);
        Diagnostic::new(
            &OUTPUT_FOREIGN,
            Span::NONE,
            format!("`{shown}` stands where an output belongs, and no build wrote it"),
        )
        .help("move it away, or set another folder as `out:` in `ninefold.yaml`")
    }
}

/// Waits until no other build writes into the folder.
fn lock(folder: &Utf8Path) -> Option<fs::File> {
    fs::create_dir_all(folder).ok()?;
    let file = fs::File::open(folder).ok()?;
    file.lock().ok().map(|()| file)
}

/// Whether a file is one that a build stages beside its target.
fn is_temporary(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| name.starts_with('.') && name.ends_with(TEMPORARY))
}

/// Whether a file begins as every output does.
fn is_marked(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(256)];
    start.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

fn parent(path: &Utf8Path) -> &Utf8Path {
    path.parent().unwrap_or(path)
}

fn outside(shown: &Utf8Path, written: Span) -> Diagnostic {
    Diagnostic::new(
        &OUT_OUTSIDE,
        written,
        format!("the output folder `{shown}` lies outside the project"),
    )
    .label("leads out of the project")
    .help("set `out:` in `ninefold.yaml` to a folder below its own, without links that lead out")
}

/// Whether `folder`, or the nearest part of it that exists, lies below `root` once
/// symbolic links are followed. In `root` they are.
fn is_inside(root: &Utf8Path, folder: &Utf8Path) -> bool {
    let existing = folder.ancestors().find_map(|part| part.canonicalize_utf8().ok());
    existing.is_some_and(|part| part.starts_with(root))
}

fn unified(path: &Utf8Path, from: &str, to: &str) -> String {
    similar::TextDiff::from_lines(from, to)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{path} (on disk)"), &format!("{path} (from the specs)"))
        .to_string()
}
