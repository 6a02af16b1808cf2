//! Files whose figures do not stand, said in the same words by every reader: first in
//! what is printed for people, in a field of JSON, on standard error always.

use std::path::Path;

use perwatt_compare::load::{Skipped, SkippedKind};

use super::{plain, tell};

/// Names the files that take no part, on standard error.
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

/// What is wrong with a file that is shown all the same.
pub fn shown(path: &Path, wrong: &str) -> String {
    format!(
        "WARNING: this file is not verified: {wrong}; see perwatt check {}",
        path.display()
    )
}
