//! All cards of a machine at the same time: its power and its cooling decide how much of the
//! rate of one alone is left.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use perwatt_record::Record;
use perwatt_record::file;
use perwatt_record::schema::{Entry, Gpu, GpuKind, Summary};
use perwatt_record::work::{Work, not_ai};
use perwatt_report::doc::{Block, Column, Grid, Value};

use crate::args::RunArgs;
use crate::output::{plain, tell};

/// The length of a window unless one was asked for, in seconds: cards in one case heat each
/// other slowly.
const WINDOW_S: f64 = 20.0;
/// The number of rounds unless one was asked for.
const ROUNDS: u32 = 2;

/// A row of a card that was measured alone.
type Alone<'a> = (&'a Entry, &'a Summary);

/// Measures the AI figures of all cards of the record at the same time, each in a process of
/// its own, and returns the rates beside those of each alone. Without two such cards there
/// is nothing to measure. The caller holds the lock of measurements.
pub fn measure(record: &Record, args: &RunArgs) -> anyhow::Result<Vec<Block>> {
    let cards = fastest(record);
    if cards.len() < 2 {
        return Ok(Vec::new());
    }
    tell!("measuring {} cards at the same time", cards.len());
    let started: Vec<_> = cards
        .iter()
        .map(|(entry, _)| start(entry, cards.len(), args))
        .collect::<anyhow::Result<_>>()?;
    let mut grid = Grid::new([
        Column::left("card"),
        Column::left("product").fold(0),
        Column::right("alone"),
        Column::right("all at once"),
        Column::right("share"),
        Column::left("record"),
    ]);
    for ((entry, alone), child) in cards.iter().zip(started) {
        let alone = alone.rate_per_s.as_ref().map(|rate| rate.median);
        let ended = end(child);
        if let Err(error) = &ended {
            tell!("{}: {}", entry.device, plain(&format!("{error:#}")));
        }
        let found = ended.ok();
        let together = found.as_ref().and_then(|(_, record)| rate(record, entry));
        let value = |per_s: Option<f64>| per_s.map(|per_s| Value::rate(per_s, entry.unit));
        let share = together.zip(alone).map(|(all, alone)| all / alone);
        grid.row([
            entry.device.as_str().into(),
            format!("{} by {}", entry.work_name(), entry.backend).into(),
            value(alone).into(),
            match together {
                Some(_) => value(together).into(),
                None => "not measured".into(),
            },
            share.map(|share| Value::Percent(share, 0)).into(),
            found
                .map(|(path, _)| path.display().to_string())
                .unwrap_or_default()
                .into(),
        ]);
    }
    let title = Block::sentence("each card alone, and all at the same time");
    Ok(vec![title, Block::Grid(grid)])
}

/// The fastest AI figure of each card.
fn fastest(record: &Record) -> Vec<Alone<'_>> {
    let cards = record.plan.gpus.iter();
    let cards = cards.filter(|gpu| gpu.kind != GpuKind::Software);
    let of = |gpu: &Gpu| {
        let rows = record.summary.iter().filter(|row| row.verified);
        let rows = rows.filter_map(|row| {
            let entry = record.plan.entries.get(row.entry as usize)?;
            let Some(Work::Matmul(of)) = entry.workload.named().work() else {
                return None;
            };
            let counts =
                entry.device == gpu.name && not_ai(&gpu.model, &entry.backend, of).is_none();
            counts.then_some((entry, row))
        });
        rows.max_by(|(_, a), (_, b)| median(a).total_cmp(&median(b)))
    };
    cards.filter_map(of).collect()
}

fn median(row: &Summary) -> f64 {
    row.rate_per_s.as_ref().map_or(0.0, |rate| rate.median)
}

/// Starts a session that measures this entry again beside the others.
fn start(entry: &Entry, cards: usize, args: &RunArgs) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("cannot find the perwatt program")?;
    let mut command = Command::new(program);
    let product = entry.workload.product();
    let product = product.context("the product has no shape")?;
    command
        // The options below are all that hold.
        .args(["run", "--no-config", "--idle", "0"])
        .args(["--label", "all cards at once"])
        .args(["--seconds", &args.seconds.unwrap_or(WINDOW_S).to_string()])
        .args(["--rounds", &args.rounds.unwrap_or(ROUNDS).to_string()])
        .args(["--cards-at-once", &cards.to_string()])
        .args(["--workload", &format!("{}:{product}", entry.workload.name)])
        .args(["--device", &entry.device, "--backend", &entry.backend])
        .arg("--out")
        .arg(&args.out)
        .args(args.meter.iter().flat_map(|meter| ["--meter", meter]))
        .args(args.node.iter().flat_map(|node| ["--node", node]))
        .args((args.tag.iter()).flat_map(|tag| ["--tag".into(), tag.to_string()]))
        .args((args.price_usd.iter()).flat_map(|usd| ["--price-usd".into(), usd.to_string()]))
        .args(
            (args.rent_usd_per_hour.iter())
                .flat_map(|usd| ["--rent-usd-per-hour".into(), usd.to_string()]),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().context("cannot start a session")
}

/// Waits for a session; returns its record and its path.
fn end(child: Child) -> anyhow::Result<(PathBuf, Record)> {
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let path = text.lines().last().map(PathBuf::from);
    let path = path.with_context(|| format!("its session ended with {}", output.status))?;
    let loaded = file::read(&path)?;
    Ok((path, loaded.record))
}

/// The rate of this entry in another session.
fn rate(record: &Record, entry: &Entry) -> Option<f64> {
    let mut rows = record.summary.iter();
    let row = rows.find(|row| {
        let other = record.plan.entries.get(row.entry as usize);
        row.verified && other.is_some_and(|other| other.workload == entry.workload)
    });
    row?.rate_per_s.as_ref().map(|rate| rate.median)
}
