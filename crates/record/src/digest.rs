//! The seal over a record: SHA-256 of its canonical body.
//!
//! Canonical means: the `digest` field removed, keys sorted by their bytes, no
//! white space, numbers as `serde_json` prints them. It is computed from the
//! parsed document rather than from the types, so a field that this build does
//! not know still counts. Anybody can compute it, so it guards against accidents
//! and careless edits; it is not a signature.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The prefix that names the algorithm.
pub const PREFIX: &str = "sha256:";

/// The digest of a document, its own `digest` field left out.
pub fn of(document: &Value) -> String {
    let mut body = Vec::new();
    match document {
        Value::Object(map) => {
            write_object(map.iter().filter(|(key, _)| *key != "digest"), &mut body)
        }
        other => write_value(other, &mut body),
    }
    format!("{PREFIX}{}", hex(&Sha256::digest(&body)))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => write_object(map.iter(), out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        scalar => out.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

// Sorted here because the map's own order depends on a cargo feature that any
// crate in the build may switch on.
fn write_object<'a>(entries: impl Iterator<Item = (&'a String, &'a Value)>, out: &mut Vec<u8>) {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    out.push(b'{');
    for (i, (key, value)) in entries.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(Value::from(key.as_str()).to_string().as_bytes());
        out.push(b':');
        write_value(value, out);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn key_order_and_the_digest_itself_do_not_matter() {
        let a: Value = serde_json::from_str(r#"{"b":[1,{"y":2,"x":3}],"a":"é\n"}"#).unwrap();
        let b: Value =
            serde_json::from_str(r#"{"a":"é\n", "digest":"sha256:0", "b":[1,{"x":3,"y":2}]}"#)
                .unwrap();
        assert_eq!(of(&a), of(&b));
    }

    #[test]
    fn a_known_document_keeps_its_digest() {
        // printf '{"a":1,"b":[0.1,null]}' | sha256sum
        assert_eq!(
            of(&json!({"b": [0.1, null], "a": 1})),
            "sha256:e4a9ad4b968106893e46864fc11d30b18e50cb866ef02d73d039465465bca1e0"
        );
    }

    proptest! {
        #[test]
        fn survives_writing_and_reading(numbers in proptest::collection::vec(any::<f64>(), 0..20), n in any::<u64>()) {
            let finite: Vec<f64> = numbers.into_iter().filter(|x| x.is_finite()).collect();
            let value = json!({ "x": finite, "n": n });
            let text = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(of(&value), of(&serde_json::from_str(&text).unwrap()));
        }

        #[test]
        fn any_changed_number_shows(a in any::<u64>(), b in any::<u64>()) {
            prop_assume!(a != b);
            prop_assert_ne!(of(&json!({ "t": [a] })), of(&json!({ "t": [b] })));
        }
    }
}
