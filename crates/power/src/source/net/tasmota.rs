//! Plugs with Tasmota's firmware, at the wall.
//!
//! The format is in [`crate::parse::tasmota`]. Its documentation says that an
//! uncalibrated plug may be off by several per cent, and states no accuracy.

use super::address::Address;
use super::meter::{About, open};
use super::{allow, client, each};
use crate::info::Boundary;
use crate::parse::tasmota;
use crate::select::{Found, MeterName};
use crate::source::{Entry, Query};
use crate::spec::{MeterSpec, SpecError};

/// Three phases of 63 A.
const MAX_W: f64 = 5e4;

pub(in crate::source) const ENTRY: Entry = Entry {
    name: MeterName {
        name: "tasmota",
        description: "plug or meter with Tasmota firmware",
        usage: "tasmota=HOST[,channel=1][,auth=env:NAME]",
        automatic: false,
    },
    probe: |query| each(query, one),
};

fn one(query: &Query<'_>, spec: &MeterSpec) -> Result<Vec<Found>, SpecError> {
    allow(spec, &["channel"])?;
    let channel = match spec.options.get("channel") {
        None => None,
        Some(text) => match text.parse::<u8>() {
            Ok(channel @ 1..=16) => Some(channel),
            _ => return Err(spec.error(format!("channel={text} is not a number from 1 to 16"))),
        },
    };
    let address = Address::of_host(spec, "tasmota=192.168.1.20", "/cm?cmnd=Status%208")?;
    let about = About {
        description: match channel {
            Some(channel) => format!("Tasmota channel {channel} at {address}"),
            None => format!("Tasmota at {address}"),
        },
        boundary: spec.boundary(Boundary::Wall)?,
        interval_s: spec.interval_s(1.0)?,
        max_w: MAX_W,
        domain: channel.map_or("plug".into(), |c| format!("channel {c}")),
        notes: vec![
            "finer steps: set WattRes 3 and EnergyRes 5 on the device; calibrate it on a \
             resistive load, for an uncalibrated one may be several per cent off"
                .into(),
        ],
    };
    let parse = Box::new(move |text: &str| tasmota::reading(text, channel));
    open(
        spec,
        query.environment,
        client(spec)?,
        address,
        about,
        parse,
    )
}
