//! Checks of the order of the runs, and that no two overlap or are copies.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::order::order_of_round;
use crate::pool;
use crate::schema::{Record, Run};

/// Number of consecutive intervals that two series share only if one is a copy of the
/// other: times are in nanoseconds, and among thousands of sessions no two share this many
/// in a row, even with timers that are exact only to a microsecond.
const DISTANCES: usize = 8;
/// Smallest number of intervals from which copies can be detected. A series with fewer than
/// [`DISTANCES`] is compared over all of its intervals.
const LEAST_DISTANCES: usize = 6;
/// Number of fingerprints kept for a series: those with the smallest hashes, so that a copy
/// with some samples moved still shares most of them.
const KEPT: usize = 3;

/// Checks the runs against the seed, the clock and each other.
pub fn check(record: &Record) -> Result<String, String> {
    in_order(record)?;
    one_at_a_time(record)?;
    idle_apart(record)?;
    no_copies(record)?;
    Ok(format!("seed {}", record.session.seed))
}

/// Checks that the runs of a round follow the order that the seed gives, and that the next
/// segment continues where the last one ended.
fn in_order(record: &Record) -> Result<(), String> {
    let entries = record.plan.entries.len();
    let mut order = Vec::new();
    for (i, run) in record.runs.iter().enumerate() {
        let (round, position) = ((i / entries.max(1)) as u32, i % entries.max(1));
        if position == 0 {
            order = order_of_round(record.session.seed, round, entries as u32);
        }
        let planned = (Some(&run.entry), run.round, run.position as usize);
        if planned != (order.get(position), round, position) {
            return Err(format!(
                "runs[{i}] is entry {} at position {} of round {}, and the seed {} has entry {} at position {position} of round {round} there",
                run.entry,
                run.position,
                run.round,
                record.session.seed,
                order.get(position).map_or("none".into(), u32::to_string),
            ));
        }
    }
    Ok(())
}

fn one_at_a_time(record: &Record) -> Result<(), String> {
    let mut last: Option<(u32, u64)> = None;
    // Miners work at the same time: the windows of a round are one.
    let on_asic = |run: &Run| {
        let entry = record.plan.entries.get(run.entry as usize);
        entry.is_some_and(|entry| pool::is_asic(&entry.device))
    };
    let mut window: Option<u32> = None;
    for (i, run) in record.runs.iter().enumerate() {
        let together = on_asic(run) && window == Some(run.round);
        window = on_asic(run).then_some(run.round);
        if together {
            let ended_ns = last.map_or(0, |(_, ended_ns)| ended_ns);
            last = Some((run.segment, end_ns(run).max(ended_ns)));
            continue;
        }
        if let Some((segment, ended_ns)) = last {
            if run.segment < segment {
                return Err(format!(
                    "runs[{i}] is of an earlier segment than the run before it"
                ));
            }
            if run.segment == segment && run.started_ns < ended_ns {
                return Err(format!(
                    "runs[{i}] started at {} ns, and the run before it went on until {ended_ns} ns: runs follow each other",
                    run.started_ns
                ));
            }
        }
        last = Some((run.segment, end_ns(run)));
    }
    Ok(())
}

/// Checks that no run overlaps a stretch that the session records as idle.
fn idle_apart(record: &Record) -> Result<(), String> {
    for (i, idle) in record.idle.iter().enumerate() {
        let after = idle.after_runs as usize;
        let before = after.checked_sub(1).and_then(|at| record.runs.get(at));
        let in_segment = |run: &&Run| run.segment == idle.segment;
        let overlaps = before
            .filter(in_segment)
            .is_some_and(|run| idle.started_ns < end_ns(run))
            || record
                .runs
                .get(after)
                .filter(in_segment)
                .is_some_and(|run| run.started_ns < idle.ended_ns);
        if overlaps || after > record.runs.len() {
            return Err(format!(
                "idle[{i}] is after {after} runs, and the runs say otherwise"
            ));
        }
    }
    Ok(())
}

/// Time of the last sample of a run, in nanoseconds of its segment.
pub fn end_ns(run: &Run) -> u64 {
    run.work
        .last()
        .map_or(run.started_ns, |(t, _)| (*t).max(run.started_ns))
}

/// Checks that no run is a copy of another, shifted in time.
fn no_copies(record: &Record) -> Result<(), String> {
    let mut seen: HashMap<(Option<u32>, u64), usize> = HashMap::new();
    for (i, run) in record.runs.iter().enumerate() {
        let joined = |meter: u32| record.joined.iter().any(|joined| joined.meter == meter);
        // A joined log has the times of its own clock, which may be whole seconds.
        let meters = run.energy.iter().filter(|series| !joined(series.meter));
        let energy = meters.flat_map(|series| {
            let prints = prints(&series.samples);
            prints.into_iter().map(|print| (Some(series.meter), print))
        });
        let work = fingerprints(run).into_iter().map(|print| (None, print));
        for (meter, print) in work.chain(energy) {
            // A load may repeat its intervals within a run, but not in another run.
            if let Some(first) = seen.insert((meter, print), i).filter(|first| *first != i) {
                let what = meter.map_or("work".into(), |meter| format!("energy of meter {meter}"));
                return Err(format!(
                    "runs[{first}] and runs[{i}] report {what} at the same distances of time to the nanosecond: one is a copy of the other"
                ));
            }
        }
    }
    Ok(())
}

/// Fingerprints that the work series of two runs share only if one is a copy of the other,
/// even shifted in time. A series that is too short has none.
pub fn fingerprints(run: &Run) -> Vec<u64> {
    prints(&run.work)
}

/// Hashes only the intervals between samples, as values are easily changed a little.
fn prints<T>(samples: &[(u64, T)]) -> Vec<u64> {
    let distances: Vec<u64> = samples
        .windows(2)
        .map(|pair| pair[1].0.wrapping_sub(pair[0].0))
        .collect();
    if distances.len() < LEAST_DISTANCES {
        return Vec::new();
    }
    let mut prints: Vec<u64> = distances
        .windows(DISTANCES.min(distances.len()))
        .map(|row| {
            let mut hasher = DefaultHasher::new();
            row.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    prints.sort_unstable();
    prints.dedup();
    prints.truncate(KEPT);
    prints
}
