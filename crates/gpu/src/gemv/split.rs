//! The division of the outputs among workgroups.

use std::fmt;

use crate::device::Device;
use crate::matmul::Element;

/// The number of invocations in a workgroup and the number of outputs that they compute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Split {
    /// Invocations per workgroup, a power of two.
    pub threads: u32,
    /// Outputs per workgroup, at most the number of invocations. Each group of x that is
    /// read serves all of them.
    pub rows: u32,
}

impl Split {
    /// Every split, including those that a given device cannot run. More invocations per
    /// output hide more latency; more outputs per workgroup read x less often.
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

    /// The split as text, such as `256x4`.
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

/// Checks that there is a kernel for the element. Half-precision weights are unpacked to
/// single precision, which every device supports.
///
/// # Errors
/// A description of what is lacking.
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
