//! The state of the machine during the measurement, one line for each channel.

use std::collections::BTreeMap;

use perwatt_power::state::{ChannelFigures, Gauge};
use perwatt_record::Record;

use crate::doc::{Block, Item, Tone};
use crate::units::significant;

/// The lines; empty if nothing was recorded.
pub fn blocks(record: &Record) -> Vec<Block> {
    let mut items = channels(record);
    let mut settings: Vec<String> = Vec::new();
    for segment in &record.session.segments {
        for (name, value) in &segment.settings {
            let setting = format!("{name} {value}");
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
    }
    if !settings.is_empty() {
        items.push(Item::new(format!("set: {}", settings.join(", "))));
    }
    let changed = record
        .runs
        .iter()
        .filter(|run| !run.settings_changed.is_empty());
    let changed = changed.count();
    if changed > 0 {
        items.push(Item {
            tone: Tone::Bad,
            text: format!(
                "WARNING: settings changed while {changed} of {} runs lasted",
                record.runs.len()
            ),
            below: Vec::new(),
        });
    }
    match items.is_empty() {
        true => Vec::new(),
        false => vec![
            Block::sentence("while it was measured"),
            Block::Items(items),
        ],
    }
}

fn channels(record: &Record) -> Vec<Item> {
    let mut all: BTreeMap<u32, Vec<ChannelFigures>> = BTreeMap::new();
    for run in &record.runs {
        for state in run.measured.iter().flat_map(|measured| &measured.state) {
            all.entry(state.channel).or_default().push(state.figures);
        }
    }
    let lines = all.into_iter().filter_map(|(index, figures)| {
        let channel = record.channels.get(index as usize)?;
        let text = line(channel.gauge, &figures);
        Some(Item::new(format!("{}: {text}", channel.id)))
    });
    lines.collect()
}

fn line(gauge: Gauge, figures: &[ChannelFigures]) -> String {
    let min = figures.iter().map(|f| f.min).fold(f64::INFINITY, f64::min);
    let max = figures
        .iter()
        .map(|f| f.max)
        .fold(f64::NEG_INFINITY, f64::max);
    let rose: f64 = figures.iter().filter_map(|f| f.increase).sum();
    let from_to = |scale: f64, unit: &str| {
        let (low, high) = (significant(min * scale), significant(max * scale));
        match low == high {
            true => format!("{low} {unit}"),
            false => format!("{low} to {high} {unit}"),
        }
    };
    match gauge {
        Gauge::TemperatureC => from_to(1.0, "\u{b0}C"),
        Gauge::ClockHz => from_to(1e-9, "GHz"),
        Gauge::PowerLimitW => from_to(1.0, "W"),
        Gauge::MemoryUsedBytes => from_to(1e-9, "GB"),
        Gauge::FanRpm => from_to(1.0, "rpm"),
        Gauge::ThrottledS => format!("throttled for {} s in all windows", significant(rose)),
        Gauge::ThrottleEvents => format!("throttled {rose} times in all windows"),
        Gauge::OnBattery => match max > 0.0 {
            true => "on battery".into(),
            false => "on mains".into(),
        },
    }
}
