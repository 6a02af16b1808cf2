//! Helpers of the behaviour tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use perwatt_gpu::adapter::{Adapter, adapters};
use perwatt_gpu::device::Device;

/// Every adapter of this machine, opened; prints that a test is skipped where there is
/// none. `PERWATT_EXPECT_ADAPTER` names one that must be present.
pub fn devices() -> Vec<(Adapter, Device)> {
    devices_as(|adapter| Device::open(adapter).unwrap())
}

/// The same, opened by `open`.
pub fn devices_as(open: impl Fn(&Adapter) -> Device) -> Vec<(Adapter, Device)> {
    let found = adapters();
    if let Ok(name) = std::env::var("PERWATT_EXPECT_ADAPTER") {
        let there = found.iter().any(|adapter| adapter.name.contains(&name));
        assert!(there, "no adapter {name:?} among {found:?}");
    }
    if found.is_empty() {
        eprintln!("skipped: there is no adapter; Debian's mesa-vulkan-drivers has a software one");
    }
    found
        .into_iter()
        .map(|adapter| {
            let device = open(&adapter);
            (adapter, device)
        })
        .collect()
}
