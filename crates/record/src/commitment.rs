//! The session's id: a commitment to the facts with which the session started.
//!
//! ```text
//! id = first 32 hex digits of SHA-256 of the RFC 8785 form of
//!      { session: { salt, challenge, label, node, tags, price_usd, rent_usd_per_h, note,
//!                   argv, seed, started_unix_s },
//!        tool, machine, host, threads, config, plan, meters }
//! ```
//!
//! with the values of the record itself; `started_unix_s` is that of the first segment,
//! `node`, `tags`, `price_usd` and `rent_usd_per_h` are left out where the session has none, and `meters` are those present at the
//! start, without the ones joined later. Shares are bound
//! to the id. Lowering `rounds`, removing a row from the plan, or changing the machine or
//! the date changes the id, so that all hashes have to be computed again. A record without
//! hashes has no such proof: its id only reveals careless edits.

use serde::Serialize;
use serde_json::json;

use crate::digest::{self, Form};
use crate::schema::{Record, SchemaId};

/// The first minor version in which the id is a commitment.
const WITH_COMMITMENT: u32 = 4;

/// Number of hex digits of an id.
const DIGITS: usize = 32;

/// True if ids of files of this version are commitments.
pub fn applies(schema: &SchemaId) -> bool {
    schema.minor >= WITH_COMMITMENT
}

/// Computes the id from the facts of the record.
///
/// # Errors
/// If a number in it has no canonical form.
pub fn id(record: &Record) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Facts<'a> {
        session: serde_json::Value,
        tool: &'a crate::schema::Tool,
        machine: &'a perwatt_host::MachineKey,
        host: &'a perwatt_host::Environment,
        threads: &'a crate::schema::Threads,
        config: &'a crate::schema::Config,
        plan: &'a crate::schema::Plan,
        meters: Vec<&'a perwatt_power::MeterInfo>,
    }
    let session = &record.session;
    let began = session.segments.first();
    let meters = record.meters.iter().zip(0..);
    let mut of_session = json!({
        "salt": session.salt,
        "challenge": session.challenge,
        "label": session.label,
        "note": session.note,
        "argv": session.argv,
        "seed": session.seed,
        "started_unix_s": began.map(|segment| segment.started_unix_s),
    });
    // The ids of sessions without these are those of minor version 4.
    if let Some(node) = &session.node {
        of_session["node"] = json!(node);
    }
    if !session.tags.is_empty() {
        of_session["tags"] = json!(session.tags);
    }
    if let Some(price_usd) = session.price_usd {
        of_session["price_usd"] = json!(price_usd);
    }
    if let Some(rent_usd_per_h) = session.rent_usd_per_h {
        of_session["rent_usd_per_h"] = json!(rent_usd_per_h);
    }
    let facts = Facts {
        session: of_session,
        tool: &record.tool,
        machine: &record.machine,
        host: &record.host,
        threads: &record.threads,
        config: &record.config,
        plan: &record.plan,
        meters: meters
            .filter(|(_, index)| !record.joined.iter().any(|joined| joined.meter == *index))
            .map(|(meter, _)| meter)
            .collect(),
    };
    let text = serde_json::to_vec(&facts)?;
    let digest = digest::of_text(&text, Form::Rfc8785)?;
    let hex = digest.trim_start_matches(digest::PREFIX);
    Ok(hex.chars().take(DIGITS).collect())
}
