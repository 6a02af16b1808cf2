//! A server's management controller through Redfish: power at the supplies' input.
//!
//! The resources are in [`crate::parse::redfish`]. A controller updates its figures
//! every few seconds at best, and states no accuracy.

use super::address::Address;
use super::http::Client;
use super::meter::{About, NetFailure, document, open};
use super::{allow, client};
use crate::info::Boundary;
use crate::parse::{Reading, ReplyError, redfish};
use crate::select::MAX_USER_WATTS;
use crate::source::{Entry, Found, MeterSpec, SpecError, System};

const CHASSIS: &str = "/redfish/v1/Chassis";
/// Largest number of chassis that are searched for a power resource.
const MAX_CHASSIS: usize = 32;

pub(in crate::source) const ENTRY: Entry = Entry::by_address("redfish", one).described(
    "management controller of a server, by Redfish",
    "redfish=HOST,auth=env:NAME[,insecure=yes]",
);

fn one(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &[])?;
    let given = Address::of_spec(spec, "redfish=bmc.example", "https")?;
    let boundary = spec.boundary(Boundary::PsuIn)?;
    let interval_s = spec.interval_s(2.0)?;
    let mut client = client(spec)?;
    let address = match resource(&mut client, &given) {
        Ok(address) => address,
        Err(failure) => {
            return Ok(vec![failure.unavailable(spec, &given, &client)]);
        }
    };
    let about = About {
        description: format!("Redfish at {address}"),
        boundary,
        interval_s,
        max_w: MAX_USER_WATTS,
        domain: domain(&address),
        notes: vec!["the controller's own figure, smoothed over a time it does not state".into()],
    };
    let ask = document(redfish::reading);
    open(spec, system, client, address, about, ask)
}

/// The path of the resource, without a query that the user may have added;
/// `chassis` if the path is outside `/redfish/`.
fn domain(address: &Address) -> String {
    let path = address.path().split('?').next().unwrap_or_default();
    match path.starts_with("/redfish/") {
        true => path.to_owned(),
        false => "chassis".into(),
    }
}

/// The resource with the power: the given one, that of the given chassis, or that
/// of the only chassis that has one.
fn resource(client: &mut Client, given: &Address) -> Result<Address, NetFailure> {
    let path = given.path().trim_end_matches('/').to_owned();
    if path.ends_with("/Power") || path.ends_with("/EnvironmentMetrics") {
        return Ok(given.with_path(&path));
    }
    let chassis = match path.as_str() {
        "" | "/redfish" | "/redfish/v1" | CHASSIS => {
            redfish::members(&client.get(&given.with_path(CHASSIS))?)?
        }
        _ => vec![path],
    };
    let mut having = Vec::new();
    for chassis in chassis.iter().take(MAX_CHASSIS) {
        let links = redfish::power_links(&client.get(&given.with_path(chassis))?)?;
        let mut best: Option<(Address, Reading)> = None;
        for link in links {
            let address = given.with_path(&link);
            // A link may point to a missing resource, or to one that holds no figure.
            let reading = match client.get(&address) {
                Ok(text) => redfish::reading(&text).ok(),
                Err(error) if error.code().is_some_and(|code| code != 401) => None,
                Err(error) => return Err(error.into()),
            };
            if let Some(reading) = reading
                && best.as_ref().is_none_or(|(_, best)| better(&reading, best))
            {
                best = Some((address, reading));
            }
        }
        having.extend(best.map(|(address, reading)| (chassis, address, reading)));
    }
    // A chassis that shows 0 W is not a candidate if another one shows more.
    if having.iter().any(|(.., reading)| step_w(reading).is_some()) {
        having.retain(|(.., reading)| step_w(reading).is_some() || reading.energy_j > Some(0.0));
    }
    match having.len() {
        1 => Ok(having.remove(0).1),
        0 => Err(ReplyError::Missing {
            at: format!("{CHASSIS}/*/Power and {CHASSIS}/*/EnvironmentMetrics"),
            hint: format!("; the chassis are: {}", chassis.join(", ")),
        }
        .into()),
        _ => {
            let names: Vec<&str> = having.iter().map(|(name, ..)| name.as_str()).collect();
            Err(ReplyError::Ambiguous {
                wanted: "the chassis".into(),
                candidates: names.join(", "),
                hint: "; give the address of one, with its path".into(),
            }
            .into())
        }
    }
}

/// The apparent step in watts of a power above 0; `None` without such a power.
fn step_w(reading: &Reading) -> Option<f64> {
    reading
        .power_w
        .filter(|w| *w > 0.0)
        .map(redfish::apparent_step)
}

/// Returns true if the later of two resources of one chassis is better: it has a
/// power and the other has none, or its power has a finer step.
fn better(later: &Reading, earlier: &Reading) -> bool {
    match (step_w(later), step_w(earlier)) {
        (Some(later), Some(earlier)) => later < earlier,
        (later, earlier) => later.is_some() && earlier.is_none(),
    }
}
