//! A criterion archive as text, with the limits of its measurements.

use perwatt_record::criterion::{Archive, Benchmark};
use perwatt_report::doc::{Block, Column, Grid, Value};

/// The blocks of an archive.
pub fn blocks(archive: &Archive) -> Vec<Block> {
    let mut grid = Grid::new([
        Column::left("benchmark"),
        Column::right("time/iteration"),
        Column::right("rate"),
        Column::right("samples").fold(0),
    ]);
    for benchmark in &archive.benchmarks {
        grid.row([
            benchmark.full_id.as_str().into(),
            Value::figure(benchmark.median_s_per_iter, "s").into(),
            rates(benchmark).into(),
            benchmark.iters.len().to_string().into(),
        ]);
    }
    let mut out = head(archive);
    out.extend([
        Block::Space,
        Block::Grid(grid),
        Block::Space,
        Block::sentence("time/iteration: median over the samples of one process. Another process may differ by more than its samples do, so there is no interval; perwatt compare takes each process as one value."),
        Block::sentence("not measured: energy. Not verified: the work; criterion checks no result."),
    ]);
    out
}

fn head(archive: &Archive) -> Vec<Block> {
    let machine = match (&archive.machine, &archive.host) {
        (Some(_), Some(host)) => {
            let model = host.cpu.model.as_deref();
            let model = model.unwrap_or("CPU model not readable");
            format!("{model}: the machine that imported this; criterion stores none")
        }
        _ => "machine not known: imported from elsewhere".into(),
    };
    let mut lines = vec![
        machine,
        format!(
            "{} \u{b7} label {} \u{b7} cargo bench (criterion), imported by perwatt {}",
            archive.created_utc, archive.label, archive.tool.version,
        ),
    ];
    lines.extend(archive.note.iter().map(|note| format!("note: {note}")));
    lines.into_iter().map(Block::Sentence).collect()
}

/// The rates, one for each kind of work in an iteration.
fn rates(benchmark: &Benchmark) -> String {
    let rates = benchmark.throughput.iter().map(|throughput| {
        let per_s = throughput.per_iter as f64 / benchmark.median_s_per_iter;
        Value::figure(per_s, format!("{}/s", throughput.unit)).to_string()
    });
    rates.collect::<Vec<_>>().join(", ")
}
