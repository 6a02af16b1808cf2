//! The readable name of one machine among machines of its model (`session.node`).

use thiserror::Error;

/// Most bytes of a node's name: host names have at most 253.
pub const MAX_BYTES: usize = 253;

/// A name that no node can have in a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NodeError {
    /// It has no characters, or only white space.
    #[error("the node's name is empty; leave the field out, or give a name such as rack3-n07")]
    Empty,
    /// It is longer than [`MAX_BYTES`].
    #[error("the node's name has {bytes} bytes; give one of at most {MAX_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It has a control character, such as a line break.
    #[error(
        "the node's name {name:?} has a control character, {found:?}; give one without line breaks and tabs"
    )]
    Control {
        /// The name.
        name: String,
        /// The first control character in it.
        found: char,
    },
    /// It begins or ends with white space, so that two names look alike.
    #[error("the node's name {name:?} begins or ends with a space; give {:?}", name.trim())]
    Padded {
        /// The name.
        name: String,
    },
}

/// Checks that a node may have this name.
///
/// # Errors
/// [`NodeError`]: it is empty, too long, padded, or has control characters.
pub fn check(name: &str) -> Result<(), NodeError> {
    if name.len() > MAX_BYTES {
        return Err(NodeError::TooLong { bytes: name.len() });
    }
    if let Some(found) = name.chars().find(|c| c.is_control()) {
        let name = name.to_owned();
        return Err(NodeError::Control { name, found });
    }
    match name.trim() {
        "" => Err(NodeError::Empty),
        trimmed if trimmed.len() < name.len() => Err(NodeError::Padded { name: name.into() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_nodes() {
        let longest = "n".repeat(MAX_BYTES);
        for name in ["n01", "rack 3, node 7", "узел-1", &longest] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        let control = |name: &str, found| NodeError::Control {
            name: name.into(),
            found,
        };
        let padded = |name: &str| NodeError::Padded { name: name.into() };
        for (name, error) in [
            ("", NodeError::Empty),
            (" ", NodeError::Empty),
            (&*format!("{longest}x"), NodeError::TooLong { bytes: 254 }),
            ("a\nb", control("a\nb", '\n')),
            ("a\u{1b}[31m", control("a\u{1b}[31m", '\u{1b}')),
            (" n01", padded(" n01")),
            ("n01 ", padded("n01 ")),
        ] {
            assert_eq!(check(name), Err(error), "{name:?}");
        }
    }
}
