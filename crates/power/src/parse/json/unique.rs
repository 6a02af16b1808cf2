//! JSON without duplicate keys in one object. Parsers differ in which of the two values
//! they take, so neither is reliable.

use crate::parse::{ReplyError, cut};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Parses the document; a duplicate key is an error.
pub(super) fn parse(text: &str) -> Result<Value, ReplyError> {
    let mut repeated = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Unique(&mut repeated).deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match repeated {
        Some(key) => ReplyError::Repeated { key },
        None => ReplyError::NotJson {
            line: error.line(),
            column: error.column(),
        },
    })
}

/// Reads a value; the first duplicate key is stored in the option.
struct Unique<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Unique(self.0))? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if all.contains_key(&key) {
                *self.0 = Some(format!("{:?}", cut(&key)));
                return Err(A::Error::custom("a key stands twice"));
            }
            let value = fields.next_value_seed(Unique(self.0))?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}
