//! A record as a table for people: what ran, how fast, for how many joules, how
//! sure, and how it was checked.

use std::fmt::Write;

use perwatt_record::Record;

use super::{energy, plain, rates};

/// The whole table, ending in a newline.
pub fn render(record: &Record) -> String {
    let mut out = head(record);
    out.push('\n');
    out.push_str(&rates::render(record));
    out.push('\n');
    out.push_str(&energy::render(record));
    out.push_str(&super::limits::render(record));
    out.push_str(&super::state::render(record));
    for skipped in &record.plan.skipped {
        let fix = skipped
            .fix
            .as_ref()
            .map_or(String::new(), |fix| format!("; {fix}"));
        let _ = writeln!(
            out,
            "not measured: {}: {}{}",
            plain(&skipped.what),
            plain(&skipped.reason),
            plain(&fix)
        );
    }
    if !record.complete {
        let planned = record.plan.entries.len() * record.config.rounds as usize;
        let _ = writeln!(
            out,
            "INCOMPLETE: {} of {planned} runs; finish it with: perwatt run --resume FILE",
            record.runs.len()
        );
    }
    out
}

fn head(record: &Record) -> String {
    let cpu = record
        .host
        .cpu
        .model
        .as_deref()
        .unwrap_or("CPU model not readable");
    let hypervisor = match record.host.virtualization.hypervisor.as_deref() {
        None | Some("none") => String::new(),
        Some(name) => format!(", virtual machine ({})", plain(name)),
    };
    let when = record
        .session
        .segments
        .first()
        .map_or("", |segment| segment.started_utc.as_str());
    let threads = match record.threads.count {
        1 => "1 thread".into(),
        n => format!("{n} threads"),
    };
    let dirty = record.tool.git.as_ref().is_some_and(|git| git.dirty);
    let mut out = format!(
        "{}{hypervisor}, {threads}\n{} \u{b7} label {} \u{b7} suite {} \u{b7} {} rounds of {} s \u{b7} perwatt {}{}\n",
        plain(cpu),
        plain(when),
        plain(&record.session.label),
        plain(&record.config.suite),
        record.config.rounds,
        record.config.protocol.window_s,
        plain(&record.tool.version),
        if dirty { " (modified source)" } else { "" },
    );
    for gpu in &record.plan.gpus {
        let _ = writeln!(out, "{}: {}", plain(&gpu.name), super::gpu_line(gpu));
    }
    if let Some(note) = &record.session.note {
        let _ = writeln!(out, "note: {}", plain(note));
    }
    out
}
