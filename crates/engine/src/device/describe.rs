//! GPUs as records describe them.

use std::collections::BTreeMap;

use perwatt_gpu::adapter::{Adapter, Kind, adapters};
use perwatt_gpu::device::Device;
use perwatt_record::digest::exact;
use perwatt_record::schema::{Gpu, GpuKind};

use crate::workload::RunError;

/// The GPUs of this machine.
pub(crate) fn gpus() -> Vec<Gpu> {
    adapters().iter().map(describe).collect()
}

/// Opens the GPU that was planned for, unless another has taken its place.
pub(crate) fn open(planned: &Gpu) -> Result<(Adapter, Device), RunError> {
    let found = adapters().into_iter().find(|adapter| {
        let found = describe(adapter);
        // A newer driver, too, is another device: its figures do not mix.
        found == *planned
    });
    let adapter = found.ok_or_else(|| {
        RunError::Refused(format!(
            "{} ({}) is not there any more as it was when the session was planned, or its driver is another; see perwatt list, and start a new session",
            planned.name, planned.model
        ))
    })?;
    let device = Device::open(&adapter)?;
    Ok((adapter, device))
}

fn describe(adapter: &Adapter) -> Gpu {
    Gpu {
        name: format!("gpu:{}", adapter.index),
        model: adapter.name.clone(),
        kind: match adapter.kind {
            Kind::Discrete => GpuKind::Discrete,
            Kind::Integrated => GpuKind::Integrated,
            Kind::Virtual => GpuKind::Virtual,
            Kind::Software => GpuKind::Software,
            Kind::Unknown => GpuKind::Unknown,
        },
        interface: adapter.interface.clone(),
        driver: adapter.driver.clone(),
        driver_info: adapter.driver_info.clone(),
        vendor_id: adapter.vendor_id,
        device_id: adapter.device_id,
        pci_address: adapter.pci.clone(),
        features: adapter.feature_names().map(str::to_owned).collect(),
        limits: adapter
            .limit_values()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), exact(value)))
            .collect::<BTreeMap<_, _>>(),
    }
}
