//! `perwatt-fleet`: an archive of the size of a fleet's, made from one real record, to
//! measure the programs that read it.

#![forbid(unsafe_code)]

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use perwatt_host::MachineKey;
use perwatt_record::Record;
use perwatt_record::{file, fixture};
use rayon::prelude::*;

const MACHINES: u64 = 50;

/// Makes an archive of the size of a fleet's out of one real record.
///
/// Each copy is another session on one of fifty machines, its times stretched by up to
/// two percent and derived again. Nothing in it was measured, and its shares belong to
/// the session it was copied from, as `perwatt check` says.
#[derive(Parser)]
struct Args {
    /// The record to copy.
    record: PathBuf,
    /// The directory of the archive.
    directory: PathBuf,
    /// The number of copies.
    count: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let template = file::read(&args.record)?.record;
    std::fs::create_dir_all(&args.directory).context("cannot make the directory")?;
    (0..args.count).into_par_iter().try_for_each(|i| {
        let record = copy(&template, i);
        let path = args.directory.join(record.file_name());
        std::fs::write(&path, record.to_bytes()?)
            .with_context(|| format!("cannot write {}", path.display()))
    })
}

fn copy(template: &Record, i: u64) -> Record {
    let mut record = template.clone();
    let machine = i % MACHINES;
    record.host.cpu.model = Some(format!("Example CPU {machine}"));
    record.machine = MachineKey::of(&record.host);
    record.session.id = format!("{:032x}", mixed(i));
    record.session.label = format!("machine-{machine}");
    // A later run begins later by the additional time of the earlier ones.
    let mut late_ns = 0;
    for run in &mut record.runs {
        let stretch = 1.0 + 0.02 * (mixed(run.started_ns ^ i) >> 64) as f64 / u64::MAX as f64;
        let started_ns = run.started_ns;
        let longer = |t: u64| ((t - started_ns) as f64 * stretch) as u64 + started_ns;
        let ended_ns = run.work.last().map_or(started_ns, |(t, _)| *t);
        for (t, _) in &mut run.work {
            *t = longer(*t) + late_ns;
        }
        run.started_ns += late_ns;
        late_ns += longer(ended_ns) - ended_ns;
    }
    fixture::derive_again(&mut record);
    record
}

/// Bits without a pattern, so that no two copies are alike.
fn mixed(i: u64) -> u128 {
    let odd = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    let x = (u128::from(i) + 1).wrapping_mul(odd);
    (x ^ (x >> 61)).wrapping_mul(odd)
}
