//! The kinds of firmware, one file each.

mod antminer;
mod auradine;
mod avalon;
mod axeos;
mod braiins;
mod cgminer;
mod epic;
mod luxos;
mod proto;
mod vnish;
mod whatsminer;
mod whatsminer_v3;

use crate::field::Field;
use crate::link::{Request, Via};
use crate::replies::Replies;
use crate::report::Report;
use serde_json::Value;

/// All kinds. An unknown miner is asked in this order: those that are recognised by a
/// mark of their own first, and what answers like cgminer last.
pub(crate) const FIRMWARE: &[&dyn Firmware] = &[
    &luxos::LuxOs,
    &auradine::Auradine,
    &avalon::Avalon,
    &antminer::Antminer,
    &whatsminer_v3::WhatsminerV3,
    &whatsminer::Whatsminer,
    &epic::Epic,
    &axeos::AxeOs,
    &vnish::Vnish,
    &braiins::Braiins,
    &proto::Proto,
    &cgminer::Cgminer,
];

/// What is fixed about a kind.
pub(crate) struct Facts {
    /// The name that `--api` takes.
    pub name: &'static str,
    /// The firmware, and the machines that have it.
    pub title: &'static str,
    pub port: u16,
    pub via: Via,
    /// What is asked, in order. The reply to the first shows whether it is this kind.
    pub requests: &'static [Request],
    /// The places of claims that need no more than a table.
    pub fields: &'static [Field],
    /// The places of the model and of the firmware's version: request and path.
    pub model: (&'static str, &'static str),
    pub version: (&'static str, &'static str),
}

/// A kind of firmware.
pub(crate) trait Firmware: Sync {
    fn facts(&self) -> &'static Facts;

    /// True if the reply to the first request is of this kind.
    fn recognises(&self, first: &Value) -> bool;

    /// Adds the claims that depend on more than one field, and corrects others.
    fn more(&self, _replies: &Replies, _report: &mut Report) {}
}

/// The request of cgminer's version, the first of several kinds.
const VERSION: Request = Request::new("version", r#"{"command":"version"}"#);
const SUMMARY: Request = Request::new("summary", r#"{"command":"summary"}"#);

/// True if a reply has a text, whatever the case and the place.
fn mentions(reply: &Value, text: &str) -> bool {
    reply.to_string().to_ascii_lowercase().contains(text)
}

/// Reads the claims out of replies.
pub(crate) fn report(firmware: &dyn Firmware, replies: &Replies) -> Report {
    let facts = firmware.facts();
    let mut report = Report {
        api: facts.name.to_owned(),
        ..Report::default()
    };
    report.identity.firmware = facts.title.to_owned();
    report.identity.model = replies.text(facts.model.0, facts.model.1);
    report.identity.version = replies.text(facts.version.0, facts.version.1);
    for field in facts.fields {
        field.take(replies, &mut report);
    }
    firmware.more(replies, &mut report);
    report.finish();
    report
}
