//! Errors of reading and writing archived files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A file that cannot be used as a record.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("cannot read the record: {0}; check the path and its permissions")]
    Io(io::Error),
    /// The path leads to something that is not read: a pipe, a device, a file of the
    /// kernel.
    #[error("cannot read {path}: {cause}")]
    NotAFile { path: PathBuf, cause: io::Error },
    #[error(
        "{path} is larger than {limit} bytes, the most a record may have; it is not a perwatt record"
    )]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("{path} is damaged: {cause}; restore it from a copy or measure again")]
    NotJson {
        path: PathBuf,
        cause: serde_json::Error,
    },
    #[error("{path} is not a perwatt record: {reason}")]
    NotARecord { path: PathBuf, reason: String },
    #[error(
        "{path} is damaged: it has the key {key:?} twice in the object that ends at {at}, and nothing says which of the two counts; restore it from a copy or measure again"
    )]
    Twice {
        path: PathBuf,
        key: String,
        at: String,
    },
    #[error(
        "{path} is a criterion archive, not a record: it has times of one process, no joules and no proof of work; perwatt show, check, compare and export read it"
    )]
    CriterionArchive { path: PathBuf },
    #[error(
        "{path} follows schema {name} {found}, and this perwatt reads major version {major}; use a perwatt that writes {found}"
    )]
    OtherMajor {
        path: PathBuf,
        name: &'static str,
        major: u32,
        found: String,
    },
    #[error("{path} is damaged: {cause}; restore it from a copy or measure again")]
    Shape {
        path: PathBuf,
        cause: serde_json::Error,
    },
}

impl ReadError {
    /// True if the file was meant to be a record and its content is broken, as opposed to
    /// unreadable or of another kind.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::NotJson { .. } | Self::Twice { .. } | Self::Shape { .. }
        )
    }
}

/// Errors of writing a record.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WriteError {
    #[error("cannot create the output directory {dir}: {cause}; choose another with --out")]
    Directory { dir: PathBuf, cause: io::Error },
    #[error("cannot write {path}: {cause}; {}", remedy(cause))]
    Io { path: PathBuf, cause: io::Error },
    #[error(
        "cannot write {path}: the record would not be read back as it is ({reason}); what was there before is kept"
    )]
    Unreadable { path: PathBuf, reason: String },
}

/// The remedy for an error of writing, as the end of a sentence.
fn remedy(cause: &io::Error) -> &'static str {
    use io::ErrorKind;
    match cause.kind() {
        ErrorKind::AlreadyExists => {
            "what is there stays as it is: choose another directory with --out; a further log is added by joining it to that file"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "free some space or choose another directory with --out"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "choose a directory that you may write to with --out"
        }
        _ => "choose another directory with --out",
    }
}
