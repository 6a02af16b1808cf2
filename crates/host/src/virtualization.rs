//! Detection of a hypervisor between perwatt and the hardware.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cpu::CpuInfo;
use crate::missing::{Absent, Gaps};
use crate::tree::Tree;

/// Virtualization of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Virtualization {
    /// True if this system runs on a hypervisor. A hypervisor that hides itself
    /// is not found; Windows with Hyper-V switched on is itself a guest of it.
    pub guest: Option<bool>,
    /// The hypervisor: `kvm`, `hyper-v`, `vmware`, `xen`, …, or `none` when
    /// there is none.
    pub hypervisor: Option<String>,
}

impl Virtualization {
    pub(crate) fn collect(tree: &Tree, gaps: &mut Gaps) -> Self {
        let guest = is_guest(tree);
        let hypervisor = match guest {
            Ok(false) => Ok("none".to_owned()),
            Ok(true) => name(tree).ok_or_else(|| {
                Absent::because("there is a hypervisor, but neither CPUID nor DMI names it")
            }),
            Err(ref absent) => Err(absent.clone()),
        };
        Self {
            guest: gaps.keep("virtualization.guest", guest),
            hypervisor: gaps.keep("virtualization.hypervisor", hypervisor),
        }
    }
}

fn is_guest(tree: &Tree) -> Result<bool, Absent> {
    if let Some(guest) = CpuInfo::read(tree).is_guest().or_else(|| cpuid_bit(tree)) {
        return Ok(guest);
    }
    if name(tree).is_some() {
        return Ok(true);
    }
    let described = ["/proc/device-tree/model", "/sys/class/dmi/id/sys_vendor"];
    if described.iter().any(|path| tree.exists(path)) {
        return Ok(false);
    }
    Err(Absent::because(
        "neither CPUID, a device tree nor DMI tells whether there is a hypervisor",
    ))
}

fn name(tree: &Tree) -> Option<String> {
    cpuid_name(tree)
        .or_else(|| tree.text("/sys/hypervisor/type").ok())
        .or_else(|| device_tree_name(tree))
        .or_else(|| dmi_name(tree))
}

fn device_tree_name(tree: &Tree) -> Option<String> {
    let compatible = tree.text("/proc/device-tree/hypervisor/compatible").ok();
    if let Some(compatible) = compatible {
        return Some(match compatible.as_str() {
            "linux,kvm" => "kvm".to_owned(),
            other if other.contains("xen") => "xen".to_owned(),
            other => other.replace('\0', " "),
        });
    }
    let model = tree.text("/proc/device-tree/model").ok()?;
    (model == "linux,dummy-virt").then(|| "qemu".to_owned())
}

/// The hypervisor by its name in the firmware tables, after systemd's `src/basic/virt.c`.
fn dmi_name(tree: &Tree) -> Option<String> {
    let text = |file| tree.text(&format!("/sys/class/dmi/id/{file}"));
    let names = ["product_name", "sys_vendor", "bios_vendor"];
    let names = names.map(|file| text(file).unwrap_or_default());
    // Bare-metal instances carry the cloud's name as well.
    if names[0].ends_with(".metal") {
        return None;
    }
    let found = |needle: &str| names.iter().any(|name| name.starts_with(needle));
    [
        ("KVM", "kvm"),
        ("Amazon EC2", "kvm"),
        ("Google Compute Engine", "kvm"),
        ("OpenStack", "kvm"),
        ("QEMU", "qemu"),
        ("VMware", "vmware"),
        ("VMW", "vmware"),
        ("innotek GmbH", "virtualbox"),
        ("VirtualBox", "virtualbox"),
        ("Xen", "xen"),
        ("Bochs", "bochs"),
        ("Parallels", "parallels"),
        ("BHYVE", "bhyve"),
        ("Apple Virtualization", "apple"),
        ("Virtual Machine", "hyper-v"),
    ]
    .iter()
    .find(|(needle, _)| found(needle))
    .map(|(_, name)| (*name).to_owned())
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn cpuid_bit(tree: &Tree) -> Option<bool> {
    let features = tree
        .is_live()
        .then(|| raw_cpuid::CpuId::new().get_feature_info());
    features?.map(|features| features.has_hypervisor())
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn cpuid_name(tree: &Tree) -> Option<String> {
    use raw_cpuid::Hypervisor;
    let told = tree
        .is_live()
        .then(|| raw_cpuid::CpuId::new().get_hypervisor_info());
    let name = match told??.identify() {
        Hypervisor::Xen => "xen",
        Hypervisor::VMware => "vmware",
        Hypervisor::HyperV => "hyper-v",
        Hypervisor::KVM => "kvm",
        Hypervisor::QEMU => "qemu",
        Hypervisor::Bhyve => "bhyve",
        Hypervisor::QNX => "qnx",
        Hypervisor::ACRN => "acrn",
        Hypervisor::Unknown(..) => return None,
    };
    Some(name.to_owned())
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn cpuid_bit(_tree: &Tree) -> Option<bool> {
    None
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn cpuid_name(_tree: &Tree) -> Option<String> {
    None
}
