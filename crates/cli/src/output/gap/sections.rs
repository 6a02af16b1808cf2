//! What a gap says, in order: the other side, hashes, products, and what is left out.

use perwatt_gap::energy::{
    Against, Answer, Arithmetic, EnergyGap, Figure, HashEnergy, Hashing, Side,
};
use perwatt_record::schema::Unit;
use perwatt_record::work::EnergyUnit;
use perwatt_report::words::{gap as words, left_out};

use super::block::{Block, columns};
use crate::output::table::Align::{Left, Right};

/// The whole document.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    let mut out: Vec<Block> = left_out(&gap.skipped).map(Block::Text).collect();
    out.extend(head(gap));
    for row in &gap.hashing {
        out.extend(hashing(row, gap));
    }
    for row in &gap.arithmetic {
        out.extend(arithmetic(row));
    }
    let accelerators = words::accelerators(gap);
    if !accelerators.is_empty() {
        out.push(Block::Title("accelerators".into()));
    }
    out.extend(accelerators.into_iter().map(Block::Text));
    if !gap.left_out.is_empty() {
        out.push(Block::Title("left out".into()));
    }
    for row in &gap.left_out {
        let text = format!("{} on {}: {}", row.name, row.device, row.reason);
        out.push(Block::Text(text));
    }
    out.push(Block::Title("how to read it".into()));
    out.push(Block::Text(words::INTERVALS.into()));
    out
}

fn head(gap: &EnergyGap) -> Vec<Block> {
    vec![
        Block::Title(format!("against {}", words::name(gap))),
        Block::Text(words::asic(gap)),
        Block::Text(gap.asic_arithmetic.into()),
        Block::Text(format!("electricity at {}", words::price(gap))),
    ]
}

fn line(name: impl Into<String>, figure: &Figure, unit: &str) -> Vec<String> {
    let [value, rerun, all] = words::cells(figure, unit);
    vec![name.into(), value, rerun, all]
}

fn grid(rows: Vec<Vec<String>>) -> Block {
    Block::Grid {
        columns: columns(&[
            ("", Left),
            ("value", Right),
            ("re-runs", Right),
            ("in all", Right),
        ]),
        rows,
    }
}

fn hashing(row: &Hashing, gap: &EnergyGap) -> Vec<Block> {
    let mut rows = vec![
        line("rate", &row.rate_h_per_s.figure, "H/s"),
        line("of these make one", &row.units, ""),
    ];
    for energy in &row.energy {
        rows.extend(hash_energy(energy));
    }
    let mut out = vec![Block::Title(words::title(&row.subject)), grid(rows)];
    let mut texts: Vec<String> = words::no_hash_energy(row).into_iter().collect();
    for energy in &row.energy {
        texts.extend(words::joules(&energy.joules, energy.note.as_deref()));
    }
    if !row.energy.is_empty() {
        texts.push(words::for_one(gap));
    }
    texts.push(words::share(words::ALU_MODEL, &row.alu));
    texts.extend(words::standing(&row.rate_h_per_s, &row.subject));
    out.extend(texts.into_iter().map(Block::Text));
    out
}

fn hash_energy(energy: &HashEnergy) -> Vec<Vec<String>> {
    let unit = words::HASHES.per_tera();
    let boundary = words::boundary(&energy.joules);
    let power_w = words::times(&energy.megawatts, 1e6);
    vec![
        line(format!("{unit} ({boundary})"), &energy.j_th.figure, &unit),
        line("  times the ASIC's", &energy.over_asic, ""),
        line("  power for one", &power_w, "W"),
        line("  $/year for one", &energy.usd_per_year, "$"),
    ]
}

fn arithmetic(row: &Arithmetic) -> Vec<Block> {
    let unit = words::unit(&row.subject);
    let mut rows = vec![line("rate", &row.rate_per_s.figure, &format!("{unit}/s"))];
    for energy in &row.energy {
        let name = format!(
            "{} ({})",
            EnergyUnit(unit).per_joule(),
            words::boundary(&energy.joules)
        );
        rows.push(line(
            name,
            &energy.per_j.figure,
            &EnergyUnit(unit).per_joule(),
        ));
    }
    let mut out = vec![
        Block::Title(words::title(&row.subject)),
        grid(rows),
        Block::Text(words::format(&row.format)),
    ];
    out.extend(sides(row, unit));
    let mut texts: Vec<String> = words::no_energy(row).into_iter().collect();
    for energy in &row.energy {
        texts.extend(words::joules(&energy.joules, energy.note.as_deref()));
    }
    texts.push(words::roofline(&row.roofline));
    texts.push(words::share(words::MAKERS_PEAK, &row.alu));
    texts.extend(words::standing(&row.rate_per_s, &row.subject));
    out.extend(texts.into_iter().map(Block::Text));
    out
}

/// The accelerators' columns, peak and measured apart.
fn sides(row: &Arithmetic, unit: Unit) -> Option<Block> {
    let mut rows = Vec::new();
    for against in &row.against {
        for (what, side) in [("peak", &against.peak), ("measured", &against.measured)] {
            if let Answer::Is(side) = side {
                rows.extend(side_rows(against, what, side, row, unit));
            }
        }
    }
    let columns = columns(&[
        ("accelerator", Left),
        ("what", Left),
        ("its", Right),
        ("times", Right),
        ("re-runs", Right),
    ]);
    (!rows.is_empty()).then_some(Block::Grid { columns, rows })
}

fn side_rows(
    against: &Against,
    what: &str,
    side: &Side,
    row: &Arithmetic,
    unit: Unit,
) -> Vec<Vec<String>> {
    let [times, rerun, _] = words::cells(&side.units, "");
    let mut rows = vec![vec![
        against.accelerator.clone(),
        what.to_owned(),
        words::plain(side.per_s, &format!("{unit}/s")),
        times,
        rerun,
    ]];
    if let Answer::Is(per_j) = &side.per_j {
        for (over, energy) in side.over_device.iter().zip(&row.energy) {
            let [times, rerun, _] = words::cells(over, "");
            rows.push(vec![
                format!("  beside {}", energy.joules.boundary),
                what.to_owned(),
                words::plain(*per_j, &EnergyUnit(unit).per_joule()),
                times,
                rerun,
            ]);
        }
    }
    rows
}
