//! State of the machine during the window, and the rate before it.

use perwatt_power::state::{Channel, Finding, findings, summarise};

use super::{covers, rising, seconds};
use crate::schema::{Cold, Flag, Record, Run, StateFigures, Steady};

/// Length of the cold phase in nanoseconds: the first second of work, boost clocks
/// included.
const COLD_NS: u64 = 1_000_000_000;

/// Figures of each channel over the window; channels without a sample in it are left out.
pub fn figures(record: &Record, run: &Run, steady: &Steady) -> Vec<StateFigures> {
    inside(record, run, steady)
        .filter_map(|(index, channel, values)| {
            Some(StateFigures {
                channel: index,
                figures: summarise(channel.gauge, &values)?,
            })
        })
        .collect()
}

/// Flags that follow from the state of the devices that did the work, each once.
pub fn flags(record: &Record, run: &Run, steady: &Steady) -> Vec<Flag> {
    let window_s = seconds(steady.from_ns, steady.to_ns);
    let mut flags = Vec::new();
    for (_, channel, values) in inside(record, run, steady) {
        let entry = record.plan.entries.get(run.entry as usize);
        if !entry.is_some_and(|entry| covers(&channel.covers, entry, &record.plan.gpus)) {
            continue;
        }
        let flag = match findings(channel.gauge, &values, window_s) {
            Some(Finding::Throttled) => Flag::Throttled,
            Some(Finding::ClockFell) => Flag::ClockFell,
            Some(Finding::OnBattery) => Flag::OnBattery,
            None => continue,
        };
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// Channels with their samples inside the window and the last one before it, so that a
/// count that rose at the start of the window is noticed.
fn inside<'a>(
    record: &'a Record,
    run: &'a Run,
    steady: &'a Steady,
) -> impl Iterator<Item = (u32, &'a Channel, Vec<f64>)> {
    run.state.iter().filter_map(|series| {
        let channel = record.channels.get(series.channel as usize)?;
        if !rising(&series.samples) {
            return None;
        }
        let first = series
            .samples
            .partition_point(|(t, _)| *t <= steady.from_ns);
        let values = series.samples[first.saturating_sub(1)..]
            .iter()
            .take_while(|(t, _)| *t <= steady.to_ns)
            .map(|(_, value)| *value)
            .collect();
        Some((series.channel, channel, values))
    })
}

/// The rate of the first second of work; `None` if the window began within half of it.
pub fn cold(work: &[(u64, u64)], steady: &Steady, work_per_step: u64) -> Option<Cold> {
    let &(start_ns, first) = work.first()?;
    let &(end_ns, last) = work
        .iter()
        .rfind(|(t, _)| *t <= steady.from_ns && *t - start_ns <= COLD_NS)?;
    let time_s = seconds(start_ns, end_ns);
    let steps = last.checked_sub(first)?;
    (time_s >= 0.5e-9 * COLD_NS as f64 && steps > 0).then(|| Cold {
        time_s,
        rate_per_s: steps as f64 * work_per_step as f64 / time_s,
    })
}
