//! Rates on GPUs beside what the hardware can do at most.

use perwatt_gpu::model::Model;
use perwatt_record::Record;
use perwatt_record::schema::{Gpu, GpuKind};
use perwatt_report::doc::{Block, Cell, Column, Grid, Value};

/// The table; nothing without a GPU.
pub fn blocks(record: &Record) -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("workload"),
        Column::left("device").fold(1),
        Column::left("backend").fold(0),
        Column::right("limit"),
        Column::right("reached"),
    ]);
    let mut out = Vec::new();
    // Software has no hardware to be compared with.
    let hardware = |gpu: &&Gpu| gpu.kind != GpuKind::Software;
    for gpu in record.plan.gpus.iter().filter(hardware) {
        match Model::find(&gpu.model) {
            Some(model) => rows(record, gpu, &model, &mut grid),
            None => out.push(Block::Sentence(format!(
                "{}: no limits of {} are known to compare with",
                gpu.name, gpu.model
            ))),
        }
    }
    if !grid.is_empty() {
        out.push(Block::Grid(grid));
    }
    if !out.is_empty() {
        let title = "of what the hardware can do at most";
        out.insert(0, Block::sentence(title));
    }
    out
}

fn rows(record: &Record, gpu: &Gpu, model: &Model, grid: &mut Grid) {
    for row in &record.summary {
        let entry = record.plan.entries.get(row.entry as usize);
        let entry = entry.filter(|entry| entry.device == gpu.name);
        let (Some(entry), Some(rate)) = (entry, &row.rate_per_s) else {
            continue;
        };
        let Some(limit) = model.limit(&entry.workload.name) else {
            continue;
        };
        let note = match entry.workload.name.as_str() {
            "sha256d" => {
                "a model: integer lanes times boost clock, over the operations of a hash".into()
            }
            _ => format!("published: {}", model.source),
        };
        let name = entry
            .id
            .strip_suffix(&format!("/{}/{}", entry.device, entry.backend));
        grid.row([
            name.unwrap_or(&entry.id).into(),
            entry.device.as_str().into(),
            entry.backend.as_str().into(),
            Cell::from(Value::rate(limit, entry.unit)).note(note),
            Value::Percent(rate.median / limit, 0).into(),
        ]);
    }
}
