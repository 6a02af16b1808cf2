//! A GPU as its driver describes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A GPU as its driver describes it, through the one interface that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gpu {
    /// What plan entries call it: `gpu:0`.
    pub name: String,
    /// What the driver calls it.
    pub model: String,
    /// What kind of device it is.
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
    /// Where it is on the PCI bus, such as `0000:01:00.0`, if it is on one.
    pub pci_address: Option<String>,
    /// What it can do beyond what all can: `f16`, `subgroups`, `timestamps`,
    /// `cooperative-matrix`.
    pub features: Vec<String>,
    /// The most it can do of what kernels need, by name; bytes end in `_bytes`.
    pub limits: BTreeMap<String, u64>,
}

/// What kind of device a GPU is.
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
