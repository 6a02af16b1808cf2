//! Plugs with Tasmota's firmware, which measure at the wall.
//!
//! The format is in [`crate::parse::tasmota`]. Its documentation says that an
//! uncalibrated plug may be off by several per cent, and states no accuracy.

use super::address::Address;
use super::meter::{About, NetFailure, document, open};
use super::{allow, client};
use crate::info::Boundary;
use crate::parse::Reading;
use crate::parse::tasmota::{self, Channel};
use crate::source::{Entry, Found, MeterSpec, SpecError, System};

/// Request for the functions of the device's pins.
const PINS: &str = "/cm?cmnd=Gpio";

/// Largest plausible power in watts: three phases of 63 A.
const MAX_W: f64 = 5e4;

pub(in crate::source) const ENTRY: Entry = Entry::by_address("tasmota", one).described(
    "plug or meter with Tasmota firmware",
    "tasmota=HOST[,channel=1|all][,auth=env:NAME]",
);

fn one(spec: &MeterSpec, system: &System) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["channel"])?;
    let (channel, domain) = match spec.options.get("channel").map(String::as_str) {
        None => (Channel::Device, "plug".to_owned()),
        Some("all") => (Channel::All, "all channels".to_owned()),
        Some(text) => match text.parse::<u8>() {
            Ok(number @ 1..=16) => (Channel::Number(number), format!("channel {number}")),
            _ => {
                return Err(spec.error(format!(
                    "channel={text} is neither all nor a number from 1 to 16"
                )));
            }
        },
    };
    let address = Address::of_host(spec, "tasmota=192.168.1.20", "/cm?cmnd=Status%208")?;
    let about = About {
        description: match channel {
            Channel::Device => format!("Tasmota at {address}"),
            _ => format!("Tasmota, {domain}, at {address}"),
        },
        boundary: spec.boundary(Boundary::Wall)?,
        interval_s: spec.interval_s(1.0)?,
        max_w: MAX_W,
        domain,
        notes: vec![
            "finer steps: set WattRes 3 and EnergyRes 5 on the device; calibrate it on a \
             resistive load, for an uncalibrated one may be several per cent off"
                .into(),
        ],
    };
    let mut client = client(spec)?;
    // The status does not show that the device measures, but the list of pins does.
    // A device that does not answer this request is still asked for its status.
    let dummy = match client.get(&address.with_path(PINS)) {
        Ok(text) => tasmota::is_dummy(&text),
        Err(error) if error.silent() => {
            let failure = NetFailure::from(error);
            return Ok(vec![failure.unavailable(spec, &address, &client)]);
        }
        Err(_) => false,
    };
    let ask = document(move |text: &str| {
        let reading = tasmota::reading(text, channel)?;
        Ok(Reading {
            typed: dummy,
            ..reading
        })
    });
    open(spec, system, client, address, about, ask)
}
