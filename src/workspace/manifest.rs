//! The manifest of what a build wrote: `path sha256`, one sorted line each. Text
//! in, known digests out; a path has two of them while a build is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

/// The name of the manifest in the output folder.
pub(super) const FILE: &str = "ninefold.manifest";

/// The SHA-256 of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    fn parse(text: &str) -> Option<Digest> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Digest(digest))
    }
}

/// Which digests each output may have that nobody edited.
///
/// A build first writes the union of the old and the new manifest, then renames
/// the files, then writes the new manifest. So whenever it is killed, every file
/// is old or new and its digest is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    entries: BTreeMap<Utf8PathBuf, BTreeSet<Digest>>,
}

impl Manifest {
    /// Reads a manifest; a line that is none (a conflict marker, say) is passed
    /// over, so that its file counts as unknown. So is a path that leaves the output
    /// folder: what a manifest knows may be removed, and anybody can write one.
    pub(super) fn parse(text: &str) -> Manifest {
        let mut manifest = Manifest::default();
        for line in text.lines() {
            let Some((path, digest)) = line.rsplit_once(' ') else { continue };
            let inside = |part| matches!(part, Utf8Component::Normal(_));
            if !Utf8Path::new(path).components().all(inside) {
                continue;
            }
            if let Some(digest) = Digest::parse(digest) {
                manifest.insert(path.into(), digest);
            }
        }
        manifest
    }

    pub(super) fn insert(&mut self, path: Utf8PathBuf, digest: Digest) {
        self.entries.entry(path).or_default().insert(digest);
    }

    pub(super) fn contains(&self, path: &Utf8Path) -> bool {
        self.entries.contains_key(path)
    }

    /// Whether `digest` is one that a build gave the file.
    pub(super) fn knows(&self, path: &Utf8Path, digest: Digest) -> bool {
        self.entries.get(path).is_some_and(|known| known.contains(&digest))
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        self.entries.keys()
    }

    /// This manifest with everything that `other` knows too.
    pub(super) fn union(&self, other: &Manifest) -> Manifest {
        let mut union = self.clone();
        for (path, digests) in &other.entries {
            union.entries.entry(path.clone()).or_default().extend(digests);
        }
        union
    }

    /// This manifest with the entries of `newer` in place of its own of the same
    /// paths.
    pub(super) fn replaced_by(&self, newer: &Manifest) -> Manifest {
        let mut replaced = self.clone();
        replaced.entries.extend(newer.entries.clone());
        replaced
    }

    /// Takes over what `other` knows of one path.
    pub(super) fn keep(&mut self, path: &Utf8Path, other: &Manifest) {
        if let Some(digests) = other.entries.get(path) {
            self.entries.insert(path.to_owned(), digests.clone());
        }
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for (path, digests) in &self.entries {
            for Digest(bytes) in digests {
                let hex = bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
                    // Writing to a string cannot fail.
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
                text.push_str(&format!("{path} {hex}\n"));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Manifest};

    #[test]
    fn text_and_back() {
        let mut manifest = Manifest::default();
        manifest.insert("rules/b.yaml".into(), Digest::of(b"b"));
        manifest.insert("rules/a.yaml".into(), Digest::of(b"a"));
        manifest.insert("rules/a.yaml".into(), Digest::of(b"old a"));
        let text = manifest.to_text();
        assert_eq!(text.lines().count(), 3);
        assert!(text.starts_with("rules/a.yaml "));
        assert_eq!(Manifest::parse(&text), manifest);
    }

    #[test]
    fn broken_lines_are_passed_over() {
        let text = "<<<<<<< HEAD\nrules/a.yaml 12\n\nrules/é.yaml zz\n";
        assert_eq!(Manifest::parse(text), Manifest::default());
    }

    #[test]
    fn paths_out_of_the_folder_are_passed_over() {
        let digest = "0".repeat(64);
        for (path, known) in [("a.yaml", true), ("../a.yaml", false), ("/a.yaml", false)] {
            let manifest = Manifest::parse(&format!("{path} {digest}\n"));
            assert_eq!(manifest.contains(path.into()), known, "{path}");
        }
    }
}
