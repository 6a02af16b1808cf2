//! Redfish resources that hold a machine's power.
//!
//! Facts of the format (DMTF's schemas Chassis, Power and EnvironmentMetrics):
//!
//! - `/redfish/v1/Chassis` lists the chassis as `Members[].@odata.id`. A chassis
//!   links `EnvironmentMetrics` and the older `Power` where it has them.
//! - `EnvironmentMetrics`: `PowerWatts.Reading`; energy as `EnergyJoules.Reading` or
//!   `EnergykWh.Reading`.
//! - `Power`: `PowerControl[].PowerConsumedWatts`, and the draw of each supply as
//!   `PowerSupplies[].PowerInputWatts`. `PowerMetrics` are averages over many minutes,
//!   of no use to a run.
//! - Firmware fills in some of these and leaves the others 0 or null, so the first one
//!   that exists does not always hold the measurement.

use super::json::{amount, document, missing, optional_amount};
use super::unit::last_decimal;
use super::{Reading, ReplyError, cut};
use serde_json::Value;

/// The paths of the members of a collection.
///
/// # Errors
/// [`ReplyError`] if it is not a collection, or holds an address that is not a path of
/// this host.
pub fn members(text: &str) -> Result<Vec<String>, ReplyError> {
    let document = document(text)?;
    document
        .get("Members")
        .and_then(Value::as_array)
        .ok_or_else(|| missing(&document, "/Members"))?
        .iter()
        .map(|member| link(member, "Members"))
        .collect()
}

/// The resources that hold the power of a chassis, the preferred one first.
///
/// # Errors
/// As [`members`].
pub fn power_links(text: &str) -> Result<Vec<String>, ReplyError> {
    let document = document(text)?;
    ["EnvironmentMetrics", "Power"]
        .into_iter()
        .filter_map(|name| document.get(name).map(|value| link(value, name)))
        .collect()
}

fn link(value: &Value, at: &str) -> Result<String, ReplyError> {
    match value.get("@odata.id").and_then(Value::as_str) {
        // Neither another host, nor a character that would end the request line.
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && path.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Ok(path.to_owned())
        }
        _ => Err(ReplyError::Invalid {
            at: at.to_owned(),
            why: cut(&value.to_string()),
        }),
    }
}

/// The reading in an `EnvironmentMetrics` or `Power` resource.
///
/// # Errors
/// [`ReplyError`] if it is neither, or holds no figure.
pub fn reading(text: &str) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    if document
        .get("PowerControl")
        .or(document.get("PowerSupplies"))
        .is_some()
    {
        let power_w = consumed_w(&document)?;
        return Ok(Reading {
            power_w: Some(power_w),
            power_quantum_w: Some(last_decimal(power_w).min(1.0)),
            ..Reading::default()
        });
    }
    let power_w = optional_amount(&document, "/PowerWatts/Reading")?;
    let joules = optional_amount(&document, "/EnergyJoules/Reading")?;
    let kwh = optional_amount(&document, "/EnergykWh/Reading")?;
    let energy = joules
        .map(|j| (j, last_decimal(j)))
        .or(kwh.map(|kwh| (kwh * 3.6e6, last_decimal(kwh) * 3.6e6)));
    if power_w.is_none() && energy.is_none() {
        return Err(missing(&document, "/PowerWatts/Reading"));
    }
    Ok(Reading {
        power_w,
        power_quantum_w: power_w.map(|w| last_decimal(w).min(1.0)),
        energy_j: energy.map(|(j, _)| j),
        energy_quantum_j: energy.map(|(_, quantum)| quantum),
        ..Reading::default()
    })
}

