//! Replies of Tasmota plugs to `Status 8`.
//!
//! Facts of the format (Tasmota's documentation, "Power monitoring"):
//!
//! - `StatusSNS.ENERGY.Power` is watts, whole ones unless `WattRes` is set;
//!   `.Total` is kilowatt-hours with three decimals unless `EnergyRes` is set.
//! - A device of several channels gives arrays. `Total` may still be one number,
//!   which is then the sum of all channels.
//! - A device with a web password answers `WARNING` instead.

use super::json::{amount, document, missing, optional_amount};
use super::unit::last_decimal;
use super::{Reading, ReplyError, cut};
use serde_json::Value;

const ENERGY: &str = "/StatusSNS/ENERGY";

/// The reading of `channel`, counted from 1; a device of one channel needs none.
///
/// # Errors
/// [`ReplyError`] for what is no JSON, has no power, or has several channels where
/// none is named.
pub fn reading(text: &str, channel: Option<u8>) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    if let Some(warning) = document.get("WARNING").or(document.get("Command")) {
        return Err(ReplyError::Invalid {
            at: "the request".into(),
            why: cut(warning.as_str().unwrap_or_default()),
        });
    }
    let power = format!("{ENERGY}/Power");
    let total = format!("{ENERGY}/Total");
    let (power_at, total_at) = match (document.pointer(&power), channel) {
        (Some(Value::Array(channels)), channel) => {
            let index = match channel {
                Some(channel) if channel >= 1 => usize::from(channel) - 1,
                None if channels.len() == 1 => 0,
                _ => {
                    return Err(ReplyError::Ambiguous {
                        wanted: "the device's channel".into(),
                        candidates: format!("1 to {}", channels.len()),
                        hint: "; say which with channel=".into(),
                    });
                }
            };
            // One total for several channels belongs to none of them.
            let total_at = match document.pointer(&total) {
                Some(Value::Array(_)) => Some(format!("{total}/{index}")),
                _ => (channels.len() == 1).then(|| total.clone()),
            };
            (format!("{power}/{index}"), total_at)
        }
        (Some(_), Some(2..)) => {
            return Err(ReplyError::Missing {
                at: format!("channel {}", channel.unwrap_or_default()),
                hint: "; this device has one channel".into(),
            });
        }
        (Some(_), _) => (power, Some(total)),
        (None, _) => return Err(missing(&document, &power)),
    };
    let power_w = amount(&document, &power_at)?;
    let energy_kwh = match total_at {
        Some(at) => optional_amount(&document, &at)?,
        None => None,
    };
    Ok(Reading {
        power_w: Some(power_w),
        power_quantum_w: Some(last_decimal(power_w)),
        energy_j: energy_kwh.map(|kwh| kwh * 3.6e6),
        // Trailing zeros are lost, the device's usual three decimals are not.
        energy_quantum_j: energy_kwh.map(|kwh| 3.6e6 * last_decimal(kwh).min(1e-3)),
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
        for channel in [None, Some(1)] {
            let plug = reading(text, channel).unwrap();
            assert_eq!(
                (plug.power_w, plug.power_quantum_w),
                (Some(41.0), Some(1.0))
            );
            assert!((plug.energy_j.unwrap() - 11.466e6).abs() < 1e-3);
            assert_eq!(plug.energy_quantum_j, Some(3600.0));
        }
        assert!(reading(text, Some(2)).is_err());
    }

    #[test]
    fn several_channels_are_not_guessed_among() {
        let apart = r#"{"StatusSNS":{"ENERGY":{"Total":[1.5,2.12345],"Power":[10,20.125]}}}"#;
        let error = reading(apart, None).unwrap_err().to_string();
        assert!(error.contains("1 to 2; say which with channel="), "{error}");
        assert!(reading(apart, Some(0)).is_err());
        assert!(reading(apart, Some(3)).is_err());
        let second = reading(apart, Some(2)).unwrap();
        assert_eq!(second.power_w, Some(20.125));
        assert_eq!(second.energy_j, Some(2.12345 * 3.6e6));
        assert!((second.energy_quantum_j.unwrap() - 36.0).abs() < 1e-9);
        let summed = r#"{"StatusSNS":{"ENERGY":{"Total":3.5,"Power":[10,20]}}}"#;
        assert_eq!(reading(summed, Some(1)).unwrap().energy_j, None);
    }

    #[test]
    fn what_is_no_reading_says_why() {
        for (text, wrong) in [
            (
                r#"{"WARNING":"Need user=<username>&password=<password>"}"#,
                "Need user",
            ),
            (r#"{"StatusSNS":{"Time":"x"}}"#, "/StatusSNS/ENERGY/Power"),
            (r#"{"StatusSNS":{"ENERGY":{"Power":null}}}"#, "not a number"),
            (r#"{"StatusSNS":{"ENERGY":{"Power":-1}}}"#, "negative"),
            ("<html>", "not JSON"),
        ] {
            let error = reading(text, None).unwrap_err().to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", channel: Option<u8>) {
            prop_assert!(reading(&text, channel).is_err());
        }
    }
}
