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
    /// of the key.
    ///
    /// # Errors
    /// [`CompareError::Filter`]: the pattern is not a regular expression.
    pub fn parse(text: &str) -> Result<Self, CompareError> {
        let (property, pattern) = match text.split_once('=') {
            Some((name, pattern))
                if PROPERTIES.contains(&name) || name.contains('.') || name == "unit" =>
            {
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
