//! `perwatt list`: the workloads, devices and backends that can be measured here, and the
//! reasons for those that cannot.

use std::sync::Arc;

use perwatt_engine::device::{CPU, Inquiry, MachineFacts};
use perwatt_engine::plan::{BackendStatus, Plannable};
use perwatt_engine::worker::Road;
use perwatt_engine::workload::plannable;
use perwatt_host::Environment;
use perwatt_power::{Found, Selection, detect};
use perwatt_report::doc::{Block, Column, Grid, Item};
use perwatt_report::views::session::gpu_line;
use serde_json::{Value, json};

use super::machine::Machine;
use crate::args::ViewFormat;
use crate::exit::Exit;
use crate::output;
use crate::output::units::rate;

pub fn list(format: ViewFormat) -> anyhow::Result<Exit> {
    let Machine { host, facts, .. } = Machine::find(Inquiry::ALL, &Arc::default())?;
    let meters = detect(&Selection::default())?;
    let data = document(&facts, &host, &meters);
    output::view(format, "perwatt: what can be measured here", &data, || {
        blocks(&facts, &host, &meters)
    })?;
    Ok(Exit::Done)
}

/// The backends of a workload on all devices.
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

fn blocks(facts: &MachineFacts, host: &Environment, meters: &[Found]) -> Vec<Block> {
    let absent = meters
        .iter()
        .filter(|found| matches!(found, Found::Unavailable(_)));
    let absent: Vec<&str> = absent.map(Found::id).collect();
    vec![
        Block::section("workloads and backends"),
        Block::Grid(workloads(facts)),
        Block::section("devices"),
        Block::Grid(devices(facts, host)),
        Block::section("meters"),
        Block::Grid(available(meters)),
        Block::Items(vec![Item::new(format!(
            "cannot be read here: {}; perwatt doctor says why, and which others can be named",
            absent.join(", ")
        ))]),
    ]
}

/// A table of names and their descriptions.
fn names() -> Grid {
    Grid::new([Column::left(""), Column::left("")])
}

fn workloads(facts: &MachineFacts) -> Grid {
    let mut grid = names();
    for workload in plannable() {
        grid.group(format!(
            "{}: {}",
            workload.kinds().join(", "),
            workload.description()
        ));
        for backend in backends(workload, facts) {
            let name = match backend.device.as_str() {
                CPU => backend.name.clone(),
                device => format!("{device} {}", backend.name),
            };
            let text = match &backend.unavailable {
                None => {
                    let trial = backend.trial_rate_per_s.map(|per_s| {
                        let rate = rate(per_s, workload.unit());
                        format!("; {rate} on one thread in a short trial")
                    });
                    format!("{}{}", backend.detail, trial.unwrap_or_default())
                }
                Some(why) => format!("unavailable: {why}"),
            };
            grid.row([name.into(), text.into()]);
            if let Some(warning) = &backend.warning {
                grid.row(["".into(), format!("warning: {warning}").into()]);
            }
        }
    }
    grid
}

fn devices(facts: &MachineFacts, host: &Environment) -> Grid {
    let mut grid = names();
    let cpu = format!(
        "{}, {} threads ({})",
        cpu_name(host),
        facts.default_threads,
        facts.threads_reason
    );
    grid.sub_row(["cpu".into(), cpu.into()]);
    for facts in &facts.gpus {
        let gpu = &facts.gpu;
        grid.sub_row([gpu.name.as_str().into(), gpu_line(gpu).into()]);
        let pci = gpu.pci_address.as_deref();
        let ids = format!(
            "{}PCI ids {:04x}:{:04x}; has {}",
            pci.map_or_else(String::new, |pci| format!("at {pci}, ")),
            gpu.vendor_id,
            gpu.device_id,
            match gpu.features.is_empty() {
                true => "none of the optional features".into(),
                false => gpu.features.join(", "),
            }
        );
        grid.sub_row(["".into(), ids.into()]);
        let limits = gpu.limits.iter();
        let limits: Vec<String> = limits
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        grid.sub_row(["".into(), limits.join(", ").into()]);
    }
    let none = match &facts.gpu_error {
        Some(error) => Some(format!("cannot be listed: {error}")),
        None => facts.gpus.is_empty().then(|| {
            "none: no driver of Vulkan, Metal or DirectX 12 shows one; on Debian, mesa-vulkan-drivers has drivers for AMD and Intel and a software one".into()
        }),
    };
    if let Some(none) = none {
        grid.sub_row(["gpu".into(), none.into()]);
    }
    for road in &facts.roads {
        grid.sub_row([road.backend.as_str().into(), library(road).into()]);
    }
    grid
}

/// The library of a GPU's vendor in words.
pub(super) fn library(road: &Road) -> String {
    match &road.unavailable {
        None => road.detail.clone(),
        Some(why) => format!("unavailable: {why}"),
    }
}

fn available(meters: &[Found]) -> Grid {
    let mut grid = names();
    for found in meters {
        if let Found::Available(source) = found {
            let info = source.info();
            grid.sub_row([info.id.as_str().into(), info.description.as_str().into()]);
        }
    }
    grid
}

/// The libraries of GPU vendors as data.
pub(super) fn libraries(roads: &[Road]) -> Value {
    let of = |road: &Road| {
        json!({
            "name": road.backend,
            "detail": road.detail,
            "available": road.unavailable.is_none(),
            "unavailable": road.unavailable,
            "cards": road.cards,
        })
    };
    roads.iter().map(of).collect()
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
        "libraries": libraries(&facts.roads),
        "gpu_trouble": facts.gpu_error,
        "meters": meters,
    })
}
