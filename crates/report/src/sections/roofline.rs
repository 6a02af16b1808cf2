//! Products on a roofline: FLOP/s over FLOP per byte of the device's memory.

use maud::{Markup, html};
use perwatt_record::Record;
use perwatt_record::schema::{Entry, Unit};
use perwatt_record::work::{Axis, Work, product_bytes};

use super::{rows, short};
use crate::render::pictures::figure;
use crate::svg::log::{self, Point, Roof};
use crate::units::rate;

/// The section of rooflines: a plot for each device and number format, or the reason that
/// one is missing.
pub fn section(record: &Record) -> Markup {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for (entry, row) in rows(record) {
        let group = (entry.device.as_str(), entry.workload.name.as_str());
        let product = matches!(entry.unit, Unit::Flop | Unit::Op) && row.rate_per_s.is_some();
        if product && !groups.contains(&group) {
            groups.push(group);
        }
    }
    html! {
        @for (device, workload) in groups { (of(record, device, workload)) }
    }
}

fn of(record: &Record, device: &str, workload: &str) -> Markup {
    let rates =
        || rows(record).filter_map(|(entry, row)| Some((entry, row.rate_per_s.as_ref()?.median)));
    let on_device = |entry: &Entry| entry.device == device;
    let slope = rates()
        .filter(|(entry, _)| on_device(entry) && entry.workload.named().axis() == Axis::Bandwidth)
        .map(|(_, rate)| rate)
        .fold(0.0, f64::max);
    let points: Vec<Point> = rates()
        .filter(|(entry, _)| on_device(entry) && entry.workload.name == workload)
        .filter_map(|(entry, y)| {
            Some(Point {
                name: short(entry),
                text: rate(y, entry.unit),
                x: entry.work_per_step as f64 / product_bytes(&entry.workload.params)? as f64,
                y,
            })
        })
        .collect();
    let peak = points.iter().map(|point| point.y).fold(0.0, f64::max);
    if slope <= 0.0 || points.is_empty() {
        return html! {
            p.soft {
                "No roofline of " (workload) " on " (device) ": "
                @if slope <= 0.0 { "no memory bandwidth was measured there (workload stream)" }
                @else { "the records do not say how many bytes its products move" }
                "."
            }
        };
    }
    let unit = Work::find(workload).map_or(Unit::Flop, Work::unit);
    let words: Vec<String> = points
        .iter()
        .map(|point| format!("{}: {} at {:.2} per byte", point.name, point.text, point.x))
        .collect();
    let title = format!("Roofline of {workload} on {device}");
    let roof = Roof {
        title: &title,
        words: &words.join("; "),
        peak,
        slope,
        points: &points,
        unit: &format!("{unit}/s"),
    };
    let caption = format!(
        "The roofs are measured here, not a data sheet's: the level is the best product, {}, the \
         slope the best stream, {}. Bytes are the least a product can move: both inputs and the \
         result once.",
        rate(peak, unit),
        rate(slope, Unit::Byte)
    );
    figure(&title, &log::plot(&roof), &caption)
}
