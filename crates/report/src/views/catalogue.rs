//! Tables of the catalogue.

use perwatt_gap::catalogue::row::UNDATED;
use perwatt_gap::catalogue::{Accelerator, Asic, Format, GpuHashrate, Origin, Row};

use crate::doc::{Block, Cell, Column, Grid, Value};
use crate::units::{Scale, percent};

/// The age, in years before the newest row of the table, from which a row is old.
const OLD_YEARS: i32 = 5;
/// The note on an old row.
const OLD: &str = "old: five years or more before the newest row here";

/// A column of a table, and the function for its cell of a row.
type Filled<R> = (Column, fn(&R) -> Cell);

/// The layout of a table.
pub struct Set<R> {
    title: &'static str,
    columns: fn() -> Vec<Filled<R>>,
}

/// The table of ASICs.
pub const ASICS: Set<Asic> = Set {
    title: "ASICs: double SHA-256 and nothing else, power at the wall",
    columns: || {
        vec![
            of(Column::left("model"), |asic| asic.full_name().into()),
            of(Column::right("TH/s"), |asic| number(asic.hashrate_th_s)),
            of(Column::right("W"), |asic| number(asic.power_w)),
            of(Column::right("J/TH"), |asic| {
                Value::Number(asic.efficiency_j_th(), Scale::UNIT).into()
            }),
            of(Column::right("by tolerances, k=2").fold(1), tolerances),
            of(Column::left("price per TH/s").fold(0), |asic| {
                let usd = asic.usd_per_th_s();
                let text = usd.map(|usd| format!("{} ({})", Value::Dollars(usd), asic.price_date));
                text.unwrap_or_default().into()
            }),
            of(Column::left("of the network").fold(0), |asic| {
                let date = &asic.network_share_date;
                let share = asic.network_share;
                let text = share.map(|share| format!("{} ({date})", percent(share, 1)));
                text.unwrap_or_default().into()
            }),
            of(Column::left("cooling").fold(0), |asic| {
                asic.cooling.as_str().into()
            }),
        ]
    },
};

/// The table of accelerators.
pub const ACCELERATORS: Set<Accelerator> = Set {
    title: "accelerators: dense rates in 10^12 per second; 16-bit products, sums in 32 bits",
    columns: || {
        vec![
            of(Column::left("model"), |row| row.full_name().into()),
            of(Column::right("W"), |row| number(row.board_power_w)),
            of(Column::right("FP32").fold(2), |row| number(row.fp32_tflops)),
            of(Column::right("BF16"), |row| number(row.bf16_tflops)),
            of(Column::right("FP8").fold(1), |row| number(row.fp8_tflops)),
            of(Column::right("INT8").fold(0), |row| number(row.int8_tops)),
            of(Column::right("TF32").fold(2), |row| known(row.tf32_tflops)),
            of(Column::right("FP4").fold(1), |row| known(row.fp4_tflops)),
            of(Column::right("peak FLOP/J"), |row| {
                per_j(row.flop_per_j_peak())
            }),
            of(Column::left("sustained").fold(0), sustained),
            of(Column::left("burst").fold(0), bursts),
            of(Column::right("sustained FLOP/J").fold(4), |row| {
                match row.flop_per_j_measured() {
                    None => "".into(),
                    some => per_j(some),
                }
            }),
            of(Column::left("J/token").fold(0), |row| {
                let of = &row.j_per_token_of;
                let text = row.j_per_token.map(|joules| format!("{joules} ({of})"));
                text.unwrap_or_default().into()
            }),
            of(Column::left("rent per hour").fold(0), rent),
            of(Column::left("price per TFLOP/s").fold(0), price),
        ]
    },
};

/// The table of published hash rates.
pub const GPUS: Set<GpuHashrate> = Set {
    title: "hash rates of GPUs and CPUs by others: double SHA-256, 10^6 per second",
    columns: || {
        vec![
            of(Column::left("device"), |row| row.device.as_str().into()),
            of(Column::right("MH/s"), |row| number(row.sha256d_equiv_mh_s)),
            of(Column::left("converted").fold(1), |row| {
                match row.converted {
                    true => "x0.5".into(),
                    false => "no".into(),
                }
            }),
            of(Column::right("W"), |row| number(row.power_w)),
            of(Column::right("MH/J"), |row| number(row.sha256d_mh_per_j)),
            of(Column::left("tool").fold(0), |row| row.tool.as_str().into()),
        ]
    },
};

fn of<R>(column: Column, cell: fn(&R) -> Cell) -> Filled<R> {
    (column, cell)
}

