//! Derivation of rows from runs.

use std::collections::{BTreeMap, BTreeSet};

use perwatt_matmul::Rounding;
use perwatt_power::Grade;
use perwatt_stats as stats;

use super::agree::disagreements;
use super::counts;
use super::disturbance::{is_disturbed, pooled};
use super::factors;
use super::idle::{IdlePowers, net_per_unit_j, net_uncertainty};
use super::look_back;
use super::uncertainty;
use crate::proof;
use crate::schema::{
    Interval, Measured, MeasuredEnergy, Proof, Record, Run, Status, Summary, SummaryEnergy, Term,
    Tolerance,
};

/// Median, interval and spread over runs; `None` if there are no values.
pub fn interval(values: &[f64]) -> Option<Interval> {
    let median = stats::median(values)?;
    let exact = stats::median_interval(values, stats::CONFIDENCE).ok();
    Some(Interval {
        median,
        min: stats::min(values)?,
        max: stats::max(values)?,
        low: exact.as_ref().map(|i| i.low),
        high: exact.as_ref().map(|i| i.high),
        confidence: exact.as_ref().map(|i| i.achieved_confidence),
        relative_spread: stats::relative_spread(values)?,
    })
}

/// Derives the rows of a record, one for each plan entry, from its runs.
pub fn summarise(record: &Record) -> Vec<Summary> {
    let family = proof::family_of(record);
    let idle = IdlePowers::of(record);
    let mut runs: Vec<Vec<&Run>> = vec![Vec::new(); record.plan.entries.len()];
    for run in &record.runs {
        if let Some(of_entry) = runs.get_mut(run.entry as usize) {
            of_entry.push(run);
        }
    }
    runs.iter()
        .zip(0..)
        .map(|(runs, entry)| summarise_entry(record, &idle, entry, runs, family))
        .collect()
}

fn summarise_entry(
    record: &Record,
    idle: &IdlePowers,
    entry: u32,
    runs: &[&Run],
    family: u64,
) -> Summary {
    let good: Vec<(&Run, &Measured)> = runs
        .iter()
        .filter(|run| run.status == Status::Ok)
        .filter_map(|run| Some((*run, run.measured.as_ref()?)))
        .collect();
    let disturbed = good.iter().filter(|(run, _)| is_disturbed(run)).count();
    let counted: Vec<(&Run, &Measured)> = pooled(good.iter().map(|(run, _)| *run))
        .into_iter()
        .filter_map(|run| Some((run, run.measured.as_ref()?)))
        .collect();
    let rates: Vec<f64> = counted.iter().map(|(_, m)| m.rate_per_s).collect();
    let cold: Vec<f64> = counted
        .iter()
        .filter_map(|(_, m)| Some(m.cold?.rate_per_s / m.rate_per_s))
        .collect();
    let mut of_meters: BTreeMap<u32, Vec<(&Run, &MeasuredEnergy)>> = BTreeMap::new();
    for (run, measured) in &counted {
        let mut meters = BTreeSet::new();
        for figure in measured.energy.iter().filter(|e| meters.insert(e.meter)) {
            of_meters
                .entry(figure.meter)
                .or_default()
                .push((run, figure));
        }
    }
    let energy: Vec<SummaryEnergy> = of_meters
        .into_iter()
        .filter_map(|(meter, figures)| summarise_energy(record, idle, meter, &figures))
        .collect();
    let disagreements = record
        .plan
        .entries
        .get(entry as usize)
        .map_or_else(Vec::new, |entry| {
            disagreements(entry, &record.plan.gpus, &record.meters, &energy)
        });
    let (standing, verification) = verification(runs, good.len(), family);
    Summary {
        entry,
        runs_ok: good.len() as u32,
        runs_disturbed: disturbed as u32,
        runs_failed: (runs.len() - good.len()) as u32,
        verified: standing == Work::Verified,
        unproven: standing == Work::Unproven,
        verification,
        rate_per_s: interval(&rates).map(|over_runs| counts::pooled(&counted, over_runs)),
        cold_over_sustained: stats::median(&cold),
        energy,
        disagreements,
    }
}

