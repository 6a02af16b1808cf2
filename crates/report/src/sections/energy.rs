//! Joules of each row, one table for each meter, and each meter's boundary, provenance and
//! accuracy.

use perwatt_power::MeterInfo;
use perwatt_record::Record;
use perwatt_record::schema::word;

use crate::doc::{Block, Fact};
use crate::units::{percent, significant};
use crate::views::session;

/// The tables of all meters.
pub fn tables(record: &Record) -> Vec<Block> {
    let mut out = vec![Block::section("Energy")];
    if record.meters.is_empty() {
        out.push(Block::sentence("Not measured: no meter was read."));
    }
    for (index, meter) in (0..).zip(&record.meters) {
        match session::figures(record, index).next() {
            Some(_) => out.extend(session::by_meter(record, index, meter)),
            None => out.push(Block::Sentence(format!(
                "Not measured by {}: no row has a figure by this meter.",
                meter.id
            ))),
        }
    }
    out
}

/// Each meter in words, and the meters that could not be read.
pub fn details(record: &Record) -> Vec<Block> {
    let meters = (0..).zip(&record.meters);
    let mut out: Vec<Block> = meters
        .map(|(i, meter)| of_meter(record, i, meter))
        .collect();
    let unread = record.meters_unavailable.iter().map(|why| {
        let fix = why.fix.as_ref();
        let fix = fix.map_or(String::new(), |fix| format!("; to change that: {fix}"));
        format!("{}: {}{fix}", why.id, why.detail)
    });
    let unread: Vec<String> = unread.collect();
    if !unread.is_empty() {
        out.push(Block::Details {
            title: "Meters that could not be read".into(),
            blocks: vec![Block::List(unread)],
        });
    }
    out
}

fn of_meter(record: &Record, index: u32, meter: &MeterInfo) -> Block {
    let joined = record.joined.iter().find(|joined| joined.meter == index);
    let joined = joined.map_or(String::new(), |joined| {
        format!(", added after the session from {}", joined.source)
    });
    let estimate = match meter.provenance.is_estimate() {
        true => ": an estimate, no measurement",
        false => "",
    };
    let gain = meter.gain_uncertainty_rel;
    let gain = gain.map_or("not specified".into(), |gain| {
        format!("{} (k = 2)", percent(gain, 1))
    });
    let mut facts = vec![
        Fact::new("What it is", &meter.description),
        Fact::new("Boundary", format!("{}, gross", meter.boundary)),
        Fact::new(
            "Provenance",
            format!("{}{estimate}{joined}", word(&meter.provenance)),
        ),
    ];
    let domains = [
        ("Sum of", &meter.domains),
        ("Without", &meter.excluded_domains),
    ];
    for (name, domains) in domains.iter().filter(|(_, domains)| !domains.is_empty()) {
        facts.push(Fact::new(*name, domains.join("; ")));
    }
    facts.push(Fact::new("Scale error", gain));
    if let Some(period) = meter.update_period_s {
        let period = format!("{} s", significant(period));
        facts.push(Fact::new("Updates every", period));
    }
    facts.extend(meter.notes.iter().map(|note| Fact::new("Note", note)));
    Block::Details {
        title: format!("Meter {}", meter.id),
        blocks: vec![Block::Facts(facts)],
    }
}
