//! Whatsminer, versions 1 and 2 of its API.
//!
//! `MHS` and `HS RT` are in MH/s (67 753 251 is 67.75 TH/s), `Factory GHS` in GH/s. A power
//! of -1 is unknown. No flag says where the power comes from. A machine takes a quarter of
//! an hour or more until `Hash Stable`.

use super::cgminer::{DIFFICULTY, ERRORS, MHS_AVERAGE, MHS_NOW, UPTIME};
use super::{Facts, Firmware, SUMMARY, mentions};
use crate::claim::Provenance::{Model, Nameplate};
use crate::claim::Quantity::*;
use crate::field::{GIGA, MEGA, field};
use crate::link::{Request, Via};
use serde_json::Value;

pub(super) struct Whatsminer;

static FACTS: Facts = Facts {
    name: "whatsminer",
    title: "Whatsminer, API 1 and 2",
    port: 4028,
    via: Via::Line,
    requests: &[
        Request::new("get_version", r#"{"command":"get_version"}"#),
        SUMMARY,
        Request::new("devdetails", r#"{"command":"devdetails"}"#),
        Request::new("status", r#"{"command":"status"}"#),
    ],
    fields: &[
        field(RateNow, "summary", "/SUMMARY/0/HS RT").times(MEGA),
        MHS_NOW,
        MHS_AVERAGE,
        field(RateAverage, "summary", "/SUMMARY/0/MHS 15m").times(MEGA),
        field(RateNominal, "summary", "/SUMMARY/0/Factory GHS")
            .times(GIGA)
            .from(Nameplate),
        field(RateNominal, "summary", "/SUMMARY/0/Target MHS")
            .times(MEGA)
            .from(Nameplate)
            .note("its target"),
        field(Power, "summary", "/SUMMARY/0/Power"),
        field(Power, "summary", "/SUMMARY/0/Power_RT"),
        field(PowerLimit, "summary", "/SUMMARY/0/Power Limit").from(Nameplate),
        field(Efficiency, "summary", "/SUMMARY/0/Power Rate").from(Model),
        field(Temperature, "summary", "/SUMMARY/0/Temperature").note("boards"),
        field(Temperature, "summary", "/SUMMARY/0/Chip Temp Avg").note("chips"),
        field(Temperature, "summary", "/SUMMARY/0/Env Temp").note("air"),
        field(Fan, "summary", "/SUMMARY/0/Fan Speed In"),
        field(Fan, "summary", "/SUMMARY/0/Fan Speed Out"),
        field(Fan, "summary", "/SUMMARY/0/Power Fanspeed").note("power supply"),
        UPTIME,
        DIFFICULTY,
        ERRORS,
        field(State, "summary", "/SUMMARY/0/Power Mode").note("power mode"),
        field(State, "summary", "/SUMMARY/0/Hash Stable").note("true once its rate is stable"),
        field(State, "status", "/Msg/btmineroff").note("true while it is switched off"),
    ],
    model: ("devdetails", "/DEVDETAILS/0/Model"),
    version: ("get_version", "/Msg/fw_ver"),
};

impl Firmware for Whatsminer {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        ["whatsminer", "btminer", "bitmicro"]
            .iter()
            .any(|name| mentions(first, name))
    }
}
