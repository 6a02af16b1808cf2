//! Auradine (Teraflux) with its own firmware, FluxOS.
//!
//! Rates are in MH/s, the target in TH/s. The power supply's figures are texts with units:
//! `58.94W`, `245.00V`. Its input is measured, at rest too.

use super::cgminer::{DIFFICULTY, MHS_AVERAGE, MHS_NOW, UPTIME};
use super::{Facts, Firmware, SUMMARY, VERSION, mentions};
use crate::claim::Provenance::{Nameplate, SensorAc, SensorDc};
use crate::claim::Quantity::*;
use crate::field::{TERA, field};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Auradine;

static FACTS: Facts = Facts {
    name: "auradine",
    title: "FluxOS",
    port: 4028,
    via: Via::Line,
    requests: &[
        VERSION,
        SUMMARY,
        Request::new("psu", r#"{"command":"psu"}"#),
        Request::new("mode", r#"{"command":"mode"}"#),
        Request::new("devdetails", r#"{"command":"devdetails"}"#),
        Request::new("temperature", r#"{"command":"temperature"}"#),
        Request::new("fan", r#"{"command":"fan"}"#),
    ],
    fields: &[
        MHS_NOW,
        MHS_AVERAGE,
        field(RateNominal, "mode", "/Mode/0/Ths")
            .times(TERA)
            .from(Nameplate)
            .note("its target"),
        field(PowerLimit, "mode", "/Mode/0/Power").from(Nameplate),
        field(Voltage, "psu", "/PSU/*/Vin").from(SensorAc),
        field(Current, "psu", "/PSU/*/Iin").from(SensorAc),
        field(
            Temperature,
            "temperature",
            "/Temperature/*/ChipTemp/0/Temperature",
        )
        .note("the first chip of a board"),
        field(Fan, "fan", "/Fan/*/Speed"),
        UPTIME,
        DIFFICULTY,
        field(State, "mode", "/Mode/0/Mode"),
        field(State, "mode", "/Mode/0/Sleep").note("sleep"),
    ],
    model: ("devdetails", "/DEVDETAILS/0/Model"),
    version: ("version", "/VERSION/0/GCMiner"),
};

impl Firmware for Auradine {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        mentions(first, "gcminer") || mentions(first, "fluxos")
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        field(Power, "psu", "/PSU/*/PowerIn")
            .from(SensorAc)
            .take_sum(replies, report);
        field(Power, "psu", "/PSU/*/PowerOut")
            .from(SensorDc)
            .take_sum(replies, report);
    }
}
