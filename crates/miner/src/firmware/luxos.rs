//! LuxOS, on Antminers.
//!
//! Rates are in GH/s, the nameplate in TH/s. `Total MH` is no total but the average rate,
//! and is not read. `power` says with `PSU` whether the power supply measured the watts.

use super::cgminer::{DIFFICULTY, ERRORS, GHS_30_MIN, GHS_AVERAGE, GHS_NOW, UPTIME};
use super::{Facts, Firmware, SUMMARY, VERSION};
use crate::claim::Provenance::{Model, Nameplate, SensorAc, Unknown};
use crate::claim::Quantity::*;
use crate::field::{Field, TERA, field};
use crate::link::{Request, Via};
use crate::number::number;
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct LuxOs;

const WATTS: Field = field(Power, "power", "/POWER/0/Watts");

const fn board(path: &'static str) -> Field {
    field(Temperature, "temps", path).note("a sensor on a board")
}

static FACTS: Facts = Facts {
    name: "luxos",
    title: "LuxOS",
    port: 4028,
    via: Via::Line,
    requests: &[
        VERSION,
        SUMMARY,
        Request::new("config", r#"{"command":"config"}"#),
        Request::new("power", r#"{"command":"power"}"#),
        Request::new("profiles", r#"{"command":"profiles"}"#),
        Request::new("temps", r#"{"command":"temps"}"#),
        Request::new("fans", r#"{"command":"fans"}"#),
    ],
    fields: &[
        GHS_NOW,
        GHS_AVERAGE,
        GHS_30_MIN,
        field(RateNominal, "config", "/CONFIG/0/NameplateTHS")
            .times(TERA)
            .from(Nameplate),
        board("/TEMPS/*/TopLeft"),
        board("/TEMPS/*/BottomLeft"),
        board("/TEMPS/*/TopRight"),
        board("/TEMPS/*/BottomRight"),
        field(Fan, "fans", "/FANS/*/RPM"),
        UPTIME,
        DIFFICULTY,
        ERRORS,
        field(State, "config", "/CONFIG/0/SystemStatus"),
        field(State, "config", "/CONFIG/0/CurtailMode").note("curtailment"),
        field(State, "config", "/CONFIG/0/IsTuning").note("true while it is tuned"),
        field(State, "config", "/CONFIG/0/FeeStatus").note("the fee; its size is not stated"),
    ],
    model: ("version", "/VERSION/0/Type"),
    version: ("version", "/VERSION/0/LUXminer"),
};

impl Firmware for LuxOs {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.pointer("/VERSION/0/LUXminer").is_some()
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let metered = replies.at("power", "/POWER/0/PSU").and_then(Value::as_bool);
        let watts = match metered {
            Some(true) => WATTS
                .from(SensorAc)
                .note("the power supply reports it (PSU: true)"),
            Some(false) => WATTS.from(Model).note("no sensor (PSU: false)"),
            None => WATTS.from(Unknown).note("without the flag PSU"),
        };
        watts.take(replies, report);
        let used = replies
            .at("config", "/CONFIG/0/Profile")
            .and_then(Value::as_str);
        let profile = |(_, profile): &(String, &Value)| {
            used.is_some() && profile.get("Profile Name").and_then(Value::as_str) == used
        };
        let profiles = replies.all("profiles", "/PROFILES/*");
        if let Some((place, profile)) = profiles.into_iter().find(profile) {
            let stated = profile.get("Watts").filter(|watts| number(watts).is_some());
            let figure = WATTS
                .from(Nameplate)
                .note("the table's figure for this profile");
            let claim = stated.and_then(|watts| figure.claim(format!("{place}/Watts"), watts));
            claim.into_iter().for_each(|claim| report.push(claim));
        }
    }
}
