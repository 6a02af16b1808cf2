//! Braiins OS, by its REST interface. Most of it wants a login; the old API on port 4028
//! (`cgminer`) shows the rates without one.
//!
//! Rates are in GH/s, errors in MH/s. `approximated_consumption` is the tuner's model of the
//! profile, and `efficiency` is that over the nominal rate. The average of a day counts the
//! time at which the machine was off. The fee is in hundredths of a percent; without a valid
//! licence, which needs the internet, 5 or 15 % of the work are burnt.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Model, Nameplate};
use crate::claim::Quantity::*;
use crate::field::{Field, GIGA, MEGA, field};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::{Value, json};

pub(super) struct Braiins;

const fn average(path: &'static str) -> Field {
    field(RateAverage, "stats", path).times(GIGA)
}

static FACTS: Facts = Facts {
    name: "braiins",
    title: "Braiins OS",
    port: 80,
    via: Via::Http,
    requests: &[
        Request::new("version", "/api/v1/version/"),
        Request::new("details", "/api/v1/miner/details"),
        Request::new("stats", "/api/v1/miner/stats"),
        Request::new("cooling", "/api/v1/cooling/state"),
        Request::new("license", "/api/v1/license/license"),
    ],
    fields: &[
        field(
            RateNow,
            "stats",
            "/miner_stats/real_hashrate/last_5s/gigahash_per_second",
        )
        .times(GIGA),
        average("/miner_stats/real_hashrate/last_15m/gigahash_per_second"),
        average("/miner_stats/real_hashrate/last_1h/gigahash_per_second"),
        average("/miner_stats/real_hashrate/last_24h/gigahash_per_second")
            .note("counts the time at which the machine was off"),
        field(
            RateNominal,
            "stats",
            "/miner_stats/nominal_hashrate/gigahash_per_second",
        )
        .times(GIGA)
        .from(Model),
        field(
            RateNominal,
            "details",
            "/sticker_hashrate/gigahash_per_second",
        )
        .times(GIGA)
        .from(Nameplate),
        field(
            RateErrors,
            "stats",
            "/miner_stats/error_hashrate/megahash_per_second",
        )
        .times(MEGA),
        field(Power, "stats", "/power_stats/approximated_consumption/watt")
            .from(Model)
            .note("the tuner's model of the profile"),
        field(
            Efficiency,
            "stats",
            "/power_stats/efficiency/joule_per_terahash",
        )
        .from(Model)
        .note("the model's watts over the nominal rate"),
        field(
            Temperature,
            "cooling",
            "/highest_temperature/temperature/degree_c",
        )
        .note("the hottest sensor"),
        field(Fan, "cooling", "/fans/*/rpm"),
        field(DevFee, "license", "/state/*/dev_fee/bsp")
            .times(1e-4)
            .from(Nameplate),
        field(Uptime, "details", "/bosminer_uptime_s"),
    ],
    model: ("details", "/miner_identity/name"),
    version: ("details", "/bos_version/current"),
};

impl Firmware for Braiins {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        ["major", "minor", "patch"]
            .iter()
            .all(|part| first.get(part).is_some_and(Value::is_u64))
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let state = match replies.number("details", "/status") {
            Some(1.0) => "idle",
            Some(2.0) => "mining",
            Some(3.0) => "paused",
            _ => "",
        };
        let claim = field(State, "details", "").claim("details/status".into(), &json!(state));
        claim.into_iter().for_each(|claim| report.push(claim));
        for (licence, note) in [
            (
                "none",
                "no licence yet: it burns 5 % of its work after a while",
            ),
            ("limited", "a limited licence: it burns a part of its work"),
            (
                "expired",
                "the licence has run out: it burns 15 % of its work",
            ),
        ] {
            if replies
                .at("license", &format!("/state/{licence}"))
                .is_some()
            {
                report.note(note);
            }
        }
    }
}
