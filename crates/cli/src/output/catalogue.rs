//! The catalogue for people.

use perwatt_gap::catalogue::row::UNDATED;
use perwatt_gap::catalogue::{Accelerator, Asic, GpuHashrate, Origin, Row};
use perwatt_report::units::{Scale, significant};

use super::compare::safe;
use super::plain;
use super::table::{Align, Table};

/// Notes are no wider than this.
const WIDTH: usize = 80;

/// How a table is set: its columns, and the cells of a row.
pub struct Set<R> {
    /// Above it.
    title: &'static str,
    /// Names of the columns and how they are aligned, without mark and date.
    columns: &'static [(&'static str, Align)],
    cells: fn(&R) -> Vec<String>,
}

impl<R> Clone for Set<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Set<R> {}

/// ASICs.
pub const ASICS: Set<Asic> = Set {
    title: "ASICs: double SHA-256 and nothing else, power at the wall",
    columns: &[
        ("model", Align::Left),
        ("TH/s", Align::Right),
        ("W", Align::Right),
        ("J/TH", Align::Right),
        ("by tolerances, k=2", Align::Right),
        ("cooling", Align::Left),
    ],
    cells: |asic| {
        let [low, high] = asic.efficiency_interval_j_th();
        let assumed = match asic.tolerance.assumed {
            true => " (assumed)",
            false => "",
        };
        vec![
            plain(&asic.full_name()),
            format!("{}", asic.hashrate_th_s),
            format!("{}", asic.power_w),
            significant(asic.efficiency_j_th()),
            format!("{}..{}{assumed}", significant(low), significant(high)),
            plain(&asic.cooling),
        ]
    },
};

/// Accelerators.
pub const ACCELERATORS: Set<Accelerator> = Set {
    title: "accelerators: dense peaks in 10^12 per second; 16-bit products, sums in 32 bits",
    columns: &[
        ("model", Align::Left),
        ("W", Align::Right),
        ("FP32", Align::Right),
        ("BF16", Align::Right),
        ("FP8", Align::Right),
        ("INT8", Align::Right),
        ("BF16 measured", Align::Right),
        ("peak FLOP/J", Align::Right),
        ("measured FLOP/J", Align::Right),
    ],
    cells: |of| {
        let per_j = |value: Option<f64>| value.map_or_else(dash, short);
        vec![
            plain(&of.full_name()),
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

/// Others' hash rates.
pub const GPUS: Set<GpuHashrate> = Set {
    title: "hash rates of GPUs and CPUs by others: double SHA-256, 10^6 per second",
    columns: &[
        ("device", Align::Left),
        ("MH/s", Align::Right),
        ("converted", Align::Left),
        ("W", Align::Right),
        ("MH/J", Align::Right),
        ("tool", Align::Left),
    ],
    cells: |of| {
        let converted = match of.converted {
            true => "x0.5",
            false => "no",
        };
        vec![
            plain(&of.device),
            format!("{}", of.sha256d_equiv_mh_s),
            converted.into(),
            number(of.power_w),
            number(of.sha256d_mh_per_j),
            plain(&of.tool),
        ]
    },
};

fn dash() -> String {
    "-".into()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(dash, |value| format!("{value}"))
}

fn short(value: f64) -> String {
    Scale::of(value).figure(value, "")
}

/// Mark and date of a row.
fn standing<R: Row>(row: &R) -> [String; 2] {
    let of = row.provenance();
    [
        of.basis.word().to_owned(),
        of.date.as_deref().map_or_else(|| UNDATED.to_owned(), plain),
    ]
}

/// What else is said of a row: its source if asked for, and its notes with it.
fn remarks<R: Row>(row: &R, sources: bool) -> Vec<String> {
    let of = row.provenance();
    let mut remarks = Vec::new();
    if let Origin::File(file) = &of.origin {
        remarks.push(plain(&format!("from {file}")));
    }
    if sources {
        let notes = match of.notes.as_str() {
            "" => String::new(),
            notes => format!("; {notes}"),
        };
        remarks.push(plain(&format!("{}: {}{notes}", of.confidence, of.source)));
    }
    remarks
}

/// A table as text.
pub fn text<R: Row>(set: Set<R>, rows: &[R], sources: bool) -> String {
    let mut columns = set.columns.to_vec();
    columns.extend([("mark", Align::Left), ("date", Align::Left)]);
    let mut table = Table::new(&columns).wrapped(WIDTH);
    for row in rows {
        let mut cells = (set.cells)(row);
        let [mark, date] = standing(row);
        let notes = table.marks(&remarks(row, sources));
        cells.extend([mark, format!("{date}{notes}")]);
        table.row(cells);
    }
    format!("{}\n{}", set.title, table.render())
}

/// A table as Markdown.
pub fn markdown<R: Row>(set: Set<R>, rows: &[R], sources: bool) -> String {
    let mut out = format!("### {}\n\n", set.title);
    let names = set.columns.iter().map(|(name, _)| *name);
    let names: Vec<&str> = names.chain(["mark", "date", "remarks"]).collect();
    out += &format!("| {} |\n", names.join(" | "));
    let rules = set.columns.iter().map(|(_, align)| match align {
        Align::Left => "---",
        Align::Right => "---:",
    });
    let rules: Vec<&str> = rules.chain(["---"; 3]).collect();
    out += &format!("| {} |\n", rules.join(" | "));
    for row in rows {
        let mut cells = (set.cells)(row);
        cells.extend(standing(row));
        cells.push(remarks(row, sources).join("; "));
        let cells: Vec<String> = cells.iter().map(|cell| safe(cell)).collect();
        out += &format!("| {} |\n", cells.join(" | "));
    }
    out
}
