//! Meters that answer over HTTP, and the code that they share.
//!
//! One request gets everything that a meter reports; its power and its energy
//! counter are two sources that share the replies. The first request is sent when
//! the meter is opened, so that failures show before a measurement starts.

mod address;
mod credentials;
mod http;
pub(super) mod json;
mod meter;
pub(super) mod prometheus;
pub(super) mod redfish;
pub(super) mod shelly;
pub(super) mod tasmota;

use super::{Boundary, MeterSpec, SpecError};
use crate::parse::Unit;
use crate::parse::unit_name::unit_of;
use credentials::Credentials;
use http::Client;

/// Options of all meters that are read over HTTP.
const OPTIONS: &[&str] = &["timeout", "auth", "insecure"];

/// Time limit in seconds of a whole request, unless `timeout=` is given.
const TIMEOUT_S: f64 = 3.0;

/// Checks the options of a kind that accepts `own` in addition to the common ones.
fn allow(spec: &MeterSpec, own: &[&str]) -> Result<(), SpecError> {
    spec.allow(&[OPTIONS, own].concat())?;
    // Invalid values are refused even if the meter does not answer.
    spec.accuracy_rel()?;
    spec.look_back_s()?;
    spec.covers(spec.boundary(Boundary::Wall)?)?;
    match &spec.part {
        Some(part) => Err(spec.error(format!("{} has no part {part:?}", spec.kind))),
        None => Ok(()),
    }
}

/// The client that `timeout=`, `auth=` and `insecure=` describe.
fn client(spec: &MeterSpec) -> Result<Client, SpecError> {
    let timeout_s = spec.number("timeout", TIMEOUT_S, 0.05..=60.0)?;
    let insecure = match spec.options.get("insecure").map(String::as_str) {
        None | Some("no") => false,
        Some("yes") => true,
        Some(other) => {
            return Err(spec.error(format!("insecure={other} is neither yes nor no")));
        }
    };
    Ok(Client::new(
        timeout_s,
        Credentials::of_spec(spec)?,
        insecure,
    ))
}

/// The boundary from `boundary=`, which only the user knows.
fn stated_boundary(spec: &MeterSpec) -> Result<Boundary, SpecError> {
    match spec.options.contains_key("boundary") {
        true => spec.boundary(Boundary::Wall),
        false => Err(spec.error(
            "needs boundary=, for only you know what this meter measures: wall (a meter at the \
             socket), psu-in, dc-in, board, platform, package-dram, package or die",
        )),
    }
}

/// The value of a required option, or an error with `example`.
fn required<'a>(spec: &'a MeterSpec, key: &str, example: &str) -> Result<&'a str, SpecError> {
    spec.options
        .get(key)
        .map(String::as_str)
        .ok_or_else(|| spec.error(format!("needs {key}=, for example {example}")))
}

/// The unit of the figure called `name`: from `unit=`, or from the name itself.
fn unit(spec: &MeterSpec, name: &str) -> Result<Unit, SpecError> {
    unit_of(name, spec.options.get("unit").map(String::as_str))
        .map_err(|error| spec.error(error.to_string()))
}
