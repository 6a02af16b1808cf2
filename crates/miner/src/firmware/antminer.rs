//! Antminer with Bitmain's own firmware.
//!
//! Rates are in GH/s; `GHS 5s` and the rates of chains may be texts. The usual replies have
//! no power. Some versions add it with `new_api` beside the command (within `parameter` it
//! is ignored): a number in `watt` or `power`, or `3250 W` in `chain_power`. Whether the
//! power supply measures it is not documented.

use super::cgminer::{DIFFICULTY, ERRORS, GHS_30_MIN, GHS_AVERAGE, GHS_NOW, UPTIME};
use super::{Facts, Firmware, SUMMARY, VERSION, mentions};
use crate::claim::Provenance::Nameplate;
use crate::claim::Quantity::*;
use crate::field::{Field, GIGA, field, rate_unit};
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Antminer;

const fn power(request: &'static str, path: &'static str) -> Field {
    field(Power, request, path).note("no document says whether the power supply measures it")
}

const fn fan(path: &'static str) -> Field {
    field(Fan, "stats", path)
}

const fn chip(path: &'static str) -> Field {
    field(Temperature, "stats", path).note("chips; other makers say that this is an estimate")
}

static FACTS: Facts = Facts {
    name: "antminer",
    title: "Antminer with Bitmain's firmware",
    port: 4028,
    via: Via::Line,
    requests: &[
        VERSION,
        SUMMARY,
        Request::new("stats", r#"{"command":"stats"}"#),
        Request::new("stats+new_api", r#"{"command":"stats","new_api":true}"#),
    ],
    fields: &[
        GHS_NOW,
        GHS_AVERAGE,
        GHS_30_MIN,
        power("stats+new_api", "/STATS/0/watt"),
        power("stats+new_api", "/STATS/0/power"),
        power("stats+new_api", "/STATS/0/chain_power"),
        power("stats", "/STATS/1/chain_power"),
        chip("/STATS/1/temp2_1"),
        chip("/STATS/1/temp2_2"),
        chip("/STATS/1/temp2_3"),
        fan("/STATS/1/fan1"),
        fan("/STATS/1/fan2"),
        fan("/STATS/1/fan3"),
        fan("/STATS/1/fan4"),
        UPTIME,
        DIFFICULTY,
        ERRORS,
    ],
    model: ("version", "/VERSION/0/Type"),
    version: ("version", "/VERSION/0/CompileTime"),
};

impl Firmware for Antminer {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        let others = ["vnish", "xminer", "bosminer", "boser", "luxminer", "marafw"];
        mentions(first, "antminer") && !others.iter().any(|other| mentions(first, other))
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let unit = replies.text("stats", "/STATS/1/rate_unit");
        let scale = unit.as_deref().and_then(rate_unit).unwrap_or(GIGA);
        field(RateNominal, "stats", "/STATS/1/total_rateideal")
            .times(scale)
            .from(Nameplate)
            .take(replies, report);
        if report.first(Power).is_none() {
            report.note("power: this version of Bitmain's firmware states none");
        }
    }
}
