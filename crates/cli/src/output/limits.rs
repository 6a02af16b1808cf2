//! Rates on GPUs against the limits of the hardware.

use perwatt_gpu::model::Model;
use perwatt_record::Record;
use perwatt_record::schema::{Gpu, GpuKind};
use perwatt_report::doc::{Block, Cell, Column, Grid, Value};

use crate::hardware::{HASH_MODEL, limit};

/// The table of the limits; empty without a GPU.
pub fn blocks(record: &Record) -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("workload"),
        Column::left("device").fold(1),
        Column::left("backend").fold(0),
        Column::right("limit"),
        Column::right("reached"),
    ]);
    let mut out = Vec::new();
    // A software adapter has no hardware limit.
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
        let title = "rates as a share of the hardware's limits";
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
        let work = entry.workload.named().work();
        let Some(limit) = work.and_then(|work| limit(model, work)) else {
            continue;
        };
        let note = match limit.published {
            Some(source) => format!("published: {source}"),
            None => HASH_MODEL.to_owned(),
        };
        grid.row([
            entry.work_name().into(),
            entry.device.as_str().into(),
            entry.backend.as_str().into(),
            Cell::from(Value::rate(limit.per_s, entry.unit)).note(note),
            Value::Percent(rate.median / limit.per_s, 0).into(),
        ]);
    }
}
