//! Messages about files that failed verification, the same for all commands that read
//! records: first in text output, in a field of JSON, and always on standard error.

use std::path::Path;

use perwatt_compare::load::{Skipped, SkippedKind};

use super::{plain, tell};

/// Prints the files that are left out to standard error.
pub fn tell_skipped(all: &[Skipped]) {
    for skipped in all {
        let what = match skipped.kind {
            SkippedKind::Duplicate => "note",
            SkippedKind::Unreadable | SkippedKind::Unverified => "skipped",
        };
        let path = skipped.path.display().to_string();
        tell!("{what}: {}: {}", plain(&path), plain(&skipped.reason));
    }
}

/// The warning for a file that failed verification and is shown nevertheless.
pub fn shown(path: &Path, wrong: &str) -> String {
    format!(
        "WARNING: this file is not verified: {wrong}; see perwatt check {}",
        path.display()
    )
}
