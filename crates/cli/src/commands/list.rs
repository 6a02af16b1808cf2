//! `perwatt list`: what can be measured here, and why the rest cannot.

use std::io::Write;
use std::path::Path;

use perwatt_engine::plan::Facts;
use perwatt_engine::workload::REGISTRY;
use perwatt_host::Environment;
use perwatt_power::{Found, Selection, detect, known_meters};
use serde_json::{Value, json};

use crate::args::Format;
use crate::exit::Exit;
use crate::output::units::rate;
use crate::output::{self, plain};

pub fn list(format: Format) -> anyhow::Result<Exit> {
    let root = Path::new("/");
    let host = Environment::collect(root);
    let facts = Facts::collect(root, &host);
    let meters = detect(&Selection::default())?;
    match format {
        Format::Json => output::json(&document(&facts, &host, &meters))?,
        Format::Text => text(&facts, &host, &meters)?,
    }
    Ok(Exit::Done)
}

fn cpu_name(host: &Environment) -> &str {
    host.cpu.model.as_deref().unwrap_or("model not readable")
}

fn text(facts: &Facts, host: &Environment, meters: &[Found]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "workloads and backends")?;
    for workload in REGISTRY {
        writeln!(
            out,
            "  {}: {}",
            workload.kinds().join(", "),
            workload.description()
        )?;
        for backend in workload.backends() {
            match &backend.unavailable {
                None => {
                    let trial = backend.trial_rate_per_s.map_or_else(String::new, |per_s| {
                        format!(
                            "; {} on one thread in a short trial",
                            rate(per_s, workload.unit())
                        )
                    });
                    writeln!(
                        out,
                        "    {:<15} {}{trial}",
                        backend.name,
                        plain(&backend.detail)
                    )?;
                }
                Some(why) => writeln!(out, "    {:<15} unavailable: {}", backend.name, plain(why))?,
            }
            if let Some(warning) = &backend.warning {
                writeln!(out, "    {:<15} warning: {}", "", plain(warning))?;
            }
        }
    }
    writeln!(out, "\ndevices")?;
    writeln!(
        out,
        "  {:<17} {}, {} threads ({})",
        "cpu",
        plain(cpu_name(host)),
        facts.default_threads,
        facts.threads_reason
    )?;
    writeln!(out, "\nmeters")?;
    for found in meters {
        match found {
            Found::Available(source) => {
                writeln!(
                    out,
                    "  {:<17} {}",
                    source.info().id,
                    plain(&source.info().description)
                )?;
            }
            Found::Unavailable(why) => {
                writeln!(out, "  {:<17} unavailable: {}", why.id, plain(&why.detail))?;
                if let Some(fix) = &why.fix {
                    writeln!(out, "  {:<17} fix: {}", "", plain(fix))?;
                }
            }
        }
    }
    for meter in known_meters() {
        if !meters
            .iter()
            .any(|found| found.id().starts_with(meter.name))
        {
            writeln!(out, "  {:<17} {}", meter.name, meter.description)?;
        }
    }
    Ok(())
}

fn document(facts: &Facts, host: &Environment, meters: &[Found]) -> Value {
    let workloads: Vec<Value> = REGISTRY
        .iter()
        .map(|workload| {
            let backends: Vec<Value> = workload
                .backends()
                .into_iter()
                .map(|backend| {
                    json!({
                        "name": backend.name,
                        "detail": backend.detail,
                        "available": backend.unavailable.is_none(),
                        "unavailable": backend.unavailable,
                        "warning": backend.warning,
                        "trial_rate_per_s": backend.trial_rate_per_s,
                    })
                })
                .collect();
            json!({
                "kinds": workload.kinds(),
                "description": workload.description(),
                "backends": backends,
            })
        })
        .collect();
    let meters: Vec<Value> = meters
        .iter()
        .map(|found| match found {
            Found::Available(source) => json!({ "available": source.info() }),
            Found::Unavailable(why) => json!({ "unavailable": why }),
        })
        .collect();
    json!({
        "workloads": workloads,
        "devices": [{
            "name": "cpu",
            "model": host.cpu.model,
            "threads": facts.default_threads,
            "threads_reason": facts.threads_reason,
        }],
        "meters": meters,
    })
}
