//! Rates on GPUs beside what the hardware can do at most.

use perwatt_gpu::model::Model;
use perwatt_record::Record;
use perwatt_record::schema::{Gpu, GpuKind};

use super::plain;
use super::table::{Align, Table};
use super::units::{Scale, percent};
use crate::hardware::{HASH_MODEL, limit};

/// The table, ending in a newline; empty without a GPU.
pub fn render(record: &Record) -> String {
    let mut table = Table::new(&[
        ("workload", Align::Left),
        ("device", Align::Left),
        ("backend", Align::Left),
        ("limit", Align::Right),
        ("reached", Align::Right),
    ]);
    let mut rows = 0;
    let mut out = String::new();
    // Software has no hardware to be compared with.
    let hardware = |gpu: &&Gpu| gpu.kind != GpuKind::Software;
    for gpu in record.plan.gpus.iter().filter(hardware) {
        let Some(model) = Model::find(&gpu.model) else {
            out.push_str(&format!(
                "{}: no limits of {} are known to compare with\n",
                plain(&gpu.name),
                plain(&gpu.model)
            ));
            continue;
        };
        for row in &record.summary {
            let entry = record.plan.entries.get(row.entry as usize);
            let entry = entry.filter(|entry| entry.device == gpu.name);
            let (Some(entry), Some(rate)) = (entry, &row.rate_per_s) else {
                continue;
            };
            let work = entry.workload.named().work();
            let Some(limit) = work.and_then(|work| limit(&model, work)) else {
                continue;
            };
            let scale = Scale::of(limit.per_s);
            let mark = match limit.published {
                Some(source) => table.note(&format!("published: {source}")),
                None => table.note(HASH_MODEL),
            };
            table.row(vec![
                plain(entry.work_name()),
                plain(&entry.device),
                plain(&entry.backend),
                format!(
                    "{}{mark}",
                    scale.figure(limit.per_s, &format!("{}/s", entry.unit))
                ),
                percent(rate.median / limit.per_s, 0),
            ]);
            rows += 1;
        }
    }
    if rows > 0 {
        out.push_str(&table.render());
    }
    match out.is_empty() {
        true => out,
        false => format!("of what the hardware can do at most\n{out}"),
    }
}
