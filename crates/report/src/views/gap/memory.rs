//! Memory traffic against the accelerator that moves most bytes per joule.

use perwatt_gap::energy::{EnergyGap, Figure, Memory, MemoryRival};
use perwatt_record::schema::Unit;
use perwatt_record::work::EnergyUnit;
use perwatt_table::Evidence;

use super::{cells, figures, line};
use crate::doc::{Block, Cell, Column, Grid, Value};
use crate::phrases::gap as phrases;

/// The unit of work for joules of memory traffic.
const BYTES: EnergyUnit = EnergyUnit(Unit::Byte);

/// The blocks of memory traffic; none where no record has any.
pub fn blocks(gap: &EnergyGap) -> Vec<Block> {
    if gap.memory.is_empty() {
        return Vec::new();
    }
    let mut out = vec![Block::part(
        "memory",
        "memory traffic against an accelerator",
    )];
    for row in &gap.memory {
        out.extend(of(row));
    }
    out
}

fn of(row: &Memory) -> Vec<Block> {
    let mut grid = figures();
    let rate = &row.rate_b_per_s.figure;
    grid.row(line("rate", rate, "B/s", Evidence::Measured.word()));
    for energy in &row.energy {
        let per_joule = BYTES.per_joule();
        let name = format!("per joule ({})", phrases::boundary(&energy.joules));
        let basis = phrases::basis(&energy.joules);
        grid.row(line(name, &energy.per_j.figure, &per_joule, basis));
    }
    let mut out = vec![
        Block::section(phrases::title(&row.subject)),
        Block::Grid(grid),
    ];
    out.extend(row.accelerator.as_ref().map(|rival| against(row, rival)));
    let mut said: Vec<String> = row
        .energy
        .iter()
        .flat_map(|of| phrases::joules(&of.joules, of.note.as_deref()))
        .collect();
    said.push(match &row.accelerator {
        Some(rival) => format!(
            "{}: its maker's bandwidth, over the board's nameplate power; {}",
            rival.accelerator,
            phrases::source(&rival.source)
        ),
        None => "the catalogue has no accelerator with a bandwidth and a power".into(),
    });
    said.extend(phrases::standing(&row.rate_b_per_s, &row.subject));
    out.push(Block::List(said));
    out
}

fn against(row: &Memory, rival: &MemoryRival) -> Block {
    let mut grid = Grid::new([
        Column::left("accelerator"),
        Column::right("its"),
        Column::right("times"),
        Column::right("re-runs").fold(1),
        Column::right("in all").drop(0),
    ]);
    let line = |name: String, its: Value, times: &Figure| {
        let first = [Cell::from(name), its.into()];
        first.into_iter().chain(cells(times, ""))
    };
    let its = Value::figure(rival.per_s, "B/s");
    grid.row(line(rival.accelerator.clone(), its, &rival.units));
    for energy in &row.energy {
        if let Some(times) = &energy.over_device {
            let name = format!("beside {}", phrases::boundary(&energy.joules));
            let its = Value::figure(rival.per_j, BYTES.per_joule());
            grid.sub_row(line(name, its, times));
        }
    }
    Block::Grid(grid)
}
