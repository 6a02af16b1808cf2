//! A record as a table for people: what ran, how fast, for how many joules, how
//! sure, and how it was checked.

use std::fmt::Write;

use perwatt_power::{Boundary, MeterInfo, Provenance};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, Flag, Interval, Status, Summary};
use serde::Serialize;

use super::plain;
use super::table::{Align, Table};
use super::units::{Scale, joules_per_tera, significant};

/// The whole table, ending in a newline.
pub fn render(record: &Record) -> String {
    let mut out = head(record);
    out.push('\n');
    out.push_str(&rates(record));
    out.push('\n');
    out.push_str(&energy(record));
    out.push_str(&super::limits::render(record));
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

fn rates(record: &Record) -> String {
    let mut table = Table::new(&[
        ("workload", Align::Left),
        ("backend", Align::Left),
        ("rate", Align::Right),
        ("95 % interval", Align::Right),
        ("spread", Align::Right),
        ("verified", Align::Left),
    ]);
    let mut group = None;
    for row in &record.summary {
        let Some(entry) = record.plan.entries.get(row.entry as usize) else {
            continue;
        };
        if group != Some(&entry.workload.name) {
            group = Some(&entry.workload.name);
            table.heading(plain(&entry.workload.name));
        }
        let cells = rate_row(record, entry, row, &mut table);
        table.row(cells);
    }
    table.render()
}

/// The part of an entry's id that tells it from its neighbours in the group.
fn short_name(entry: &Entry) -> String {
    let rest = entry
        .id
        .strip_prefix(entry.workload.name.as_str())
        .unwrap_or(&entry.id);
    let rest = rest
        .strip_suffix(&format!("/{}/{}", entry.device, entry.backend))
        .unwrap_or(rest);
    match rest.trim_matches('/') {
        "" => format!("  {}", plain(&entry.device)),
        name => format!("  {}", plain(name)),
    }
}

/// Tokens that go through the model in one step, where the work is a model's.
fn tokens_per_step(entry: &Entry) -> Option<f64> {
    entry.workload.params.get("tokens_per_step")?.parse().ok()
}

/// The backend, with its device where that is not the CPU and the name does not
/// say it.
fn backend_cell(entry: &Entry) -> String {
    let said = short_name(entry).trim() == entry.device;
    match entry.device.as_str() {
        "cpu" => plain(&entry.backend),
        _ if said => plain(&entry.backend),
        device => plain(&format!("{device} {}", entry.backend)),
    }
}

fn rate_row(record: &Record, entry: &Entry, row: &Summary, table: &mut Table) -> Vec<String> {
    let mut marks = String::new();
    let mut mark = |text: &str, table: &mut Table| {
        let sign = table.note(text);
        if !marks.contains(&sign) {
            marks.push_str(&sign);
        }
    };
    let runs = record.runs.iter().filter(|run| run.entry == row.entry);
    let notes = [
        (
            Flag::NotSteady,
            "not steady: in one run or more the rate had not settled when the longest warm-up ended",
        ),
        (
            Flag::SmallArray,
            "arrays smaller than four times the last-level cache, or its size unknown: the cache may have served part of the traffic",
        ),
        (
            Flag::ClocksDiffer,
            "the GPU's own clock and the host's differ by more than 5 % over the load; the figure stands on the host's",
        ),
        (
            Flag::ShortWindow,
            "the measured window is shorter than asked for",
        ),
    ];
    for (flag, text) in notes {
        if runs.clone().any(|run| run.flags.contains(&flag)) {
            mark(text, table);
        }
    }
    if let (Some(tokens), Some(rate)) = (tokens_per_step(entry), &row.rate_per_s) {
        let per_s = rate.median / entry.work_per_step as f64 * tokens;
        mark(
            &format!(
                "{} tokens/s of {}, its matrix products alone: an upper limit of what the model does",
                significant(per_s),
                plain(
                    entry
                        .workload
                        .params
                        .get("model")
                        .map_or("the model", String::as_str)
                )
            ),
            table,
        );
    }
    if let Some(warning) = &entry.backend_warning {
        mark(&plain(warning), table);
    }
    for run in runs {
        if let Status::Failed(failure) = &run.status {
            mark(
                &format!(
                    "{} run failed: {}",
                    word(&failure.kind),
                    plain(&failure.message)
                ),
                table,
            );
        }
    }
    let name = short_name(entry);
    let backend = backend_cell(entry);
    let Some(rate) = &row.rate_per_s else {
        let figure = if row.runs_failed > 0 {
            "FAILED"
        } else {
            "not measured"
        };
        return vec![name, backend, format!("{figure}{marks}")];
    };
    let scale = Scale::of(rate.median);
    let verified = if row.verified {
        "yes".to_owned()
    } else {
        format!("NO: {}", plain(&row.verification))
    };
    vec![
        name,
        backend,
        format!(
            "{} {}",
            scale.number(rate.median),
            scale.unit(&format!("{}/s", entry.unit))
        ),
        interval_cell(rate, row.runs_ok, |value| scale.number(value), table),
        spread(rate),
        format!("{verified}{marks}"),
    ]
}

fn interval_cell(
    interval: &Interval,
    runs: u32,
    number: impl Fn(f64) -> String,
    table: &mut Table,
) -> String {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", number(low), number(high)),
        _ => {
            let mark = table.note("range of all runs; a 95 % interval needs 6 runs or more");
            let shown = format!("{}\u{2013}{}", number(interval.min), number(interval.max));
            if runs == 1 {
                format!("one run{mark}")
            } else {
                format!("{shown}{mark}")
            }
        }
    }
}

