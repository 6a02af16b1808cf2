//! Reading, naming and atomic writing of record files.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use perwatt_host::files;
use serde::Deserialize;
use serde_json::Value;

use crate::digest::{self, Form};
pub use crate::error::{ReadError, WriteError};
use crate::schema::{Record, SCHEMA_MAJOR, SCHEMA_NAME};
use crate::skim::{self, SkimFault};
use crate::{bounds, kind, store};

/// Largest file that is read, in bytes: reading takes up to five times the size of the file
/// in memory. A full session on a machine with a dozen devices takes a few megabytes; a
/// session of ten hours that reads a dozen meters, a hundred.
pub const MAX_BYTES: u64 = 256 << 20;

/// A record with the digest of the document that it was read from, fields unknown to this
/// build included.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The typed record.
    pub record: Record,
    /// The computed digest of the document, which may differ from the one that it states.
    pub digest: String,
}

/// Reads a record without checking its content; [`crate::check`] does that.
pub fn read(path: &Path) -> Result<Loaded, ReadError> {
    parse(path, &bytes(path)?)
}

/// Reads the bytes of a file, up to [`MAX_BYTES`].
pub fn bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    read_into(path, &mut bytes)?;
    Ok(bytes)
}

/// Like [`bytes`], into a buffer whose content is replaced.
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
        // A directory in an archive's list is one that could not be listed.
        ErrorKind::IsADirectory => in_file(std::fs::read_dir(path).err().unwrap_or(cause)),
        _ => in_file(cause),
    })?;
    let length = file.metadata().map_err(in_file)?.len();
    // The file may grow while it is read.
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

/// Like [`read`], for bytes that were read from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, ReadError> {
    vet(path, bytes, judge_value, SCHEMA_NAME)?;
    let shape = |cause| shape(path, cause);
    let record: Record = serde_json::from_slice(bytes).map_err(shape)?;
    bounds::judge(&record).map_err(|reason| not_a_record(path, reason))?;
    let digest = digest::of_text(bytes, Form::of_schema(&record.schema)).map_err(shape)?;
    Ok(Loaded { record, digest })
}

/// Checks that `bytes` can be read as a document: they are JSON of a schema that `judge`
/// accepts, no object has a key twice, and the document would not fill memory. Invalid JSON
/// of the schema `schema_name` is reported as damage.
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
        SkimFault::NotJson(cause) => not_a_record(path, format!("it is not JSON: {cause}")),
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

/// Checks that the beginning of a file can be that of a record.
pub(crate) fn judge_kind(path: &Path, bytes: &[u8]) -> Result<(), ReadError> {
    match kind::other_kind(bytes) {
        Some(reason) => Err(not_a_record(path, reason)),
        None => Ok(()),
    }
}

/// Checks that this build can read a file of this schema.
pub(crate) fn judge_value(path: &Path, schema: Option<&Value>) -> Result<(), ReadError> {
    if name_of(schema) == Some(kind::CRITERION) {
        return Err(ReadError::CriterionArchive { path: path.into() });
    }
    judge_as(path, schema, SCHEMA_NAME, SCHEMA_MAJOR)
}

fn name_of(schema: Option<&Value>) -> Option<&str> {
    schema?.get("name")?.as_str()
}

/// Checks that `schema` has this name and major version.
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
    /// Sets `digest` to the digest of the other fields.
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

    /// The file's bytes: objects indented, arrays on one line, so that a person can read
    /// the head of a file and each series takes one line.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        store::to_bytes(self)
    }
}

/// The file of a record, rewritten while the session runs.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
}

impl RecordFile {
    /// Creates a new file, and its directory if it is missing. An existing file is an
    /// error.
    pub fn create(dir: &Path, record: &mut Record) -> Result<Self, WriteError> {
        store::create_dir(dir)?;
        let path = dir.join(record.file_name());
        store::create(&path, &sealed(&path, record)?)?;
        Ok(Self { path })
    }

    /// Opens an existing file for updates and removes temporary files left beside it.
    pub fn open(path: PathBuf) -> Self {
        store::remove_leftovers(&path);
        Self { path }
    }

    /// Replaces the file's content atomically: a reader sees the old record or the new one,
    /// and a failure leaves the old one.
    pub fn update(&self, record: &mut Record) -> Result<(), WriteError> {
        store::replace(&self.path, &sealed(&self.path, record)?)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The bytes of the sealed record, for `path`. Fails if they would not be read back
/// unchanged.
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
