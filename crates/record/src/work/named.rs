//! The name of a workload, known or not.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Axis, Family, Work};

/// The name of a workload. Names from older, newer or other programs are kept unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named(Known);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Known {
    Here(Work),
    Foreign(String),
}

impl Named {
    /// The workload, if this build knows it.
    pub fn work(&self) -> Option<Work> {
        match &self.0 {
            Known::Here(work) => Some(*work),
            Known::Foreign(_) => None,
        }
    }

    /// The family, which an unknown name can have too.
    pub fn family(&self) -> Option<Family> {
        match &self.0 {
            Known::Here(work) => Some(work.family()),
            Known::Foreign(name) => Family::of(name),
        }
    }

    /// The axis of the energy gap on which its figures are placed.
    pub fn axis(&self) -> Axis {
        self.family().map_or(Axis::None, Family::axis)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Known::Here(work) => work.name(),
            Known::Foreign(name) => name,
        }
    }
}

impl From<&str> for Named {
    fn from(name: &str) -> Self {
        Self(match Work::find(name) {
            Some(work) => Known::Here(work),
            None => Known::Foreign(name.to_owned()),
        })
    }
}

impl From<Work> for Named {
    fn from(work: Work) -> Self {
        Self(Known::Here(work))
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_names_are_known() {
        for work in Work::all() {
            let named = Named::from(work.name());
            assert_eq!(named, Named::from(work));
            assert_eq!(named.work(), Some(work));
            assert_eq!(named.family(), Some(work.family()));
        }
    }

    #[test]
    fn a_foreign_name_keeps_its_family() {
        let named = Named::from("matmul/f64");
        assert_eq!((named.work(), named.family()), (None, Some(Family::Matmul)));
        assert_eq!(Named::from("criterion/sha256d").family(), None);
    }

    proptest! {
        #[test]
        fn every_name_survives(name in ".{0,40}") {
            let named = Named::from(name.as_str());
            prop_assert_eq!(named.as_str(), &name);
            prop_assert_eq!(named.to_string(), name.clone());
            prop_assert_eq!(serde_json::to_value(&named).unwrap(), serde_json::json!(name));
        }
    }
}
