//! One figure from any JSON document, by JSON pointer (RFC 6901).

mod unique;
mod unit_beside;

use super::unit::last_decimal;
use super::{Reading, ReplyError, Unit, cut, unit_name};
use perwatt_table::named_unit::spelled;
use serde_json::Value;

/// The figure at `pointer` (`/a/b/0`), which is in `unit`.
///
/// The number may be a string, with or without its unit: `"3250 W"`.
///
/// # Errors
/// [`ReplyError`] if the text is not JSON, the figure is missing, is not a finite
/// number of at least 0, or is stated in another unit.
pub fn reading(text: &str, pointer: &str, unit: Unit) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    let value = document
        .pointer(pointer)
        .ok_or_else(|| missing(&document, pointer))?;
    let number = number(value, pointer, Some(unit))?;
    if let Some(said) = unit_beside::of(&document, pointer, unit.quantity())
        && !unit_name::says(said, unit)
    {
        return Err(ReplyError::WrongUnit {
            at: pointer.to_owned(),
            found: cut(said),
            wanted: unit,
        });
    }
    let si = unit.to_si(not_negative(number, pointer)?);
    finite(si, pointer)?;
    let quantum = unit.to_si(last_decimal(number));
    Ok(Reading::of(unit.quantity(), si, quantum))
}

/// Parses the whole document.
pub(super) fn document(text: &str) -> Result<Value, ReplyError> {
    // A byte-order mark is not valid JSON, but some devices send one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    unique::parse(text)
}

/// A number, or a string that holds one; `unit` may follow in the string.
pub(super) fn number(value: &Value, at: &str, unit: Option<Unit>) -> Result<f64, ReplyError> {
    let bad = || ReplyError::NotANumber {
        at: at.to_owned(),
        text: cut(&value.to_string()),
    };
    let parsed = match value {
        Value::Number(number) => number.as_f64().ok_or_else(bad)?,
        Value::String(text) => {
            let text = text.trim();
            let end = text
                .find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)))
                .unwrap_or(text.len());
            let (figure, suffix) = match text.parse::<f64>() {
                // `1e3`, which the split below would break.
                Ok(_) => (text, ""),
                Err(_) => (&text[..end], text[end..].trim()),
            };
            let figure = figure.parse::<f64>().map_err(|_| bad())?;
            match unit {
                _ if suffix.is_empty() => figure,
                Some(unit) if unit_name::says(suffix, unit) => figure,
                Some(wanted) if spelled(suffix).is_some() => {
                    return Err(ReplyError::WrongUnit {
                        at: at.to_owned(),
                        found: suffix.to_owned(),
                        wanted,
                    });
                }
                _ => return Err(bad()),
            }
        }
        _ => return Err(bad()),
    };
    finite(parsed, at)
}

/// The number at `pointer`; an error if it is below 0.
pub(super) fn amount(document: &Value, pointer: &str) -> Result<f64, ReplyError> {
    let value = document
        .pointer(pointer)
        .ok_or_else(|| missing(document, pointer))?;
    not_negative(number(value, pointer, None)?, pointer)
}

/// As [`amount`], but `None` if the value is missing or null.
pub(super) fn optional_amount(document: &Value, pointer: &str) -> Result<Option<f64>, ReplyError> {
    match document.pointer(pointer) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => amount(document, pointer).map(Some),
    }
}

/// Larger than any real figure in any unit, and small enough that sums and conversions
/// stay finite.
const MAX_FIGURE: f64 = 1e30;

pub(super) fn finite(value: f64, at: &str) -> Result<f64, ReplyError> {
    match value.abs() <= MAX_FIGURE {
        true => Ok(value),
        false => Err(ReplyError::NotANumber {
            at: at.to_owned(),
            text: format!("{value:?}"),
        }),
    }
}

