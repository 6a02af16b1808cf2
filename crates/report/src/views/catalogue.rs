//! Tables of the catalogue.

use perwatt_gap::catalogue::row::UNDATED;
use perwatt_gap::catalogue::{Accelerator, Asic, GpuHashrate, Origin, Row};

use crate::doc::{Block, Cell, Column, Grid, Value};
use crate::units::Scale;

/// The layout of a table: its columns, and a function for the cells of a row.
pub struct Set<R> {
    title: &'static str,
    columns: fn() -> Vec<Column>,
    cells: fn(&R) -> Vec<Cell>,
}

/// The table of ASICs.
pub const ASICS: Set<Asic> = Set {
    title: "ASICs: double SHA-256 and nothing else, power at the wall",
    columns: || {
        vec![
            Column::left("model"),
            Column::right("TH/s"),
            Column::right("W"),
            Column::right("J/TH"),
            Column::right("by tolerances, k=2").fold(1),
            Column::left("cooling").fold(0),
        ]
    },
    cells: |asic| {
        let efficiency = asic.efficiency_j_th();
        let tolerances = Value::Interval(asic.efficiency_interval_j_th(), Scale::UNIT);
        let tolerances = Cell::from(tolerances);
        vec![
            asic.full_name().into(),
            asic.hashrate_th_s.to_string().into(),
            asic.power_w.to_string().into(),
            Value::Number(efficiency, Scale::UNIT).into(),
            match asic.tolerance.assumed {
                true => tolerances.and("(assumed)"),
                false => tolerances,
            },
            asic.cooling.as_str().into(),
        ]
    },
};

/// The table of accelerators.
pub const ACCELERATORS: Set<Accelerator> = Set {
    title: "accelerators: dense peaks in 10^12 per second; 16-bit products, sums in 32 bits",
    columns: || {
        vec![
            Column::left("model"),
            Column::right("W"),
            Column::right("FP32").fold(2),
            Column::right("BF16"),
            Column::right("FP8").fold(1),
            Column::right("INT8").fold(0),
            Column::right("BF16 measured").fold(3),
            Column::right("peak FLOP/J"),
            Column::right("measured FLOP/J").fold(4),
        ]
    },
    cells: |of| {
        let per_j = |value: Option<f64>| value.map_or("-".into(), |v| Value::figure(v, "").into());
        vec![
            of.full_name().into(),
            number(of.board_power_w),
            number(of.fp32_tflops),
            number(of.bf16_tflops),
            number(of.fp8_tflops),
            number(of.int8_tops),
            number(of.bf16_measured_tflops),
            per_j(of.flop_per_j_peak()),
            per_j(of.flop_per_j_measured()),
        ]
    },
};

/// The table of published hash rates.
pub const GPUS: Set<GpuHashrate> = Set {
    title: "hash rates of GPUs and CPUs by others: double SHA-256, 10^6 per second",
    columns: || {
        vec![
            Column::left("device"),
            Column::right("MH/s"),
            Column::left("converted").fold(1),
            Column::right("W"),
            Column::right("MH/J"),
            Column::left("tool").fold(0),
        ]
    },
    cells: |of| {
        let converted = match of.converted {
            true => "x0.5",
            false => "no",
        };
        vec![
            of.device.as_str().into(),
            of.sha256d_equiv_mh_s.to_string().into(),
            converted.into(),
            number(of.power_w),
            number(of.sha256d_mh_per_j),
            of.tool.as_str().into(),
        ]
    },
};

/// A figure with the digits of its source; a dash if it is absent.
fn number(value: Option<f64>) -> Cell {
    value.map_or("-".into(), |value| value.to_string().into())
}

/// Remarks on a row: the file that it comes from and, with `sources`, its source.
fn remarks<R: Row>(row: &R, sources: bool) -> Vec<String> {
    let of = row.provenance();
    let mut remarks = Vec::new();
    if let Origin::File(file) = &of.origin {
        remarks.push(format!("from {file}"));
    }
    if sources {
        let notes = match of.notes.as_str() {
            "" => String::new(),
            notes => format!("; {notes}"),
        };
        remarks.push(format!("{}: {}{notes}", of.confidence, of.source));
    }
    remarks
}

/// The title of a table and the table.
pub fn blocks<R: Row>(set: &Set<R>, rows: &[R], sources: bool) -> [Block; 2] {
    let mut columns = (set.columns)();
    columns.extend([Column::left("mark"), Column::left("date")]);
    let mut grid = Grid::new(columns);
    for row in rows {
        let of = row.provenance();
        let mut cells = (set.cells)(row);
        let date = Cell::from(of.date.as_deref().unwrap_or(UNDATED));
        cells.extend([of.basis.word().into(), date.notes(remarks(row, sources))]);
        grid.row(cells);
    }
    [Block::section(set.title), Block::Grid(grid)]
}
