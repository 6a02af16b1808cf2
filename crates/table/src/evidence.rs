//! The evidence for a figure.

use serde::Serialize;

/// Kinds of evidence, the strongest first. A figure computed from several others
/// is as weak as the weakest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Follows from Bitcoin's rules or from arithmetic only.
    Exact,
    /// Measured: in an archived record, or by a person or group that is named.
    Measured,
    /// Stated by the maker of the device.
    Nameplate,
    /// A figure published by others, with the source and its date.
    Sourced,
    /// Set by the scenario, or assumed; the text beside it gives the reason.
    Assumed,
}

impl Evidence {
    /// The word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Measured => "measured",
            Self::Nameplate => "nameplate",
            Self::Sourced => "sourced",
            Self::Assumed => "assumed",
        }
    }
}

/// The evidence for a figure, and its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The kind of evidence.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
    /// The source, in words or as an address.
    pub text: String,
    /// The date of the source, as far as it is known: a year, a month or a day.
    pub date: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_is_the_largest() {
        let all = [Evidence::Assumed, Evidence::Measured, Evidence::Sourced];
        assert_eq!(all.into_iter().max(), Some(Evidence::Assumed));
        assert!(Evidence::Exact < Evidence::Measured && Evidence::Nameplate < Evidence::Sourced);
    }
}
