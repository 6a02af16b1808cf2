//! From the two raw series of a run to its figures, and from runs to rows.
//!
//! Rate: between the first and the last work sample inside the steady stretch.
//! Energy: between the first and the last tick of the meter inside it, with the
//! work interpolated at those ticks, so each meter has its own window and no
//! error from cutting a counter between two updates. A run's joules per unit is
//! the ratio of its sums, never a mean of ratios.

use perwatt_power::{MeterInfo, Quantity};
use perwatt_stats as stats;

use crate::proof;
use crate::schema::{
    EnergySeries, Entry, Interval, Measured, MeasuredEnergy, Proof, Record, Run, Status, Steady,
    Summary, SummaryEnergy,
};

/// Coverage of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// The figures of one run; `None` when its series are too short for any.
pub fn measure(
    entry: &Entry,
    meters: &[MeterInfo],
    steady: &Steady,
    work: &[(u64, u64)],
    energy: &[EnergySeries],
) -> Option<Measured> {
    if !rising(work) {
        return None;
    }
    let inside = |t: u64| (steady.from_ns..=steady.to_ns).contains(&t);
    let (start_ns, first) = *work.iter().find(|(t, _)| inside(*t))?;
    let (end_ns, last) = *work.iter().rfind(|(t, _)| inside(*t))?;
    let steps = last.checked_sub(first)?;
    if end_ns <= start_ns || steps == 0 {
        return None;
    }
    let time_s = seconds(start_ns, end_ns);
    let done = steps as f64 * entry.work_per_step as f64;
    let energy = energy
        .iter()
        .filter_map(|series| {
            let meter = meters.get(series.meter as usize)?;
            measure_energy(entry, meter.quantity, steady, work, series)
        })
        .collect();
    Some(Measured {
        start_ns,
        end_ns,
        time_s,
        steps,
        work: done,
        rate_per_s: done / time_s,
        energy,
    })
}

fn measure_energy(
    entry: &Entry,
    quantity: Quantity,
    steady: &Steady,
    work: &[(u64, u64)],
    series: &EnergySeries,
) -> Option<MeasuredEnergy> {
    if !rising(&series.samples) {
        return None;
    }
    let inside = |t: u64| (steady.from_ns..=steady.to_ns).contains(&t);
    let ticks: Vec<(u64, f64)> = match quantity {
        // Only a sample that differs from the one before it marks an update.
        Quantity::EnergyJ => series
            .samples
            .windows(2)
            .filter(|pair| pair[0].1 != pair[1].1 && inside(pair[1].0))
            .map(|pair| pair[1])
            .collect(),
        Quantity::PowerW => series
            .samples
            .iter()
            .copied()
            .filter(|(t, _)| inside(*t))
            .collect(),
    };
    let (&(start_ns, first), &(end_ns, last)) = (ticks.first()?, ticks.last()?);
    if end_ns <= start_ns
        || series
            .gaps
            .iter()
            .any(|gap| (start_ns..=end_ns).contains(&gap.t_ns))
    {
        return None;
    }
    let time_s = seconds(start_ns, end_ns);
    let energy_j = match quantity {
        Quantity::EnergyJ => last - first,
        Quantity::PowerW => ticks
            .windows(2)
            .map(|pair| (pair[0].1 + pair[1].1) / 2.0 * seconds(pair[0].0, pair[1].0))
            .sum(),
    };
    let steps = steps_at(work, end_ns)? - steps_at(work, start_ns)?;
    let done = steps * entry.work_per_step as f64;
    let (energy_per_unit_j, power_w) = (energy_j / done, energy_j / time_s);
    // A figure that overflowed is none, and JSON has no word for it.
    let usable = [energy_j, energy_per_unit_j, power_w]
        .iter()
        .all(|x| x.is_finite() && *x > 0.0);
    if done <= 0.0 || !usable {
        return None;
    }
    Some(MeasuredEnergy {
        meter: series.meter,
        start_ns,
        end_ns,
        time_s,
        energy_j,
        work: done,
        energy_per_unit_j,
        power_w,
    })
}

/// Steps done by `t`, linear between samples; `None` outside the series.
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

