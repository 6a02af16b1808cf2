//! Whatsminer, version 3 of its API, on port 4433.
//!
//! Rates are in TH/s, with names in small letters and hyphens. `power-rate` and the quotient
//! of power and rate differ by 5 % in a public capture: both are shown. Reading needs no
//! login; the salt for one comes with `get.device.info` and is not kept.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Model, Nameplate};
use crate::claim::Quantity::*;
use crate::field::{TERA, field};
use crate::link::{Request, Via};
use serde_json::Value;

pub(super) struct WhatsminerV3;

static FACTS: Facts = Facts {
    name: "whatsminer3",
    title: "Whatsminer, API 3",
    port: 4433,
    via: Via::Frame,
    requests: &[
        Request::new("device", r#"{"cmd":"get.device.info"}"#),
        Request::new("summary", r#"{"cmd":"get.miner.status","param":"summary"}"#),
    ],
    fields: &[
        field(RateNow, "summary", "/msg/summary/hash-realtime").times(TERA),
        field(RateAverage, "summary", "/msg/summary/hash-average").times(TERA),
        field(RateAverage, "summary", "/msg/summary/hash-15min").times(TERA),
        field(RateNominal, "summary", "/msg/summary/factory-hash")
            .times(TERA)
            .from(Nameplate),
        field(Power, "summary", "/msg/summary/power-realtime"),
        field(Power, "summary", "/msg/summary/power-5min"),
        field(PowerLimit, "summary", "/msg/summary/power-limit").from(Nameplate),
        field(Efficiency, "summary", "/msg/summary/power-rate").from(Model),
        field(Temperature, "summary", "/msg/summary/board-temperature/*").note("a board"),
        field(Temperature, "summary", "/msg/summary/chip-temp-avg").note("chips"),
        field(
            Temperature,
            "summary",
            "/msg/summary/environment-temperature",
        )
        .note("air"),
        field(Fan, "summary", "/msg/summary/fan-speed-in"),
        field(Fan, "summary", "/msg/summary/fan-speed-out"),
        field(Fan, "device", "/msg/power/fanspeed").note("power supply"),
        field(Uptime, "summary", "/msg/summary/elapsed"),
        field(State, "device", "/msg/miner/working").note("true while it works"),
        field(State, "summary", "/msg/summary/up-freq-finish").note("1 once its rate is stable"),
    ],
    model: ("device", "/msg/miner/type"),
    version: ("device", "/msg/system/fwversion"),
};

impl Firmware for WhatsminerV3 {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.get("desc").and_then(Value::as_str) == Some("get.device.info")
            || first.pointer("/msg/miner").is_some()
    }
}
