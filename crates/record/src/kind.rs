//! Recognition of records by the beginning of a file, so that other files are refused
//! before they are read whole.

use memchr::memmem;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::schema::SCHEMA_NAME;

/// The name of the schema of a criterion archive, which is not a record.
pub(crate) const CRITERION: &str = "perwatt-criterion";

/// Number of bytes from the start of a file that are examined.
pub(crate) const HEAD_BYTES: usize = 8 << 10;

/// The possible first keys of a record or a criterion archive: as perwatt writes them, and
/// as tools that sort keys do.
const FIRST_KEYS: [&str; 4] = ["schema", "channels", "complete", "benchmarks"];

/// The beginning of a record, white space removed.
const BEGINNING: &[u8] = b"{\"schema\":{\"name\":\"perwatt-record\"";

/// Beginnings of files that are often given by mistake, with the name of their kind.
#[rustfmt::skip]
const MAGIC: [(&[u8], &str); 10] = [
    (b"\x1f\x8b", "it is compressed with gzip; decompress it first (gunzip)"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; decompress it first (unzstd)"),
    (b"\xfd7zXZ\0", "it is compressed with xz; decompress it first (unxz)"),
    (b"BZh", "it is compressed with bzip2; decompress it first (bunzip2)"),
    (b"PK\x03\x04", "it is a zip archive; take the record out of it first (unzip)"),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"{\0", UTF_16),
    (b"\0{", UTF_16),
    (
        b"\xef\xbb\xbf",
        "it begins with a byte order mark, which JSON has not; save it as UTF-8 without one",
    ),
];

const UTF_16: &str = "it is text in UTF-16; save it as UTF-8";

/// The reason that a file with this beginning cannot be a record, whatever follows; `None`
/// if it may be one. `bytes` holds the first [`HEAD_BYTES`] of the file, or more, or all of
/// it.
pub(crate) fn other_kind(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some((*what).to_owned());
    }
    let text = head.trim_ascii_start();
    let what = match text.first() {
        Some(b'{') => {
            let whole = bytes.len() < HEAD_BYTES;
            let named = memmem::find(head, b"\"schema\"").is_some();
            let begins = first_key(text).is_some_and(|key| FIRST_KEYS.contains(&key.as_str()));
            if whole || named || begins {
                return None;
            }
            format!("its first {HEAD_BYTES} bytes have no field \"schema\"")
        }
        None if head.len() < HEAD_BYTES => {
            "it is empty; restore it from a copy or measure again".to_owned()
        }
        None => format!("its first {HEAD_BYTES} bytes are blank"),
        Some(b'<') => "it is a page of HTML or XML".to_owned(),
        Some(byte) if byte.is_ascii_control() => "it is binary data".to_owned(),
        Some(_) => format!("it is not a JSON object with a schema.name \"{SCHEMA_NAME}\""),
    };
    Some(what)
}

/// The first key of an object, read up to the next quote without regard to escapes.
fn first_key(object: &[u8]) -> Option<String> {
    let key = object[1..].trim_ascii_start().strip_prefix(b"\"")?;
    let length = key.iter().position(|byte| *byte == b'"')?;
    String::from_utf8(key[..length].to_vec()).ok()
}

/// The document's `schema`, if it lies within the first [`HEAD_BYTES`].
pub(crate) fn schema(bytes: &[u8]) -> Option<Value> {
    struct Top<'a>(&'a mut Option<Value>);

    impl<'de> Visitor<'de> for Top<'_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if key == "schema" {
                    *self.0 = Some(map.next_value()?);
                    // The rest may be cut off, so parsing ends here.
                    return Err(A::Error::custom("found"));
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }

    let mut found = None;
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    // An error means only that the head ends, or that the key was found.
    let _ = serde_json::Deserializer::from_slice(head).deserialize_map(Top(&mut found));
    found
}

/// True if a file that cannot be read was meant to be of the schema `schema_name`.
pub(crate) fn was_meant(bytes: &[u8], schema_name: &str) -> bool {
    if let Some(schema) = schema(bytes) {
        return schema["name"] == schema_name;
    }
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = bytes
        .iter()
        .filter(|byte| !blank(byte))
        .take(BEGINNING.len());
    let start: Vec<u8> = start.copied().collect();
    BEGINNING.starts_with(&start)
        || start.starts_with(&BEGINNING[..10])
        || memmem::find(bytes, format!("\"{schema_name}\"").as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_record_is_told_by_its_beginning() {
        let long = |start: &str| start.to_owned() + &"1,".repeat(HEAD_BYTES);
        let (results, escaped) = (long("{\"results\": ["), long("{\"\\u0073chema\": ["));
        let cases: [(&[u8], &str); 15] = [
            (b"", "it is empty"),
            (b" \r\n\t", "it is empty"),
            (b"\x1f\x8b\x08\x00", "gunzip"),
            (b"\x28\xb5\x2f\xfd\x04", "unzstd"),
            (b"PK\x03\x04", "unzip"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"{\0\"\0", "UTF-16"),
            (b"\xef\xbb\xbf{}", "byte order mark"),
            (b"<!DOCTYPE html>", "HTML"),
            (b"\0\0\0\0", "binary"),
            (b"hello", "perwatt-record"),
            (b"[1, 2]", "perwatt-record"),
            (&[b' '; HEAD_BYTES], "blank"),
            (results.as_bytes(), "no field \"schema\""),
            (escaped.as_bytes(), "no field \"schema\""),
        ];
        for (bytes, said) in cases {
            let found = other_kind(bytes).unwrap_or_default();
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(20)]);
            assert!(found.contains(said), "{shown}: {found}");
        }
    }

    #[test]
    fn what_may_be_a_record_is_let_through() {
        let long = |start: &str| start.to_owned() + &"1,".repeat(HEAD_BYTES);
        for text in [
            "{}".to_owned(),
            "\n{\"a\": 1}".into(),
            long("{\"schema\": {"),
            long("{\"new\": 1, \"schema\": {"),
            // `jq -S` sorts the keys.
            long("{\"channels\": ["),
            long("{ \"benchmarks\" : ["),
        ] {
            assert_eq!(other_kind(text.as_bytes()), None, "{:.20}", text);
        }
    }

    #[test]
    fn a_schema_is_found_where_the_rest_is_missing_or_broken() {
        for rest in ["}", "", ", \"runs\": [[[", ", \u{1}"] {
            let text = format!("{{\"a\": [1], \"schema\": {{\"name\": \"x\"}}{rest}");
            assert_eq!(schema(text.as_bytes()).unwrap()["name"], "x", "{text}");
        }
        for text in [
            "{}",
            "[]",
            "{\"schema\": {\"name\"",
            "{\"a\": {\"schema\": 1}}",
        ] {
            assert_eq!(schema(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_was_meant_to_be_a_record_is_told_from_what_was_not() {
        for meant in [
            "{",
            "{\n  \"sche",
            "{\"schema\": {\"name\": \"perw\u{fffd}",
            "{\"schema\": {\"name\": \"perwatt-record\", \"major\": 1}, \"x\": [",
            "{\"complete\": true, \"schema\": {\"name\": \"perwatt-record\" \u{1}",
        ] {
            assert!(was_meant(meant.as_bytes(), SCHEMA_NAME), "{meant}");
        }
        for other in [
            "{\"a\": ",
            "{\"schema\": {\"name\": \"hyperfine\"}, \"perwatt\": \"perwatt-record\"",
            "{\"name\": \"perwatt-records\"",
        ] {
            assert!(!was_meant(other.as_bytes(), SCHEMA_NAME), "{other}");
        }
    }
}
