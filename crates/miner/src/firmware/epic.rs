//! ePIC's PowerPlay (UMC OS): HTTP on port 4028.
//!
//! Rates are in MH/s, the nameplate in TH/s. The rate of a board is the first of three
//! numbers. `Input Power` is an estimate where input voltage and current are 0.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Model, Nameplate, SensorAc, Unknown};
use crate::claim::Quantity::*;
use crate::field::{Field, MEGA, TERA, field};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Epic;

const WATTS: Field = field(Power, "summary", "/Power Supply Stats/Input Power");

static FACTS: Facts = Facts {
    name: "epic",
    title: "ePIC PowerPlay",
    port: 4028,
    via: Via::Http,
    requests: &[
        Request::new("summary", "/summary"),
        Request::new("capabilities", "/capabilities"),
    ],
    fields: &[
        field(RateAverage, "summary", "/Session/Average MHs").times(MEGA),
        field(RateNominal, "capabilities", "/Default Hashrate")
            .times(TERA)
            .from(Nameplate),
        field(PowerLimit, "summary", "/PresetInfo/Target Power").from(Nameplate),
        field(Temperature, "summary", "/HBs/*/Temperature").note("a board"),
        field(Fan, "summary", "/Fans Rpm/*"),
        field(Uptime, "summary", "/Session/Uptime"),
        field(State, "summary", "/Status/Operating State"),
    ],
    model: ("capabilities", "/Model"),
    version: ("summary", "/Software"),
};

impl Firmware for Epic {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.get("Session").is_some() && first.get("Power Supply Stats").is_some()
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        field(RateNow, "summary", "/HBs/*/Hashrate/0")
            .times(MEGA)
            .take_sum(replies, report);
        let input = |name| replies.number("summary", &format!("/Power Supply Stats/{name}"));
        match (input("Input Voltage"), input("Input Current")) {
            (Some(v), Some(a)) if v > 0.0 && a > 0.0 => WATTS.from(SensorAc),
            (Some(_), Some(_)) => WATTS
                .from(Model)
                .note("an estimate: input voltage and current are 0"),
            _ => WATTS.from(Unknown),
        }
        .take(replies, report);
    }
}
