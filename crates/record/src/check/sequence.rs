//! The order of the runs, that no two were at one time, and that no two are one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::order::order_of_round;
use crate::schema::{Record, Run};

/// Samples that two series must have for equality to be more than chance: times are in
/// nanoseconds, and no load or meter reports twice at the same distances.
const LEAST_SAMPLES: usize = 4;

/// Checks the runs against the seed, the clock and each other.
pub fn check(record: &Record) -> Result<String, String> {
    in_order(record)?;
    one_at_a_time(record)?;
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
        let energy = meters.map(|series| (Some(series.meter), print(&series.samples)));
        for (meter, print) in std::iter::once((None, fingerprint(run))).chain(energy) {
            let Some(print) = print else { continue };
            if let Some(first) = seen.insert((meter, print), i) {
                let what = meter.map_or("work".into(), |meter| format!("energy of meter {meter}"));
                return Err(format!(
                    "runs[{first}] and runs[{i}] report {what} at the same distances of time to the nanosecond: one is a copy of the other"
                ));
            }
        }
    }
    Ok(())
}

/// A number that the work series of two runs share only when one is a copy of the
/// other, whatever time it was moved to; `None` for one too short to tell.
pub fn fingerprint(run: &Run) -> Option<u64> {
    print(&run.work)
}

/// Of the distances of the samples alone, as values are easily changed a little.
fn print<T>(samples: &[(u64, T)]) -> Option<u64> {
    if samples.len() < LEAST_SAMPLES {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    for pair in samples.windows(2) {
        pair[1].0.wrapping_sub(pair[0].0).hash(&mut hasher);
    }
    Some(hasher.finish())
}
