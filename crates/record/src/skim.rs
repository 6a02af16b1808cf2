//! One pass over a JSON text that keeps none of it. It reports invalid JSON, a key that an
//! object has twice, and documents that would take too much memory.
//!
//! A key that occurs twice has no defined value, and readers differ in which one they take.
//! A text of small objects takes a hundred times its size in memory when it is read, which
//! no record does.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Limit of memory per byte of text. Records take six times their size, eight without white
/// space, fourteen if every run failed.
const MOST_PER_BYTE: usize = 12;
/// Memory that is always allowed, in bytes, for files in which objects outweigh series;
/// every machine has as much.
const MOST_AT_LEAST: usize = 64 << 20;

/// The reason that a text cannot be read.
#[derive(Debug)]
pub(crate) enum SkimFault {
    /// The text is not JSON.
    NotJson(serde_json::Error),
    /// An object has a key twice.
    Twice {
        /// The key.
        key: String,
        /// Line and column of the end of the object, in words.
        at: String,
    },
    /// The text would take far more memory than a record of its size.
    Heavy,
}

/// Checks the text of a document.
pub(crate) fn skim(text: &[u8]) -> Result<(), SkimFault> {
    let mut walk = Walk {
        most: (text.len().saturating_mul(MOST_PER_BYTE)).max(MOST_AT_LEAST),
        ..Walk::default()
    };
    let mut json = serde_json::Deserializer::from_slice(text);
    let found = walk.deserialize(&mut json).and_then(|()| json.end());
    match (found, walk.twice) {
        (Ok(()), _) => Ok(()),
        (Err(error), Some(key)) => Err(SkimFault::Twice {
            key,
            at: format!("line {}, column {}", error.line(), error.column()),
        }),
        (Err(_), None) if walk.taken > walk.most => Err(SkimFault::Heavy),
        (Err(error), None) => Err(SkimFault::NotJson(error)),
    }
}

#[derive(Default)]
struct Walk<'de> {
    /// Keys of all open objects, from the outermost to the innermost.
    keys: Vec<Cow<'de, str>>,
    twice: Option<String>,
    /// Bytes of memory that a [`Value`] of the text read so far would take.
    taken: usize,
    most: usize,
}

impl Walk<'_> {
    fn take<E: Error>(&mut self, bytes: usize) -> Result<(), E> {
        self.taken = self.taken.saturating_add(bytes);
        match self.taken > self.most {
            true => Err(E::custom("too many values")),
            false => Ok(()),
        }
    }
}

/// Overhead of an allocation, in bytes.
const ALLOCATED: usize = 16;
/// A node of a map's tree has room for eleven keys and values, and usually holds six.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + ALLOCATED;

impl<'de> DeserializeSeed<'de> for &mut Walk<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(text.len() + ALLOCATED)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (mut length, mut room) = (0, 0);
        while list.next_element_seed(&mut *self)?.is_some() {
            length += 1;
            if length > room {
                // Capacity doubles as in a vector.
                let more = room.max(4);
                room += more;
                self.take(more * size_of::<Value>())?;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let first = self.keys.len();
        while let Some(key) = map.next_key_seed(Key)? {
            let node = match (self.keys.len() - first).is_multiple_of(6) {
                true => NODE,
                false => 0,
            };
            self.take(node + key.len() + ALLOCATED)?;
            self.keys.push(key);
            map.next_value_seed(&mut *self)?;
        }
        let keys = &mut self.keys[first..];
        keys.sort_unstable();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            self.twice = Some(pair[0].to_string());
            return Err(A::Error::custom("a key is there twice"));
        }
        self.keys.truncate(first);
        Ok(())
    }
}

/// A key with its escapes resolved: `"\u0061"` is `"a"`.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_one_object_twice_is_named() {
        for (text, twice) in [
            (r#"{"a": 1, "b": 2, "a": 3}"#, "a"),
            (
                r#"{"x": [{"runs": [], "y": {"runs": 1}, "runs": 0}]}"#,
                "runs",
            ),
            (r#"{"a": 1, "\u0061": 1}"#, "a"),
            (r#"{"": 1, "": 1}"#, ""),
        ] {
            match skim(text.as_bytes()) {
                Err(SkimFault::Twice { key, at }) => {
                    assert_eq!(key, twice);
                    assert!(at.starts_with("line 1, column"), "{at}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let fine = r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}], "A": null}"#;
        assert!(skim(fine.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, said) in [
            ("", "EOF"),
            ("{} {}", "trailing"),
            ("[1e999]", "out of range"),
            ("[NaN]", "expected"),
            ("[\"\u{1}\"]", "control character"),
        ] {
            match skim(text.as_bytes()) {
                Err(SkimFault::NotJson(error)) => {
                    assert!(error.to_string().contains(said), "{text}: {error}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(skim(b"[\"\xff\"]"), Err(SkimFault::NotJson(_))));
        let deep = "[".repeat(100_000);
        assert!(matches!(skim(deep.as_bytes()), Err(SkimFault::NotJson(_))));
    }

    #[test]
    fn small_values_without_number_are_heavy() {
        for one in ["0,", "{},", "[],", "[0],", "[0,0],", "{\"a\":0},", "\"\","] {
            let many = format!("{{\"a\": [{}0]}}", one.repeat(3_000_000));
            assert!(
                matches!(skim(many.as_bytes()), Err(SkimFault::Heavy)),
                "{one}"
            );
        }
        // A series in the form in which files hold it.
        let series = "[1234567890123, 12345.678901], ".repeat(200_000);
        assert!(skim(format!("[{series}0]").as_bytes()).is_ok());
    }
}
