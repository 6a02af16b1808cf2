//! VNish, on Antminers. Its summary is open unless the owner closed it.
//!
//! Rates are in the unit that `info` names, GH/s on Antminers. `power_usage` is an old name
//! of the efficiency, not a power, and is not read. `psu_power_metering` says whether the
//! power supply measured the watts.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Model, Nameplate, SensorAc, Unknown};
use crate::claim::Quantity::*;
use crate::field::{Field, GIGA, PERCENT, field, rate_unit};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Vnish;

const WATTS: Field = field(Power, "summary", "/miner/power_consumption");

static FACTS: Facts = Facts {
    name: "vnish",
    title: "VNish",
    port: 80,
    via: Via::Http,
    requests: &[
        Request::new("info", "/api/v1/info"),
        Request::new("summary", "/api/v1/summary"),
    ],
    fields: &[
        field(Efficiency, "summary", "/miner/power_efficiency").from(Model),
        field(Temperature, "summary", "/miner/chip_temp/max").note("the hottest chip"),
        field(Temperature, "summary", "/miner/pcb_temp/max").note("the hottest board"),
        field(Fan, "summary", "/miner/cooling/fans/*/rpm"),
        field(DevFee, "summary", "/miner/devfee_percent")
            .times(PERCENT)
            .from(Nameplate),
        field(HardwareErrors, "summary", "/miner/hw_errors_percent").times(PERCENT),
        field(State, "summary", "/miner/miner_status/miner_state"),
    ],
    model: ("info", "/miner"),
    version: ("info", "/fw_version"),
};

impl Firmware for Vnish {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.get("fw_version").is_some() && first.get("miner").is_some_and(Value::is_string)
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let unit = replies.text("info", "/hr_measure");
        let scale = unit.as_deref().and_then(rate_unit).unwrap_or(GIGA);
        for rate in [
            field(RateNow, "summary", "/miner/hr_realtime"),
            field(RateAverage, "summary", "/miner/hr_average"),
            field(RateNominal, "summary", "/miner/hr_nominal").from(Model),
            field(RateNominal, "summary", "/miner/hr_stock").from(Nameplate),
        ] {
            rate.times(scale).take(replies, report);
        }
        let metered = replies.at("summary", "/miner/psu/psu_power_metering");
        match metered.and_then(Value::as_bool) {
            Some(true) => WATTS.from(SensorAc).note("psu_power_metering: true"),
            Some(false) => WATTS.from(Model).note("psu_power_metering: false"),
            None => WATTS
                .from(Unknown)
                .note("without the flag psu_power_metering"),
        }
        .take(replies, report);
    }
}
