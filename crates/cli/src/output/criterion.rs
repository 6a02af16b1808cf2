//! A criterion archive as a table for people, and what it is not.

use std::fmt::Write;

use perwatt_record::criterion::{Archive, Benchmark};

use super::plain;
use super::table::{Align, Table, wrap};
use super::units::Scale;

/// Lines of prose are as long.
const COLUMNS: usize = 80;

/// The whole table, ending in a newline.
pub fn render(archive: &Archive) -> String {
    let mut out = head(archive);
    out.push('\n');
    let mut table = Table::new(&[
        ("benchmark", Align::Left),
        ("time/iteration", Align::Right),
        ("rate", Align::Right),
        ("samples", Align::Right),
    ]);
    for benchmark in &archive.benchmarks {
        table.row(vec![
            plain(&benchmark.full_id),
            with_unit(benchmark.median_s_per_iter, "s"),
            rates(benchmark),
            benchmark.iters.len().to_string(),
        ]);
    }
    out.push_str(&table.render());
    out.push('\n');
    for text in [
        "time/iteration: median over the samples of one process. Another process may differ by more than its samples do, so there is no interval; perwatt compare takes each process as one value.",
        "not measured: energy. Not verified: the work; criterion checks no result.",
    ] {
        out.push_str(&wrap(text, 2, COLUMNS));
    }
    out
}

fn head(archive: &Archive) -> String {
    let machine = match (&archive.machine, &archive.host) {
        (Some(_), Some(host)) => {
            let model = host.cpu.model.as_deref();
            let model = plain(model.unwrap_or("CPU model not readable"));
            format!("{model}: the machine that imported this; criterion stores none")
        }
        _ => "machine not known: imported from elsewhere".into(),
    };
    let mut out = format!(
        "{machine}\n{} \u{b7} label {} \u{b7} cargo bench (criterion), imported by perwatt {}\n",
        plain(&archive.created_utc),
        plain(&archive.label),
        plain(&archive.tool.version),
    );
    if let Some(note) = &archive.note {
        let _ = writeln!(out, "note: {}", plain(note));
    }
    out
}

fn rates(benchmark: &Benchmark) -> String {
    let rates: Vec<String> = benchmark
        .throughput
        .iter()
        .map(|throughput| {
            let per_s = throughput.per_iter as f64 / benchmark.median_s_per_iter;
            with_unit(per_s, &format!("{}/s", plain(&throughput.unit)))
        })
        .collect();
    rates.join(", ")
}

fn with_unit(value: f64, unit: &str) -> String {
    Scale::of(value).figure(value, unit)
}
