//! A scenario file as keys with values and lines, before interpretation.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// A number.
    Number(f64),
    /// A text or a date.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// `{ value = …, low = …, high = …, source = …, date = … }`.
    Table(Vec<(String, Raw)>),
    /// Anything else, described in words.
    Other(&'static str),
}

/// A key with its value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// `section.name`, or `name` outside a section.
    pub key: String,
    /// Its line, counting from 1; absent on the command line.
    pub line: Option<usize>,
    /// Its value.
    pub value: Raw,
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

/// The keys of a TOML text in their order.
///
/// # Errors
/// One [`Fault`] for each place at which it is not TOML.
pub fn entries(text: &str) -> Result<Vec<Entry>, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let fault = |error: &toml::de::Error| Fault {
            line: error.span().map(|span| line_of(text, span.start)),
            key: String::new(),
            what: format!("this is not TOML: {}", error.message()),
        };
        return Err(errors.iter().map(fault).collect());
    }
    let mut all = Vec::new();
    for (key, value) in table.get_ref().iter() {
        let name = key.get_ref().as_ref();
        match value.get_ref() {
            DeValue::Table(section) => {
                for (key, value) in section.iter() {
                    let name = format!("{name}.{}", key.get_ref());
                    all.push(entry(text, name, key.span().start, value));
                }
            }
            _ => all.push(entry(text, name.into(), key.span().start, value)),
        }
    }
    // The parser sorts the keys by name; this restores their order.
    all.sort_by_key(|entry| entry.line);
    Ok(all)
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
    let (key, value) = (key.trim().to_owned(), value.trim());
    let written = entries(&format!("section.key = {value}")).ok();
    let raw = match written.as_deref() {
        Some([only]) => only.value.clone(),
        _ => Raw::Text(value.to_owned()),
    };
    Ok(Entry {
        key,
        line: None,
        value: raw,
    })
}

fn entry(text: &str, key: String, at: usize, value: &Spanned<DeValue>) -> Entry {
    Entry {
        key,
        line: Some(line_of(text, at)),
        value: raw(value.get_ref()),
    }
}

fn raw(value: &DeValue) -> Raw {
    match value {
        DeValue::Integer(number) => {
            let value = i64::from_str_radix(number.as_str(), number.radix());
            value.map_or(Raw::Other("no number that can be read"), |n| {
                Raw::Number(n as f64)
            })
        }
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(value) => Raw::Number(value),
            Err(_) => Raw::Other("no number"),
        },
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Datetime(date) => Raw::Text(date.to_string()),
        DeValue::Boolean(_) => Raw::Other("true or false"),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            });
            match texts.collect() {
                Some(texts) => Raw::List(texts),
                None => Raw::Other("a list of other things than texts"),
            }
        }
        DeValue::Table(table) => {
            let of = table.iter();
            Raw::Table(
                of.map(|(key, value)| (key.get_ref().to_string(), raw(value.get_ref())))
                    .collect(),
            )
        }
    }
}

/// The line, counting from 1, of a place in a text.
fn line_of(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count()
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
        let Raw::Table(parts) = &found[2].value else {
            panic!("{found:?}")
        };
        assert!(parts.contains(&("value".into(), Raw::Number(45.5))));
    }

    #[test]
    fn a_key_that_is_there_twice_is_no_toml() {
        let faults = entries("[site]\ngross_mw = 1\ngross_mw = 2\n").unwrap_err();
        assert_eq!(faults[0].line, Some(3));
        assert!(faults[0].what.contains("duplicate key"), "{faults:?}");
    }

    #[test]
    fn settings_need_an_equals_sign() {
        assert_eq!(
            setting("a.b = no one").unwrap().value,
            Raw::Text("no one".into())
        );
        assert_eq!(setting("a.b=2e3").unwrap().value, Raw::Number(2000.0));
        assert_eq!(setting("a=x y").unwrap().value, Raw::Text("x y".into()));
        let list = setting("uses=[\"hosting\"]").unwrap().value;
        assert_eq!(list, Raw::List(vec!["hosting".into()]));
        assert!(matches!(
            setting("a={ value = 1 }").unwrap().value,
            Raw::Table(_)
        ));
        // A second line does not become a second key.
        assert_eq!(
            setting("a=1\nb=2").unwrap().value,
            Raw::Text("1\nb=2".into())
        );
        assert!(setting("a.b").unwrap_err().what.contains("KEY=VALUE"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}=\"a-c0-9.\n#, -]{0,60}") {
            let _ = entries(&text);
        }
    }
}
