//! Reads one number from one attribute file, and reports failures.

use crate::error::ReadError;
use crate::system::System;
use crate::unavailable::{Reason, Unavailable};
use std::path::Path;

/// The unsigned decimal number in the file at `path`; a sign, a fraction or
/// anything else is malformed.
pub(super) fn unsigned(system: &System, path: &Path) -> Result<u64, ReadError> {
    let text = text(system, path)?;
    let digits = text.trim();
    match digits.bytes().all(|b| b.is_ascii_digit()) {
        true => digits
            .parse()
            .map_err(|_| ReadError::malformed(path, &text)),
        false => Err(ReadError::malformed(path, &text)),
    }
}

/// The decimal number in the file at `path`, which may be negative.
pub(super) fn signed(system: &System, path: &Path) -> Result<i64, ReadError> {
    let text = text(system, path)?;
    let digits = text.trim();
    match digits.starts_with('+') {
        true => Err(ReadError::malformed(path, &text)),
        false => digits
            .parse()
            .map_err(|_| ReadError::malformed(path, &text)),
    }
}

/// The text of the file at `path`.
pub(super) fn text(system: &System, path: &Path) -> Result<String, ReadError> {
    system
        .files
        .read(path)
        .map_err(|e| ReadError::from_io(path, &e))
}

/// The report for a failure that occurs while a source is opened.
pub(super) fn refusal(
    id: impl Into<String>,
    looked_for: impl Into<String>,
    error: &ReadError,
    fix: Option<String>,
) -> Unavailable {
    let (reason, detail) = match error {
        ReadError::Vanished { path } => (Reason::Absent, format!("{path} is not there")),
        ReadError::PermissionLost { path } => (
            Reason::NotPermitted,
            format!("{path} exists and this user may not read it"),
        ),
        ReadError::Asleep { .. } => (Reason::Unreachable, error.to_string()),
        other => (Reason::Malformed, other.to_string()),
    };
    Unavailable {
        id: id.into(),
        looked_for: looked_for.into(),
        reason,
        detail,
        fix,
    }
}

/// Returns true unless the file at `path` does not exist.
pub(super) fn exists(system: &System, path: &Path) -> bool {
    !matches!(
        system.files.read(path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound
    )
}
