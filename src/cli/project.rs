//! Where the project is, and what paths on the command line mean in it. The only
//! place that asks for the working directory.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::args::Global;
use crate::compile::Selection;
use crate::config;
use crate::workspace::Disk;

/// A project's root and the way to it.
pub(super) struct Place {
    /// The root, absolute.
    pub(super) root: Utf8PathBuf,
    /// The working directory, absolute.
    working: Utf8PathBuf,
    /// From the working directory to the root: what messages put before paths.
    pub(super) shown: Utf8PathBuf,
}

impl Place {
    /// Finds the project: the folder of `--project`, else the nearest folder above
    /// that has a project file, else the working directory.
    fn find(global: &Global) -> Result<Place, String> {
        let working = std::env::current_dir().map_err(|e| format!("no working directory: {e}"))?;
        let working = Utf8PathBuf::from_path_buf(working)
            .map_err(|path| format!("the working directory {} is not UTF-8", path.display()))?;
        let root = match &global.project {
            Some(folder) => {
                let root = working.join(folder);
                let is_folder = root.is_dir();
                is_folder
                    .then(|| normal(&root))
                    .ok_or(format!("--project {folder}: no such folder"))?
            }
            None => above(&working).unwrap_or_else(|| working.clone()),
        };
        let shown = way(&working, &root);
        Ok(Place { root, working, shown })
    }

    /// Finds the project and what the paths of the command line select in it.
    pub(super) fn select(
        global: &Global,
        files: &[Utf8PathBuf],
    ) -> Result<(Place, Selection), String> {
        let place = Place::find(global)?;
        let selection = place.selection(files)?;
        Ok((place, selection))
    }

    /// The project's files.
    pub(super) fn disk(&self) -> Disk {
        Disk::new(self.root.clone())
    }

    /// The selection that paths on the command line make. An error where one lies
    /// outside the project or does not exist.
    fn selection(&self, files: &[Utf8PathBuf]) -> Result<Selection, String> {
        if files.is_empty() {
            return Ok(Selection::Project);
        }
        let named: Result<Vec<Utf8PathBuf>, String> =
            files.iter().map(|f| self.inside(f)).collect();
        Ok(Selection::Named(named?))
    }

    /// A path of the command line, relative to the root.
    pub(super) fn inside(&self, path: &Utf8Path) -> Result<Utf8PathBuf, String> {
        let absolute = normal(&self.working.join(path));
        match absolute.strip_prefix(&self.root) {
            Ok(relative) => Ok(relative.to_owned()),
            Err(_) => Err(format!(
                "`{path}` lies outside the project, whose root is `{}`; name the root by --project",
                if self.shown.as_str().is_empty() { "." } else { self.shown.as_str() }
            )),
        }
    }
}

/// The nearest folder, from `folder` upwards, that has a project file.
fn above(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    folder.ancestors().find(|f| f.join(config::FILE).is_file()).map(Utf8Path::to_owned)
}

/// The way from one absolute folder to another: `""`, `a/b`, `..`, `../a`.
fn way(from: &Utf8Path, to: &Utf8Path) -> Utf8PathBuf {
    let same = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(same).map(|_| Utf8Component::ParentDir);
    up.chain(to.components().skip(same)).collect()
}

/// The path without `.` and `..`.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::{normal, way};
    use camino::Utf8Path;

    #[test]
    fn the_way_from_folder_to_folder() {
        let shown = |from: &str, to: &str| way(Utf8Path::new(from), Utf8Path::new(to)).to_string();
        assert_eq!(shown("/a", "/a"), "");
        assert_eq!(shown("/a", "/a/b/c"), "b/c");
        assert_eq!(shown("/a/b/c", "/a"), "../..");
        assert_eq!(shown("/a/b", "/a/c"), "../c");
    }

    #[test]
    fn dots_are_worked_out() {
        assert_eq!(normal(Utf8Path::new("/a/./b/../c")), "/a/c");
    }
}
