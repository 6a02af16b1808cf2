//! What every archived file has in common: its name, its layout, and that it is
//! whole or not there.

use std::io::{self, Write};
use std::path::Path;

use fs_err as fs;
use serde::Serialize;

use crate::file::WriteError;

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

/// A document's bytes: objects indented, arrays on one line, so that a person can
/// read the head of a file and a series stays one line.
pub fn to_bytes<T: Serialize>(document: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    document.serialize(&mut serde_json::Serializer::with_formatter(
        &mut out,
        Layout::default(),
    ))?;
    out.push(b'\n');
    Ok(out)
}

/// Makes an archive's directory, if need be.
pub fn create_dir(dir: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(dir).map_err(|cause| WriteError::Directory {
        dir: dir.into(),
        cause,
    })
}

/// Writes a file that did not exist.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let temporary = temporary(path, bytes).map_err(|cause| failed(path, cause))?;
    match temporary.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(path, error.error)),
    }
}

/// Writes a file in place of another in one step: a reader sees the old one or the
/// new one, and a failure leaves the old one.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let temporary = temporary(path, bytes).map_err(|cause| failed(path, cause))?;
    match temporary.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(path, error.error)),
    }
}

fn failed(path: &Path, cause: io::Error) -> WriteError {
    WriteError::Io {
        path: path.into(),
        cause,
    }
}

/// A temporary file beside `path`, flushed to disk; it goes away when anything fails.
fn temporary(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".perwatt-").suffix(".tmp");
    // Archives are for sharing; a temporary file's own default is private.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut temporary = builder.tempfile_in(dir)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// Objects indented by two spaces, arrays compact.
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
