//! The SNMP objects of a PDU, and the unit of their values.
//!
//! APC (PowerNet-MIB, rack PDUs of the second generation): below
//! 1.3.6.1.4.1.318.1.1.26, a module's power `.4.3.1.5` in 10 W and energy
//! `.4.3.1.9` in 0.1 kWh; a metered outlet's power `.9.4.3.1.7` in W and energy
//! `.9.4.3.1.11` in 0.1 kWh.
//!
//! Raritan and Server Technology (PDU2-MIB): below 1.3.6.1.4.1.13742.6, an
//! outlet's sensors `.5.4.3.1.4.PDU.OUTLET.SENSOR`, an inlet's
//! `.5.2.3.1.4.PDU.INLET.SENSOR`; sensor 5 is active power in W, sensor 8 active
//! energy in Wh; each to be divided by ten to the power of the sensor's decimal
//! digits, `.3.5.4.1.7` and `.3.3.4.1.7` with the same indices.

use crate::info::Quantity;
use crate::parse;
use crate::spec::{MeterSpec, SpecError};

const APC: &str = "1.3.6.1.4.1.318.1.1.26";
const RARITAN: &str = "1.3.6.1.4.1.13742.6";

/// The physical quantity of a value, and the size of its unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Unit {
    /// Power or energy.
    pub quantity: Quantity,
    /// Watts or joules per unit.
    pub factor: f64,
}

impl Unit {
    fn of(unit: parse::Unit, scale: f64) -> Self {
        Self {
            quantity: unit.quantity(),
            factor: unit.to_si(scale),
        }
    }
}

/// An object to read.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Object {
    /// Its object identifier.
    pub oid: String,
    /// The unit of one count.
    pub unit: Unit,
    /// The object that holds this one's number of decimal digits.
    pub digits_oid: Option<String>,
    /// Its description for messages.
    pub words: String,
}

pub(super) fn of(spec: &MeterSpec) -> Result<Object, SpecError> {
    let option = |key: &str| spec.options.get(key).map(String::as_str);
    let only = |names: &[&str]| {
        let all = [
            "module", "outlet", "inlet", "pdu", "measure", "oid", "scale", "unit",
        ];
        match all
            .iter()
            .find(|n| option(n).is_some() && !names.contains(n))
        {
            Some(name) => Err(spec.error(format!("{name}= does not go with the rest"))),
            None => Ok(()),
        }
    };
    match option("preset") {
        None => {
            only(&["oid", "scale", "unit"])?;
            custom(spec)
        }
        Some("apc") => {
            only(&["module", "outlet", "measure"])?;
            apc(spec)
        }
        Some("raritan") => {
            only(&["outlet", "inlet", "pdu", "measure"])?;
            raritan(spec)
        }
        Some(other) => Err(spec.error(format!(
            "preset={other} is not known; presets: apc, raritan, or give oid=, scale= and unit="
        ))),
    }
}

fn custom(spec: &MeterSpec) -> Result<Object, SpecError> {
    let needed = |key: &str| {
        spec.options.get(key).ok_or_else(|| {
            spec.error("give preset=apc or preset=raritan, or oid=, unit= and, if not 1, scale=")
        })
    };
    let (oid, unit) = (needed("oid")?, needed("unit")?);
    let unit: parse::Unit = unit
        .parse()
        .map_err(|error| spec.error(format!("unit: {error}")))?;
    let unit = Unit::of(unit, spec.number("scale", 1.0, 1e-9..=1e9)?);
    Ok(Object {
        words: format!("object {oid}"),
        oid: oid.clone(),
        unit,
        digits_oid: None,
    })
}

fn apc(spec: &MeterSpec) -> Result<Object, SpecError> {
    let energy = energy(spec)?;
    let tenth_kwh = Unit::of(parse::Unit::KWH, 0.1);
    let watts = |scale| Unit::of(parse::Unit::W, scale);
    let (column, index, unit, words) = match (index(spec, "outlet")?, index(spec, "module")?) {
        (Some(_), Some(_)) => return Err(spec.error("give outlet= or module=, not both")),
        (Some(n), None) if energy => ("9.4.3.1.11", n, tenth_kwh, "outlet"),
        (Some(n), None) => ("9.4.3.1.7", n, watts(1.0), "outlet"),
        (None, n) if energy => ("4.3.1.9", n.unwrap_or(1), tenth_kwh, "module"),
        (None, n) => ("4.3.1.5", n.unwrap_or(1), watts(10.0), "module"),
    };
    Ok(Object {
        oid: format!("{APC}.{column}.{index}"),
        unit,
        digits_oid: None,
        words: format!("{words} {index} of an APC PDU"),
    })
}

fn raritan(spec: &MeterSpec) -> Result<Object, SpecError> {
    let (unit, sensor) = match energy(spec)? {
        true => (parse::Unit::WH, 8),
        false => (parse::Unit::W, 5),
    };
    let unit = Unit::of(unit, 1.0);
    let pdu = index(spec, "pdu")?.unwrap_or(1);
    let (values, digits, index, words) = match (index(spec, "outlet")?, index(spec, "inlet")?) {
        (Some(_), Some(_)) => return Err(spec.error("give outlet= or inlet=, not both")),
        (Some(n), None) => ("5.4.3.1.4", "3.5.4.1.7", n, "outlet"),
        (None, n) => ("5.2.3.1.4", "3.3.4.1.7", n.unwrap_or(1), "inlet"),
    };
    Ok(Object {
        oid: format!("{RARITAN}.{values}.{pdu}.{index}.{sensor}"),
        unit,
        digits_oid: Some(format!("{RARITAN}.{digits}.{pdu}.{index}.{sensor}")),
        words: format!("{words} {index} of a Raritan or Server Technology PDU"),
    })
}

/// Returns true if `measure=` asks for energy instead of power.
fn energy(spec: &MeterSpec) -> Result<bool, SpecError> {
    match spec.options.get("measure").map(String::as_str) {
        None | Some("power") => Ok(false),
        Some("energy") => Ok(true),
        Some(other) => Err(spec.error(format!("measure={other} is neither power nor energy"))),
    }
}

/// The index that an option holds, if it is given.
fn index(spec: &MeterSpec, key: &str) -> Result<Option<u32>, SpecError> {
    let Some(text) = spec.options.get(key) else {
        return Ok(None);
    };
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(spec.error(format!("{key}={text} is not a number from 1"))),
    }
}
