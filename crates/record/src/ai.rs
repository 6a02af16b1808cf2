//! The AI figures of a record's devices.

use std::collections::BTreeSet;

use crate::schema::{Entry, Record, Summary};
use crate::work::{NotAi, Work, has_bf16, not_ai};

/// The AI figures of a device: rows, or the sentence in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct AiFigures<'a> {
    /// The device: `cpu`, `gpu:0`.
    pub device: &'a str,
    /// Verified rows that are AI figures, each with its entry.
    pub rows: Vec<(&'a Entry, &'a Summary)>,
    /// The sentence where there are none.
    pub absent: Option<String>,
}

/// The AI figures of each device that has a row of products.
pub fn figures(record: &Record) -> Vec<AiFigures<'_>> {
    let products = || {
        let rows = record.summary.iter().filter(|row| row.verified);
        rows.filter_map(|row| {
            let entry = record.plan.entries.get(row.entry as usize)?;
            match entry.workload.named().work()? {
                Work::Matmul(of) => Some((entry, row, of)),
                Work::Sha256d | Work::Gemv(_) | Work::Stream(_) => None,
            }
        })
    };
    let devices: BTreeSet<&str> = products().map(|(entry, ..)| &*entry.device).collect();
    let bf16 = has_bf16(&record.host.cpu.isa);
    let of_device = |device| {
        let gpu = record.plan.gpus.iter().find(|gpu| gpu.name == device);
        let model = gpu.map_or("", |gpu| &gpu.model);
        let (mut rows, mut why) = (Vec::new(), None);
        for (entry, row, of) in products().filter(|(entry, ..)| entry.device == device) {
            match not_ai(model, &entry.backend, of) {
                None => rows.push((entry, row)),
                Some(shaders @ NotAi::Shaders { .. }) => why = Some(shaders),
                Some(NotAi::Single) => why = why.or(Some(NotAi::Single)),
            }
        }
        AiFigures {
            device,
            absent: why
                .filter(|_| rows.is_empty())
                .map(|why| why.in_place(device, bf16)),
            rows,
        }
    };
    devices.into_iter().map(of_device).collect()
}
