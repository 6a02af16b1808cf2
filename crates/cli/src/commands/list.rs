//! `perwatt list`: what can be measured here, and why the rest cannot.

use std::io::Write;
use std::sync::Arc;

use perwatt_engine::device::{CPU, Inquiry, MachineFacts};
use perwatt_engine::plan::{BackendStatus, Plannable};
use perwatt_engine::workload::plannable;
use perwatt_host::Environment;
use perwatt_power::{Found, Selection, detect};
use serde_json::{Value, json};

use super::machine::Machine;
use crate::args::Format;
use crate::exit::Exit;
use crate::output::units::rate;
use crate::output::{self, gpu_line, plain, stdout};

pub fn list(format: Format) -> anyhow::Result<Exit> {
    let Machine { host, facts, .. } = Machine::find(Inquiry::ALL, &Arc::default())?;
    let meters = detect(&Selection::default())?;
    match format {
        Format::Json => output::json(&document(&facts, &host, &meters))?,
        Format::Text => text(&facts, &host, &meters)?,
    }
    Ok(Exit::Done)
}

/// Its backends on every device.
fn backends(workload: &dyn Plannable, facts: &MachineFacts) -> Vec<BackendStatus> {
    let on_gpus = facts.gpus.iter().flat_map(|gpu| workload.gpu_backends(gpu));
    workload
        .timed(workload.backends(facts))
        .into_iter()
        .chain(on_gpus)
        .collect()
}

fn cpu_name(host: &Environment) -> &str {
    host.cpu.model.as_deref().unwrap_or("model not readable")
}

fn text(facts: &MachineFacts, host: &Environment, meters: &[Found]) -> anyhow::Result<()> {
    let mut out = stdout();
    writeln!(out, "workloads and backends")?;
    for workload in plannable() {
        writeln!(
            out,
            "  {}: {}",
            workload.kinds().join(", "),
            workload.description()
        )?;
        for backend in backends(workload, facts) {
            let name = match backend.device.as_str() {
                CPU => backend.name.clone(),
                device => format!("{device} {}", backend.name),
            };
            match &backend.unavailable {
                None => {
                    let trial = backend.trial_rate_per_s.map_or_else(String::new, |per_s| {
                        format!(
                            "; {} on one thread in a short trial",
                            rate(per_s, workload.unit())
                        )
                    });
                    writeln!(out, "    {name:<18} {}{trial}", plain(&backend.detail))?;
                }
                Some(why) => writeln!(out, "    {name:<18} unavailable: {}", plain(why))?,
            }
            if let Some(warning) = &backend.warning {
                writeln!(out, "    {:<18} warning: {}", "", plain(warning))?;
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
    for facts in &facts.gpus {
        let gpu = &facts.gpu;
        writeln!(out, "  {:<17} {}", gpu.name, gpu_line(gpu))?;
        let pci = gpu.pci_address.as_deref();
        writeln!(
            out,
            "  {:<17} {}PCI ids {:04x}:{:04x}; has {}",
            "",
            pci.map_or_else(String::new, |pci| format!("at {}, ", plain(pci))),
            gpu.vendor_id,
            gpu.device_id,
            match gpu.features.is_empty() {
                true => "none of the optional features".into(),
                false => gpu.features.join(", "),
            }
        )?;
        let limits: Vec<String> = gpu
            .limits
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        writeln!(out, "  {:<17} {}", "", limits.join(", "))?;
    }
    match &facts.gpu_error {
        Some(error) => writeln!(out, "  {:<17} cannot be listed: {}", "gpu", plain(error))?,
        None if facts.gpus.is_empty() => writeln!(
            out,
            "  {:<17} none: no driver of Vulkan, Metal or DirectX 12 shows one; on Debian, mesa-vulkan-drivers has drivers for AMD and Intel and a software one",
            "gpu"
        )?,
        None => {}
    }
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
            Found::Unavailable(_) => {}
        }
    }
    let absent = meters
        .iter()
        .filter(|found| matches!(found, Found::Unavailable(_)))
        .map(|found| plain(found.id()))
        .collect::<Vec<_>>()
        .join(", ");
    writeln!(
        out,
        "  cannot be read here: {absent}; perwatt doctor says why, and which others can be named"
    )?;
    Ok(())
}

fn document(facts: &MachineFacts, host: &Environment, meters: &[Found]) -> Value {
    let workloads: Vec<Value> = plannable()
        .into_iter()
        .map(|workload| {
            let backends: Vec<Value> = backends(workload, facts)
                .into_iter()
                .map(|backend| {
                    json!({
                        "name": backend.name,
                        "device": backend.device,
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
    let mut devices = vec![json!({
        "name": CPU,
        "model": host.cpu.model,
        "threads": facts.default_threads,
        "threads_reason": facts.threads_reason,
    })];
    devices.extend(facts.gpus.iter().map(|facts| json!(facts.gpu)));
    json!({
        "workloads": workloads,
        "devices": devices,
        "gpu_trouble": facts.gpu_error,
        "meters": meters,
    })
}
