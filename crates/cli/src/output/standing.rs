//! Messages about files that failed verification, the same for all commands that read
//! records: on standard error, first in documents, and in a field of JSON.

use std::path::Path;

use perwatt_compare::load::{Skipped, SkippedKind};
use perwatt_report::doc::Block;
use perwatt_report::phrases;

use super::{plain, tell};
use crate::args::ViewFormat;

/// Prints the files that are left out to standard error.
pub fn tell_skipped(all: &[Skipped]) {
    for skipped in all {
        let what = match skipped.kind {
            SkippedKind::Duplicate => "note",
            SkippedKind::Unreadable | SkippedKind::Unverified => "skipped",
        };
        tell!("{what}: {}", plain(&skipped.to_string()));
    }
}

/// Warnings of files that failed verification, for documents that may be read without
/// standard error: all formats but text, beside whose lines it stands.
pub fn left_out(all: &[Skipped], format: ViewFormat) -> Vec<Block> {
    match format {
        ViewFormat::Text => Vec::new(),
        _ => phrases::left_out(all).map(Block::Warning).collect(),
    }
}

/// The warning for a file that failed verification and is shown nevertheless.
pub fn shown(path: &Path, wrong: &str) -> String {
    format!(
        "WARNING: this file is not verified: {wrong}; see perwatt check {}",
        path.display()
    )
}
