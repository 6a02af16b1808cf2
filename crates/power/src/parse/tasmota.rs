//! Replies of Tasmota plugs to `Status 8`.
//!
//! Facts of the format (Tasmota's documentation, "Power monitoring"):
//!
//! - `StatusSNS.ENERGY.Power` is watts, whole ones unless `WattRes` is set;
//!   `.Total` is kilowatt-hours with three decimals unless `EnergyRes` is set.
//! - A device of several channels or phases gives arrays. `Total` may still be one
//!   number, which is then the sum of all. The outlets of one plug share a `Voltage`,
//!   one number; each phase of a three-phase meter has its own.
//! - A device with a web password answers `WARNING` instead.
//! - A pin set to `Option A2` switches the dummy energy driver on (`xnrg_30_dummy`),
//!   which shows the power that was typed in with `PowerSet` or `EnergyConfig`.

use super::json::{document, missing, not_negative, number};
use super::unit::last_decimal;
use super::{Reading, ReplyError, cut};
use serde_json::Value;

const ENERGY: &str = "/StatusSNS/ENERGY";

/// Selection among a device's channels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Channel {
    /// The only one, or the sum of a meter's phases.
    Device,
    /// The sum of all channels.
    All,
    /// One channel by its number, from 1.
    Number(u8),
}

/// The reading of `channel` in a reply to `Status 8`.
///
/// # Errors
/// [`ReplyError`] if the text is not JSON, has no power, or has several outlets and
/// none is selected.
pub fn reading(text: &str, channel: Channel) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    if let Some(warning) = document.get("WARNING").or(document.get("Command")) {
        return Err(ReplyError::Invalid {
            at: "the request".into(),
            why: cut(warning.as_str().unwrap_or_default()),
        });
    }
    let field = |name: &str| document.pointer(&format!("{ENERGY}/{name}"));
    let power = format!("{ENERGY}/Power");
    let count = match field("Power") {
        Some(Value::Array(channels)) => channels.len(),
        Some(_) => 1,
        None => return Err(missing(&document, &power)),
    };
    let voltages = field("Voltage").and_then(Value::as_array).map(Vec::len);
    let phases = count > 1 && (voltages == Some(count) || count == 3 && field("Voltage").is_none());
    let (powers, totals) = match channel {
        Channel::Number(number) => {
            let index = usize::from(number).wrapping_sub(1);
            if index >= count {
                let counted = match count {
                    1 => "one channel".to_owned(),
                    several => format!("channels 1 to {several}"),
                };
                return Err(ReplyError::Missing {
                    at: format!("channel {number}"),
                    hint: format!("; this device has {counted}"),
                });
            }
            let power = pick(&document, "Power", Some(index))?.unwrap_or_default();
            // A single total of several channels does not belong to any one of them.
            let total = match field("Total") {
                Some(Value::Array(_)) => pick(&document, "Total", Some(index))?,
                _ if count == 1 => pick(&document, "Total", None)?,
                _ => None,
            };
            (power, total.unwrap_or_default())
        }
        Channel::Device if count > 1 && !phases => {
            return Err(ReplyError::Ambiguous {
                wanted: "the device's channel".into(),
                candidates: format!("1 to {count}"),
                hint: "; say which with channel=, or channel=all for their sum".into(),
            });
        }
        _ => (
            pick(&document, "Power", None)?.unwrap_or_default(),
            pick(&document, "Total", None)?.unwrap_or_default(),
        ),
    };
    if powers.is_empty() {
        return Err(missing(&document, &format!("{power}/0")));
    }
    let step = |values: &[f64]| values.iter().map(|v| last_decimal(*v)).fold(1.0, f64::min);
    // A phase that feeds power back is subtracted; only the sum must not be negative.
    let power_w = not_negative(powers.iter().sum(), &power)?;
    let energy_kwh = match totals.is_empty() {
        true => None,
        false => Some(not_negative(
            totals.iter().sum(),
            &format!("{ENERGY}/Total"),
        )?),
    };
    Ok(Reading {
        power_w: Some(power_w),
        power_quantum_w: Some(step(&powers)),
        energy_j: energy_kwh.map(|kwh| kwh * 3.6e6),
        // Trailing zeros are lost in JSON, so the device's usual three decimals are assumed.
        energy_quantum_j: energy_kwh.map(|_| 3.6e6 * step(&totals).min(1e-3)),
        ..Reading::default()
    })
}

/// The numbers of a field: its one number, all of an array, or the array's item at `index`.
fn pick(
    document: &Value,
    name: &str,
    index: Option<usize>,
) -> Result<Option<Vec<f64>>, ReplyError> {
    let at = format!("{ENERGY}/{name}");
    let values = match document.pointer(&at) {
        None | Some(Value::Null) if name == "Total" => return Ok(None),
        None => return Err(missing(document, &at)),
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
    };
    let chosen = match index {
        Some(index) => values.get(index..=index).unwrap_or_default(),
        None => values,
    };
    let numbers = chosen.iter().map(|value| number(value, &at, None));
    numbers.collect::<Result<_, _>>().map(Some)
}

