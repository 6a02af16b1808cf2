//! Passwords and SNMP communities: from the environment or a file, never from the
//! specification itself, which is kept in records.

use crate::spec::{MeterSpec, SpecError};
use crate::unavailable::{Reason, Unavailable};
use perwatt_host::files;
use std::io::ErrorKind;
use std::path::Path;

/// Largest size of a credential file, in bytes; no password is longer.
const MAX_BYTES: u64 = 4096;

/// A credential. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a secret that is in memory already.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself; only for sending to the meter.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// The place of a credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Keeper {
    /// The environment variable of this name.
    Env(String),
    /// The first line of this file.
    File(String),
}

/// The reason that a credential is not available.
#[derive(Debug)]
pub(crate) struct Missing {
    pub reason: Reason,
    pub detail: String,
    pub fix: String,
}

impl Missing {
    /// The report of the meter `id`, which needs the credential.
    pub fn of(self, id: &str, looked_for: &str) -> Unavailable {
        Unavailable::new(id, looked_for, self.reason, self.detail).with_fix(self.fix)
    }
}

impl Keeper {
    /// The place that `auth=` of `spec` names; `None` without `auth=`.
    ///
    /// # Errors
    /// [`SpecError`] unless the value is `env:NAME` or `file:PATH`. The message does
    /// not show the value or the rest of the specification, because the user may have
    /// written the password itself.
    pub fn of(spec: &MeterSpec) -> Result<Option<Self>, SpecError> {
        let Some(text) = spec.options.get("auth") else {
            return Ok(None);
        };
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() && !name.contains(['=', '\0']) => {
                Ok(Some(Self::Env(name.into())))
            }
            Some(("file", path)) if !path.is_empty() => Ok(Some(Self::File(path.into()))),
            _ => Err(SpecError {
                spec: format!("{}=...,auth=(hidden)", spec.kind),
                why: "auth names where the credential is kept: auth=env:NAME or auth=file:PATH; \
                      it never holds the credential itself"
                    .into(),
            }),
        }
    }

    /// Reads the credential from its place.
    pub fn secret(&self) -> Result<Secret, Missing> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| Missing {
                reason: Reason::Absent,
                detail: format!("the environment variable {name}, which auth= names, is not set"),
                fix: format!("set {name} in the environment of perwatt"),
            })?,
            Self::File(path) => {
                files::read_text(Path::new(path), MAX_BYTES).map_err(|error| Missing {
                    reason: match error.kind() {
                        ErrorKind::PermissionDenied => Reason::NotPermitted,
                        ErrorKind::NotFound => Reason::Absent,
                        _ => Reason::Malformed,
                    },
                    detail: format!("the file {path}, which auth= names, cannot be read: {error}"),
                    fix: format!("put the credential in the first line of {path}, mode 0600"),
                })?
            }
        };
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() || line.chars().any(char::is_control) {
            return Err(Missing {
                reason: Reason::Malformed,
                detail: format!(
                    "{self} holds no credential: it is empty or not a single line of text"
                ),
                fix: format!("put the credential in {self}, as one line"),
            });
        }
        Ok(Secret::new(line))
    }
}

impl std::fmt::Display for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(text: &str) -> Result<Option<Keeper>, SpecError> {
        Keeper::of(&text.parse().unwrap())
    }

    #[test]
    fn a_password_in_the_specification_is_refused_and_not_repeated() {
        for text in [
            "nut=a,auth=hunter2",
            "nut=a,auth=user:hunter2",
            "nut=a,auth=env:",
        ] {
            let error = keeper(text).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("auth=env:NAME"), "{error}");
        }
        assert_eq!(keeper("nut=a").unwrap(), None);
    }

    #[test]
    fn a_file_gives_its_first_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let keeper = Keeper::File(path.display().to_string());
        assert_eq!(keeper.secret().unwrap_err().reason, Reason::Absent);
        std::fs::write(&path, "user:hunter2\r\nmore\n").unwrap();
        let secret = keeper.secret().unwrap();
        assert_eq!(secret.expose(), "user:hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        std::fs::write(&path, "\n").unwrap();
        assert_eq!(keeper.secret().unwrap_err().reason, Reason::Malformed);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_of_a_line_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let long = dir.path().join("long");
        std::fs::write(&long, "x".repeat(MAX_BYTES as usize + 1)).unwrap();
        for path in [&pipe, &long, &"/dev/zero".into(), &dir.path().into()] {
            let keeper = Keeper::File(path.display().to_string());
            let missing = keeper.secret().unwrap_err();
            assert_eq!(missing.reason, Reason::Malformed, "{}", missing.detail);
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let missing = Keeper::Env("PERWATT_NO_SUCH_VARIABLE".into())
            .secret()
            .unwrap_err();
        assert!(missing.detail.contains("PERWATT_NO_SUCH_VARIABLE"));
    }
}
