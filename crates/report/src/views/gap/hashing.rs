//! Hashes against the ASIC: by joules, and by the number of devices that replace one ASIC.

use perwatt_gap::energy::{EnergyGap, HashEnergy, Hashing, Subject};

use super::{figures, line, plot};
use crate::doc::{Block, Dot, Grid};
use crate::phrases::gap as phrases;

/// The blocks of the hashing.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    let mut out = vec![Block::part(
        "hashing",
        format!("hashes against {}", phrases::name(gap)),
    )];
    if gap.hashing.is_empty() {
        out.push(Block::sentence(
            "not measured: no record has verified double SHA-256",
        ));
    } else if gap.hashing.iter().all(|row| row.energy.is_empty()) {
        out.push(Block::sentence(
            "joules for a hash: not measured: no row has joules. Below are rates alone, which say nothing of energy",
        ));
    }
    for row in &gap.hashing {
        out.extend(of(row, gap));
    }
    out.extend(plot::block(&energies(gap)));
    out.extend(plot::block(&rates(gap)));
    out
}

fn short(subject: &Subject) -> String {
    let node = subject.node.iter().map(|node| format!("{node} "));
    let node: String = node.collect();
    format!("{node}{} {}", subject.device, subject.backend)
}

fn energies(gap: &EnergyGap) -> plot::Times {
    let mut dots: Vec<Dot> = Vec::new();
    for row in &gap.hashing {
        for energy in &row.energy {
            let boundary = phrases::boundary(&energy.joules);
            let name = format!("{}, {boundary}", short(&row.subject));
            dots.push(plot::dot(name, &energy.over_asic, energy.joules.estimate));
        }
    }
    plot::Times {
        title: format!(
            "{}: how many times the {}'s",
            phrases::HASHES.per_tera(),
            gap.asic.model
        ),
        caption: "The scale is logarithmic; the line at 1 is the ASIC. Whiskers hold re-runs, the grey \
                  behind them the meter and the ASIC's tolerances too. A hollow dot is an estimate.",
        dots,
    }
}

fn rates(gap: &EnergyGap) -> plot::Times {
    let rows = gap.hashing.iter();
    let dots = rows.map(|row| plot::dot(short(&row.subject), &row.units, false));
    plot::Times {
        title: format!("Devices per {} by rate", gap.asic.model),
        caption: "The scale is logarithmic; at the line one device would hash as fast as one ASIC. \
                  Whiskers hold re-runs, the grey behind them the ASIC's tolerance too.",
        dots: dots.collect(),
    }
}

fn of(row: &Hashing, gap: &EnergyGap) -> [Block; 3] {
    let plate = gap.asic.provenance.as_source().evidence.word();
    let mut grid = figures();
    grid.row(line("rate", &row.rate_h_per_s.figure, "H/s", "measured"));
    let beside = format!("measured; the ASIC's: {plate}");
    grid.row(line("devices per ASIC", &row.units, "", beside));
    for energy in &row.energy {
        joules(energy, gap, plate, &mut grid);
    }
    let mut said: Vec<String> = phrases::no_hash_energy(row).into_iter().collect();
    for energy in &row.energy {
        said.extend(phrases::joules(&energy.joules, energy.note.as_deref()));
    }
    if !row.energy.is_empty() {
        said.push(phrases::for_one(gap));
    }
    said.push(phrases::share(phrases::ALU_MODEL, &row.alu));
    said.extend(phrases::standing(&row.rate_h_per_s, &row.subject));
    [
        Block::section(phrases::title(&row.subject)),
        Block::Grid(grid),
        Block::List(said),
    ]
}

fn joules(energy: &HashEnergy, gap: &EnergyGap, plate: &str, grid: &mut Grid) {
    let basis = phrases::basis(&energy.joules);
    let unit = phrases::HASHES.per_tera();
    let name = format!("energy ({})", phrases::boundary(&energy.joules));
    let beside = format!("{basis}; the ASIC's: {plate}");
    let price = gap.power_price.source.evidence.word();
    let priced = format!("{beside}; price: {price}");
    let power_w = phrases::times(&energy.megawatts, 1e6);
    grid.row(line(name, &energy.j_th.figure, &unit, basis));
    let over = &energy.over_asic;
    grid.sub_row(line("times the ASIC's", over, "", beside.as_str()));
    grid.sub_row(line("power for one", &power_w, "W", beside));
    grid.sub_row(line(
        "electricity, per year",
        &energy.usd_per_year,
        "$",
        priced,
    ));
}
