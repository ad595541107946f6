//! Files that are written as a whole or not at all.

use crate::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes beside the file and renames: a reader, or a run that is cut off, never sees half of it.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fault = |e| Error::io(format!("cannot write {}", path.display()), e);
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    // Pipes and devices take what they are given; there is nothing to rename to.
    if fs::metadata(&path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return fs::write(&path, bytes).map_err(fault);
    }
    let temporary = beside(&path);
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&temporary, &path));
    if done.is_err() {
        // What is left of the attempt is of no use; the first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    done.map_err(fault)
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}
