//! Reading, naming and atomic writing of record files.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use perwatt_host::files;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::digest::{self, Form};
use crate::schema::{Record, SCHEMA_MAJOR, SCHEMA_NAME};
use crate::skim::{self, SkimFault};
use crate::{bounds, criterion, kind, store};

/// A larger file is refused before it is read: reading takes up to five times its size in
/// memory. A full session on a machine with a dozen devices takes a few megabytes; a
/// session of ten hours that reads a dozen meters, a hundred.
pub const MAX_BYTES: u64 = 256 << 20;

/// Why a file cannot be used as a record.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read the record: {0}; check the path and its permissions")]
    Io(io::Error),
    /// The path leads to what is not read: a pipe, a device, a file of the kernel's.
    #[error("cannot read {path}: {cause}")]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, and what to do.
        cause: io::Error,
    },
    /// The file is too large to be a record.
    #[error(
        "{path} is larger than {limit} bytes, the most a record may have; it is not a perwatt record"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// [`MAX_BYTES`].
        limit: u64,
    },
    /// The file is not JSON, was cut short, or nests too deeply.
    #[error("{path} is damaged: {cause}; restore it from a copy or measure again")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said, with line and column.
        cause: serde_json::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a perwatt record: {reason}")]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// What it is, or what is missing.
        reason: String,
    },
    /// The file has one key twice in one object.
    #[error(
        "{path} is damaged: it has the key {key:?} twice in the object that ends at {at}, and nothing says which of the two counts; restore it from a copy or measure again"
    )]
    Twice {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// Line and column.
        at: String,
    },
    /// The file holds what criterion measured.
    #[error(
        "{path} is a criterion archive, not a record: it has times of one process, no joules and no proof of work; perwatt show, check, compare and export read it"
    )]
    CriterionArchive {
        /// The file.
        path: PathBuf,
    },
    /// The file follows another major version.
    #[error(
        "{path} follows schema {name} {found}, and this perwatt reads major version {major}; use a perwatt that writes {found}"
    )]
    OtherMajor {
        /// The file.
        path: PathBuf,
        /// The schema's name.
        name: &'static str,
        /// The major version that is read.
        major: u32,
        /// Its version.
        found: String,
    },
    /// The file says that it is a record, but its fields do not fit.
    #[error("{path} is damaged: {cause}; restore it from a copy or measure again")]
    Shape {
        /// The file.
        path: PathBuf,
        /// Which field.
        cause: serde_json::Error,
    },
}

impl ReadError {
    /// True when the file was meant to be a record and its content is broken, as
    /// opposed to unreadable or of another kind.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::NotJson { .. } | Self::Twice { .. } | Self::Shape { .. }
        )
    }
}

/// Why a record cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The directory cannot be made.
    #[error("cannot create the output directory {dir}: {cause}; choose another with --out")]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}: {cause}; {}", remedy(cause))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The record would not be read back as it is.
    #[error(
        "cannot write {path}: the record would not be read back as it is ({reason}); what was there before is kept"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
}

/// What helps against an error of writing.
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

/// A record and the digest of the document it came from, fields unknown to this build
/// included.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The typed record.
    pub record: Record,
    /// What the document's digest is, whatever it says.
    pub digest: String,
}

/// Reads a record without judging its content; [`crate::check`] does that.
pub fn read(path: &Path) -> Result<Loaded, ReadError> {
    parse(path, &bytes(path)?)
}

/// The bytes of a file that is not too large to be a record.
pub fn bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    read_into(path, &mut bytes)?;
    Ok(bytes)
}

/// As [`bytes`], in place of what `bytes` holds.
pub(crate) fn read_into(path: &Path, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
    bytes.clear();
    let in_file = |cause: io::Error| {
        let text = format!("{}: {cause}", path.display());
        ReadError::Io(io::Error::new(cause.kind(), text))
    };
    let mut file = files::open(path).map_err(|cause| match cause.kind() {
        ErrorKind::InvalidInput => ReadError::NotAFile {
            path: path.into(),
            cause,
        },
        // One found in an archive is there because it could not be listed.
        ErrorKind::IsADirectory => in_file(std::fs::read_dir(path).err().unwrap_or(cause)),
        _ => in_file(cause),
    })?;
    let length = file.metadata().map_err(in_file)?.len();
    // It may grow while it is read.
    let mut read = |most: u64, bytes: &mut Vec<u8>| {
        bytes.reserve(length.min(most) as usize);
        (&mut file).take(most).read_to_end(bytes).map_err(in_file)
    };
    if length <= MAX_BYTES {
        read(kind::HEAD_BYTES as u64, bytes)?;
        judge_kind(path, bytes)?;
        read(MAX_BYTES + 1, bytes)?;
    }
    match length.max(bytes.len() as u64) > MAX_BYTES {
        true => Err(ReadError::TooLarge {
            path: path.into(),
            limit: MAX_BYTES,
        }),
        false => Ok(()),
    }
}

/// As [`read`], of bytes that came from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, ReadError> {
    vet(path, bytes, judge_value, SCHEMA_NAME)?;
    let shape = |cause| shape(path, cause);
    let record: Record = serde_json::from_slice(bytes).map_err(shape)?;
    bounds::judge(&record).map_err(|reason| not_a_record(path, reason))?;
    let digest = digest::of_text(bytes, Form::of_schema(&record.schema)).map_err(shape)?;
    Ok(Loaded { record, digest })
}

