//! A scenario file as keys with values and lines, before interpretation.

use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Value};

/// A key with its value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// `section.name`, or `name` outside a section.
    pub key: String,
    /// Its line, counting from 1; absent on the command line.
    pub line: Option<usize>,
    /// Its value.
    pub value: Value,
}

/// A fault in a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counting from 1; absent if the fault is on the command line, or if
    /// something is missing.
    pub line: Option<usize>,
    /// The key.
    pub key: String,
    /// The fault and its remedy.
    pub what: String,
}

impl Entry {
    /// The fault of this entry.
    pub fn fault(&self, what: String) -> Fault {
        Fault {
            line: self.line,
            key: self.key.clone(),
            what,
        }
    }
}

/// The keys of a TOML text in their order.
///
/// # Errors
/// One [`Fault`] for each place at which it is not TOML, or for each value that no number
/// here can hold.
pub fn entries(text: &str) -> Result<Vec<Entry>, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<Fault> = errors
        .iter()
        .map(|error| Fault {
            line: error.span().map(|span| line_of(text, span.start)),
            key: String::new(),
            what: format!("this is not TOML: {}", error.message()),
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut all = Vec::new();
    let mut add = |key: String, at: usize, value: Spanned<DeValue>| {
        let line = Some(line_of(text, at));
        match Value::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => all.push(Entry { key, line, value }),
            Err(error) => {
                let what = format!("cannot be read: {}", error.message());
                faults.push(Fault { line, key, what });
            }
        }
    };
    for (name, value) in table.into_inner() {
        let (at, place) = (name.span().start, value.span());
        match value.into_inner() {
            DeValue::Table(section) => {
                for (key, value) in section {
                    let at = key.span().start;
                    add(format!("{}.{}", name.get_ref(), key.get_ref()), at, value);
                }
            }
            value => add(name.into_inner().into(), at, Spanned::new(place, value)),
        }
    }
    // The parser sorts the keys by name; this restores their order.
    all.sort_by_key(|entry| entry.line);
    match faults.is_empty() {
        true => Ok(all),
        false => Err(faults),
    }
}

/// `KEY=VALUE` of a command line, the value as in a scenario; a text needs no quotes.
///
/// # Errors
/// A [`Fault`] if there is no `=`.
pub fn setting(text: &str) -> Result<Entry, Fault> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(Fault {
            line: None,
            key: text.into(),
            what: "write KEY=VALUE, such as network.btc_price_usd=90000".into(),
        });
    };
    let value = value.trim();
    let written = ValueDeserializer::parse(value).and_then(Value::deserialize);
    Ok(Entry {
        key: key.trim().into(),
        line: None,
        value: written.unwrap_or_else(|_| Value::String(value.into())),
    })
}

/// The line, counting from 1, of a place in a text.
fn line_of(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Reads a number.
pub fn number(value: &Value) -> Option<f64> {
    f64::deserialize(value.clone()).ok()
}

/// Reads a text or a date, without the space around it.
///
/// # Errors
/// The fault in words.
pub fn text(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Datetime(date) => date.to_string(),
        _ => String::new(),
    };
    match text.is_empty() {
        true => Err("must be a text that is not empty".into()),
        false => Ok(text),
    }
}

/// A value in messages.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) if !(1e-6..1e15).contains(&number.abs()) => format!("{number:e}"),
        Value::Float(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Datetime(date) => date.to_string(),
        Value::Boolean(is) => is.to_string(),
        Value::Array(_) => "a list".into(),
        Value::Table(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_come_with_their_lines() {
        let text = "name = \"x\"\n[site]\ngross_mw = 20\n\n[power]\nprice_usd_per_mwh = { value = 4_5.5, source = \"bill\" }\n";
        let found = entries(text).unwrap();
        let at: Vec<(&str, Option<usize>)> =
            found.iter().map(|e| (e.key.as_str(), e.line)).collect();
        assert_eq!(
            at,
            [
                ("name", Some(1)),
                ("site.gross_mw", Some(3)),
                ("power.price_usd_per_mwh", Some(6))
            ]
        );
        assert_eq!(found[2].value["value"], Value::Float(45.5));
    }

    #[test]
    fn a_key_that_is_there_twice_is_no_toml() {
        let faults = entries("[site]\ngross_mw = 1\ngross_mw = 2\n").unwrap_err();
        assert_eq!(faults[0].line, Some(3));
        assert!(faults[0].what.contains("duplicate key"), "{faults:?}");
        let faults = entries("[site]\n\ngross_mw = 123456789012345678901\n").unwrap_err();
        assert_eq!(faults[0].line, Some(3));
        assert_eq!(faults[0].key, "site.gross_mw");
    }

    #[test]
    fn settings_need_an_equals_sign() {
        let value = |text| setting(text).unwrap().value;
        assert_eq!(value("a.b = no one"), Value::String("no one".into()));
        assert_eq!(value("a.b=2e3"), Value::Float(2000.0));
        assert_eq!(value("a=x y"), Value::String("x y".into()));
        assert_eq!(value("uses=[\"hosting\"]")[0].as_str(), Some("hosting"));
        assert!(value("a={ value = 1 }").is_table());
        // A second line does not become a second key.
        assert_eq!(value("a=1\nb=2"), Value::String("1\nb=2".into()));
        assert!(setting("a.b").unwrap_err().what.contains("KEY=VALUE"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}=\"a-c0-9.\n#, -]{0,60}") {
            let _ = entries(&text);
        }
    }
}
