//! Reading, naming and atomic writing of record files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::Value;
use thiserror::Error;

use crate::criterion;
use crate::digest::{self, Form};
use crate::schema::{Record, SCHEMA_MAJOR, SCHEMA_NAME, SchemaId};
use crate::store;

/// A larger file is refused before it is read. A full session on a machine with
/// a dozen devices takes a few megabytes.
pub const MAX_BYTES: u64 = 256 << 20;

/// Why a file cannot be used as a record.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read the record: {0}; check the path and its permissions")]
    Io(io::Error),
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
    /// The file is JSON of another kind.
    #[error("{path} is not a perwatt record: {reason}")]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: String,
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
        matches!(self, Self::NotJson { .. } | Self::Shape { .. })
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
    let too_large = || ReadError::TooLarge {
        path: path.into(),
        limit: MAX_BYTES,
    };
    let file = fs::File::open(path).map_err(ReadError::Io)?;
    let length = file.metadata().map_err(ReadError::Io)?.len();
    if length > MAX_BYTES {
        return Err(too_large());
    }
    // A pipe has no length, and a file may grow.
    bytes.reserve(length as usize + 1);
    file.take(MAX_BYTES + 1)
        .read_to_end(bytes)
        .map_err(ReadError::Io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large());
    }
    Ok(())
}

/// As [`read`], of bytes that came from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, ReadError> {
    judge_schema(path, bytes)?;
    let shape = |cause| ReadError::Shape {
        path: path.into(),
        cause,
    };
    let record: Record = serde_json::from_slice(bytes).map_err(shape)?;
    let digest = digest::of_text(bytes, Form::of_schema(&record.schema)).map_err(shape)?;
    Ok(Loaded { record, digest })
}

/// Whether a file of this schema can be read by this build.
pub(crate) fn judge(path: &Path, schema: &SchemaId) -> Result<(), ReadError> {
    judge_value(path, serde_json::to_value(schema).ok().as_ref())
}

/// As [`judge`], of bytes that may be anything: errors when they are no JSON, no
/// record, or a record of another major version.
pub(crate) fn judge_schema(path: &Path, bytes: &[u8]) -> Result<(), ReadError> {
    judge_value(path, schema_of(path, bytes)?.as_ref())
}

/// The `schema` of a document, if it has one; an error when it is no JSON. Nothing else
/// of it is kept.
pub(crate) fn schema_of(path: &Path, bytes: &[u8]) -> Result<Option<Value>, ReadError> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: Option<Value>,
    }
    if let Ok(Head { schema }) = serde_json::from_slice(bytes) {
        return Ok(schema);
    }
    // JSON that is no object, or no JSON.
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => Ok(None),
        Err(cause) => Err(ReadError::NotJson {
            path: path.into(),
            cause,
        }),
    }
}

fn judge_value(path: &Path, schema: Option<&Value>) -> Result<(), ReadError> {
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
        return Err(ReadError::NotARecord {
            path: path.into(),
            reason,
        });
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

/// The bytes of the record, sealed, for `path`.
fn sealed(path: &Path, record: &mut Record) -> Result<Vec<u8>, WriteError> {
    let error = |cause: serde_json::Error| WriteError::Io {
        path: path.into(),
        cause: cause.into(),
    };
    record.seal().map_err(error)?;
    record.to_bytes().map_err(error)
}
