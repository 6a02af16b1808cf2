//! A record: workloads, rates, joules, uncertainties and verification.

mod energy;
mod miners;
mod plots;
mod rates;
mod rows;
mod short;
mod state;

use perwatt_record::cost::Stated;
use perwatt_record::schema::Gpu;
use perwatt_record::tags::Tags;
use perwatt_record::{Record, pool};

pub use energy::{blocks as energy, by_meter};
pub use miners::{facts as miners, trust};
pub use plots::blocks as plots;
pub use rates::{grid as rates, legend as of_costs};
pub(crate) use rows::{figures, with_entries};
pub use short::{Bounds, blocks as short};
use state::blocks as state;

use crate::doc::Block;
use crate::dollars;
use crate::units::counted;

/// The blocks of a record; `limits`, those of its devices, stand between energy and state.
pub fn blocks(record: &Record, limits: Vec<Block>) -> Vec<Block> {
    let mut out = head(record);
    out.push(Block::Space);
    out.push(Block::Grid(rates(record)));
    out.extend(of_costs(record).into_iter().map(Block::Sentence));
    out.push(Block::Space);
    out.extend(energy(record));
    out.extend(trust(record));
    out.extend(limits);
    out.extend(state(record));
    out.extend(rest(record));
    out
}

fn head(record: &Record) -> Vec<Block> {
    let cpu = record.host.cpu.model.as_deref();
    let hypervisor = match record.host.virtualization.hypervisor.as_deref() {
        None | Some("none") => String::new(),
        Some(name) => format!(", virtual machine ({name})"),
    };
    let when = record.session.segments.first();
    let node = record.session.node.as_ref();
    let mined = pool::title(record).is_some();
    let threads = match mined {
        true => String::new(),
        false => format!(
            ", {}",
            counted(record.threads.count as usize, "thread", "threads")
        ),
    };
    let [by, round, rounds] = match mined {
        true => ["counted by ", "window", "windows"],
        false => ["", "round", "rounds"],
    };
    let dirty = record.tool.git.as_ref().is_some_and(|git| git.dirty);
    let mut lines = vec![
        format!(
            "{by}{}{hypervisor}{threads}",
            cpu.unwrap_or("CPU model not readable")
        ),
        format!(
            "{} \u{b7} label {}{} \u{b7} suite {} \u{b7} {} of {} s \u{b7} perwatt {}{}",
            when.map_or("", |segment| segment.started_utc.as_str()),
            record.session.label,
            node.map_or_else(String::new, |node| format!(" \u{b7} node {node}")),
            record.config.suite,
            counted(record.config.rounds as usize, round, rounds),
            record.config.protocol.window_s,
            record.tool.version,
            if dirty { " (modified source)" } else { "" },
        ),
    ];
    let gpus = record.plan.gpus.iter();
    lines.extend(gpus.map(|gpu| format!("{}: {}", gpu.name, gpu_line(gpu))));
    let miners = miners(record).into_iter();
    lines.extend(miners.map(|(name, text)| format!("{name}: {text}")));
    lines.extend(tags(&record.session.tags).map(|tags| format!("tags: {tags}")));
    lines.extend(dollars::stated(&Stated::of(&record.session)));
    lines.extend(
        record
            .session
            .note
            .iter()
            .map(|note| format!("note: {note}")),
    );
    lines.into_iter().map(Block::Sentence).collect()
}

/// The command that measured it.
fn command(record: &Record) -> &'static str {
    match pool::title(record) {
        Some(_) => "asic",
        None => "run",
    }
}

/// Tags in one line; `None` where there are none.
pub fn tags(of: &Tags) -> Option<String> {
    let all: Vec<String> = of
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// A GPU in one line: model, kind, interface and driver.
pub fn gpu_line(gpu: &Gpu) -> String {
    let driver = match (gpu.driver.as_str(), gpu.driver_info.as_str()) {
        ("", "") => "driver not named".into(),
        (driver, info) => format!("{driver} {info}"),
    };
    format!(
        "{}, {}, {} by {}",
        gpu.model,
        gpu.kind.name(),
        gpu.interface,
        driver.trim()
    )
}

/// Entries that were not measured, and runs that are missing.
fn rest(record: &Record) -> Vec<Block> {
    let skipped = record.plan.skipped.iter().map(|skipped| {
        let fix = skipped.fix.as_ref();
        let fix = fix.map_or(String::new(), |fix| format!("; {fix}"));
        let text = format!("not measured: {}: {}{fix}", skipped.what, skipped.reason);
        Block::Sentence(text)
    });
    let mut out: Vec<Block> = skipped.collect();
    if !record.complete {
        let planned = record.plan.entries.len() * record.config.rounds as usize;
        let listen = match pool::title(record) {
            Some(_) => " --listen ADDRESS",
            None => "",
        };
        let command = command(record);
        out.push(Block::Warning(format!(
            "INCOMPLETE: {} of {planned} runs; finish it with: perwatt {command}{listen} --resume FILE",
            record.runs.len()
        )));
    }
    out
}
