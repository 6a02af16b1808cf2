//! The GPUs of this machine as wgpu finds them.

use std::fmt;

/// The class of device that an adapter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A card of its own.
    Discrete,
    /// Part of the CPU's package.
    Integrated,
    /// A part of a GPU that a host lends to this machine.
    Virtual,
    /// The CPU, presented as a GPU by its driver. Its figures describe no GPU hardware.
    Software,
    /// The driver does not report the class.
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
    /// Its index among the adapters found, from 0.
    pub index: usize,
    /// Its name, as the driver reports it.
    pub name: String,
    /// The programming interface: `vulkan`, `metal`, `dx12`, …
    pub interface: String,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, as the driver formats it.
    pub driver_info: String,
    /// Its class of device.
    pub kind: Kind,
    /// PCI vendor id, or the interface's substitute for it.
    pub vendor_id: u32,
    /// PCI device id, or the interface's substitute for it.
    pub device_id: u32,
    /// Its address on the PCI bus, such as `0000:01:00.0`, if it is on one.
    pub pci: Option<String>,
    /// Smallest and largest number of invocations in a subgroup.
    pub subgroups: (u32, u32),
    pub(crate) inner: wgpu::Adapter,
}

/// All adapters of this machine. Where several interfaces show one device, the
/// first of Vulkan, Metal and DirectX 12 that has any adapter is taken.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    use wgpu::Backends;
    let interfaces = [Backends::VULKAN, Backends::METAL, Backends::DX12].into_iter();
    let mut found =
        interfaces.map(|interface| pollster::block_on(instance.enumerate_adapters(interface)));
    let found = found.find(|found| !found.is_empty()).unwrap_or_default();
    let numbered = found.into_iter().enumerate();
    numbered
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
            vendor_id: info.vendor,
            device_id: info.device,
            subgroups: (info.subgroup_min_size, info.subgroup_max_size),
            pci: Some(info.device_pci_bus_id).filter(|id| !id.is_empty()),
            inner,
        }
    }

    /// The largest limits that the adapter supports.
    pub fn limits(&self) -> wgpu::Limits {
        self.inner.limits()
    }

    /// The optional features that the adapter supports.
    pub fn features(&self) -> wgpu::Features {
        self.inner.features()
    }

    /// Names of the supported features that kernels use.
    pub fn feature_names(&self) -> impl Iterator<Item = &'static str> {
        use wgpu::Features;
        let found = self.features();
        let named = [
            ("f16", Features::SHADER_F16),
            ("subgroups", Features::SUBGROUP),
            ("timestamps", Features::TIMESTAMP_QUERY),
            (
                "cooperative-matrix",
                Features::EXPERIMENTAL_COOPERATIVE_MATRIX,
            ),
        ];
        let named = named.into_iter();
        named.filter_map(move |(name, feature)| found.contains(feature).then_some(name))
    }

    /// The limits that kernels reach first, by name; names of values in bytes end in
    /// `_bytes`.
    pub fn limit_values(&self) -> [(&'static str, u64); 6] {
        let limits = self.limits();
        let binding = limits.max_storage_buffer_binding_size;
        let memory = u64::from(limits.max_compute_workgroup_storage_size);
        let invocations = u64::from(limits.max_compute_invocations_per_workgroup);
        [
            ("max_buffer_bytes", limits.max_buffer_size),
            ("max_storage_binding_bytes", binding),
            ("max_workgroup_memory_bytes", memory),
            ("max_workgroup_invocations", invocations),
            ("min_subgroup_size", u64::from(self.subgroups.0)),
            ("max_subgroup_size", u64::from(self.subgroups.1)),
        ]
    }
}
