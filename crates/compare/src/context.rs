//! Context of a figure: settings and software that may differ in a comparison and may
//! explain its outcome.

use std::collections::BTreeMap;

use perwatt_record::schema::{Entry, word};
use perwatt_record::{Record, pool};

use crate::key::{ARRAY_BYTES, Field, sized_by_machine};

/// Values by field; a field that was not read is absent.
pub type Context = BTreeMap<String, String>;

/// Prefix of the field of a tag, before the tag's key.
pub const TAG: &str = "tag.";

/// The context of a whole session.
pub fn of_session(record: &Record) -> Context {
    let mut out = Context::new();
    let mut put = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            out.insert(field.into(), value);
        }
    };
    let tool = &record.tool;
    put("tool.version", Some(tool.version.clone()));
    put(
        "tool.commit",
        tool.git.as_ref().map(|git| {
            let short = git.commit.get(..12).unwrap_or(&git.commit);
            let dirty = if git.dirty { " (edited)" } else { "" };
            format!("{short}{dirty}")
        }),
    );
    put("tool.rustc", Some(tool.rustc.clone()));
    put("tool.target", Some(tool.target.clone()));
    put("tool.profile", Some(tool.profile.clone()));
    let flags = Some(tool.rustflags.clone()).filter(|flags| !flags.is_empty());
    put(
        "tool.rustflags",
        Some(flags.unwrap_or_else(|| "none".into())),
    );

    let os = &record.host.os;
    put("os.name", os.name.clone());
    put("os.version", os.version.clone());
    put("os.kernel", os.kernel.clone());
    put("os.kernel_cmdline", os.kernel_cmdline.clone());
    put("os.libc", os.libc.clone());
    put("os.clocksource", os.clocksource.clone());
    put("os.container", os.container.clone());
    let mitigations: Vec<String> = os
        .mitigations
        .iter()
        .map(|(name, how)| format!("{name}: {how}"))
        .collect();
    put("os.mitigations", Some(mitigations.join("; ")));
    put(
        "os.cpu_quota_cores",
        os.cgroup.cpu_quota_cores.map(|cores| cores.to_string()),
    );

    let cpu = &record.host.cpu;
    put("cpu.microcode", cpu.microcode.clone());
    put("cpu.governor", cpu.governor.clone());
    put("cpu.scaling_driver", cpu.scaling_driver.clone());
    put(
        "cpu.energy_performance_preference",
        cpu.energy_performance_preference.clone(),
    );
    put("cpu.boost", cpu.boost.map(|on| on.to_string()));
    put("cpu.smt_active", cpu.smt_active.map(|on| on.to_string()));
    put("cpu.threads", cpu.threads.map(|n| n.to_string()));
    put(
        "memory.transparent_huge_pages",
        record.host.memory.huge_pages.transparent.clone(),
    );
    put(
        "virtualization.hypervisor",
        record.host.virtualization.hypervisor.clone(),
    );
    let supply = &record.host.power_supply;
    put("power_supply.source", Some(word(&supply.source)));
    put(
        "power_supply.platform_profile",
        supply.platform_profile.clone(),
    );

    put("threads.count", Some(record.threads.count.to_string()));
    let pinned = record.threads.pinned_cpus.is_some();
    put("threads.pinned", Some(pinned.to_string()));
    put("config.suite", Some(record.config.suite.clone()));
    for (key, value) in &record.session.tags {
        put(&format!("{TAG}{key}"), Some(value.clone()));
    }
    out
}

/// The context of one entry: backend, array size, GPU driver, and the miner's software and difficulty.
pub fn of_entry(record: &Record, entry: &Entry) -> Context {
    let mut out = Context::new();
    let mut put = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            out.insert(field.into(), value);
        }
    };
    put("backend", Some(entry.backend.clone()));
    put("backend.detail", entry.backend_detail.clone());
    put("backend.variant", entry.variant.clone());
    if sized_by_machine(&entry.workload) {
        put(
            &Field::Param(ARRAY_BYTES.into()).to_string(),
            entry.workload.params.get(ARRAY_BYTES).cloned(),
        );
    }
    let gpu = record.plan.gpus.iter().find(|gpu| gpu.name == entry.device);
    if let Some(gpu) = gpu {
        put("gpu.interface", Some(gpu.interface.clone()));
        put("gpu.driver", Some(gpu.driver.clone()));
        put("gpu.driver_info", Some(gpu.driver_info.clone()));
    }
    if let Some(asic) = pool::find(record, &entry.device) {
        put("miner.difficulty", Some(asic.difficulty.to_string()));
        put("miner.user_agent", asic.user_agent.clone());
    }
    out
}
