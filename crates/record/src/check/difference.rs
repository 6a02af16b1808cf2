//! The first difference of two JSON documents.

use serde_json::Value;

/// Relative difference allowed between floats on the machine that wrote and the one that
/// checks: their mathematical libraries round differently.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// A value as a JSON document.
pub fn to_value<T: serde::Serialize>(value: &T) -> Value {
    // The types hold nothing that JSON cannot represent; an error would show as a
    // difference, never as agreement.
    serde_json::to_value(value).unwrap_or_else(|e| Value::from(e.to_string()))
}

/// Path of the first difference; floats are compared within [`FLOAT_TOLERANCE`].
pub fn difference(a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
            keys.into_iter().find_map(|key| {
                let (left, right) = (x.get(key), y.get(key));
                difference(left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null))
                    .map(|rest| format!(".{key}{rest}"))
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (left, right))| {
                difference(left, right).map(|rest| format!("[{i}]{rest}"))
            })
        }
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            let (x, y) = (x.as_f64()?, y.as_f64()?);
            let close = x == y || (x - y).abs() <= FLOAT_TOLERANCE * x.abs().max(y.abs());
            (!close).then(String::new)
        }
        _ => (a != b).then(String::new),
    }
}
