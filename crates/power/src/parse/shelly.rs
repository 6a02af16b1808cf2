//! Replies of Shelly plugs and energy meters.
//!
//! Facts of the format (Shelly's API documentation):
//!
//! - Second generation and later, `GET /rpc/Shelly.GetStatus`: one object per
//!   component, named `switch:0`, `pm1:0`, `em:0`. A switch, a `pm1`, a `cover` and
//!   a `light` have `apower` (W) and `aenergy.total` (Wh). A three-phase `em:N` has
//!   `total_act_power` (W) and its counter apart, `emdata:N.total_act` (Wh); a
//!   single-phase `em1:N` has `act_power` and `em1data:N.total_act_energy`. `errors`
//!   lists faults of the measurement.
//! - First generation, `GET /status`: `meters[N]` has `power` (W) and `total` in
//!   watt-minutes (60 J); `emeters[N]` has `power` and `total` in Wh; either has
//!   `is_valid`. A relay that measures nothing (Shelly 1) shows the power that its
//!   owner set with `/settings/power/0`, as `power` only, without any `total`.
//! - In the later generations, a component that measures shows `voltage`, `current` and
//!   `aenergy` beside `apower`; `apower` by itself is a rating that a person entered.

use super::json::{amount, document, missing, optional_amount};
use super::{Reading, ReplyError, cut, list};
use serde_json::Value;

/// A kind of component: its name, and the places of its power and its counter.
struct Component {
    name: &'static str,
    power: &'static str,
    counter_of: &'static str,
    counter: &'static str,
}

const COMPONENTS: [Component; 6] = [
    relay("switch"),
    relay("pm1"),
    relay("cover"),
    relay("light"),
    Component {
        name: "em",
        power: "total_act_power",
        counter_of: "emdata",
        counter: "total_act",
    },
    Component {
        name: "em1",
        power: "act_power",
        counter_of: "em1data",
        counter: "total_act_energy",
    },
];

const fn relay(name: &'static str) -> Component {
    Component {
        name,
        power: "apower",
        counter_of: name,
        counter: "aenergy/total",
    }
}

/// The values that `channel` may have, for a message.
pub const CHANNELS: &str = "switch:0, pm1:0, cover:0, light:0, em:0, em1:0, or a number alone";

/// True if `channel` can name a component: `switch:0`, or `0` for any kind with that number.
pub fn is_channel(channel: &str) -> bool {
    let (kind, number) = split(channel);
    number.is_some_and(|n| n.parse::<u8>().is_ok())
        && kind.is_none_or(|kind| COMPONENTS.iter().any(|c| c.name == kind))
}

fn split(channel: &str) -> (Option<&str>, Option<&str>) {
    match channel.split_once(':') {
        Some((kind, number)) => (Some(kind), Some(number)),
        None => (None, Some(channel)),
    }
}

/// The component that `channel` names in a reply to `Shelly.GetStatus`, in the form
/// `switch:0`; without a channel, the only component that measures power.
///
/// # Errors
/// [`ReplyError`] if no component or several match.
pub fn component(text: &str, channel: Option<&str>) -> Result<String, ReplyError> {
    let document = document(text)?;
    let measuring: Vec<&String> = document
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| kind_of(key).is_some_and(|kind| value.get(kind.power).is_some()))
        .map(|(key, _)| key)
        .collect();
    let wanted: Vec<&String> = measuring
        .iter()
        .copied()
        .filter(|key| match channel.map(split) {
            None => true,
            Some((None, number)) => split(key).1 == number,
            Some((Some(_), _)) => Some(key.as_str()) == channel,
        })
        .collect();
    let names = |keys: &[&String]| list(keys.iter().map(|k| k.as_str()));
    match wanted[..] {
        [one] => Ok(one.clone()),
        [] => Err(ReplyError::Missing {
            at: channel
                .unwrap_or("any component that measures power")
                .to_owned(),
            hint: match measuring.is_empty() {
                true => "; this device measures no power".into(),
                false => format!("; what measures power is: {}", names(&measuring)),
            },
        }),
        _ => Err(ReplyError::Ambiguous {
            wanted: channel.map_or("the device's channel".into(), |c| format!("channel {c}")),
            candidates: names(&wanted),
            hint: "; say which with channel=".into(),
        }),
    }
}

fn kind_of(key: &str) -> Option<&'static Component> {
    let (kind, number) = key.split_once(':')?;
    number.parse::<u8>().ok()?;
    COMPONENTS.iter().find(|c| c.name == kind)
}

