//! The argument of `--meter`: `KIND[:PART][=TARGET][,KEY=VALUE]…`.
//!
//! Examples: `rapl`, `rapl:psys`, `nut=ups@localhost:3493`,
//! `prometheus=http://host:9100/metrics,metric=node_hwmon_power_watt{chip="a,b"}`.
//! A comma ends a value only where another `key=` follows and no bracket or
//! quotation mark is open, so that addresses and selectors need no escapes.

mod options;

use crate::public::{public_head, short};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Longest specification accepted, in bytes.
const MAX_LEN: usize = 4096;

/// One meter as the user specified it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeterSpec {
    /// The text as given.
    pub text: String,
    /// The kind of source: `rapl`, `shelly`.
    pub kind: String,
    /// A part of the source: `psys` of `rapl:psys`.
    pub part: Option<String>,
    /// The place of the meter: a host, an address or a file.
    pub target: Option<String>,
    /// All options, by name.
    pub options: BTreeMap<String, String>,
}

/// A specification that cannot be used.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[error("--meter {spec}: {why}")]
pub struct SpecError {
    /// The text as given.
    pub spec: String,
    /// The fault, with a remedy.
    pub why: String,
}

/// Options of every meter that is named by its target.
pub const COMMON_OPTIONS: &[&str] = &[
    "name",
    "boundary",
    "covers",
    "accuracy",
    "interval",
    "averaging",
    "delay",
];

impl FromStr for MeterSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let error = |why: String| SpecError {
            spec: public_head(text),
            why,
        };
        if text.len() > MAX_LEN {
            return Err(error(format!("longer than {MAX_LEN} bytes")));
        }
        if text.chars().any(char::is_control) {
            return Err(error("holds a control character".into()));
        }
        let mut pieces = split(text).into_iter();
        let first = pieces.next().unwrap_or_default();
        let (head, target) = match first.split_once('=') {
            Some((head, target)) => (head, Some(target.trim())),
            None => (first, None),
        };
        if target == Some("") {
            return Err(SpecError {
                spec: format!("{}=", public_head(head)),
                why: "nothing follows the \"=\"; give an address, such as shelly=192.168.1.20"
                    .into(),
            });
        }
        let (kind, part) = match head.split_once(':') {
            Some((kind, part)) => (kind, Some(part)),
            None => (head, None),
        };
        if kind.is_empty() || part == Some("") {
            return Err(error(
                "give KIND[:PART][=TARGET][,KEY=VALUE]..., for example rapl:psys or \
                 shelly=192.168.1.20"
                    .into(),
            ));
        }
        let mut options = BTreeMap::new();
        for piece in pieces {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            if value.is_empty() {
                return Err(error(format!("{key:?} has no value; write {key}=VALUE")));
            }
            if options.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(error(format!("{key:?} is given twice")));
            }
        }
        Ok(Self {
            text: text.to_owned(),
            kind: kind.to_owned(),
            part: part.map(ToOwned::to_owned),
            target: target.map(ToOwned::to_owned),
            options,
        })
    }
}

/// Splits at each comma that is followed by another `key=`, outside brackets and
/// quotation marks.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0u32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' | '(' if !quoted => depth += 1,
            '}' | ']' | ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 && begins_option(&text[at + 1..]) => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// True if a text starts with `key=`.
