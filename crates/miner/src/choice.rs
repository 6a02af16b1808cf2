//! The text of `--api`: which miner is asked, and how.

use crate::firmware::{FIRMWARE, Firmware};
use perwatt_host::Endpoint;
use std::fmt;
use std::str::FromStr;

/// A kind of interface, one for each family of firmware.
#[derive(Clone, Copy)]
pub struct Kind(pub(crate) &'static dyn Firmware);

/// All kinds, in the order in which an unknown miner is asked.
pub fn kinds() -> impl Iterator<Item = Kind> {
    FIRMWARE.iter().map(|firmware| Kind(*firmware))
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        kinds().find(|kind| kind.name() == name)
    }

    /// The name, as `--api` takes it.
    pub fn name(self) -> &'static str {
        self.0.facts().name
    }

    /// The machines or firmware that have this interface.
    pub fn title(self) -> &'static str {
        self.0.facts().title
    }

    /// The port that is asked unless another is given.
    pub fn port(self) -> u16 {
        self.0.facts().port
    }

    /// What is sent, in order. None of it changes a setting or a state.
    pub fn requests(self) -> impl Iterator<Item = &'static str> {
        self.0.facts().requests.iter().map(|request| request.text)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The host of a miner, and its port where it is not the usual one. With [`crate::Api::Auto`]
/// a given port is asked in every way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    host: String,
    port: Option<u16>,
}

impl Address {
    /// True if the port is given.
    pub(crate) fn has_port(&self) -> bool {
        self.port.is_some()
    }

    /// The address with a port: its own, or the usual one.
    pub(crate) fn endpoint(&self, usual_port: u16) -> Endpoint {
        Endpoint {
            host: self.host.clone(),
            port: self.port.unwrap_or(usual_port),
        }
    }
}

impl FromStr for Address {
    type Err = ChoiceError;

    /// Reads `HOST`, `HOST:PORT`, an IPv6 address, or `[IPV6]:PORT`.
    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        // No port is written 0, so that this one stands for "not given".
        let Endpoint { host, port } =
            Endpoint::parse(text, 0).map_err(|why| ChoiceError::Address {
                why,
                // A user may have typed a password into it.
                text: if text.contains('@') { "(hidden)" } else { text }.to_owned(),
            })?;
        let port = Some(port).filter(|port| *port > 0);
        Ok(Self { host, port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => self.endpoint(port).fmt(f),
            None => f.write_str(&self.host),
        }
    }
}

/// How a miner is asked: `auto|none|auto=HOST[:PORT]|KIND=HOST[:PORT]`.
#[derive(Clone, PartialEq, Debug)]
pub enum Choice {
    /// Not at all.
    None,
    /// By trying all kinds; at the address from which the miner connects unless one is given.
    Auto(Option<Address>),
    /// As this kind.
    Kind(Kind, Address),
}

/// Errors in the text of a choice.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum ChoiceError {
    /// The word is no kind.
    #[error(
        "{text:?} is not a way to ask a miner; known: auto, none, or KIND=HOST[:PORT] with KIND one of {}",
        names()
    )]
    Unknown {
        /// What was given.
        text: String,
    },
    /// A kind without its host.
    #[error("{kind} needs the miner's address: {kind}=HOST or {kind}=HOST:PORT")]
    NoHost {
        /// The kind.
        kind: &'static str,
    },
    /// A malformed address.
    #[error("a miner's address is malformed ({text:?}): {why}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The names of all kinds.
fn names() -> String {
    kinds().map(Kind::name).collect::<Vec<_>>().join(", ")
}

impl FromStr for Choice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (word, address) = match text.split_once('=') {
            Some((word, address)) => (word, Some(address)),
            None => (text, None),
        };
        let address = address.map(str::parse).transpose();
        match (word, Kind::named(word)) {
            ("none", _) if !text.contains('=') => Ok(Self::None),
            ("auto", _) => Ok(Self::Auto(address?)),
            (_, Some(kind)) => Ok(Self::Kind(
                kind,
                address?.ok_or(ChoiceError::NoHost { kind: kind.name() })?,
            )),
            _ => Err(ChoiceError::Unknown {
                text: word.chars().take(40).collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_one() {
        let address = |text: &str| text.parse::<Address>().unwrap();
        let kind = |name, at| Choice::Kind(Kind::named(name).unwrap(), address(at));
        for (text, choice) in [
            ("none", Choice::None),
            ("auto", Choice::Auto(None)),
            ("auto=10.0.0.7", Choice::Auto(Some(address("10.0.0.7")))),
            ("axeos=bitaxe.lan", kind("axeos", "bitaxe.lan")),
            (
                "luxos=[fe80::1%eth0]:4028",
                kind("luxos", "[fe80::1%eth0]:4028"),
            ),
            ("epic=::1", kind("epic", "::1")),
        ] {
            assert_eq!(text.parse::<Choice>(), Ok(choice), "{text}");
        }
        assert_eq!(address("::1").endpoint(80).to_string(), "[::1]:80");
        assert_eq!(address("h:81").endpoint(80).to_string(), "h:81");
        assert_eq!(address("[::1]:81").to_string(), "[::1]:81");
    }

    #[test]
    fn errors_say_what_to_write() {
        for (text, part) in [
            ("", "known: auto, none"),
            ("antminner=h", "\"antminner\" is not a way"),
            ("bitaxe", "axeos"),
            ("luxos", "luxos=HOST:PORT"),
            ("luxos=", "not a host name"),
            ("auto=h:0", "port from 1 to 65535"),
            ("none=h", "known:"),
            ("vnish=http://h/", "malformed"),
            ("vnish=admin:hunter2@h", "without credentials"),
        ] {
            let error = text.parse::<Choice>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(auto|luxos|none|.{0,5})?=?[a-z0-9.:@%=\\[\\]é-]{0,20}") {
            let _ = text.parse::<Choice>().map_err(|error| error.to_string());
        }
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        let mut names: Vec<_> = kinds().map(Kind::name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(!names.contains(&"auto") && !names.contains(&"none"));
    }

    /// The words that read; a request of any other kind needs a look at what it does.
    #[test]
    fn requests_only_read() {
        const READS: &[&str] = &[
            "version",
            "summary",
            "stats",
            "estats",
            "devdetails",
            "status",
            "config",
            "power",
            "profiles",
            "temps",
            "fans",
            "psu",
            "mode",
            "temperature",
            "fan",
            "get_version",
            "get.device.info",
            "get.miner.status",
        ];
        for kind in kinds() {
            for request in kind.requests() {
                if request.starts_with('/') {
                    continue; // Sent with the method GET alone.
                }
                let value: serde_json::Value = serde_json::from_str(request).unwrap();
                let command = value["command"].as_str().or(value["cmd"].as_str());
                assert!(READS.contains(&command.unwrap()), "{request}");
                assert!(value.get("parameter").is_none(), "{request}");
            }
        }
    }
}
