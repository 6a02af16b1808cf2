//! Reads one number from one attribute file, and reports failures.

use super::{ReadError, Reason, System, Unavailable};
use std::io::ErrorKind::NotFound;
use std::path::Path;

/// The unsigned decimal number in the file at `path`; a sign, a fraction or
/// anything else is malformed.
pub(super) fn unsigned(system: &System, path: &Path) -> Result<u64, ReadError> {
    let text = text(system, path)?;
    parsed(&text).ok_or_else(|| ReadError::malformed(path, &text))
}

/// The decimal number in the file at `path`, which may be negative.
pub(super) fn signed(system: &System, path: &Path) -> Result<i64, ReadError> {
    let text = text(system, path)?;
    let number = text.trim().parse().ok();
    number
        .filter(|_| !text.trim().starts_with('+'))
        .ok_or_else(|| ReadError::malformed(path, &text))
}

/// The unsigned decimal number of an attribute file; `None` for anything else,
/// including a number with a sign.
pub(super) fn parsed(text: &str) -> Option<u64> {
    let digits = text.trim();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The text of the file at `path`.
pub(super) fn text(system: &System, path: &Path) -> Result<String, ReadError> {
    let text = system.files.read(path);
    text.map_err(|e| ReadError::from_io(path, &e))
}

/// The report for a failure that occurs while a source is opened.
pub(super) fn refusal(
    id: impl Into<String>,
    looked_for: impl Into<String>,
    error: &ReadError,
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
    Unavailable::new(id, looked_for, reason, detail)
}

/// The names in a directory; none if it does not exist.
pub(super) fn list(system: &System, dir: &Path) -> Result<Vec<String>, ReadError> {
    match system.files.list(dir) {
        Err(e) if e.kind() == NotFound => Ok(Vec::new()),
        names => names.map_err(|e| ReadError::from_io(dir, &e)),
    }
}

/// The error of a reading that is not one.
pub(super) fn malformed(what: &str, text: impl Into<String>) -> ReadError {
    ReadError::Malformed {
        path: what.to_owned(),
        text: text.into(),
    }
}

/// The error of a reading that could not be made.
pub(super) fn failed(what: &str, detail: impl Into<String>) -> ReadError {
    ReadError::Io {
        path: what.to_owned(),
        detail: detail.into(),
    }
}

/// The power in watts that the file at `path` shows in microwatts; each number in
/// `no_figure` is malformed.
pub(super) fn power_w(system: &System, path: &Path, no_figure: &[u64]) -> Result<f64, ReadError> {
    let uw = unsigned(system, path)?;
    match no_figure.contains(&uw) {
        true => Err(ReadError::malformed(path, &uw.to_string())),
        false => Ok(uw as f64 * 1e-6),
    }
}

/// Returns true unless the file at `path` does not exist.
pub(super) fn exists(system: &System, path: &Path) -> bool {
    !matches!(system.files.read(path), Err(e) if e.kind() == NotFound)
}

#[cfg(test)]
mod tests {
    use super::parsed;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_survive_the_kernels_format(n: u64) {
            prop_assert_eq!(parsed(&format!("{n}\n")), Some(n));
        }

        #[test]
        fn any_text_is_a_number_or_none(text: String) {
            if let Some(n) = parsed(&text) {
                let digits = text.trim().trim_start_matches('0');
                prop_assert_eq!(if digits.is_empty() { "0" } else { digits }, n.to_string());
            }
        }
    }
}