/// The reading of `component` (`switch:0`) in a reply to `Shelly.GetStatus`.
///
/// # Errors
/// [`ReplyError`] if the text is not JSON, lacks the component, has no valid figure, or
/// if the device reports the component as faulty.
pub fn reading(text: &str, component: &str) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    let absent = || missing(&document, &format!("/{component}"));
    let kind = kind_of(component).ok_or_else(absent)?;
    let number = split(component).1.unwrap_or_default();
    if document.get(component).is_none() {
        return Err(absent());
    }
    let errors = document.pointer(&format!("/{component}/errors"));
    let faults = errors.and_then(Value::as_array).into_iter().flatten();
    // Other faults, such as overheating, do not affect the measurement.
    if let Some(fault) = faults
        .filter_map(Value::as_str)
        .find(|fault| fault.contains("power_meter_failure") || *fault == "ct_type_not_set")
    {
        return Err(ReplyError::Invalid {
            at: component.to_owned(),
            why: cut(fault),
        });
    }
    let power_w = amount(&document, &format!("/{component}/{}", kind.power))?;
    let counter = format!("/{}:{number}/{}", kind.counter_of, kind.counter);
    let energy_wh = optional_amount(&document, &counter)?;
    Ok(Reading {
        power_w: Some(power_w),
        power_quantum_w: Some(0.1),
        energy_j: energy_wh.map(|wh| wh * 3600.0),
        // `aenergy.total` has three decimals of a watt-hour; `total_act` has two.
        energy_quantum_j: energy_wh.map(|_| match kind.counter_of == kind.name {
            true => 3.6,
            false => 36.0,
        }),
        typed: ["switch", "cover", "light"].contains(&kind.name)
            && ["voltage", "current", "aenergy"]
                .iter()
                .all(|field| document[component].get(field).is_none()),
    })
}

