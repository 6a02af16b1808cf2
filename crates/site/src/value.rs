//! Reads the value of a parameter from an entry of a scenario.

use perwatt_table::{Evidence, Source};
use serde::Deserialize;
use toml::Value as Raw;

use crate::date;
use crate::parameter::{Origin, Parameter, Rule, Value};
use crate::raw::{Entry, number, shown, text};

/// `{ value = …, low = …, high = …, source = …, date = …, mark = … }`.
#[derive(Deserialize)]
struct Parts {
    value: Option<Raw>,
    low: Option<Raw>,
    high: Option<Raw>,
    source: Option<Raw>,
    date: Option<Raw>,
    mark: Option<Raw>,
    #[serde(flatten)]
    unknown: toml::Table,
}

impl Value {
    /// A value that an entry gives without a range and without a source: the entry itself
    /// is the source.
    pub(crate) fn of(entry: &Entry, value: f64) -> Self {
        let (origin, text) = match entry.line {
            Some(line) => (Origin::Scenario(line), format!("scenario, line {line}")),
            None => (Origin::CommandLine, "command line".into()),
        };
        Self {
            value,
            range: None,
            source: Source {
                evidence: Evidence::Assumed,
                text,
                date: None,
            },
            range_source: String::new(),
            origin,
        }
    }

    /// Reads the value of a parameter; otherwise returns the fault in words.
    pub(crate) fn read(parameter: &Parameter, entry: &Entry) -> Result<Self, String> {
        let allowed = |raw: &Raw| allowed(parameter, raw);
        let Raw::Table(table) = &entry.value else {
            return Ok(Self::of(entry, allowed(&entry.value)?));
        };
        let parts: Parts = table
            .clone()
            .try_into()
            .map_err(|error| error.to_string())?;
        if let Some(name) = parts.unknown.keys().next() {
            let near = nearest(name, ["value", "low", "high", "source", "date", "mark"]);
            return Err(format!("has no part {name:?}{near}"));
        }
        let number = |part: &Option<Raw>| part.as_ref().map(allowed).transpose();
        let words = |name: &str, part: &Option<Raw>| {
            let read = part.as_ref().map(text).transpose();
            read.map_err(|what| format!("{name} {what}"))
        };
        let read = number(&parts.value)?;
        let read = read.ok_or("has no value; write { value = …, low = …, high = … }")?;
        let mut value = Self::of(entry, read);
        value.source.date = words("date", &parts.date)?;
        let mark = words("mark", &parts.mark)?;
        if let Some(text) = words("source", &parts.source)? {
            value.source.text = text;
            value.source.evidence = mark.map_or(Ok(Evidence::Sourced), |mark| marked(&mark))?;
        } else if mark.is_some() {
            return Err("has a mark and no source; say who measured or said it".into());
        }
        value.range = match (number(&parts.low)?, number(&parts.high)?) {
            (None, None) => return Ok(value),
            (Some(low), Some(high)) if low <= read && read <= high && low < high => {
                Some([low, high])
            }
            (Some(low), Some(high)) => {
                return Err(format!(
                    "low {low}, value {read} and high {high} are not in order; a range lies around its value"
                ));
            }
            _ => return Err("has one end of a range; give low and high, or neither".into()),
        };
        value.range_source.clone_from(&value.source.text);
        Ok(value)
    }
}

/// The evidence of this name, of the kinds that a given figure can have.
fn marked(text: &str) -> Result<Evidence, String> {
    [
        Evidence::Measured,
        Evidence::Nameplate,
        Evidence::Sourced,
        Evidence::Assumed,
    ]
    .into_iter()
    .find(|mark| mark.word() == text)
    .ok_or_else(|| format!("has no mark {text:?}; use measured, nameplate, sourced or assumed"))
}

/// Reads a number that the parameter's rule allows.
fn allowed(parameter: &Parameter, raw: &Raw) -> Result<f64, String> {
    let (value, form) = match parameter.rule {
        Rule::Date => (
            text(raw).ok().and_then(|day| date::read(&day)),
            "must be a day such as 2026-10-03",
        ),
        _ => (number(raw), "must be a number"),
    };
    let must = value.map_or(Some(form.into()), |value| parameter.fault(value));
    match (value, must) {
        (Some(value), None) => Ok(value),
        (_, must) => Err(format!(
            "is {}, and {}: {} ({})",
            shown(raw),
            must.unwrap_or_default(),
            parameter.about,
            parameter.unit
        )),
    }
}

/// `; did you mean x?` if one of these is near, else a pointer to the list of keys.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match perwatt_table::nearest(name, known) {
        Some(known) => format!("; did you mean {known}?"),
        None => "; perwatt site --defaults lists what there is".into(),
    }
}
