//! AxeOS: Bitaxe, and NerdAxe, NerdQAxe and others that have its API.
//!
//! `hashRate` is the counter of the chip, in GH/s, of results that nobody has checked. On
//! boards with the regulator TPS546 `power` is the regulator's output plus a constant of 5
//! to 25 W for the family; the plug and its brick took 15 to 70 % more in public reports.

use super::{Facts, Firmware};
use crate::claim::Provenance::{Model, SensorDc};
use crate::claim::Quantity::*;
use crate::field::{GIGA, MEGA, MILLI, PERCENT, field};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::{Value, json};

pub(super) struct AxeOs;

const COUNTER: &str = "the chip's counter, not checked results";

static FACTS: Facts = Facts {
    name: "axeos",
    title: "AxeOS",
    port: 80,
    via: Via::Http,
    requests: &[Request::new("info", "/api/system/info")],
    fields: &[
        field(RateNow, "info", "/hashRate")
            .times(GIGA)
            .note(COUNTER),
        field(RateAverage, "info", "/hashRate_1m")
            .times(GIGA)
            .note(COUNTER),
        field(RateAverage, "info", "/hashRate_10m")
            .times(GIGA)
            .note(COUNTER),
        field(RateAverage, "info", "/hashRate_1h")
            .times(GIGA)
            .note(COUNTER),
        field(RateNominal, "info", "/expectedHashrate")
            .times(GIGA)
            .from(Model),
        field(Power, "info", "/power")
            .from(SensorDc)
            .note("the regulator's output plus a constant, without the power supply's loss"),
        field(Voltage, "info", "/voltage")
            .times(MILLI)
            .from(SensorDc)
            .note("input of the board"),
        field(Current, "info", "/current")
            .times(MILLI)
            .from(SensorDc),
        field(Temperature, "info", "/temp").note("chip"),
        field(Temperature, "info", "/vrTemp").note("regulator"),
        field(Fan, "info", "/fanrpm"),
        field(HardwareErrors, "info", "/errorPercentage").times(PERCENT),
        field(Uptime, "info", "/uptimeSeconds"),
    ],
    model: ("info", "/deviceModel"),
    version: ("info", "/version"),
};

impl Firmware for AxeOs {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.get("hashRate").is_some() && first.get("ASICModel").is_some()
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let words = ["/deviceModel", "/ASICModel", "/boardVersion"];
        let words: Vec<_> = words
            .iter()
            .filter_map(|path| replies.text("info", path))
            .collect();
        report.identity.model = (!words.is_empty()).then(|| words.join(" "));
        let stated = |path| replies.number("info", path);
        let nominal = report.first(RateNominal).is_none().then(|| {
            let mhz = stated("/frequency")?;
            Some(mhz * stated("/smallCoreCount")? * stated("/asicCount")?)
        });
        if let Some(mh_per_s) = nominal.flatten() {
            let field = field(RateNominal, "info", "").times(MEGA).from(Model);
            let place = "info: frequency x smallCoreCount x asicCount".to_owned();
            let claim = field.claim(place, &json!(mh_per_s));
            claim.into_iter().for_each(|claim| report.push(claim));
        }
    }
}
