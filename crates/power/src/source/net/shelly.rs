//! Shelly plugs and energy meters, which measure at the wall.
//!
//! The formats are in [`crate::parse::shelly`]. `aenergy` of a second-generation
//! device steps rarely (about once a minute by its documentation of `by_minute`),
//! so the counter suits long runs and the power suits short ones.

use super::address::Address;
use super::meter::{About, NetFailure, document, open};
use super::{allow, client};
use crate::info::Boundary;
use crate::parse::shelly;
use crate::source::{Entry, Found, MeterSpec, SpecError, System};

/// A plug carries 16 A at 230 V; a three-phase meter's largest clamps 400 A.
const MAX_PLUG_W: f64 = 5e3;
const MAX_CLAMP_W: f64 = 3e5;

pub(in crate::source) const ENTRY: Entry = Entry::by_address("shelly", second).described(
    "Shelly plug or meter of the second generation or later",
    "shelly=HOST[,channel=switch:0][,auth=env:NAME]",
);

pub(in crate::source) const GEN1_ENTRY: Entry = Entry::by_address("shelly-gen1", first).described(
    "Shelly plug or meter of the first generation",
    "shelly-gen1=HOST[,channel=0][,auth=env:NAME]",
);

fn second(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["channel"])?;
    let channel = spec.options.get("channel").map(String::as_str);
    if let Some(channel) = channel.filter(|c| !shelly::is_channel(c)) {
        return Err(spec.error(format!(
            "channel={channel} names none; give {}",
            shelly::CHANNELS
        )));
    }
    let address = Address::of_host(spec, "shelly=192.168.1.20", "/rpc/Shelly.GetStatus")?;
    let boundary = spec.boundary(Boundary::Wall)?;
    let interval_s = spec.interval_s(1.0)?;
    let mut client = client(spec)?;
    // The component that is read depends on the list that the device reports.
    let component = client
        .get(&address)
        .map_err(NetFailure::from)
        .and_then(|text| Ok(shelly::component(&text, channel)?));
    let component = match component {
        Ok(component) => component,
        Err(failure) => {
            return Ok(vec![failure.unavailable(spec, &address, &client)]);
        }
    };
    let clamp = component.starts_with("em");
    let about = About {
        description: format!("Shelly {component} at {address}"),
        boundary,
        interval_s,
        max_w: if clamp { MAX_CLAMP_W } else { MAX_PLUG_W },
        domain: component.clone(),
        notes: Vec::new(),
    };
    let ask = document(move |text: &str| shelly::reading(text, &component));
    open(spec, system, client, address, about, ask)
}

fn first(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["channel"])?;
    let channel = spec.number("channel", 0.0, 0.0..=15.0)?;
    if channel.fract() != 0.0 {
        return Err(spec.error(format!("channel={channel} is not a whole number")));
    }
    let channel = channel as u8;
    let address = Address::of_host(spec, "shelly-gen1=192.168.1.20", "/status")?;
    let about = About {
        description: format!("Shelly (first generation) meter {channel} at {address}"),
        boundary: spec.boundary(Boundary::Wall)?,
        interval_s: spec.interval_s(1.0)?,
        max_w: MAX_CLAMP_W,
        domain: format!("meter {channel}"),
        notes: vec!["a device with clamps has one meter per phase; only this one is read".into()],
    };
    let ask = document(move |text: &str| shelly::gen1_reading(text, channel));
    open(spec, system, client(spec)?, address, about, ask)
}