/// Watts in a `Power` resource: the first control with a value above 0, or else the sum
/// of the supplies' inputs.
fn consumed_w(document: &Value) -> Result<f64, ReplyError> {
    let length = |key: &str| {
        let items = document.get(key).and_then(Value::as_array);
        items.map_or(0, Vec::len)
    };
    let mut first = None;
    for index in 0..length("PowerControl") {
        let power_w = amount(
            document,
            &format!("/PowerControl/{index}/PowerConsumedWatts"),
        );
        match power_w {
            Ok(power_w) if power_w > 0.0 => return Ok(power_w),
            other => first = first.or(Some(other)),
        }
    }
    let mut inputs_w = Vec::new();
    for index in 0..length("PowerSupplies") {
        let at = format!("/PowerSupplies/{index}");
        let state = document.pointer(&format!("{at}/Status/State"));
        if state.and_then(Value::as_str) == Some("Absent") {
            continue;
        }
        inputs_w.push(optional_amount(document, &format!("{at}/PowerInputWatts"))?);
    }
    // A supply without a value would be missing from the sum.
    match inputs_w.into_iter().collect::<Option<Vec<f64>>>() {
        Some(all) if all.iter().any(|w| *w > 0.0) => Ok(all.iter().sum()),
        // Also reached on a chassis whose supplies have no values.
        _ => first.unwrap_or_else(|| Err(missing(document, "/PowerControl/0/PowerConsumedWatts"))),
    }
}

/// The apparent step of a figure: its last decimal, or, for a whole number, the hundred
/// or ten that it is a multiple of.
pub(crate) fn apparent_step(value: f64) -> f64 {
    match [100.0, 10.0].into_iter().find(|step| value % step == 0.0) {
        Some(step) => step,
        None => last_decimal(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_schemas() {
        let power = r#"{"PowerControl":[{"PowerConsumedWatts":344,"PowerMetrics":
            {"AverageConsumedWatts":319,"IntervalInMin":30}}],"PowerSupplies":[]}"#;
        let power = reading(power).unwrap();
        assert_eq!((power.power_w, power.energy_j), (Some(344.0), None));
        let zero = r#"{"PowerControl":[{"PowerConsumedWatts":0},{"PowerConsumedWatts":210}]}"#;
        assert_eq!(reading(zero).unwrap().power_w, Some(210.0));
        let supplies = r#"{"PowerControl":[{"PowerConsumedWatts":null}],"PowerSupplies":[
            {"PowerInputWatts":100.5},{"PowerInputWatts":90},
            {"PowerInputWatts":null,"Status":{"State":"Absent"}}]}"#;
        assert_eq!(reading(supplies).unwrap().power_w, Some(190.5));
        // Without the value of one supply there is no sum.
        let silent = supplies.replace("90}", "null}");
        assert!(reading(&silent).is_err());
        assert_eq!(
            [370.0, 374.0, 200.0, 0.5].map(apparent_step),
            [10.0, 1.0, 100.0, 0.1]
        );
        let metrics = r#"{"PowerWatts":{"Reading":374.5},"EnergykWh":{"Reading":12.5}}"#;
        let metrics = reading(metrics).unwrap();
        assert_eq!(
            (metrics.power_w, metrics.energy_j),
            (Some(374.5), Some(4.5e7))
        );
        let joules = r#"{"EnergyJoules":{"Reading":25},"EnergykWh":{"Reading":9}}"#;
        let joules = reading(joules).unwrap();
        assert_eq!((joules.power_w, joules.energy_j), (None, Some(25.0)));
        for (text, wrong) in [
            (
                r#"{"PowerControl":[{"PowerConsumedWatts":null}]}"#,
                "not a number",
            ),
            (r#"{"PowerControl":[]}"#, "PowerConsumedWatts"),
            (r#"{"PowerWatts":{"Reading":null}}"#, "nothing at"),
            (r#"{"PowerWatts":{"Reading":-3}}"#, "negative"),
        ] {
            let error = reading(text).unwrap_err().to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    #[test]
    fn links_lead_nowhere_else() {
        let all = r#"{"Members":[{"@odata.id":"/redfish/v1/Chassis/1U"}]}"#;
        assert_eq!(members(all).unwrap(), ["/redfish/v1/Chassis/1U"]);
        for id in ["http://evil/", "//evil/x", "x", "/a\\nb", "/a b"] {
            let text = format!(r#"{{"Members":[{{"@odata.id":"{id}"}}]}}"#);
            assert!(members(&text).is_err(), "{id}");
        }
        let chassis = r#"{"Power":{"@odata.id":"/p"},"EnvironmentMetrics":{"@odata.id":"/e"}}"#;
        assert_eq!(power_links(chassis).unwrap(), ["/e", "/p"]);
        assert!(power_links("{}").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}") {
            prop_assert!(reading(&text).is_err());
            prop_assert!(members(&text).is_err());
            let _ = power_links(&text);
        }
    }
}
