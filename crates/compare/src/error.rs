//! Comparison errors.

use thiserror::Error;

use crate::key::PARAMS;

/// The reason that records cannot be compared with these options.
#[derive(Debug, Error)]
pub enum CompareError {
    /// No column has that label.
    #[error("no column is called {asked:?}; give --baseline one of: {known}")]
    Baseline {
        /// The name given.
        asked: String,
        /// All labels, separated by commas.
        known: String,
    },
    /// The name is not a field of the key.
    #[error("--allow-differ {field}: no such field; fields are {known}, and {PARAMS}NAME")]
    Field {
        /// The name given.
        field: String,
        /// All fields except parameters, separated by commas.
        known: String,
    },
    /// The margin is not a share from 0 to below 1.
    #[error("a margin of {value} makes no sense; give a share from 0 to below 1, such as 2%")]
    Margin {
        /// The value that was given.
        value: f64,
    },
    /// Alpha is not a probability between 0 and 0.5.
    #[error(
        "an alpha of {value} makes no sense; give a probability between 0 and 0.5, such as 0.05"
    )]
    Alpha {
        /// The value that was given.
        value: f64,
    },
    /// The pattern is not a regular expression.
    #[error("--filter {text}: {cause}")]
    Filter {
        /// The value that was given.
        text: String,
        /// The error in the pattern.
        cause: Box<regex::Error>,
    },
    /// The property of a filter is unknown.
    #[error("--filter: no property is called {property:?}; there are {known}, and {PARAMS}NAME")]
    Property {
        /// The name given.
        property: String,
        /// All properties except parameters, separated by commas.
        known: String,
    },
}
