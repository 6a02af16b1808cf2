//! How the outputs are shared among workgroups.

use std::fmt;

use crate::device::Device;
use crate::matmul::Element;

/// How many invocations make how many outputs together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Split {
    /// Invocations per workgroup, a power of two.
    pub threads: u32,
    /// Outputs per workgroup, at most as many as invocations. Each group of x that is
    /// read serves all of them.
    pub rows: u32,
}

impl Split {
    /// Every split, whatever a device can do. More invocations per output hide more
    /// latency; more outputs read x less often.
    pub const ALL: [Self; 6] = [
        Self {
            threads: 256,
            rows: 4,
        },
        Self {
            threads: 128,
            rows: 4,
        },
        Self {
            threads: 64,
            rows: 4,
        },
        Self {
            threads: 64,
            rows: 8,
        },
        Self {
            threads: 64,
            rows: 1,
        },
        Self {
            threads: 32,
            rows: 16,
        },
    ];

    /// Such as `256x4`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}x{}", self.threads, self.rows)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

/// Whether there is a kernel for the element. Half-precision weights are unpacked to
/// single precision, which every device can.
///
/// # Errors
/// What is lacking.
pub fn available(element: Element) -> Result<(), String> {
    match element {
        Element::F32 | Element::F16F32 | Element::I8 => Ok(()),
        Element::F16 | Element::CoopF16F32 => Err(format!(
            "one token is bound by memory, not arithmetic: {element} would be no faster than {}",
            Element::F16F32
        )),
    }
}

/// The splits that the device can run, none where the element has no kernel.
#[must_use]
pub fn splits(device: &Device, element: Element) -> Vec<Split> {
    let limits = device.device.limits();
    let most = limits
        .max_compute_invocations_per_workgroup
        .min(limits.max_compute_workgroup_size_x);
    Split::ALL
        .into_iter()
        .filter(|_| available(element).is_ok())
        .filter(|split| split.threads <= most)
        .filter(|split| 4 * split.threads * split.rows <= limits.max_compute_workgroup_storage_size)
        .collect()
}
