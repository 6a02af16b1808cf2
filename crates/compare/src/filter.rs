//! Row filters.

use regex::Regex;

use crate::error::CompareError;
use crate::key::Field;
use crate::session::Row;

/// A pattern on one property of a row, or on its whole name.
#[derive(Debug, Clone)]
pub struct Filter {
    property: Option<String>,
    pattern: Regex,
}

/// Properties that a filter can name besides fields of the key.
const PROPERTIES: [&str; 5] = ["workload", "device", "backend", "metric", "model"];

impl Filter {
    /// Parses `PATTERN`, matched against `WORKLOAD/DEVICE/BACKEND`, or `PROPERTY=PATTERN`,
    /// where the property is `workload`, `device`, `backend`, `metric`, `model` or a field
    /// of the key. A word before the first `=` is a property.
    ///
    /// # Errors
    /// [`CompareError::Filter`]: the pattern is not a regular expression.
    /// [`CompareError::Property`]: there is no such property.
    pub fn parse(text: &str) -> Result<Self, CompareError> {
        let (property, pattern) = match text.split_once('=') {
            Some((name, pattern)) if is_word(name) => {
                if !PROPERTIES.contains(&name) && Field::find(name).is_none() {
                    return Err(CompareError::Property {
                        property: name.to_owned(),
                        known: format!("{}, {}", PROPERTIES.join(", "), Field::known()),
                    });
                }
                (Some(name.to_owned()), pattern)
            }
            _ => (None, text),
        };
        let pattern = Regex::new(pattern).map_err(|cause| CompareError::Filter {
            text: text.to_owned(),
            cause: Box::new(cause),
        })?;
        Ok(Self { property, pattern })
    }

    /// True if the row matches.
    pub fn keeps(&self, row: &Row) -> bool {
        let value = match self.property.as_deref() {
            None => Some(format!("{}/{}/{}", row.name, row.device, row.backend)),
            Some("workload") => Some(row.name.to_string()),
            Some("device") => Some(row.device.to_string()),
            Some("backend") => Some(row.backend.to_string()),
            Some("metric") => Some(row.metric.name().to_owned()),
            Some("model") => Some(row.device_model.to_string()),
            Some(field) => Field::find(field).and_then(|field| row.key.text(&field)),
        };
        value.is_some_and(|value| self.pattern.is_match(&value))
    }
}

/// True for a name of properties, as no part of a pattern on whole names has: letters,
/// digits, `.`, `_` and `-`, with a letter first.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_known_or_refused_and_a_pattern_may_hold_an_equals_sign() {
        for text in ["device=cpu", "unit=H", "protocol.warmup_s=1", "^a|b=c", "="] {
            let parsed = Filter::parse(text);
            let refused = matches!(parsed, Err(CompareError::Property { .. }));
            assert!(
                !refused || text.starts_with("protocol"),
                "{text}: {parsed:?}"
            );
        }
        let error = Filter::parse("zork=1").unwrap_err().to_string();
        for part in ["\"zork\"", "workload, device", "unit"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
