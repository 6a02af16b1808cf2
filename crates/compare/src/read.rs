//! Reading of one file into a session.

use std::fmt;
use std::path::{Path, PathBuf};

use perwatt_record::check::check;
use perwatt_record::light::{self, LightRecord};
use perwatt_record::{file, threads};
use rayon::prelude::*;
use serde::Serialize;

use crate::criterion;
use crate::intern::Interner;
use crate::session::Session;

/// A file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// The reason, in words.
    pub reason: String,
    /// The kind of reason.
    pub kind: SkippedKind,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display().to_string();
        match self.reason.starts_with(&path) {
            true => f.write_str(&self.reason),
            false => write!(f, "{path}: {}", self.reason),
        }
    }
}

/// Kinds of reasons that files are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkippedKind {
    /// Another file holds the same session, and as much or more of it.
    Duplicate,
    /// It cannot be read, or is not a record.
    Unreadable,
    /// It is a record, but its figures failed verification.
    Unverified,
}

/// Reads files side by side; with `in_full` each is checked as `perwatt check` does.
pub fn read_all(
    paths: &[PathBuf],
    in_full: bool,
    interner: &Interner,
) -> Vec<Result<Session, Skipped>> {
    threads::prepare();
    paths
        .par_iter()
        .with_max_len(1)
        .map(|path| match in_full {
            true => read_in_full(path, interner),
            false => read_brief(path, interner),
        })
        .collect()
}

fn read_in_full(path: &Path, interner: &Interner) -> Result<Session, Skipped> {
    let loaded = match file::read(path) {
        Ok(loaded) => loaded,
        Err(error) => return other_kind(path, &error, interner),
    };
    if let Some(wrong) = check(&loaded).first_broken() {
        return Err(unverified(path, &wrong));
    }
    Ok(Session::of(path, &loaded.record, interner))
}

fn read_brief(path: &Path, interner: &Interner) -> Result<Session, Skipped> {
    let LightRecord {
        record,
        contradiction,
    } = match light::read(path) {
        Ok(brief) => brief,
        Err(error) => return other_kind(path, &error, interner),
    };
    match contradiction {
        Some(wrong) => Err(unverified(path, &wrong)),
        None => Ok(Session::of(path, &record, interner)),
    }
}

/// Reads a file that is not a record as a criterion archive, if it is one.
fn other_kind(
    path: &Path,
    error: &file::ReadError,
    interner: &Interner,
) -> Result<Session, Skipped> {
    if !matches!(error, file::ReadError::CriterionArchive { .. }) {
        return Err(unreadable(path, error));
    }
    let Ok(loaded) = perwatt_record::criterion::read(path) else {
        return Err(unreadable(path, error));
    };
    match perwatt_record::criterion::check(&loaded).first_broken() {
        Some(wrong) => Err(unverified(path, &wrong)),
        None => Ok(criterion::session(path, &loaded.archive, interner)),
    }
}

/// A file whose figures do not hold.
pub fn unverified(path: &Path, wrong: &str) -> Skipped {
    Skipped {
        path: path.to_owned(),
        reason: format!("not verified: {wrong}"),
        kind: SkippedKind::Unverified,
    }
}

fn unreadable(path: &Path, error: &file::ReadError) -> Skipped {
    Skipped {
        path: path.to_owned(),
        reason: error.to_string(),
        kind: SkippedKind::Unreadable,
    }
}
