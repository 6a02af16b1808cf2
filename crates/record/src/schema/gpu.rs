//! A GPU as its driver describes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A GPU as its driver describes it, through the one interface that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gpu {
    /// Name in plan entries: `gpu:0`.
    pub name: String,
    /// Name by the driver.
    pub model: String,
    /// Kind of device.
    pub kind: GpuKind,
    /// The programming interface: `vulkan`, `metal` or `dx12`.
    pub interface: String,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, as it gives it.
    pub driver_info: String,
    /// PCI vendor id, or whatever number the interface gives in its place.
    pub vendor_id: u32,
    /// PCI device id, likewise.
    pub device_id: u32,
    /// PCI address, such as `0000:01:00.0`; absent for a device that has none.
    pub pci_address: Option<String>,
    /// Optional features: `f16`, `subgroups`, `timestamps`,
    /// `cooperative-matrix`.
    pub features: Vec<String>,
    /// Limits that kernels depend on, by name; sizes in bytes end in `_bytes`.
    pub limits: BTreeMap<String, u64>,
}

/// Kinds of GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GpuKind {
    /// A card of its own.
    Discrete,
    /// Part of the CPU's package.
    Integrated,
    /// A part of a GPU that a host lends to this machine.
    Virtual,
    /// The CPU, made to look like a GPU by its driver: its figures say nothing of
    /// any GPU and are never compared with one.
    Software,
    /// The driver does not say.
    Unknown,
}

impl GpuKind {
    /// The word that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Software => "software",
            Self::Unknown => "unknown",
        }
    }
}
