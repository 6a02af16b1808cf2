//! Properties that could not be read, with the reasons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One reading that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// The field it would have filled, as a path in the environment, such as
    /// `cpu.governor`.
    pub field: String,
    /// Reason that it could not be read.
    pub reason: String,
    /// Remedy, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// The reason that a value is absent, before the field that it is for is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Absent {
    pub(crate) reason: String,
    pub(crate) fix: Option<String>,
}

impl Absent {
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            fix: None,
        }
    }

    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// The list of missing properties during one collection.
#[derive(Default)]
pub(crate) struct Gaps(pub(crate) Vec<Missing>);

impl Gaps {
    /// Keeps the value, or records the reason that `field` has none.
    pub(crate) fn keep<T>(&mut self, field: &str, value: Result<T, Absent>) -> Option<T> {
        value.map_err(|absent| self.note(field, absent)).ok()
    }

    pub(crate) fn note(&mut self, field: &str, absent: Absent) {
        self.0.push(Missing {
            field: field.to_owned(),
            reason: absent.reason,
            fix: absent.fix,
        });
    }
}
