//! Sources that cannot be used here, with reasons and remedies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The class of the reason a source is unavailable.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It does not exist here.
    Absent,
    /// It exists and this user may not read it.
    NotPermitted,
    /// It is hidden by the hypervisor this system runs under.
    VirtualMachine,
    /// This operating system does not offer it.
    UnsupportedPlatform,
    /// It exists and what it says cannot be used safely.
    Malformed,
    /// It did not answer: over the network, or because it sleeps.
    Unreachable,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::NotPermitted => "not permitted",
            Self::VirtualMachine => "virtual machine",
            Self::UnsupportedPlatform => "unsupported platform",
            Self::Malformed => "malformed",
            Self::Unreachable => "unreachable",
        })
    }
}

/// A source that was looked for and cannot be used.
#[derive(Serialize, Deserialize, JsonSchema, Clone, PartialEq, Eq, Debug)]
pub struct Unavailable {
    /// The identifier the source would have had.
    pub id: String,
    /// The places that were searched.
    pub looked_for: String,
    /// The class of the reason.
    pub reason: Reason,
    /// The reason in a sentence.
    pub detail: String,
    /// The exact command, rule or option that would make it available, where
    /// there is one.
    pub fix: Option<String>,
}

impl Unavailable {
    /// A report without a fix.
    pub(crate) fn new(
        id: impl Into<String>,
        looked_for: impl Into<String>,
        reason: Reason,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            looked_for: looked_for.into(),
            reason,
            detail: detail.into(),
            fix: None,
        }
    }

    /// The same report with a fix.
    pub(crate) fn with_fix(self, fix: impl Into<String>) -> Self {
        self.with_any_fix(Some(fix))
    }

    /// The same report with a fix, if there is one.
    pub(crate) fn with_any_fix(self, fix: Option<impl Into<String>>) -> Self {
        let fix = fix.map(Into::into);
        Self { fix, ..self }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.id, self.reason, self.detail)
    }
}
