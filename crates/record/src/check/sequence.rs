//! The order of the runs, that no two were at one time, and that no two are one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::order::order_of_round;
use crate::schema::{Record, Run};

/// Distances in a row that two series share only when one is a copy of the other: times
/// are in nanoseconds, and of thousands of sessions no two report so often at the same
/// distances, even where timers are exact to a microsecond.
const DISTANCES: usize = 8;
/// Of a shorter series all its distances count, and of fewer than so many nothing is
/// said.
const LEAST_DISTANCES: usize = 6;
/// Rows of distances that stand for a series: the least by their hash, so that a copy in
/// which single samples were moved still has most of them.
const KEPT: usize = 3;

/// Checks the runs against the seed, the clock and each other.
pub fn check(record: &Record) -> Result<String, String> {
    in_order(record)?;
    one_at_a_time(record)?;
    idle_apart(record)?;
    no_copies(record)?;
    Ok(format!("seed {}", record.session.seed))
}

/// A session does the runs of a round in the order that its seed gives, and the next
/// segment goes on where the last one ended.
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
    for (i, run) in record.runs.iter().enumerate() {
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

/// No run goes on while the session says that it does nothing.
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

/// The last moment that a run tells of.
pub fn end_ns(run: &Run) -> u64 {
    run.work
        .last()
        .map_or(run.started_ns, |(t, _)| (*t).max(run.started_ns))
}

/// No run is another one at another time.
fn no_copies(record: &Record) -> Result<(), String> {
    let mut seen: HashMap<(Option<u32>, u64), usize> = HashMap::new();
    for (i, run) in record.runs.iter().enumerate() {
        let joined = |meter: u32| record.joined.iter().any(|joined| joined.meter == meter);
        // A log that is joined has the times of its own clock, which may be whole
        // seconds.
        let meters = run.energy.iter().filter(|series| !joined(series.meter));
        let energy = meters.flat_map(|series| {
            let prints = prints(&series.samples);
            prints.into_iter().map(|print| (Some(series.meter), print))
        });
        let work = fingerprints(run).into_iter().map(|print| (None, print));
        for (meter, print) in work.chain(energy) {
            // A load may repeat itself within a run, not across them.
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

/// Numbers that the work series of two runs share only when one is a copy of the other,
/// whatever time it was moved to; none of one too short to tell.
pub fn fingerprints(run: &Run) -> Vec<u64> {
    prints(&run.work)
}

/// Of the distances of the samples alone, as values are easily changed a little.
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
