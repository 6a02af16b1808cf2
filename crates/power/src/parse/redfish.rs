//! Redfish resources that hold a machine's power.
//!
//! Facts of the format (DMTF's schemas Chassis, Power and EnvironmentMetrics):
//!
//! - `/redfish/v1/Chassis` lists the chassis as `Members[].@odata.id`. A chassis
//!   links `EnvironmentMetrics` and the older `Power` where it has them.
//! - `EnvironmentMetrics`: `PowerWatts.Reading`; energy as `EnergyJoules.Reading` or
//!   `EnergykWh.Reading`.
//! - `Power`: `PowerControl[0].PowerConsumedWatts`. `PowerMetrics` are averages over
//!   many minutes, of no use to a run.

use super::json::{amount, document, missing, optional_amount};
use super::unit::last_decimal;
use super::{Reading, ReplyError, cut};
use serde_json::Value;

/// The paths of a collection's members.
///
/// # Errors
/// [`ReplyError`] for what is no collection, or holds an address that is no path
/// of this host.
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

/// The resources of a chassis that hold its power, the better first.
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
        // Not another host, and nothing that would end the request line.
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
/// [`ReplyError`] for what is neither, or holds no figure.
pub fn reading(text: &str) -> Result<Reading, ReplyError> {
    let document = document(text)?;
    if let Some(control) = document.get("PowerControl") {
        let at = "/PowerControl/0/PowerConsumedWatts";
        // Absent on a chassis whose supplies do not tell.
        if control.get(0).is_none() {
            return Err(missing(&document, at));
        }
        let power_w = amount(&document, at)?;
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