/// The interval of an ASIC's efficiency, and whether its tolerances are only assumed.
fn tolerances(asic: &Asic) -> Cell {
    let interval = Cell::from(Value::Interval(
        asic.efficiency_interval_j_th(),
        Scale::UNIT,
    ));
    match asic.tolerance.assumed {
        true => interval.and("(assumed)"),
        false => interval,
    }
}

/// Work per joule; a dash if it is absent.
fn per_j(value: Option<f64>) -> Cell {
    value.map_or("-".into(), |value| Value::figure(value, "").into())
}

/// Measured rates by format, each by `text`; empty where there are none.
fn by_format(row: &Accelerator, text: impl Fn(Format) -> Option<String>) -> Cell {
    let named = |format: Format| {
        let name = format.word().split([' ', '/']).next().unwrap_or_default();
        Some(format!("{name} {}", text(format)?))
    };
    let all: Vec<String> = Format::ALL.into_iter().filter_map(named).collect();
    let date = match row.measured_date.as_str() {
        "" => String::new(),
        date => format!(" ({date})"),
    };
    match all.is_empty() {
        true => "".into(),
        false => format!("{}{date}", all.join(", ")).into(),
    }
}

/// Rates over seconds with their watts.
fn sustained(row: &Accelerator) -> Cell {
    by_format(row, |format| {
        let per_s = row.sustained_per_s(format)?;
        let watts = per_s / row.sustained_per_j(format)?;
        Some(format!("{:.0} at {watts:.0} W", per_s / 1e12))
    })
}

/// The rent, and the dollars that 10^18 operations in 16 bits cost at it.
fn rent(row: &Accelerator) -> Cell {
    let Some(usd) = row.rent_usd_per_h else {
        return "".into();
    };
    let per = at_rate(|peak| row.usd_per_eflop(peak));
    let per = per.map_or_else(String::new, |(per, at)| {
        format!("; {}/EFLOP at the {at} rate", Value::Dollars(per))
    });
    format!("{} ({}){per}", Value::Dollars(usd), row.rent_date).into()
}

/// The price over the rate in 16 bits.
fn price(row: &Accelerator) -> Cell {
    let per = at_rate(|peak| row.usd_per_tflop_s(peak));
    let text = per.map(|(per, at)| format!("{per:.2} at the {at} rate ({})", row.price_date));
    text.unwrap_or_default().into()
}

/// Dollars at the sustained rate, or else at the peak, with the rate's name.
fn at_rate(usd: impl Fn(bool) -> Option<f64>) -> Option<(f64, &'static str)> {
    let of = |peak, name| Some((usd(peak)?, name));
    of(false, "sustained").or_else(|| of(true, "peak"))
}

/// Rates over milliseconds.
fn bursts(row: &Accelerator) -> Cell {
    by_format(row, |format| {
        Some((row.burst_per_s(format)? / 1e12).to_string())
    })
}

/// A figure with the digits of its source; nothing if it is absent.
fn known(value: Option<f64>) -> Cell {
    value.map_or_else(String::new, |v| v.to_string()).into()
}

/// A figure with the digits of its source; a dash if it is absent.
fn number(value: impl Into<Option<f64>>) -> Cell {
    let value: Option<f64> = value.into();
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
        remarks.extend(row.more_sources());
    }
    remarks
}

/// The title of a table and the table.
pub fn blocks<R: Row>(set: &Set<R>, rows: &[R], sources: bool) -> [Block; 2] {
    let (mut columns, fill): (Vec<_>, Vec<_>) = (set.columns)().into_iter().unzip();
    columns.extend([Column::left("mark"), Column::left("date")]);
    let mut grid = Grid::new(columns);
    let year = |row: &R| -> Option<i32> { row.provenance().date.as_ref()?.get(..4)?.parse().ok() };
    let newest = rows.iter().filter_map(year).max();
    for row in rows {
        let of = row.provenance();
        let mut cells: Vec<Cell> = fill.iter().map(|cell| cell(row)).collect();
        let date = Cell::from(of.date.as_deref().unwrap_or(UNDATED));
        let age = newest.zip(year(row)).map(|(newest, own)| newest - own);
        let date = match age.is_some_and(|years| years >= OLD_YEARS) {
            true => date.note(OLD),
            false => date,
        };
        cells.extend([of.basis.word().into(), date.notes(remarks(row, sources))]);
        grid.row(cells);
    }
    [Block::section(set.title), Block::Grid(grid)]
}
