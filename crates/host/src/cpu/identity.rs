//! Maker, model and architecture of the CPU.

use super::cpuinfo::{CpuInfo, number};
use super::{Cpu, arm};
use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

pub(super) fn read(tree: &Tree, info: &CpuInfo, gaps: &mut Gaps, cpu: &mut Cpu) {
    if info.is_arm() {
        from_midr(info, gaps, cpu);
    } else if info.cpus().is_empty() && tree.is_live() {
        from_system(cpu);
    } else {
        from_names(info, gaps, cpu);
    }
    cpu.architecture = gaps.keep("cpu.architecture", architecture(tree, info));
    // Without Linux there is no file to name in a reason, so one reason serves all fields.
    if info.cpus().is_empty() && tree.is_live() {
        for (field, is_known) in [
            ("cpu.vendor", cpu.vendor.is_some()),
            ("cpu.model", cpu.model.is_some()),
            ("cpu.family", cpu.family.is_some()),
            ("cpu.model_number", cpu.model_number.is_some()),
            ("cpu.stepping", cpu.stepping.is_some()),
            ("cpu.microcode", cpu.microcode.is_some()),
        ] {
            if !is_known {
                let absent = "neither the operating system nor CPUID tells it";
                gaps.note(field, Absent::because(absent));
            }
        }
    }
}

/// Identity on x86, and on other architectures that use some of the same keys.
fn from_names(info: &CpuInfo, gaps: &mut Gaps, cpu: &mut Cpu) {
    let mut text = |field: &str, key: &str| gaps.keep(field, info.first(key)).map(str::to_owned);
    cpu.vendor = text("cpu.vendor", "vendor_id");
    cpu.model = text("cpu.model", "model name");
    cpu.microcode = text("cpu.microcode", "microcode");
    let mut value = |field: &str, key: &str| gaps.keep(field, info.first_number(key));
    cpu.family = value("cpu.family", "cpu family");
    cpu.model_number = value("cpu.model_number", "model");
    cpu.stepping = value("cpu.stepping", "stepping");
}

fn from_midr(info: &CpuInfo, gaps: &mut Gaps, cpu: &mut Cpu) {
    let mut value = |field: &str, key: &str| gaps.keep(field, info.first_number(key));
    cpu.vendor = value("cpu.vendor", "CPU implementer").map(arm::vendor);
    cpu.model_number = value("cpu.model_number", "CPU part");
    let variant = value("cpu.stepping", "CPU variant");
    let revision = value("cpu.stepping", "CPU revision");
    cpu.stepping = variant.zip(revision).map(|(v, r)| v << 4 | r & 0xf);
    cpu.family = value("cpu.family", "CPU architecture");
    let names: Vec<String> = core_names(info).into_iter().map(|(name, _)| name).collect();
    let model = if names.is_empty() {
        Err(Absent::because("/proc/cpuinfo has no `CPU part`"))
    } else {
        Ok(names.join(" + "))
    };
    let none = Absent::because("Arm CPUs have no microcode revision to read");
    gaps.note("cpu.microcode", none);
    cpu.model = gaps.keep("cpu.model", model);
}

/// Arm core names with the CPU numbers of each, ordered by part number, so that the
/// result does not depend on the kind of CPU 0.
pub(super) fn core_names(info: &CpuInfo) -> Vec<(String, Vec<usize>)> {
    let mut kinds = std::collections::BTreeMap::<(u32, u32), Vec<usize>>::new();
    for cpu in info.cpus() {
        let value = |key: &str| cpu.get(key).and_then(|text| number(text));
        let kind = value("CPU implementer").zip(value("CPU part"));
        if let Some((kind, index)) = kind.zip(value("processor")) {
            kinds.entry(kind).or_default().push(index as usize);
        }
    }
    kinds
        .into_iter()
        .map(|((implementer, part), cpus)| (arm::core(implementer, part), cpus))
        .collect()
}

/// Identity on a running system without `/proc/cpuinfo`: Windows, macOS.
fn from_system(identity: &mut Cpu) {
    let kind = sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing());
    if let Ok(system) = sysinfo::System::new_with_specifics(kind)
        && let Some(cpu) = system.cpus().first()
    {
        let told = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        identity.vendor = told(cpu.vendor_id());
        identity.model = told(cpu.brand());
    }
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(features) = raw_cpuid::CpuId::new().get_feature_info() {
        identity.family = Some(features.family_id().into());
        identity.model_number = Some(features.model_id().into());
        identity.stepping = Some(features.stepping_id().into());
    }
}

fn architecture(tree: &Tree, info: &CpuInfo) -> Result<String, Absent> {
    if tree.is_live() {
        return Ok(std::env::consts::ARCH.to_owned());
    }
    // Linux 6.1 and later.
    let has_long_mode = |flags: &str| flags.split(' ').any(|flag| flag == "lm");
    tree.text("/proc/sys/kernel/arch").or_else(|absent| {
        if info.first_number("CPU architecture") == Ok(8) {
            Ok("aarch64".to_owned())
        } else if info.first("flags").is_ok_and(has_long_mode) {
            Ok("x86_64".to_owned())
        } else {
            Err(absent)
        }
    })
}
