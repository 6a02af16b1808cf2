//! Any other firmware with the API of cgminer on port 4028. Nothing about power is in it.
//!
//! Braiins OS and VNish answer here too, without a login.

use super::{Facts, Firmware, SUMMARY, VERSION, mentions};
use crate::claim::Quantity::*;
use crate::field::{Field, GIGA, MEGA, PERCENT, field};
use crate::link::Via;
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

pub(super) struct Cgminer;

/// The fields of `summary` that all descendants of cgminer share.
pub(super) const UPTIME: Field = field(Uptime, "summary", "/SUMMARY/0/Elapsed");
pub(super) const DIFFICULTY: Field = field(
    DifficultyAccepted,
    "summary",
    "/SUMMARY/0/Difficulty Accepted",
);
pub(super) const ERRORS: Field =
    field(HardwareErrors, "summary", "/SUMMARY/0/Device Hardware%").times(PERCENT);
pub(super) const GHS_NOW: Field = field(RateNow, "summary", "/SUMMARY/0/GHS 5s").times(GIGA);
pub(super) const GHS_AVERAGE: Field =
    field(RateAverage, "summary", "/SUMMARY/0/GHS av").times(GIGA);
pub(super) const GHS_30_MIN: Field =
    field(RateAverage, "summary", "/SUMMARY/0/GHS 30m").times(GIGA);
pub(super) const MHS_NOW: Field = field(RateNow, "summary", "/SUMMARY/0/MHS 5s").times(MEGA);
pub(super) const MHS_AVERAGE: Field =
    field(RateAverage, "summary", "/SUMMARY/0/MHS av").times(MEGA);

static FACTS: Facts = Facts {
    name: "cgminer",
    title: "firmware with the API of cgminer",
    port: 4028,
    via: Via::Line,
    requests: &[VERSION, SUMMARY],
    fields: &[
        GHS_NOW,
        MHS_NOW,
        GHS_AVERAGE,
        MHS_AVERAGE,
        GHS_30_MIN,
        UPTIME,
        DIFFICULTY,
        ERRORS,
    ],
    model: ("version", "/VERSION/0/Type"),
    version: ("version", "/STATUS/0/Description"),
};

impl Firmware for Cgminer {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn recognises(&self, first: &Value) -> bool {
        first.get("STATUS").is_some()
    }

    fn more(&self, replies: &Replies, report: &mut Report) {
        let Some(version) = replies.reply("version") else {
            return;
        };
        if mentions(version, "bosminer") || mentions(version, "boser") {
            report.note("Braiins OS shows power on port 80 only, and only after a login");
        }
    }
}