/// Figures of one meter over the good runs of a row that it covered, of which there must be
/// at least one; `None` if the record has no such meter.
fn summarise_energy(
    record: &Record,
    idle: &IdlePowers,
    meter: u32,
    figures: &[(&Run, &MeasuredEnergy)],
) -> Option<SummaryEnergy> {
    let info = record.meters.get(meter as usize)?;
    let all = |value: fn(&MeasuredEnergy) -> f64| -> Vec<f64> {
        figures.iter().map(|(_, e)| value(e)).collect()
    };
    let energy_per_unit_j = interval(&all(|e| e.energy_per_unit_j));
    let time_s = all(|e| e.time_s).iter().sum();
    let updates = figures.iter().map(|(_, e)| e.updates).sum();
    let runs: Vec<_> = figures
        .iter()
        .filter_map(|(_, e)| e.uncertainty.as_ref())
        .collect();
    let uncertainty = uncertainty::of_row(&runs, energy_per_unit_j.as_ref(), figures.len());

    let net: Vec<f64> = figures
        .iter()
        .filter_map(|(run, e)| net_per_unit_j(&idle.get(meter, run.segment)?, e))
        .collect();
    let idle = idle.get(meter, figures[0].0.segment);
    // With net figures for only some runs, net and gross would be of different sets.
    let net = (net.len() == figures.len())
        .then(|| interval(&net))
        .flatten();
    let net_relative_uncertainty = match (&net, &energy_per_unit_j, &idle) {
        (Some(net), Some(gross), Some(idle)) => {
            let gain = uncertainty.terms.get(&Term::Gain).copied().unwrap_or(0.0);
            let share = (net.median / gross.median).clamp(f64::MIN_POSITIVE, 1.0);
            Some(net_uncertainty(uncertainty.relative, gain, idle, share))
        }
        _ => None,
    };

    let wanted = record.config.protocol.energy_error_rel;
    let needed_s = match info.look_back_s {
        Some(_) => {
            let runs: Vec<_> = figures.iter().map(|(_, e)| *e).collect();
            look_back::needed_window_s(&record.schema, info.quantity, &runs, wanted)
        }
        None => {
            let edge_s = stats::median(&all(|e| e.edge_period_s.unwrap_or(0.0)))?;
            let window_s = stats::median(&all(|e| e.time_s))?;
            Some(factors::EDGES * edge_s / wanted).filter(|needed_s| *needed_s > window_s)
        }
    };
    // A rule for one measurement is not met by several short ones together.
    let worst_run = figures.iter().filter_map(|(_, e)| e.grade).max();
    let grade = worst_run.filter(|_| info.look_back_s.is_some());
    Some(SummaryEnergy {
        meter,
        runs: figures.len() as u32,
        power_w: interval(&all(|e| e.power_w)),
        energy_per_unit_j,
        time_s,
        updates,
        grade: grade.or_else(|| Some(Grade::of(info, time_s, updates))),
        uncertainty: Some(uncertainty),
        idle,
        net_energy_per_unit_j: net,
        net_relative_uncertainty,
        needed_window_s: needed_s.filter(|needed_s| needed_s.is_finite()),
    })
}

/// Verification results of the work of a row.
#[derive(PartialEq, Eq)]
enum Work {
    Verified,
    Unproven,
    Wrong,
}

/// The verification result of a row's work and its explanation in words.
fn verification(runs: &[&Run], good: usize, family: u64) -> (Work, String) {
    let wrong = |what: String| (Work::Wrong, what);
    if good == 0 {
        return wrong("no run gave a figure".into());
    }
    let mut hashes: Option<(u64, u64, f64)> = None;
    let mut proven = true;
    let mut worst_ratio: Option<f64> = None;
    let mut tolerance = None;
    let mut elements = 0u64;
    let mut counted: Option<u64> = None;
    for run in runs.iter().filter(|run| run.status == Status::Ok) {
        match &run.proof {
            Some(Proof::Shares {
                share_bits,
                claimed_hashes,
                shares,
            }) => {
                match proof::proves(*claimed_hashes, *share_bits) {
                    Ok(proves) => proven &= proves,
                    Err(error) => return wrong(error.to_string()),
                }
                let (found, claimed, expected) = hashes.unwrap_or_default();
                hashes = Some((
                    found + shares.len() as u64,
                    claimed.saturating_add(*claimed_hashes),
                    expected + proof::expected_shares(*claimed_hashes, *share_bits),
                ));
            }
            Some(Proof::Freivalds {
                max_ratio,
                tolerance: of_run,
                ..
            }) => {
                tolerance = of_run.as_ref().or(tolerance);
                worst_ratio = Some(worst_ratio.unwrap_or(0.0).max(*max_ratio));
            }
            Some(Proof::Pool { .. } | Proof::PoolSum) => {
                let of = run.measured.as_ref().and_then(|measured| measured.counted);
                counted = Some(counted.unwrap_or(0) + of.map_or(0, |of| of.events));
            }
            Some(Proof::Exact { elements: n }) => elements = elements.saturating_add(*n),
            None => return wrong("a run carries no proof".into()),
        }
    }
    if let Some((found, claimed, expected)) = hashes {
        return match proof::verify_count(found, claimed, expected, family) {
            Ok(_) if !proven => (
                Work::Unproven,
                format!(
                    "unproven: {found} shares of {expected:.1} expected, and a run of fewer than {:.0} proves nothing; measure for longer (--seconds)",
                    proof::SHARES_PROVING
                ),
            ),
            Ok(_) => (
                Work::Verified,
                format!("{found} shares of {expected:.0} expected"),
            ),
            Err(error) => wrong(error.to_string()),
        };
    }
    if let Some(shares) = counted {
        return (
            Work::Verified,
            format!("{shares} shares of this session counted"),
        );
    }
    let right = |right: bool| if right { Work::Verified } else { Work::Wrong };
    if let Some(ratio) = worst_ratio {
        return (
            right(ratio <= 1.0),
            format!(
                "Freivalds, error at most {ratio:.2} of its bound{}",
                beyond_f32(tolerance)
            ),
        );
    }
    (right(elements > 0), format!("{elements} elements exact"))
}

/// The tolerance in words; nothing for sums in 32 bits that round to nearest.
fn beyond_f32(tolerance: Option<&Tolerance>) -> String {
    match tolerance {
        Some(of) if of.rounding() != Some(Rounding::F32) => {
            let (model, u) = (&of.model, of.unit_roundoff.log2());
            format!(" for {model} sums of unit roundoff 2^{u:.0}")
        }
        _ => String::new(),
    }
}
