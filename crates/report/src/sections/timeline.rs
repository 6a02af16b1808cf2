//! Rate and power over the session: drift, throttling and interruptions.

use maud::{Markup, html};
use perwatt_power::Quantity;
use perwatt_record::Record;
use perwatt_record::schema::{Run, Status};

use super::rows;
use crate::svg::line::{self, Panel};
use crate::units::Scale;

/// A segment of a session and its duration in seconds.
struct Stretch {
    index: u32,
    time_s: [f64; 2],
}

type Path = Vec<(f64, f64)>;

/// The section of the timeline: for each segment a panel for each row and one for each
/// meter.
pub fn section(record: &Record) -> Markup {
    let stretches: Vec<Stretch> = (0..record.session.segments.len() as u32)
        .filter_map(|index| {
            let ends = record.runs.iter().filter(|run| run.segment == index);
            let end_ns = ends
                .filter_map(|run| run.work.last())
                .map(|(t, _)| *t)
                .max()?;
            Some(Stretch {
                index,
                time_s: [0.0, seconds(end_ns)],
            })
        })
        .collect();
    html! {
        h3 { "Over time" }
        @for stretch in &stretches {
            @if stretches.len() > 1 {
                h4 { "Segment " (stretch.index + 1) " of " (stretches.len()) ", each with its own clock" }
            }
            figure.many {
                (rates(record, stretch))
                (power(record, stretch))
                figcaption {
                    "Rate within each run, warm-up included, relative to the row's median and cut at 70 and 130 %; power as "
                    "its meter read it. Between two runs nothing is drawn: the machine did other rows."
                }
            }
        }
    }
}

fn rates(record: &Record, stretch: &Stretch) -> Markup {
    let panels: Vec<(String, Vec<Path>)> = rows(record)
        .filter_map(|(entry, row)| {
            let median = row.rate_per_s.as_ref()?.median;
            let paths = record
                .runs
                .iter()
                .filter(|run| (run.segment, run.entry) == (stretch.index, row.entry))
                .filter(|run| run.status == Status::Ok)
                .map(|run| within(run, entry.work_per_step as f64 / median))
                .collect();
            Some((entry.id.clone(), paths))
        })
        .collect();
    html! {
        @for (name, paths) in &panels {
            (line::plot(&Panel {
                name,
                words: "rate over time, relative to the median; what lies beyond 70 to 130 % is cut",
                time_s: stretch.time_s,
                range: [0.7, 1.3],
                tick: &|v| format!("{:.0} %", 100.0 * v),
                paths,
            }))
        }
    }
}

/// The rate over groups of work samples of a run, relative to the median.
fn within(run: &Run, per_step: f64) -> Path {
    // The interval between single samples is too short for a meaningful rate.
    let stride = (run.work.len() / 16).max(1);
    run.work
        .iter()
        .step_by(stride)
        .zip(run.work.iter().skip(stride).step_by(stride))
        .filter(|(a, b)| b.0 > a.0)
        .map(|(a, b)| {
            let rate = b.1.saturating_sub(a.1) as f64 * per_step / seconds(b.0 - a.0);
            (seconds(a.0 / 2 + b.0 / 2), rate)
        })
        .collect()
}

fn power(record: &Record, stretch: &Stretch) -> Markup {
    let panels: Vec<(String, Vec<Path>)> = record
        .meters
        .iter()
        .enumerate()
        .map(|(index, meter)| {
            let series = record
                .runs
                .iter()
                .filter(|run| run.segment == stretch.index)
                .flat_map(|run| &run.energy)
                .filter(|series| series.meter as usize == index);
            let paths = series
                .map(|series| match meter.quantity {
                    Quantity::PowerW => series
                        .samples
                        .iter()
                        .map(|(t, w)| (seconds(*t), *w))
                        .collect(),
                    Quantity::EnergyJ => slopes(&series.samples),
                })
                .collect();
            (format!("power by {} ({})", meter.id, meter.boundary), paths)
        })
        .collect();
    html! {
        @for (name, paths) in &panels {
            @let most = paths.iter().flatten().map(|(_, w)| *w).fold(0.0, f64::max);
            @if most > 0.0 {
                (line::plot(&Panel {
                    name,
                    words: "power over time in watts",
                    time_s: stretch.time_s,
                    range: [0.0, 1.1 * most],
                    tick: &|w| format!("{} W", Scale::of(1.0).short(w)),
                    paths,
                }))
            }
        }
    }
}

/// Power from the differences between changes of an energy counter.
fn slopes(samples: &[(u64, f64)]) -> Path {
    let mut changes: Vec<(u64, f64)> = Vec::new();
    for sample in samples {
        if changes.last().is_none_or(|last| last.1 != sample.1) {
            changes.push(*sample);
        }
    }
    changes
        .windows(2)
        .filter(|pair| pair[1].0 > pair[0].0)
        .map(|pair| {
            let watts = (pair[1].1 - pair[0].1) / seconds(pair[1].0 - pair[0].0);
            (seconds(pair[0].0 / 2 + pair[1].0 / 2), watts)
        })
        .collect()
}

fn seconds(ns: u64) -> f64 {
    ns as f64 * 1e-9
}
