//! The seal of a record: SHA-256 of its canonical body.
//!
//! The body is the document without its own `digest`, in a form that depends only on its
//! content: RFC 8785 (JSON Canonicalization Scheme), for which libraries exist in many
//! languages. Files up to minor version 3 are sealed over [`Form::Sorted`]. The digest is
//! computed from the text rather than from the types, so that it covers fields that this
//! build does not know. Anybody can compute it, so it guards against accidents and careless
//! edits; it is not a signature.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

use crate::schema::{SCHEMA_NAME, SchemaId};

/// The prefix that names the algorithm.
pub const PREFIX: &str = "sha256:";

/// The first minor version whose records are sealed over RFC 8785.
const WITH_RFC8785: u32 = 4;

/// A canonical form of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Keys sorted by their bytes, no white space, numbers as `serde_json` prints them.
    Sorted,
    /// RFC 8785: keys sorted by their UTF-16 code units, numbers as ECMAScript prints them.
    /// Numbers are IEEE doubles in this form, so an integer that no double equals has no
    /// canonical form.
    Rfc8785,
}

impl Form {
    /// The form that records of a schema version are sealed over.
    pub fn of_schema(schema: &SchemaId) -> Self {
        match schema.minor < WITH_RFC8785 {
            true => Self::Sorted,
            false => Self::Rfc8785,
        }
    }
}

/// The digest of a document of JSON text, without its own `digest` field.
///
/// # Errors
/// If the text is not JSON, an object has a key twice, or a number has no canonical form.
pub fn of_text(text: &[u8], form: Form) -> Result<String, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let digest = of(&mut reader, form)?;
    reader.end()?;
    Ok(digest)
}

/// Like [`of_text`], for a parsed document, in the form that its schema version requires.
///
/// # Errors
/// If a number has no canonical form.
pub fn of_document(document: &serde_json::Value) -> Result<String, serde_json::Error> {
    let schema = document.get("schema").and_then(|schema| {
        let schema: SchemaId = serde::Deserialize::deserialize(schema).ok()?;
        (schema.name == SCHEMA_NAME).then_some(schema)
    });
    of(
        document,
        schema.as_ref().map_or(Form::Sorted, Form::of_schema),
    )
}

/// Like [`of_text`], for any source that deserializes like JSON.
///
/// # Errors
/// Those of [`of_text`].
pub fn of<'de, D: Deserializer<'de>>(document: D, form: Form) -> Result<String, D::Error> {
    let mut body = Vec::new();
    let canonical = Canonical {
        form,
        top: true,
        out: &mut body,
    };
    canonical.deserialize(document)?;
    Ok(format!("{PREFIX}{}", hex::encode(Sha256::digest(&body))))
}

/// The largest number up to `value` that a double represents exactly: `value` itself up to
/// 2^53, its first 53 significant bits above.
pub fn exact(value: u64) -> u64 {
    let spare = (u64::BITS - value.leading_zeros()).saturating_sub(f64::MANTISSA_DIGITS);
    value >> spare << spare
}

/// Writes the canonical form of a value while it is read, so that no tree of a large
/// document is built.
struct Canonical<'a> {
    form: Form,
    /// True for the document itself, whose `digest` is left out.
    top: bool,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Canonical<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        document.deserialize_any(self)
    }
}

impl Canonical<'_> {
    fn inner<'b>(form: Form, out: &'b mut Vec<u8>) -> Canonical<'b> {
        Canonical {
            form,
            top: false,
            out,
        }
    }

    fn double<E: de::Error>(self, value: f64) -> Result<(), E> {
        match self.form {
            Form::Sorted => write_json(self.out, &value),
            Form::Rfc8785 => {
                let mut digits = ryu_js::Buffer::new();
                self.out
                    .extend_from_slice(digits.format_finite(value).as_bytes());
                Ok(())
            }
        }
    }

    fn integer<E: de::Error>(self, value: i128) -> Result<(), E> {
        match self.form {
            Form::Sorted => write_json(self.out, &value),
            Form::Rfc8785 if value as f64 as i128 == value => self.double(value as f64),
            Form::Rfc8785 => Err(E::custom(format_args!(
                "{value} has no canonical form, because no double equals it"
            ))),
        }
    }
}

impl<'de> Visitor<'de> for Canonical<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        write_json(self.out, &value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.integer(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.integer(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.double(value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        // The escapes of `serde_json` are those of RFC 8785.
        write_json(self.out, value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.out.push(b'[');
        let first = self.out.len();
        loop {
            let before = self.out.len();
            if before > first {
                self.out.push(b',');
            }
            if items
                .next_element_seed(Self::inner(self.form, self.out))?
                .is_none()
            {
                self.out.truncate(before);
                break;
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let start = self.out.len();
        // Each key with the range of its value in the output; values are moved once all
        // keys are known.
        let mut places: Vec<(String, std::ops::Range<usize>)> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let from = self.out.len();
            entries.next_value_seed(Self::inner(self.form, self.out))?;
            places.push((key, from..self.out.len()));
        }
        match self.form {
            Form::Sorted => places.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes())),
            Form::Rfc8785 => places.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16())),
        }
        if let Some(twice) = places.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(de::Error::custom(format_args!(
                "the key {:?} stands twice in one object",
                twice[0].0
            )));
        }
        let values = self.out.split_off(start);
        self.out.push(b'{');
        for (key, place) in &places {
            if self.top && key == "digest" {
                continue;
            }
            if self.out.len() > start + 1 {
                self.out.push(b',');
            }
            write_json(self.out, key.as_str())?;
            self.out.push(b':');
            self.out
                .extend_from_slice(&values[place.start - start..place.end - start]);
        }
        self.out.push(b'}');
        Ok(())
    }
}