/// Whether `bytes` may be read as a document: they are JSON, of a schema that `judge`
/// accepts, have no key twice, and would not fill memory. What is of the schema
/// `schema_name` and cannot be read is damaged.
pub(crate) fn vet(
    path: &Path,
    bytes: &[u8],
    judge: impl Fn(&Path, Option<&Value>) -> Result<(), ReadError>,
    schema_name: &str,
) -> Result<(), ReadError> {
    #[derive(Deserialize)]
    struct Top {
        schema: Option<Value>,
    }
    judge_kind(path, bytes)?;
    let early = kind::schema(bytes);
    if early.is_some() {
        judge(path, early.as_ref())?;
    }
    skim::skim(bytes).map_err(|fault| match fault {
        SkimFault::NotJson(cause) if kind::was_meant(bytes, schema_name) => ReadError::NotJson {
            path: path.into(),
            cause,
        },
        SkimFault::NotJson(cause) => not_a_record(path, format!("it is no JSON: {cause}")),
        SkimFault::Twice { key, at } => ReadError::Twice {
            path: path.into(),
            key,
            at,
        },
        SkimFault::Heavy => not_a_record(
            path,
            "it holds far more small values than any record of its size".into(),
        ),
    })?;
    if early.is_none() {
        let top: Top = serde_json::from_slice(bytes).map_err(|cause| shape(path, cause))?;
        judge(path, top.schema.as_ref())?;
    }
    Ok(())
}

pub(crate) fn shape(path: &Path, cause: serde_json::Error) -> ReadError {
    ReadError::Shape {
        path: path.into(),
        cause,
    }
}

fn not_a_record(path: &Path, reason: String) -> ReadError {
    ReadError::NotARecord {
        path: path.into(),
        reason,
    }
}

/// Whether what begins like this may be a record.
pub(crate) fn judge_kind(path: &Path, bytes: &[u8]) -> Result<(), ReadError> {
    match kind::other_kind(bytes) {
        Some(reason) => Err(not_a_record(path, reason)),
        None => Ok(()),
    }
}

/// Whether a file of this schema can be read by this build.
pub(crate) fn judge_value(path: &Path, schema: Option<&Value>) -> Result<(), ReadError> {
    if name_of(schema) == Some(criterion::SCHEMA_NAME) {
        return Err(ReadError::CriterionArchive { path: path.into() });
    }
    judge_as(path, schema, SCHEMA_NAME, SCHEMA_MAJOR)
}

fn name_of(schema: Option<&Value>) -> Option<&str> {
    schema?.get("name")?.as_str()
}

/// Whether `schema` is of this name and major version.
pub(crate) fn judge_as(
    path: &Path,
    schema: Option<&Value>,
    name: &'static str,
    major: u32,
) -> Result<(), ReadError> {
    if name_of(schema) != Some(name) {
        let reason = format!("it has no schema.name \"{name}\"");
        return Err(not_a_record(path, reason));
    }
    let field = |name: &str| schema.and_then(|s| s.get(name));
    if field("major").and_then(Value::as_u64) != Some(u64::from(major)) {
        let part = |name| field(name).map_or("?".into(), Value::to_string);
        return Err(ReadError::OtherMajor {
            path: path.into(),
            name,
            major,
            found: format!("{}.{}", part("major"), part("minor")),
        });
    }
    Ok(())
}

impl Record {
    /// Sets `digest` to that of the rest.
    pub fn seal(&mut self) -> Result<(), serde_json::Error> {
        let text = serde_json::to_vec(self)?;
        self.digest = digest::of_text(&text, Form::of_schema(&self.schema))?;
        Ok(())
    }

    /// `<start, UTC>_<label>_<machine key, 8>_<session id, 6>.json`, with `_joinedN`
    /// where the logs of N meters were added.
    pub fn file_name(&self) -> String {
        let started = self
            .session
            .segments
            .first()
            .map_or("", |s| s.started_utc.as_str());
        let name = store::name(
            started,
            &self.session.label,
            &self.machine.key,
            &self.session.id,
        );
        let joined = match self.joined.len() {
            0 => String::new(),
            logs => format!("_joined{logs}"),
        };
        format!("{name}{joined}.json")
    }

    /// The file's bytes: objects indented, arrays on one line, so that a person
    /// can read the head of a file and a series stays one line.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        store::to_bytes(self)
    }
}

/// A record's place on disk, rewritten as the session goes on.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
}

impl RecordFile {
    /// Creates a file that did not exist, and its directory if need be.
    pub fn create(dir: &Path, record: &mut Record) -> Result<Self, WriteError> {
        store::create_dir(dir)?;
        let path = dir.join(record.file_name());
        store::create(&path, &sealed(&path, record)?)?;
        Ok(Self { path })
    }

    /// Goes on with a file that exists.
    pub fn open(path: PathBuf) -> Self {
        store::remove_leftovers(&path);
        Self { path }
    }

    /// Replaces the file's content in one step: a reader sees the old record or
    /// the new one, and a failure leaves the old one.
    pub fn update(&self, record: &mut Record) -> Result<(), WriteError> {
        store::replace(&self.path, &sealed(&self.path, record)?)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The bytes of the record, sealed, for `path`; they were read back.
fn sealed(path: &Path, record: &mut Record) -> Result<Vec<u8>, WriteError> {
    let unreadable = |reason: String| WriteError::Unreadable {
        path: path.into(),
        reason,
    };
    let error = |cause: serde_json::Error| unreadable(cause.to_string());
    record.seal().map_err(error)?;
    let bytes = record.to_bytes().map_err(error)?;
    let read: Record = serde_json::from_slice(&bytes).map_err(error)?;
    match read == *record {
        true => Ok(bytes),
        false => Err(unreadable("a number in it is not finite".into())),
    }
}