/// True if a reply to `Gpio` shows that the dummy energy driver is on.
pub fn is_dummy(text: &str) -> bool {
    /// The option's number, and its name, which may be translated.
    const OPTION_A2: [&str; 2] = ["5729", "Option A2"];
    let Ok(document) = document(text) else {
        return false;
    };
    let pins = document.as_object().into_iter().flatten();
    pins.filter_map(|(_, pin)| pin.as_object())
        .flatten()
        .any(|(code, name)| {
            code == OPTION_A2[0] || name.as_str().is_some_and(|name| name == OPTION_A2[1])
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_channel() {
        let text = r#"{"StatusSNS":{"Time":"2018-02-04T23:17:01","ENERGY":{"Total":3.185,
            "Yesterday":3.058,"Today":0.127,"Power":41,"Factor":0.00,"Voltage":221}}}"#;
        for channel in [Channel::Device, Channel::All, Channel::Number(1)] {
            let plug = reading(text, channel).unwrap();
            assert_eq!(
                (plug.power_w, plug.power_quantum_w),
                (Some(41.0), Some(1.0))
            );
            assert!((plug.energy_j.unwrap() - 11.466e6).abs() < 1e-3);
            assert_eq!(plug.energy_quantum_j, Some(3600.0));
        }
        assert!(reading(text, Channel::Number(2)).is_err());
    }

    #[test]
    fn several_channels_are_not_guessed_among() {
        let apart = r#"{"StatusSNS":{"ENERGY":{"Total":[1.5,2.12345],"Power":[10,20.125]}}}"#;
        let error = reading(apart, Channel::Device).unwrap_err().to_string();
        assert!(error.contains("1 to 2; say which with channel="), "{error}");
        assert!(reading(apart, Channel::Number(0)).is_err());
        assert!(reading(apart, Channel::Number(3)).is_err());
        let second = reading(apart, Channel::Number(2)).unwrap();
        assert_eq!(second.power_w, Some(20.125));
        assert_eq!(second.energy_j, Some(2.12345 * 3.6e6));
        assert!((second.energy_quantum_j.unwrap() - 36.0).abs() < 1e-9);
        let summed = r#"{"StatusSNS":{"ENERGY":{"Total":3.5,"Power":[10,20]}}}"#;
        assert_eq!(reading(summed, Channel::Number(1)).unwrap().energy_j, None);
    }

    #[test]
    fn phases_are_added() {
        let text = r#"{"StatusSNS":{"ENERGY":{"Total":52.5,"Power":[100,200.5,-50],
            "Voltage":[230,231,229],"Current":[0.4,0.9,0.2]}}}"#;
        let sum = reading(text, Channel::Device).unwrap();
        assert_eq!((sum.power_w, sum.power_quantum_w), (Some(250.5), Some(0.1)));
        assert_eq!(sum.energy_j, Some(52.5 * 3.6e6));
        let one = reading(text, Channel::Number(2)).unwrap();
        assert_eq!((one.power_w, one.energy_j), (Some(200.5), None));
        assert!(reading(text, Channel::Number(3)).is_err(), "it feeds back");
        let totals = r#"{"StatusSNS":{"ENERGY":{"Total":[1,2,3],"Power":[1,2,3]}}}"#;
        let sum = reading(totals, Channel::Device).unwrap();
        assert_eq!((sum.power_w, sum.energy_j), (Some(6.0), Some(6.0 * 3.6e6)));
        // The outlets of one plug share one voltage.
        let plug = r#"{"StatusSNS":{"ENERGY":{"Total":[1,2],"Power":[1,2],"Voltage":230}}}"#;
        assert!(reading(plug, Channel::Device).is_err());
        assert_eq!(reading(plug, Channel::All).unwrap().power_w, Some(3.0));
        let null = r#"{"StatusSNS":{"ENERGY":{"Power":[1,null,3],"Voltage":[1,1,1]}}}"#;
        assert!(reading(null, Channel::Device).is_err());
    }

    #[test]
    fn the_dummy_driver_is_known_by_its_pin() {
        assert!(is_dummy(
            r#"{"GPIO0":{"32":"Button"},"GPIO2":{"5729":"Option A2"}}"#
        ));
        assert!(is_dummy(r#"{"GPIO2":{"5729":"Option A 2"}}"#));
        assert!(!is_dummy(r#"{"GPIO2":{"5728":"Option A1"}}"#));
        assert!(!is_dummy("<html>"));
    }

    #[test]
    fn what_is_no_reading_says_why() {
        for (text, wrong) in [
            (r#"{"StatusSNS":{"ENERGY":{"Power":[]}}}"#, "nothing at"),
            (
                r#"{"WARNING":"Need user=<username>&password=<password>"}"#,
                "Need user",
            ),
            (r#"{"StatusSNS":{"Time":"x"}}"#, "/StatusSNS/ENERGY/Power"),
            (r#"{"StatusSNS":{"ENERGY":{"Power":null}}}"#, "not a number"),
            (r#"{"StatusSNS":{"ENERGY":{"Power":-1}}}"#, "negative"),
            ("<html>", "not JSON"),
        ] {
            let error = reading(text, Channel::Device).unwrap_err().to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", channel: u8) {
            prop_assert!(reading(&text, Channel::Number(channel)).is_err() && !is_dummy(&text));
        }
    }
}