fn write_json<T: serde::Serialize + ?Sized, E: de::Error>(
    out: &mut Vec<u8>,
    value: &T,
) -> Result<(), E> {
    serde_json::to_writer(out, value).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn canonical(text: &str, form: Form) -> Result<String, serde_json::Error> {
        let mut out = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(text);
        Canonical::inner(form, &mut out).deserialize(&mut reader)?;
        reader.end()?;
        Ok(String::from_utf8(out).unwrap())
    }

    /// RFC 8785, section 3.2.2 and appendix B.
    #[test]
    fn the_examples_of_rfc_8785() {
        let text = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\
            \"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text, Form::Rfc8785).unwrap(), expected);
        for (bits, expected) in [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let text = serde_json::to_string(&f64::from_bits(bits)).unwrap();
            assert_eq!(canonical(&text, Form::Rfc8785).unwrap(), expected);
        }
    }

    /// RFC 8785, section 3.2.3: keys are sorted by UTF-16 code units, not by code points.
    #[test]
    fn keys_are_sorted_as_rfc_8785_says() {
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        assert_eq!(
            canonical(text, Form::Rfc8785).unwrap(),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn integers_are_exact_or_refused() {
        for (text, expected) in [
            ("9007199254740991", Some("9007199254740991")),
            ("9007199254740993", None),
            ("9007199254740994", Some("9007199254740994")),
            ("18446744073709551615", None),
            ("-9007199254740993", None),
            ("-7", Some("-7")),
        ] {
            assert_eq!(canonical(text, Form::Rfc8785).ok().as_deref(), expected);
            assert_eq!(canonical(text, Form::Sorted).unwrap(), text);
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        for form in [Form::Sorted, Form::Rfc8785] {
            let error = of_text(br#"{"a":{"b":1,"c":2,"b":1}}"#, form).unwrap_err();
            assert!(error.to_string().contains("\"b\" stands twice"), "{error}");
        }
    }

    #[test]
    fn key_order_and_the_digest_itself_do_not_matter() {
        for form in [Form::Sorted, Form::Rfc8785] {
            let a = of_text(r#"{"b":[1,{"y":2,"x":3}],"a":"é\n"}"#.as_bytes(), form);
            let b = r#"{"a":"é\n", "digest":"sha256:0", "b":[1,{"x":3,"y":2}]}"#;
            assert_eq!(a.unwrap(), of_text(b.as_bytes(), form).unwrap());
            // Only the document's own digest is left out.
            let c = r#"{"a":"é\n", "b":[1,{"x":3,"y":2,"digest":""}]}"#;
            assert_ne!(
                of_text(b.as_bytes(), form).unwrap(),
                of_text(c.as_bytes(), form).unwrap()
            );
        }
    }

    #[test]
    fn a_known_document_keeps_its_digest() {
        // printf '{"a":1,"b":[0.1,null]}' | sha256sum
        for form in [Form::Sorted, Form::Rfc8785] {
            assert_eq!(
                of(json!({"b": [0.1, null], "a": 1}), form).unwrap(),
                "sha256:e4a9ad4b968106893e46864fc11d30b18e50cb866ef02d73d039465465bca1e0"
            );
        }
    }

    proptest! {
        #[test]
        fn survives_writing_and_reading(numbers in proptest::collection::vec(any::<f64>(), 0..20), n in any::<u64>()) {
            let finite: Vec<f64> = numbers.into_iter().filter(|x| x.is_finite()).collect();
            let value = json!({ "x": finite, "n": exact(n) });
            let text = serde_json::to_string_pretty(&value).unwrap();
            for form in [Form::Sorted, Form::Rfc8785] {
                prop_assert_eq!(of(&value, form).unwrap(), of_text(text.as_bytes(), form).unwrap());
            }
        }

        #[test]
        fn any_changed_number_shows(a in any::<u64>(), b in any::<u64>()) {
            let (a, b) = (exact(a), exact(b));
            prop_assume!(a != b);
            for form in [Form::Sorted, Form::Rfc8785] {
                prop_assert_ne!(of(json!({ "t": [a] }), form).unwrap(), of(json!({ "t": [b] }), form).unwrap());
            }
        }

        #[test]
        fn what_is_canonical_stays_so(text in "[ \\[\\]{}a-c0-9\":,.eE-]{0,40}") {
            if let Ok(once) = canonical(&text, Form::Rfc8785) {
                prop_assert_eq!(canonical(&once, Form::Rfc8785).unwrap(), once.clone());
                prop_assert_eq!(
                    serde_json::from_str::<Value>(&text).is_ok(),
                    serde_json::from_str::<Value>(&once).is_ok()
                );
            }
        }

        #[test]
        fn an_exact_integer_is_the_largest_that_a_double_equals(n in any::<u64>()) {
            let found = exact(n);
            prop_assert!(found <= n && n - found < 1 << 11);
            prop_assert_eq!(found as f64 as u128, u128::from(found));
        }
    }
}