/// Whether times rise; a series that was edited may not.
fn rising<T>(series: &[(u64, T)]) -> bool {
    series.windows(2).all(|pair| pair[0].0 < pair[1].0)
}

fn seconds(from_ns: u64, to_ns: u64) -> f64 {
    (to_ns - from_ns) as f64 * 1e-9
}

/// Median, interval and spread over runs; `None` of no values.
pub fn interval(values: &[f64]) -> Option<Interval> {
    let median = stats::median(values)?;
    let exact = stats::median_interval(values, CONFIDENCE).ok();
    Some(Interval {
        median,
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        low: exact.as_ref().map(|i| i.low),
        high: exact.as_ref().map(|i| i.high),
        confidence: exact.as_ref().map(|i| i.achieved_confidence),
        relative_spread: stats::relative_spread(values)?,
    })
}

/// The rows of a record, one for each plan entry, from its runs.
pub fn summarise(record: &Record) -> Vec<Summary> {
    let family = proof::family_of(record);
    (0..record.plan.entries.len() as u32)
        .map(|entry| {
            let runs: Vec<&Run> = record
                .runs
                .iter()
                .filter(|run| run.entry == entry)
                .collect();
            summarise_entry(entry, &runs, record.meters.len() as u32, family)
        })
        .collect()
}

fn summarise_entry(entry: u32, runs: &[&Run], meters: u32, family: u64) -> Summary {
    let good: Vec<(&Run, &Measured)> = runs
        .iter()
        .filter(|run| run.status == Status::Ok)
        .filter_map(|run| Some((*run, run.measured.as_ref()?)))
        .collect();
    let rates: Vec<f64> = good.iter().map(|(_, m)| m.rate_per_s).collect();
    let energy = (0..meters)
        .filter_map(|meter| {
            let figures: Vec<&MeasuredEnergy> = good
                .iter()
                .filter_map(|(_, m)| m.energy.iter().find(|e| e.meter == meter))
                .collect();
            (!figures.is_empty()).then(|| SummaryEnergy {
                meter,
                runs: figures.len() as u32,
                energy_per_unit_j: interval(
                    &figures
                        .iter()
                        .map(|e| e.energy_per_unit_j)
                        .collect::<Vec<_>>(),
                ),
                power_w: interval(&figures.iter().map(|e| e.power_w).collect::<Vec<_>>()),
            })
        })
        .collect();
    let (verified, verification) = verification(runs, good.len(), family);
    Summary {
        entry,
        runs_ok: good.len() as u32,
        runs_failed: (runs.len() - good.len()) as u32,
        verified,
        verification,
        rate_per_s: interval(&rates),
        energy,
    }
}

/// Whether a row's work was checked, and what the check found, in words.
fn verification(runs: &[&Run], good: usize, family: u64) -> (bool, String) {
    if good == 0 {
        return (false, "no run gave a figure".into());
    }
    let mut hashes: Option<(u64, u64, f64)> = None;
    let mut worst_ratio: Option<f64> = None;
    let mut elements = 0u64;
    for run in runs.iter().filter(|run| run.status == Status::Ok) {
        match &run.proof {
            Some(Proof::Shares {
                share_bits,
                claimed_hashes,
                shares,
            }) => {
                let (found, claimed, expected) = hashes.unwrap_or_default();
                hashes = Some((
                    found + shares.len() as u64,
                    claimed.saturating_add(*claimed_hashes),
                    expected + proof::expected_shares(*claimed_hashes, *share_bits),
                ));
            }
            Some(Proof::Freivalds { max_ratio, .. }) => {
                worst_ratio = Some(worst_ratio.unwrap_or(0.0).max(*max_ratio));
            }
            Some(Proof::Exact { elements: n }) => elements = elements.saturating_add(*n),
            None => return (false, "a run carries no proof".into()),
        }
    }
    if let Some((found, claimed, expected)) = hashes {
        return match proof::verify_count(found, claimed, expected, family) {
            Ok(_) => (true, format!("{found} shares of {expected:.0} expected")),
            Err(error) => (false, error.to_string()),
        };
    }
    if let Some(ratio) = worst_ratio {
        return (
            ratio <= 1.0,
            format!("Freivalds, error at most {ratio:.2} of its bound"),
        );
    }
    (elements > 0, format!("{elements} elements exact"))
}
