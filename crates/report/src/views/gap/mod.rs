//! A device against an ASIC and against accelerators: two separate axes, never one score.

mod arithmetic;
mod hashing;
mod memory;
mod plot;

use perwatt_gap::energy::{EnergyGap, Figure};

use crate::doc::{Block, Cell, Column, Grid, Value};
use crate::phrases::gap as phrases;
use crate::phrases::left_out;
use crate::units::Scale;

/// The blocks of a gap.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    let mut out: Vec<Block> = left_out(&gap.skipped).map(Block::Warning).collect();
    out.extend(phrases::machines(gap).into_iter().map(Block::Sentence));
    out.extend(hashing::blocks(gap));
    out.extend(arithmetic::blocks(gap));
    out.extend(memory::blocks(gap));
    out.extend([
        Block::part("asic", format!("the ASIC: {}", phrases::name(gap))),
        Block::Sentence(phrases::asic(gap)),
        Block::sentence(gap.asic_arithmetic),
        Block::Sentence(format!("electricity at {}", phrases::price(gap))),
    ]);
    let accelerators = phrases::accelerators(gap);
    if !accelerators.is_empty() {
        out.push(Block::part("accelerators", "accelerators"));
        out.push(Block::List(accelerators));
    }
    let rows = gap.left_out.iter();
    let rows = rows.map(|row| format!("{} on {}: {}", row.name, row.device, row.reason));
    let files = gap.skipped.iter();
    let files = files.map(|file| format!("{}: {}", file.path.display(), file.reason));
    let all: Vec<String> = rows.chain(files).collect();
    if !all.is_empty() {
        out.push(Block::part("not", "left out"));
        out.push(Block::List(all));
    }
    out.push(Block::part("reading", "how to read it"));
    out.push(Block::sentence(phrases::INTERVALS));
    out
}

/// The columns of figures with their two intervals and their basis.
fn figures() -> Grid {
    Grid::new([
        Column::left(""),
        Column::right("value"),
        Column::right("re-runs"),
        Column::right("in all").fold(1),
        Column::left("rests on").drop(0),
    ])
}

fn line(
    name: impl Into<Cell>,
    figure: &Figure,
    unit: &str,
    rests_on: impl Into<Cell>,
) -> [Cell; 5] {
    let [value, rerun, all] = cells(figure, unit);
    [name.into(), value, rerun, all, rests_on.into()]
}

/// A figure with its interval of re-runs and its total interval, on one scale.
fn cells(figure: &Figure, unit: &str) -> [Cell; 3] {
    let scale = Scale::of(figure.value);
    let span = |interval: Option<[f64; 2]>| match interval {
        Some(ends) => Value::Interval(ends, scale).into(),
        None => "one run".into(),
    };
    let value = match unit {
        "$" => Value::Dollars(figure.value),
        unit => Value::scaled(figure.value, scale, unit),
    };
    [
        value.into(),
        span(figure.rerun_interval),
        span(figure.interval),
    ]
}
