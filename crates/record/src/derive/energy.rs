//! Joules of one run by one meter.

use perwatt_power::{Covers, Grade, MeterInfo};
use perwatt_stats as stats;

use super::stretch::{NoFigure, stretch};
use super::{rising, uncertainty};
use crate::pool;
use crate::schema::{
    EnergySeries, Entry, Gpu, GpuKind, MeasuredEnergy, Record, Run, Status, Steady,
};

/// True if a meter or channel that covers `told` covers the device of the entry.
pub fn covers(told: &Covers, entry: &Entry, gpus: &[Gpu]) -> bool {
    let gpu = gpus.iter().find(|gpu| gpu.name == entry.device);
    match (told, gpu) {
        (Covers::Asic(name), _) => entry.device.strip_prefix(pool::PREFIX) == Some(name),
        (Covers::Asics, _) => entry.device == pool::ALL,
        // A miner has its own supply.
        _ if pool::is_asic(&entry.device) => false,
        (Covers::Machine, _) => true,
        (Covers::Cpu, None) => true,
        // A software GPU, or one in the processor's package, uses the processor's energy.
        (Covers::Cpu, Some(gpu)) => matches!(gpu.kind, GpuKind::Software | GpuKind::Integrated),
        (Covers::Pci(_) | Covers::UnknownGpu, None) => false,
        (Covers::Pci(address), Some(gpu)) => gpu
            .pci_address
            .as_deref()
            .is_some_and(|at| at.eq_ignore_ascii_case(address)),
        (Covers::UnknownGpu, Some(gpu)) => {
            let hardware = |gpu: &&Gpu| gpu.kind != GpuKind::Software;
            hardware(&gpu) && gpus.iter().filter(hardware).count() == 1
        }
    }
}

/// The reason that good runs of an entry have no joules by a meter, taken from the first of
/// them; `None` if each has joules, or the meter was not read in it.
pub fn missing_energy(record: &Record, entry: u32, meter: u32) -> Option<NoFigure> {
    let planned = record.plan.entries.get(entry as usize)?;
    let info = record.meters.get(meter as usize)?;
    let good = |run: &&Run| run.entry == entry && run.status == Status::Ok;
    record.runs.iter().filter(good).find_map(|run| {
        let series = run.energy.iter().find(|series| series.meter == meter)?;
        measure_energy(record, planned, info, &run.steady?, &run.work, series).err()
    })
}

/// The joules of one run of the record by one meter, or the reason that there are none.
pub fn measure_energy(
    record: &Record,
    entry: &Entry,
    meter: &MeterInfo,
    steady: &Steady,
    work: &[(u64, u64)],
    series: &EnergySeries,
) -> Result<MeasuredEnergy, NoFigure> {
    if !covers(&meter.covers, entry, &record.plan.gpus) {
        return Err(NoFigure::NotCovered {
            device: entry.device.clone(),
        });
    }
    if !rising(work) {
        return Err(NoFigure::NoWork);
    }
    // The load must have run during the meter's whole window.
    let (Some((from_ns, _)), Some((to_ns, _))) = (work.first(), work.last()) else {
        return Err(NoFigure::NoWork);
    };
    let found = stretch(
        &record.schema,
        meter,
        series,
        *from_ns,
        steady.from_ns.max(*from_ns),
        steady.to_ns.min(*to_ns),
    )?;
    let steps = steps_at(work, found.end_ns)
        .zip(steps_at(work, found.start_ns))
        .map(|(end, start)| end - start)
        .filter(|steps| *steps > 0.0)
        .ok_or(NoFigure::NoWork)?;
    let done = steps * entry.work_per_step as f64;
    let (energy_per_unit_j, power_w) = (found.energy_j / done, found.energy_j / found.time_s);
    if !(energy_per_unit_j.is_finite() && energy_per_unit_j > 0.0) {
        return Err(NoFigure::NoPower { power_w });
    }
    let (work_cv, work_gap_s) = unevenness(work, found.start_ns, found.end_ns);
    Ok(MeasuredEnergy {
        meter: series.meter,
        start_ns: found.start_ns,
        end_ns: found.end_ns,
        time_s: found.time_s,
        energy_j: found.energy_j,
        work: done,
        energy_per_unit_j,
        power_w,
        updates: found.updates,
        edge_period_s: Some(found.edge_period_s),
        gaps: found.gaps,
        grade: Some(Grade::of(meter, found.time_s, found.updates)),
        uncertainty: Some(uncertainty::of_run(meter, &found, work_cv, work_gap_s)),
    })
}

/// Steps done at time `t`, interpolated linearly between samples; `None` outside the
/// series.
fn steps_at(work: &[(u64, u64)], t: u64) -> Option<f64> {
    let after = work.partition_point(|(sample, _)| *sample < t);
    let &(t1, s1) = work.get(after)?;
    if t1 == t {
        return Some(s1 as f64);
    }
    let &(t0, s0) = work.get(after.checked_sub(1)?)?;
    let share = (t - t0) as f64 / (t1 - t0) as f64;
    Some(s0 as f64 + share * (s1 as f64 - s0 as f64))
}

/// Coefficient of variation of the rate between reports of work, and the mean interval
/// between them in seconds.
fn unevenness(work: &[(u64, u64)], start_ns: u64, end_ns: u64) -> (f64, f64) {
    let (rates, gaps_s): (Vec<f64>, Vec<f64>) = work
        .windows(2)
        .filter(|pair| pair[1].0 > start_ns && pair[0].0 < end_ns)
        .map(|pair| {
            let time_s = super::seconds(pair[0].0, pair[1].0);
            (pair[1].1.saturating_sub(pair[0].1) as f64 / time_s, time_s)
        })
        .unzip();
    let gap_s = stats::mean(&gaps_s).unwrap_or(0.0);
    match stats::mean(&rates).zip(stats::deviation(&rates)) {
        Some((mean, deviation)) if mean > 0.0 => (deviation / mean, gap_s),
        // The work of a single interval may have been done at any time within it.
        _ => (1.0, gap_s),
    }
}
