//! Proto Rig, by its REST interface.
//!
//! Each power supply states its input and its output, which makes this the best claim of
//! all. The miner's own `power` has no provenance. Public replies are from a simulator, and
//! another reader logs in before it asks.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Nameplate, SensorAc, SensorDc};
use crate::claim::Quantity::*;
use crate::field::{GIGA, field, rate_unit};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Proto;

static FACTS: Facts = Facts {
    name: "proto",
    title: "Proto Rig",
    port: 80,
    via: Via::Http,
    requests: &[
        Request::new("system", "/api/v1/system"),
        Request::new("mining", "/api/v1/mining"),
        Request::new("telemetry", "/api/v1/telemetry?level=miner,psu"),
    ],
    fields: &[
        field(RateAverage, "mining", "/mining-status/average_hashrate_ghs").times(GIGA),
        field(RateNominal, "mining", "/mining-status/ideal_hashrate_ghs")
            .times(GIGA)
            .from(Nameplate),
        field(Power, "telemetry", "/miner/power/value"),
        field(PowerLimit, "mining", "/mining-status/power_target_watts").from(Nameplate),
        field(Efficiency, "telemetry", "/miner/efficiency/value"),
        field(Voltage, "telemetry", "/psus/*/voltage/input").from(SensorAc),
        field(Current, "telemetry", "/psus/*/current/input").from(SensorAc),
        field(Temperature, "telemetry", "/miner/temperature/value"),
        field(Uptime, "mining", "/mining-status/mining_uptime_s"),
        field(State, "mining", "/mining-status/status"),
    ],
    model: ("system", "/system-info/product_name"),
    version: ("system", "/system-info/os/version"),
};

impl Firmware for Proto {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.pointer("/system-info/product_name").is_some()
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        for power in [
            field(Power, "telemetry", "/psus/*/power/input").from(SensorAc),
            field(Power, "telemetry", "/psus/*/power/output").from(SensorDc),
        ] {
            power.take_sum(replies, report);
        }
        let unit = replies.text("telemetry", "/miner/hashrate/unit");
        match unit.as_deref().and_then(rate_unit) {
            Some(scale) => field(RateNow, "telemetry", "/miner/hashrate/value")
                .times(scale)
                .take(replies, report),
            None => report.note("telemetry: the rate has no unit that is known"),
        }
    }
}
