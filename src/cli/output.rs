//! Writing: standard output, one file, or a folder of files, each whole or not at all.

use super::failure::Failure;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Writes text to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| match e.kind() {
        io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
        _ => Failure::write(Path::new("standard output"), e),
    })
}

/// Writes a line to standard error. Where nobody reads it, nothing is lost: `eprintln!` would panic.
pub(super) fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// The hidden folder in which results are being collected.
static COLLECTING: Mutex<Option<PathBuf>> = Mutex::new(None);

fn collecting() -> MutexGuard<'static, Option<PathBuf>> {
    COLLECTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the program at once and leaves nothing unfinished behind. Results that are on their way to their place get
/// there first.
pub(super) fn exit(code: i32) -> ! {
    let collected = collecting();
    if let Some(folder) = &*collected {
        // A file that is written meanwhile keeps its folder there for a moment.
        for _ in 0..20 {
            let _ = fs::remove_dir_all(folder);
            if !folder.exists() {
                break;
            }
        }
    }
    std::process::exit(code)
}

/// A folder of results that appears when all of it is there.
///
/// Files are collected in a hidden folder on the same disk, made at once, so that a place that cannot be written to
/// is found before a search of an hour. Dropped without [`Folder::commit`], it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder {
    target: PathBuf,
    collected: PathBuf,
}

impl Folder {
    /// Prepares the folder `target`, which may exist already.
    pub(super) fn prepare(target: &Path) -> Result<Self, Failure> {
        let fail = |e: io::Error| Failure::write(target, e);
        let absolute = std::path::absolute(target).map_err(fail)?;
        // The nearest folder that exists: on the same disk as those that will be made below it.
        let anchor = absolute.ancestors().find(|p| p.symlink_metadata().is_ok()).unwrap_or(&absolute);
        if !anchor.is_dir() {
            let e = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(Failure::write(&target.join("model.json"), e));
        }
        let collected = anchor.join(format!(".closedform.{}.part", std::process::id()));
        let _ = fs::remove_dir_all(&collected);
        let mut open = collecting();
        fs::create_dir(&collected).map_err(fail)?;
        *open = Some(collected.clone());
        Ok(Self { target: absolute, collected })
    }

    /// Where a file of that name is to be written.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.collected.join(name)
    }

    /// Writes a file.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        fs::write(self.path(name), content).map_err(|e| Failure::write(&self.target.join(name), e))
    }

    /// Moves everything to its place and returns the names of the files, in order.
    pub(super) fn commit(self) -> Result<Vec<String>, Failure> {
        let fail = |e: io::Error| Failure::write(&self.target, e);
        let mut open = collecting();
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.collected).map_err(fail)? {
            names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        if self.target.is_dir() {
            for name in &names {
                fs::rename(self.path(name), self.target.join(name)).map_err(fail)?;
            }
        } else {
            if let Some(parent) = self.target.parent() {
                fs::create_dir_all(parent).map_err(fail)?;
            }
            fs::rename(&self.collected, &self.target).map_err(fail)?;
        }
        *open = None;
        Ok(names)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut open = collecting();
        let _ = fs::remove_dir_all(&self.collected);
        *open = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_whole_or_absent() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("a/b");
        let folder = Folder::prepare(&target).unwrap();
        folder.write("x.txt", b"1").unwrap();
        drop(folder);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);

        let folder = Folder::prepare(&target).unwrap();
        folder.write("x.txt", b"1").unwrap();
        assert_eq!(folder.commit().unwrap(), ["x.txt"]);
        assert_eq!(fs::read(target.join("x.txt")).unwrap(), b"1");

        // Into a folder that is there: other files stay, hidden ones are gone.
        fs::write(target.join("other"), "").unwrap();
        let folder = Folder::prepare(&target).unwrap();
        folder.write("x.txt", b"2").unwrap();
        folder.commit().unwrap();
        assert_eq!(fs::read(target.join("x.txt")).unwrap(), b"2");
        assert_eq!(fs::read_dir(&target).unwrap().count(), 2);

        assert!(Folder::prepare(&target.join("other/deeper")).is_err());
    }
}
