//! Upper bounds of rates. The amount of work of a product or a memory pass cannot be
//! proven; the hardware of the machine sets this bound.
//!
//! Bounds are far above measured rates, so that no honest record exceeds one: every thread
//! counts as a core of its own at a clock that no processor reaches.

use crate::pool;
use crate::schema::{Entry, Gpu, GpuKind, Record, Unit};

/// Hertz, above the highest boost clock of any processor sold (6.2 GHz, Core i9-14900KS).
const CLOCK_HZ: f64 = 6.5e9;
/// Two loads and a store of 64 bytes a cycle. This is the bandwidth of the first-level
/// cache, as arrays that fit into a cache are not limited by memory.
const BYTES_PER_CYCLE: f64 = 192.0;
/// The best kernel known takes 60 cycles or more for each hash.
const HASHES_PER_CYCLE: f64 = 1.0 / 24.0;
/// One core with a matrix unit (AMX, SME, Apple's): 1024 multiply-adds a cycle.
const MATRIX_FLOP_PER_CYCLE: f64 = 2048.0;
/// Speed of narrow formats relative to f32 on the vector units of a processor.
const NARROW: f64 = 4.0;

/// The upper bound of a row's rate and its derivation.
pub struct Ceiling {
    /// The bound, in units of work per second.
    pub rate_per_s: f64,
    /// The derivation of the bound, in words.
    pub reason: String,
}

/// Computes the bound of a plan's entry.
pub fn ceiling(record: &Record, entry: &Entry) -> Ceiling {
    if pool::is_asic(&entry.device) {
        return Ceiling {
            rate_per_s: 1e22,
            reason: "ten times the whole network of 2026".into(),
        };
    }
    let gpu = record.plan.gpus.iter().find(|gpu| gpu.name == entry.device);
    match gpu {
        Some(gpu) if gpu.kind != GpuKind::Software => of_gpu(entry, gpu),
        software => of_cpu(record, entry, software.is_some()),
    }
}

fn of_cpu(record: &Record, entry: &Entry, software_gpu: bool) -> Ceiling {
    let cpu = &record.host.cpu;
    let present = cpu.threads_present.or(cpu.threads);
    // A software driver may start more threads than the session's settings state.
    let wanted = (!software_gpu).then_some(record.threads.count);
    let threads = [wanted, present].into_iter().flatten().min();
    let threads = f64::from(threads.unwrap_or(record.threads.count).max(1));
    let (per_cycle, what) = match entry.unit {
        Unit::Hash => (HASHES_PER_CYCLE, "hashes"),
        Unit::Byte => (BYTES_PER_CYCLE, "bytes"),
        Unit::Flop | Unit::Op => {
            let f32 = entry
                .workload
                .params
                .get("dtype_in")
                .is_none_or(|t| t == "f32");
            let narrow = if f32 { 1.0 } else { NARROW };
            (narrow * flop_per_cycle(record), "operations")
        }
    };
    Ceiling {
        rate_per_s: threads * CLOCK_HZ * per_cycle,
        reason: format!(
            "{threads} threads of its processor at {} GHz and {per_cycle:.4} {what} a cycle, more than any has",
            CLOCK_HZ / 1e9
        ),
    }
}

/// f32 operations of one core per cycle: two multiply-adds of its widest vectors, or its
/// matrix unit.
fn flop_per_cycle(record: &Record) -> f64 {
    let cpu = &record.host.cpu;
    let has = |feature: &str| cpu.isa.iter().any(|name| name == feature);
    match cpu.architecture.as_deref() {
        Some("x86_64" | "x86") if cpu.isa.iter().any(|name| name.starts_with("amx")) => {
            MATRIX_FLOP_PER_CYCLE
        }
        Some("x86_64" | "x86") if has("avx512f") => 64.0,
        Some("x86_64" | "x86") if has("avx") => 32.0,
        Some("x86_64" | "x86") if has("sse2") => 16.0,
        _ => MATRIX_FLOP_PER_CYCLE,
    }
}

/// The bound of a GPU, several times the largest figures on data sheets of 2026: 0.2e15
/// FLOP/s in f32 and 2.5e15 in f16 by matrix units, 5e15 OP/s in 8 bits, 8e12 B/s, 3e10
/// H/s.
fn of_gpu(entry: &Entry, gpu: &Gpu) -> Ceiling {
    let input = entry.workload.params.get("dtype_in");
    let rate_per_s = match (entry.unit, input.map(String::as_str)) {
        (Unit::Hash, _) => 1e12,
        (Unit::Byte, _) => 1e14,
        (Unit::Flop, Some("f32")) => 2e15,
        (Unit::Flop | Unit::Op, _) => 5e16,
    };
    Ceiling {
        rate_per_s,
        reason: format!("{}, several times what any device of 2026 has", gpu.name),
    }
}

/// Checks that no good run is faster than its bound.
pub fn check(record: &Record) -> Result<String, String> {
    let ceilings: Vec<Ceiling> = record
        .plan
        .entries
        .iter()
        .map(|entry| ceiling(record, entry))
        .collect();
    let mut rates = 0;
    for (i, run) in record.runs.iter().enumerate() {
        let Some(measured) = &run.measured else {
            continue;
        };
        let of_run = record.plan.entries.get(run.entry as usize);
        let (Some(entry), Some(most)) = (of_run, ceilings.get(run.entry as usize)) else {
            continue;
        };
        if measured.rate_per_s > most.rate_per_s {
            return Err(format!(
                "runs[{i}] of {} claims {:.4e} {}/s, above {:.4e}: {}",
                entry.id, measured.rate_per_s, entry.unit, most.rate_per_s, most.reason
            ));
        }
        rates += 1;
    }
    Ok(format!("{rates} rates"))
}
