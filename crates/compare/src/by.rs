//! Columns, and the property that makes them.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The property that makes a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum By {
    /// One argument; for a directory without a label, each node in it.
    #[default]
    Input,
    /// One machine, in whichever directories its files are.
    Node,
    /// All machines of one model, in whichever directories their files are.
    Model,
    /// All sessions of one label, in whichever directories their files are.
    Label,
    /// All sessions with one value of the tag of this key, in whichever directories their
    /// files are; those without the tag are a column of their own.
    Tag(String),
    /// Each device of each input: CPU against GPU.
    Device,
    /// Each backend of each input.
    Backend,
    /// One session.
    Session,
}

/// Prefix of the name of [`By::Tag`], before the tag's key.
pub const TAG: &str = "tag:";

impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Node => "node",
            Self::Model => "model",
            Self::Label => "label",
            Self::Tag(key) => return write!(f, "{TAG}{key}"),
            Self::Device => "device",
            Self::Backend => "backend",
            Self::Session => "session",
        })
    }
}

/// A column of the comparison.
#[derive(Debug, Clone)]
pub struct Column {
    /// The label, unique among the columns.
    pub label: String,
    /// Indices of the sessions that have figures in it, in ascending order.
    pub sessions: Vec<usize>,
}

/// The identity of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) group: Option<usize>,
    /// The specimen, model, label or value of a tag that the sessions of the column share.
    pub(crate) shared: Option<Arc<str>>,
    pub(crate) session: Option<usize>,
    /// The device or backend.
    pub(crate) part: Option<Arc<str>>,
}

impl Id {
    /// True if both differ in their part at most.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        let of = |id: &Self| (id.group, id.shared.clone(), id.session);
        of(self) == of(other)
    }
}
