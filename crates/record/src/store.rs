//! Common parts of all archived files: names, layout and atomic writing.

use std::io::{self, Write};
use std::path::Path;

use fs_err as fs;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::digest::{self, Form};
use crate::error::WriteError;

/// `<start, UTC>_<label>_<machine key, 8>_<id, 6>`.
pub fn name(started_utc: &str, label: &str, machine_key: &str, id: &str) -> String {
    let stamp: String = started_utc
        .chars()
        .take(19)
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let label: String = label
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    let hex = |text: &str, digits| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .take(digits)
            .collect::<String>()
    };
    let (key, id) = (hex(machine_key, 8), hex(id, 6));
    format!("{stamp}Z_{label}_{key}_{id}")
}

/// The bytes of a document: objects indented, arrays on one line, so that a person can read
/// the head of a file and each series takes one line.
pub fn to_bytes<T: Serialize>(document: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    document.serialize(&mut serde_json::Serializer::with_formatter(
        &mut out,
        Layout::default(),
    ))?;
    out.push(b'\n');
    Ok(out)
}

/// True if a value can be sealed and is unchanged after writing and reading. A float that
/// is not finite becomes null in JSON, and an integer that no double equals cannot be
/// sealed.
pub fn survives<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> bool {
    let Ok(bytes) = serde_json::to_vec(value) else {
        return false;
    };
    serde_json::from_slice::<T>(&bytes).is_ok_and(|read| read == *value)
        && digest::of_text(&bytes, Form::Rfc8785).is_ok()
}

/// Creates an archive's directory if it is missing.
pub fn create_dir(dir: &Path) -> Result<(), WriteError> {
    let made = !dir.is_dir();
    fs::create_dir_all(dir)
        .and_then(|()| match made {
            true => sync_name(dir),
            false => Ok(()),
        })
        .map_err(|cause| WriteError::Directory {
            dir: dir.into(),
            cause,
        })
}

/// Writes a new file. An existing file is an error.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    temporary(path, bytes)
        .and_then(|file| Ok(file.persist_noclobber(path)?))
        .and_then(|_| sync_name(path))
        .map_err(|cause| failed(path, cause))
}

/// Replaces a file atomically: a reader sees the old one or the new one, and a failure
/// leaves the old one.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    temporary(path, bytes)
        .and_then(|file| Ok(file.persist(path)?))
        .and_then(|_| sync_name(path))
        .map_err(|cause| failed(path, cause))
}

/// Removes the temporary files of processes that were killed while they wrote `path`.
pub(crate) fn remove_leftovers(path: &Path) {
    let Ok(beside) = fs::read_dir(directory_of(path)) else {
        return;
    };
    let start = prefix(path);
    for entry in beside.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let middle = name
            .strip_prefix(&start)
            .and_then(|rest| rest.strip_suffix(SUFFIX));
        if middle.is_some_and(|drawn| drawn.chars().all(|c| c.is_ascii_alphanumeric())) {
            // A file that cannot be removed does no harm: readers ignore such names.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The directory that contains a path.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Flushes the directory, so that the new name of a file survives a loss of power.
///
/// # Errors
/// Those of the operating system.
pub fn sync_name(path: &Path) -> io::Result<()> {
    // Windows cannot open directories as files, and its journal keeps names.
    if cfg!(windows) {
        return Ok(());
    }
    match fs::File::open(directory_of(path))?.sync_all() {
        // Some network file systems do not support this.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

fn failed(path: &Path, cause: io::Error) -> WriteError {
    WriteError::Io {
        path: path.into(),
        cause,
    }
}

/// Suffix of the names of temporary files.
const SUFFIX: &str = ".tmp";

/// Prefix of the names of a file's temporary files.
fn prefix(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    // Names are limited to 255 bytes; perwatt's own are shorter than this.
    format!(".perwatt-{}-", &name[..name.floor_char_boundary(100)])
}

/// A temporary file beside `path`, flushed to disk. It is removed if anything fails.
fn temporary(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let dir = directory_of(path);
    let prefix = prefix(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX);
    // Archives are for sharing, but temporary files are private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut temporary = builder.tempfile_in(dir)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// JSON layout: objects indented by two spaces, arrays compact.
#[derive(Default)]
struct Layout {
    depth: usize,
    filled: bool,
}

impl Layout {
    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl serde_json::ser::Formatter for Layout {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.line(out)?;
        }
        self.filled = true;
        out.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.filled = true;
        self.line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
