//! Errors of comparing.

use thiserror::Error;

use crate::key::PARAMS;

/// Records that cannot be compared as asked for.
#[derive(Debug, Error)]
pub enum CompareError {
    /// No column has that label.
    #[error("no column is called {asked:?}; give --baseline one of: {known}")]
    Baseline {
        /// The name that was asked for.
        asked: String,
        /// The labels there are.
        known: String,
    },
    /// Not a field of the key.
    #[error("--allow-differ {field}: no such field; fields are {known}, and {PARAMS}NAME")]
    Field {
        /// The name that was asked for.
        field: String,
        /// The fields there are.
        known: String,
    },
    /// Not a margin.
    #[error("a margin of {value} makes no sense; give a share from 0 to below 1, such as 2%")]
    Margin {
        /// The value that was given.
        value: f64,
    },
    /// Not an error probability.
    #[error(
        "an alpha of {value} makes no sense; give a probability between 0 and 0.5, such as 0.05"
    )]
    Alpha {
        /// The value that was given.
        value: f64,
    },
    /// Not a regular expression.
    #[error("--filter {text}: {cause}")]
    Filter {
        /// The value that was given.
        text: String,
        /// The fault of the pattern.
        cause: Box<regex::Error>,
    },
}
