//! The GPUs of this machine as wgpu finds them.

use std::fmt;

use crate::GpuError;

/// What kind of device an adapter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A card of its own.
    Discrete,
    /// Part of the CPU's package.
    Integrated,
    /// A part of a GPU that a host lends to this machine.
    Virtual,
    /// The CPU, made to look like a GPU by its driver. Its figures say nothing of
    /// any GPU.
    Software,
    /// The driver does not say.
    Unknown,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Software => "software",
            Self::Unknown => "unknown",
        })
    }
}

/// An adapter, not yet opened.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Its place among those found, from 0 on.
    pub index: usize,
    /// What the driver calls it.
    pub name: String,
    /// The programming interface: `vulkan`, `metal`, `dx12`, …
    pub interface: String,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, as it gives it.
    pub driver_info: String,
    /// What kind of device it is.
    pub kind: Kind,
    /// Where it is on the PCI bus, such as `0000:01:00.0`, if it is on one.
    pub pci: Option<String>,
    pub(crate) inner: wgpu::Adapter,
}

/// All adapters of this machine. Where several interfaces show one device, the
/// first of Vulkan, Metal and DirectX 12 that has any adapter is taken.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let interfaces = [
        wgpu::Backends::VULKAN,
        wgpu::Backends::METAL,
        wgpu::Backends::DX12,
    ];
    interfaces
        .into_iter()
        .map(|interface| pollster::block_on(instance.enumerate_adapters(interface)))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, inner)| Adapter::new(index, inner))
        .collect()
}

impl Adapter {
    fn new(index: usize, inner: wgpu::Adapter) -> Self {
        let info = inner.get_info();
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => Kind::Discrete,
            wgpu::DeviceType::IntegratedGpu => Kind::Integrated,
            wgpu::DeviceType::VirtualGpu => Kind::Virtual,
            wgpu::DeviceType::Cpu => Kind::Software,
            wgpu::DeviceType::Other => Kind::Unknown,
        };
        Self {
            index,
            name: info.name,
            interface: info.backend.to_string(),
            driver: info.driver,
            driver_info: info.driver_info,
            kind,
            pci: Some(info.device_pci_bus_id).filter(|id| !id.is_empty()),
            inner,
        }
    }

    /// What the adapter can do at most.
    pub fn limits(&self) -> wgpu::Limits {
        self.inner.limits()
    }

    /// What the adapter can do beyond what all can.
    pub fn features(&self) -> wgpu::Features {
        self.inner.features()
    }

    /// Its name in a list: `gpu:0 (name)`.
    fn shown(&self) -> String {
        format!("gpu:{} ({})", self.index, self.name)
    }
}

/// The adapter that `wanted` names: by its index (`gpu:0` or `0`), its PCI
/// address, or a part of its name in any case.
///
/// # Errors
/// [`GpuError::NotFound`] and [`GpuError::Ambiguous`], with those there are.
pub fn choose<'a>(adapters: &'a [Adapter], wanted: &str) -> Result<&'a Adapter, GpuError> {
    let not_found = || GpuError::NotFound {
        wanted: wanted.to_owned(),
        available: adapters.iter().map(Adapter::shown).collect(),
    };
    let number = wanted.strip_prefix("gpu:").unwrap_or(wanted);
    if let Ok(index) = number.parse::<usize>() {
        return adapters.get(index).ok_or_else(not_found);
    }
    let part = wanted.to_lowercase();
    let matching: Vec<&Adapter> = adapters
        .iter()
        .filter(|adapter| {
            let pci = adapter.pci.as_ref().map(|pci| pci.to_lowercase());
            pci.is_some_and(|pci| pci == part) || adapter.name.to_lowercase().contains(&part)
        })
        .collect();
    match matching[..] {
        [] => Err(not_found()),
        [one] => Ok(one),
        _ => Err(GpuError::Ambiguous {
            wanted: wanted.to_owned(),
            matching: matching.into_iter().map(Adapter::shown).collect(),
        }),
    }
}