/// The reading of meter `channel` in a first-generation device's `/status`:
/// `meters`, or `emeters` on a device that has these.
///
/// # Errors
/// As [`reading`].
pub fn gen1_reading(text: &str, channel: u8) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    let has = |key: &str| document.get(key).and_then(Value::as_array).is_some();
    // A device with clamps lists its relay's absent meter under `meters` as well.
    let (key, joules) = match has("emeters") {
        true => ("emeters", 3600.0),
        false => ("meters", 60.0),
    };
    let at = |field: &str| format!("/{key}/{channel}/{field}");
    let power_w = amount(&document, &at("power"))?;
    if document.pointer(&at("is_valid")) == Some(&Value::Bool(false)) {
        return Err(ReplyError::Invalid {
            at: format!("/{key}/{channel}"),
            why: "is_valid is false".into(),
        });
    }
    let total = optional_amount(&document, &at("total"))?;
    Ok(Reading {
        power_w: Some(power_w),
        power_quantum_w: Some(0.01),
        energy_j: total.map(|total| total * joules),
        energy_quantum_j: total.map(|_| match key {
            // Watt-hours with one decimal.
            "emeters" => 360.0,
            _ => joules,
        }),
        typed: key == "meters" && total.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Modelled on a Plus Plug S, with an invented second channel.
    const TWO: &str = r#"{"ble":{},"switch:0":{"id":0,"output":true,"apower":2.7,"voltage":227.9,
        "current":0.121,"aenergy":{"total":7258.589,"by_minute":[34.786,45.552,45.552],
        "minute_ts":1707326925}},"switch:1":{"id":1,"output":false},"pm1:0":{"apower":60.0,
        "errors":["overtemp"]},"em1:2":{"act_power":4.0,"errors":["power_meter_failure"]},
        "wifi":{"rssi":-50}}"#;

    #[test]
    fn a_channel_is_found_by_kind_and_number() {
        assert_eq!(component(TWO, Some("switch:0")).unwrap(), "switch:0");
        assert_eq!(component(TWO, Some("2")).unwrap(), "em1:2");
        for channel in [None, Some("0")] {
            let error = component(TWO, channel).unwrap_err().to_string();
            assert!(error.contains("pm1:0, switch:0"), "{error}");
        }
        // The component exists, but does not measure.
        let error = component(TWO, Some("switch:1")).unwrap_err().to_string();
        assert!(error.contains("what measures power is"), "{error}");
        let error = component(r#"{"switch:0":{}}"#, None).unwrap_err();
        assert!(error.to_string().contains("measures no power"), "{error}");
        for (channel, good) in [
            ("0", true),
            ("em:1", true),
            ("em:x", false),
            ("fan:0", false),
        ] {
            assert_eq!(is_channel(channel), good, "{channel}");
        }
    }

    #[test]
    fn watt_hours_and_watts() {
        let plug = reading(TWO, "switch:0").unwrap();
        assert_eq!(plug.power_w, Some(2.7));
        assert!((plug.energy_j.unwrap() - 7258.589 * 3600.0).abs() < 1e-3);
        assert_eq!(plug.energy_quantum_j, Some(3.6));
        // Overheating does not invalidate the figure; a fault of the meter does.
        let no_counter = reading(TWO, "pm1:0").unwrap();
        assert_eq!(
            (no_counter.power_w, no_counter.energy_j),
            (Some(60.0), None)
        );
        let fault = reading(TWO, "em1:2").unwrap_err();
        assert!(matches!(fault, ReplyError::Invalid { .. }), "{fault}");
        let em = r#"{"em:0":{"total_act_power":1234.5},"emdata:0":{"total_act":10.25}}"#;
        let em = reading(em, "em:0").unwrap();
        assert_eq!((em.power_w, em.energy_j), (Some(1234.5), Some(36900.0)));
        for (text, wrong) in [
            (r#"{"switch:0":{"apower":null}}"#, "not a number"),
            (r#"{"switch:0":{"apower":-4}}"#, "negative"),
            (
                r#"{"switch:0":{"apower":4,"aenergy":{"total":"x"}}}"#,
                "total",
            ),
            (r#"{"switch:1":{}}"#, "there is: switch:1"),
            ("[]", "nothing at"),
        ] {
            let error = reading(text, "switch:0").unwrap_err().to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    #[test]
    fn the_first_generation_counts_watt_minutes() {
        let status = r#"{"meters":[{"power":5.25,"is_valid":true,"total":2632}]}"#;
        let plug = gen1_reading(status, 0).unwrap();
        assert_eq!((plug.power_w, plug.energy_j), (Some(5.25), Some(157_920.0)));
        assert_eq!(plug.energy_quantum_j, Some(60.0));
        assert!(gen1_reading(status, 1).is_err());
        let clamps = r#"{"meters":[{"power":0}],"emeters":[{"power":9,"total":2.5}]}"#;
        let clamp = gen1_reading(clamps, 0).unwrap();
        assert_eq!((clamp.power_w, clamp.energy_j), (Some(9.0), Some(9000.0)));
        let invalid = r#"{"meters":[{"power":0.0,"is_valid":false,"total":0}]}"#;
        let error = gen1_reading(invalid, 0).unwrap_err();
        assert!(matches!(error, ReplyError::Invalid { .. }), "{error}");
    }

    #[test]
    fn what_measures_nothing_tells_what_was_typed_in() {
        let relay = r#"{"meters":[{"power":60.00,"is_valid":true}],"emeters":null}"#;
        let relay = gen1_reading(relay, 0).unwrap();
        assert_eq!((relay.power_w, relay.typed), (Some(60.0), true));
        let plug = r#"{"meters":[{"power":60.00,"is_valid":true,"total":0}]}"#;
        assert!(!gen1_reading(plug, 0).unwrap().typed);
        let clamp = r#"{"emeters":[{"power":9}]}"#;
        assert!(!gen1_reading(clamp, 0).unwrap().typed);
        for (text, typed) in [
            (r#"{"light:0":{"output":true,"apower":12.0}}"#, true),
            (
                r#"{"light:0":{"apower":12.0,"voltage":230.1,"current":0.05}}"#,
                false,
            ),
            (
                r#"{"light:0":{"apower":12.0,"aenergy":{"total":4}}}"#,
                false,
            ),
        ] {
            assert_eq!(reading(text, "light:0").unwrap().typed, typed, "{text}");
        }
        assert!(
            !reading(r#"{"pm1:0":{"apower":12.0}}"#, "pm1:0")
                .unwrap()
                .typed
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", channel in "[a-z0-9:]{0,8}") {
            let _ = is_channel(&channel);
            prop_assert!(component(&text, Some(&channel)).is_err());
            prop_assert!(reading(&text, &channel).is_err());
            prop_assert!(gen1_reading(&text, 0).is_err());
        }
    }
}
