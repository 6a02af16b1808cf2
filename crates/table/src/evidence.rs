//! The evidence behind a figure.

use serde::Serialize;

/// Kinds of evidence, the strongest first. A figure computed from several others
/// is as weak as the weakest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Follows from Bitcoin's rules or from arithmetic only.
    Exact,
    /// Measured: in an archived record, or by somebody who is named.
    Measured,
    /// Stated by the maker of the device.
    Nameplate,
    /// Somebody else's figure, with the source and its date.
    Sourced,
    /// Set by the scenario, or taken for granted; the text beside it says why.
    Assumed,
}

impl Evidence {
    /// The word in tables.
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

/// The evidence behind a figure, and its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its kind.
    #[serde(rename = "mark")]
    pub evidence: Evidence,
    /// Where it is from, in words or as an address.
    pub text: String,
    /// Its date as far as it is known: a year, a month or a day.
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
