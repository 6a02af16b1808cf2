//! The worker's side: the GPUs as records describe them, and opening one.

use std::collections::BTreeMap;

use perwatt_gpu::GpuError;
use perwatt_gpu::adapter::{Adapter, Kind, adapters};
use perwatt_gpu::device::Device;
use perwatt_record::digest::exact;
use perwatt_record::schema::{Gpu, GpuKind};

use crate::worker::RunError;

/// The GPUs of this machine.
pub(crate) fn gpus() -> Vec<Gpu> {
    adapters().iter().map(describe).collect()
}

/// Opens the GPU of the plan, unless another has taken its place.
pub(crate) fn open(planned: &Gpu) -> Result<(Adapter, Device), RunError> {
    let found = adapters().into_iter().find(|adapter| {
        let found = describe(adapter);
        // A different driver version also makes it another device: its figures do not mix.
        found == *planned
    });
    let adapter = found.ok_or_else(|| {
        RunError::Refused(format!(
            "{} ({}) has changed since the session was planned (missing, or another driver); see perwatt list, and start a new session",
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

impl From<GpuError> for RunError {
    fn from(error: GpuError) -> Self {
        let message = error.to_string();
        match error {
            GpuError::Hung { .. } => Self::Hung(message),
            GpuError::Lost { .. } => Self::DeviceLost(message),
            GpuError::OutOfMemory { .. } => Self::OutOfMemory(message),
            GpuError::Wrong { .. } => Self::Unverified(message),
            _ => Self::Refused(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_went_wrong_keeps_its_class() {
        let adapter = || "card".to_owned();
        let reason = || "why".to_owned();
        let hung = GpuError::Hung {
            adapter: adapter(),
            waited: Duration::from_secs(10),
        };
        assert!(matches!(RunError::from(hung), RunError::Hung(text) if text.contains("card")));
        let lost = GpuError::Lost {
            adapter: adapter(),
            reason: reason(),
        };
        assert!(matches!(RunError::from(lost), RunError::DeviceLost(_)));
        let wrong = GpuError::Wrong {
            adapter: adapter(),
            what: reason(),
        };
        assert!(matches!(RunError::from(wrong), RunError::Unverified(_)));
    }
}