fn spread(interval: &Interval) -> String {
    format!("{:.1} %", interval.relative_spread * 100.0)
}

fn energy(record: &Record) -> String {
    let mut out = String::new();
    let measured = record.summary.iter().any(|row| !row.energy.is_empty());
    if measured {
        for (index, meter) in record.meters.iter().enumerate() {
            out.push_str(&energy_by(record, index as u32, meter));
        }
    } else {
        out.push_str("energy: not measured\n");
        if record.meters.is_empty() && record.meters_unavailable.is_empty() {
            out.push_str("  no meter was asked for\n");
        }
    }
    for why in &record.meters_unavailable {
        let _ = writeln!(out, "  {}: {}", plain(&why.id), plain(&why.detail));
        if let Some(fix) = &why.fix {
            let _ = writeln!(out, "    to change that: {}", plain(fix));
        }
    }
    if !measured {
        out.push_str("  to state the power yourself: perwatt run --watts N\n");
    }
    out
}

fn energy_by(record: &Record, index: u32, meter: &MeterInfo) -> String {
    let mut table = Table::new(&[
        ("workload", Align::Left),
        ("backend", Align::Left),
        ("energy", Align::Right),
        ("95 % interval", Align::Right),
        ("spread", Align::Right),
        ("power", Align::Right),
    ]);
    let mut group = None;
    for row in &record.summary {
        let Some(entry) = record.plan.entries.get(row.entry as usize) else {
            continue;
        };
        if group != Some(&entry.workload.name) {
            group = Some(&entry.workload.name);
            table.heading(plain(&entry.workload.name));
        }
        let figures = row.energy.iter().find(|energy| energy.meter == index);
        let energy = figures.and_then(|energy| energy.energy_per_unit_j.as_ref());
        let power = figures.and_then(|energy| energy.power_w.as_ref());
        let mut cells = vec![short_name(entry), backend_cell(entry)];
        match energy {
            Some(energy) => {
                let runs = figures.map_or(0, |energy| energy.runs);
                let scale = Scale::of(joules_per_tera(energy.median));
                let number = |value: f64| scale.number(joules_per_tera(value));
                let unit = scale.unit(&format!("J/T{}", entry.unit));
                cells.push(format!("{} {unit}", number(energy.median)));
                cells.push(interval_cell(energy, runs, number, &mut table));
                cells.push(spread(energy));
                cells.push(power.map_or(String::new(), |p| format!("{} W", significant(p.median))));
            }
            None => cells.push("not measured".into()),
        }
        table.row(cells);
    }
    let estimate = match meter.provenance {
        Provenance::User | Provenance::DeviceEstimate | Provenance::Nameplate => " (an estimate)",
        Provenance::Counter | Provenance::PowerSamples | Provenance::None => "",
    };
    format!(
        "energy by {}: boundary {}, provenance {}{estimate}, gross\n{}",
        plain(&meter.id),
        boundary(meter.boundary),
        word(&meter.provenance),
        table.render()
    )
}

fn boundary(boundary: Boundary) -> String {
    word(&boundary)
}

/// The word that the record itself uses.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
