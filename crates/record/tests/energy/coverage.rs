//! The devices that a meter covers.

use perwatt_power::{Covers, MeterInfo};
use perwatt_record::derive::{covers, measure_energy};
use perwatt_record::schema::{Gpu, GpuKind};

use crate::common::honest;
use crate::{STEADY, counted, counter, even_work};

fn gpu(name: &str, kind: GpuKind, pci: Option<&str>) -> Gpu {
    Gpu {
        name: name.into(),
        model: "model".into(),
        kind,
        interface: "vulkan".into(),
        driver: "driver".into(),
        driver_info: "1".into(),
        vendor_id: 1,
        device_id: 2,
        pci_address: pci.map(Into::into),
        features: Vec::new(),
        limits: std::collections::BTreeMap::new(),
    }
}

#[test]
fn a_meter_speaks_of_its_own_device_alone() {
    let gpus = [
        gpu("gpu:0", GpuKind::Discrete, Some("0000:01:00.0")),
        gpu("gpu:1", GpuKind::Software, None),
        gpu("gpu:2", GpuKind::Integrated, Some("0000:00:02.0")),
        gpu("gpu:3", GpuKind::Discrete, Some("0000:81:00.0")),
    ];
    let card = |address: &str| Covers::Pci(address.into());
    for (meter_of, on) in [
        (
            Covers::Machine,
            &["cpu", "gpu:0", "gpu:1", "gpu:2", "gpu:3"][..],
        ),
        (Covers::Cpu, &["cpu", "gpu:1", "gpu:2"]),
        (card("0000:01:00.0"), &["gpu:0"]),
        (card("0000:81:00.0"), &["gpu:3"]),
        (card("0000:00:02.0"), &["gpu:2"]),
        (card("0000:99:00.0"), &[]),
        (Covers::UnknownGpu, &[]),
    ] {
        for device in ["cpu", "gpu:0", "gpu:1", "gpu:2", "gpu:3"] {
            let mut entry = honest().plan.entries[0].clone();
            entry.device = device.into();
            let expected = on.contains(&device);
            assert_eq!(
                covers(&meter_of, &entry, &gpus),
                expected,
                "{meter_of:?} {device}"
            );
        }
    }
    let mut entry = honest().plan.entries[0].clone();
    entry.device = "gpu:0".into();
    let of_cpu = MeterInfo {
        covers: Covers::Cpu,
        ..counter(None)
    };
    let mut record = honest();
    record.plan.gpus = gpus.to_vec();
    let error = measure_energy(
        &record,
        &entry,
        &of_cpu,
        &STEADY,
        &even_work(),
        &counted(100),
    );
    assert_eq!(error.unwrap_err().to_string(), "it does not cover gpu:0");
}