fn begins_option(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| {
        !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

impl MeterSpec {
    /// An error about this specification.
    pub fn error(&self, why: impl Into<String>) -> SpecError {
        SpecError {
            spec: short(&self.text),
            why: why.into(),
        }
    }

    /// The identifier of the meter in records: `name=`, or kind, part, host and port.
    /// Paths and queries are left out, because they may hold a token.
    pub fn id(&self) -> String {
        if let Some(name) = self.options.get("name") {
            return name.clone();
        }
        self.public_place()
    }

    /// Refuses options other than [`COMMON_OPTIONS`] and `own`.
    ///
    /// # Errors
    /// [`SpecError`] with the unknown option and the known ones.
    pub fn allow(&self, own: &[&str]) -> Result<(), SpecError> {
        let known = || COMMON_OPTIONS.iter().chain(own);
        match self.options.keys().find(|key| !known().any(|k| k == key)) {
            None => Ok(()),
            Some(key) => {
                let known: Vec<&str> = known().copied().collect();
                Err(self.error(format!(
                    "unknown option {key:?}; {} takes: {}",
                    self.kind,
                    known.join(", ")
                )))
            }
        }
    }

    /// The target, which this kind requires.
    ///
    /// # Errors
    /// [`SpecError`] with `example` if there is no target.
    pub fn required_target(&self, example: &str) -> Result<&str, SpecError> {
        self.target
            .as_deref()
            .ok_or_else(|| self.error(format!("needs a target, for example {example}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::{Boundary, Covers};
    use proptest::prelude::*;

    fn spec(text: &str) -> MeterSpec {
        text.parse().unwrap()
    }

    #[test]
    fn the_forms_in_the_manual() {
        assert_eq!(spec("rapl").id(), "rapl");
        assert_eq!(spec("rapl:psys").part.as_deref(), Some("psys"));
        let nut = spec("nut=ups@localhost:3493,accuracy=2%,boundary=wall");
        assert_eq!(nut.kind, "nut");
        assert_eq!(nut.target.as_deref(), Some("ups@localhost:3493"));
        assert_eq!(nut.accuracy_rel().unwrap(), Some(0.02));
        assert_eq!(nut.boundary(Boundary::PsuIn).unwrap(), Boundary::Wall);
        assert_eq!(nut.id(), "nut=ups@localhost:3493");
        let text =
            "prometheus=http://h:9/metrics?a=b,c,metric=power{chip=\"a,b=c\",x=\"}\"},name=rack";
        let prometheus = spec(text);
        assert_eq!(
            prometheus.target.as_deref(),
            Some("http://h:9/metrics?a=b,c")
        );
        assert_eq!(
            prometheus.options["metric"],
            "power{chip=\"a,b=c\",x=\"}\"}"
        );
        assert_eq!(prometheus.id(), "rack");
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (text, part) in [
            ("", "KIND"),
            (":", "KIND"),
            ("rapl:", "KIND"),
            ("nut=", "nothing follows"),
            ("nut=a,name=", "no value"),
            ("nut=a,name=b,name=c", "twice"),
            ("nut=a\nb", "control"),
        ] {
            let error = text.parse::<MeterSpec>().unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        let error = "shelly=".parse::<MeterSpec>().unwrap_err().to_string();
        assert!(error.starts_with("--meter shelly=: nothing"), "{error}");
        let wide = spec("nut=a,accuracy=150%").accuracy_rel().unwrap_err().why;
        assert!(wide.contains("150% is above 100 %"), "{wide}");
        let bad = spec("nut=a,accuracy=1,boundary=moon,interval=0,speed=2");
        assert!(bad.accuracy_rel().unwrap_err().why.contains("accuracy=1%"));
        assert!(
            bad.boundary(Boundary::Wall)
                .unwrap_err()
                .why
                .contains("psu-in")
        );
        assert!(bad.interval_s(1.0).unwrap_err().why.contains("0.05"));
        assert!(bad.allow(&["auth"]).unwrap_err().why.contains("\"speed\""));
        assert!(spec("shelly").required_target("shelly=HOST").is_err());
    }

    #[test]
    fn a_meter_of_a_part_speaks_of_that_part() {
        let covers = |text: &str| {
            let spec = spec(text);
            spec.covers(spec.boundary(Boundary::Wall).unwrap())
        };
        for (text, expected) in [
            ("json=h", Covers::Machine),
            ("json=h,boundary=psu-in", Covers::Machine),
            ("json=h,boundary=package", Covers::Cpu),
            ("json=h,boundary=board", Covers::UnknownGpu),
            (
                "json=h,boundary=board,covers=00000000:0A:00.0",
                Covers::Pci("0000:0a:00.0".into()),
            ),
            ("json=h,boundary=board,covers=cpu", Covers::Cpu),
            ("json=h,boundary=package,covers=machine", Covers::Machine),
        ] {
            assert_eq!(covers(text), Ok(expected), "{text}");
        }
        assert!(
            covers("json=h,covers=moon")
                .unwrap_err()
                .why
                .contains("PCI")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_specification_or_an_error(text in "\\PC{0,60}") {
            if let Ok(spec) = text.parse::<MeterSpec>() {
                prop_assert!(text.starts_with(&spec.kind));
                prop_assert!(!spec.id().is_empty());
            }
        }

        #[test]
        fn options_come_back(values in prop::collection::btree_map("[a-z]{1,8}", "[a-z0-9/.:]{1,9}", 0..5)) {
            let mut text = "kind=target".to_owned();
            for (key, value) in &values {
                text.push_str(&format!(",{key}={value}"));
            }
            prop_assert_eq!(spec(&text).options, values);
        }
    }
}
