//! Checks of each raw series by itself: valid indices, rising times, work and counters that
//! do not fall, physically possible values.

use perwatt_power::Quantity;

use crate::schema::{EnergySeries, Record};

/// Largest value of a sample, more watts than any machine or hall draws and more joules
/// than any counter reaches. It keeps sums finite.
const MOST: f64 = 1e15;

pub fn check(record: &Record) -> Result<String, String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut samples = 0;
    for (i, run) in record.runs.iter().enumerate() {
        let fail = |what: String| Err(format!("runs[{i}]: {what}"));
        if run.entry as usize >= record.plan.entries.len() {
            return fail(format!("entry {} is not in the plan", run.entry));
        }
        if run.segment as usize >= record.session.segments.len() {
            return fail(format!("segment {} does not exist", run.segment));
        }
        if run.round >= record.config.rounds {
            return fail(format!("round {} was not planned", run.round));
        }
        if !seen.insert((run.entry, run.round)) {
            return fail(format!(
                "entry {} ran twice in round {}",
                run.entry, run.round
            ));
        }
        if let Some(at) = run
            .work
            .windows(2)
            .position(|w| w[0].0 >= w[1].0 || w[0].1 > w[1].1)
        {
            return fail(format!("work[{}] goes back in time or in steps", at + 1));
        }
        if run.work.first().is_some_and(|(t, _)| *t < run.started_ns) {
            return fail("work[0] is earlier than the start of the run".into());
        }
        for series in &run.energy {
            check_series(record, series).map_err(|what| format!("runs[{i}]: {what}"))?;
            samples += series.samples.len();
        }
        for series in &run.state {
            let channel = series.channel;
            if channel as usize >= record.channels.len() {
                return fail(format!(
                    "state names channel {channel}, which is not listed"
                ));
            }
            if series.samples.windows(2).any(|w| w[0].0 >= w[1].0) {
                return fail(format!("state of channel {channel} goes back in time"));
            }
            samples += series.samples.len();
        }
        samples += run.work.len();
    }
    for (i, idle) in record.idle.iter().enumerate() {
        let fail = |what: String| Err(format!("idle[{i}]: {what}"));
        if idle.segment as usize >= record.session.segments.len() {
            return fail(format!("segment {} does not exist", idle.segment));
        }
        if idle.ended_ns < idle.started_ns {
            return fail("ends before it starts".into());
        }
        for series in &idle.energy {
            check_series(record, series).map_err(|what| format!("idle[{i}]: {what}"))?;
            samples += series.samples.len();
        }
    }
    Ok(format!("{samples} samples in {} runs", record.runs.len()))
}

/// Checks the meter's index and the order of times.
fn check_series(record: &Record, series: &EnergySeries) -> Result<(), String> {
    let meter = series.meter;
    if meter as usize >= record.meters.len() {
        return Err(format!("energy names meter {meter}, which is not listed"));
    }
    let pairs = || series.samples.windows(2);
    let fail =
        |at: usize, what: &str| Err(format!("energy of meter {meter}: samples[{at}] {what}"));
    if let Some(at) = pairs().position(|w| w[0].0 >= w[1].0) {
        return fail(at + 1, "goes back in time");
    }
    let possible = |value: f64| (0.0..=MOST).contains(&value);
    if let Some(at) = series.samples.iter().position(|(_, v)| !possible(*v)) {
        return fail(at, "is not an energy or power that a meter can read");
    }
    let counts = record.meters[meter as usize].quantity == Quantity::EnergyJ;
    match pairs().position(|w| counts && w[0].1 > w[1].1) {
        Some(at) => fail(
            at + 1,
            "is less than the one before it, and a counter never falls",
        ),
        None => Ok(()),
    }
}