pub(super) fn not_negative(value: f64, at: &str) -> Result<f64, ReplyError> {
    match value < 0.0 {
        true => Err(ReplyError::Negative {
            at: at.to_owned(),
            value,
        }),
        false => Ok(value),
    }
}

/// The error for a missing value, with the part of the pointer that exists and the
/// content there.
pub(super) fn missing(document: &Value, pointer: &str) -> ReplyError {
    let mut reached = pointer;
    let there = loop {
        match document.pointer(reached) {
            Some(value) => break value,
            None => reached = reached.rsplit_once('/').map_or("", |(before, _)| before),
        }
    };
    let offered = match there {
        Value::Object(fields) => super::list(fields.keys().map(String::as_str)),
        Value::Array(items) => format!("{} items, counted from 0", items.len()),
        other => cut(&other.to_string()),
    };
    let place = if reached.is_empty() { "/" } else { reached };
    ReplyError::Missing {
        at: pointer.to_owned(),
        hint: format!("; at {place} there is: {offered}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watts(text: &str) -> Result<f64, ReplyError> {
        reading(text, "/p", Unit::W).map(|r| r.power_w.unwrap())
    }

    #[test]
    fn numbers_and_strings_that_hold_them() {
        for (text, expected) in [
            (r#"{"p":3.5}"#, 3.5),
            (r#"{"p":"3.5"}"#, 3.5),
            (r#"{"p":" 3250 W "}"#, 3250.0),
            (r#"{"p":"1e3"}"#, 1000.0),
            (r#"{"p":0}"#, 0.0),
            ("\u{feff}{\"p\":-0.0}", 0.0),
        ] {
            assert_eq!(watts(text), Ok(expected), "{text}");
        }
        let energy = reading(r#"[{"e":1.25}]"#, "/0/e", Unit::KWH).unwrap();
        assert_eq!(energy.energy_j, Some(4.5e6));
        assert_eq!(energy.energy_quantum_j, Some(0.01 * 3.6e6));
        assert_eq!(energy.power_w, None);
    }

    #[test]
    fn a_unit_beside_the_figure_is_believed() {
        let kw = r#"{"p":1.5,"unit":"kW"}"#;
        assert!(matches!(watts(kw), Err(ReplyError::WrongUnit { .. })));
        assert_eq!(reading(kw, "/p", Unit::KW).unwrap().power_w, Some(1500.0));
        let assistant = r#"{"p":"1.5","attributes":{"unit_of_measurement":"kW"}}"#;
        assert!(matches!(
            watts(assistant),
            Err(ReplyError::WrongUnit { .. })
        ));
        assert_eq!(watts(r#"{"p":1.5,"unit":"W"}"#), Ok(1.5));
        assert_eq!(watts(r#"{"p":1.5,"unit":7}"#), Ok(1.5));
        assert_eq!(watts(r#"{"p":1.5,"unit":""}"#), Ok(1.5));
    }

    #[test]
    fn whatever_stands_as_a_unit_must_be_the_one_that_is_read() {
        let kw = |text: &str| reading(text, "/p", Unit::KW).map(|r| r.power_w);
        for unit in ["kW", "KW", "kw", "kilowatt", "Kilowatts"] {
            for text in [
                format!(r#"{{"p":1.5,"unit":"{unit}"}}"#),
                format!(r#"{{"p":1.5,"attributes":{{"Units":"{unit}"}}}}"#),
                format!(r#"{{"p":1.5,"p_unit":"{unit}","unit":"%"}}"#),
                format!(r#"{{"p":1.5,"pUnit":"{unit}"}}"#),
                format!(r#"{{"p":1.5,"power_unit":"{unit}","energy_unit":"Wh"}}"#),
                format!(r#"{{"p":"1.5 {unit}"}}"#),
            ] {
                assert_eq!(kw(&text), Ok(Some(1500.0)), "{text}");
                assert!(watts(&text).is_err(), "{text}");
            }
        }
        for unit in [
            "VA", "kVA", "%", "A", "V", "var", "kWh", "pW", "dBm", "apples",
        ] {
            for text in [
                format!(r#"{{"p":1.5,"unit":"{unit}"}}"#),
                format!(r#"{{"p":1.5,"units":"{unit}"}}"#),
                format!(r#"{{"p":1.5,"attributes":{{"unit_of_measurement":"{unit}"}}}}"#),
                format!(r#"{{"p":1.5,"power_unit":"{unit}"}}"#),
            ] {
                for error in [kw(&text).map(|_| 0.0), watts(&text)].map(Result::unwrap_err) {
                    assert!(matches!(error, ReplyError::WrongUnit { .. }), "{text}");
                }
            }
        }
        // Units of an item of a list, and of a figure in its own object.
        for (text, pointer) in [
            (r#"{"p":[1.5],"unit":"kVA"}"#, "/p/0"),
            (
                r#"{"power":{"value":1.5},"power_unit":"kVA"}"#,
                "/power/value",
            ),
        ] {
            assert!(reading(text, pointer, Unit::KW).is_err(), "{text}");
        }
        // Units of other figures.
        let other = r#"{"p":1.5,"energy_unit":"kWh","voltage_unit":"V","max_p_unit":"kW"}"#;
        assert_eq!(watts(other), Ok(1.5));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        for text in [
            r#"{"p":1,"p":1000}"#,
            r#"{"p":1,"a":[{"b":{"c":1,"c":1}}]}"#,
            r#"{"p":1,"\u0070":2}"#,
        ] {
            let error = watts(text).unwrap_err();
            assert!(matches!(error, ReplyError::Repeated { .. }), "{text}");
        }
        assert_eq!(
            watts(r#"{"p":1,"a":{"p":2},"b":[{"p":3},{"p":4}]}"#),
            Ok(1.0)
        );
        let error = watts(r#"{"p":1,"p":1000}"#).unwrap_err().to_string();
        assert!(error.contains("\"p\" twice"), "{error}");
    }

    #[test]
    fn what_is_no_figure_says_why() {
        let not_json = |e: &ReplyError| matches!(e, ReplyError::NotJson { .. });
        let not_number = |e: &ReplyError| matches!(e, ReplyError::NotANumber { .. });
        for text in [
            "",
            "{",
            r#"{"p":1"#,
            r#"{"p":NaN}"#,
            "<html>",
            r#"{"p":1}x"#,
        ] {
            assert!(not_json(&watts(text).unwrap_err()), "{text}");
        }
        #[rustfmt::skip]
        let cases = [
            "null", "true", "[]", "{}", "\"\"", "\"NaN\"", "\"inf\"", "\"1e999\"",
        ];
        for value in cases {
            let error = watts(&format!(r#"{{"p":{value}}}"#)).unwrap_err();
            assert!(not_number(&error), "{value}: {error}");
        }
        assert!(matches!(
            watts(r#"{"p":-2}"#),
            Err(ReplyError::Negative { value: -2.0, .. })
        ));
        assert!(matches!(
            watts(r#"{"p":"2 kWh"}"#),
            Err(ReplyError::WrongUnit { .. })
        ));
        assert!(not_number(&watts(r#"{"p":"2 apples"}"#).unwrap_err()));
        let error = reading(r#"{"a":{"b":1,"c":2}}"#, "/a/power", Unit::W).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reply has nothing at /a/power; at /a there is: b, c"
        );
        // Finite in kilowatt-hours, but not in joules.
        assert!(not_number(
            &reading(r#"{"p":1e308}"#, "/p", Unit::KWH).unwrap_err()
        ));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", pointer in "(/[a-c0-9~]{0,3}){0,4}|.{0,8}") {
            if let Ok(found) = reading(&text, &pointer, Unit::W) {
                prop_assert!(found.power_w.is_some_and(|w| w.is_finite() && w >= 0.0));
            }
        }
    }
}
