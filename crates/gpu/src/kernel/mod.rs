//! The common parts of the kernels that compute whole arrays: buffers that are checked
//! before they are allocated ([`buffer`]), pipelines with and without run-time checks
//! ([`pipeline`]), grids that can be dispatched in parts ([`bands`]), and several kernels
//! in turn ([`sequence`]).

pub(crate) mod bands;
pub(crate) mod buffer;
pub(crate) mod cycle;
pub(crate) mod pipeline;
pub(crate) mod sequence;
pub(crate) mod set;
pub(crate) mod template;

use std::time::{Duration, Instant};

use crate::GpuError;
use crate::device::Device;

/// Work on a device that can be done in parts.
pub trait Banded {
    /// The number of bands of the whole work. They take about equally long, except the
    /// last.
    fn bands(&self) -> u32;

    /// Encodes `bands` bands from `first` on; those that do not exist are left out. The
    /// result is complete once every band has run.
    fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32);

    /// Encodes overwriting the results, so that values that are read afterwards were also
    /// written afterwards.
    fn clear(&self, encoder: &mut wgpu::CommandEncoder);

    /// Checks that the device ran every workgroup that was ever recorded; all of them must
    /// have been submitted and waited for. For work that is repeated, a right result at the
    /// end does not prove that.
    ///
    /// # Errors
    /// [`GpuError::Wrong`] with both numbers, and as [`Device::wait`], with `limit` for
    /// each kernel.
    fn confirm(&self, limit: Duration) -> Result<(), GpuError>;
}

/// [`Banded`] of a type with a `device`, a `launch` and a buffer that is its result.
macro_rules! banded {
    ($work:ty, $result:ident) => {
        impl $crate::kernel::Banded for $work {
            fn bands(&self) -> u32 {
                self.launch.bands()
            }

            fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32) {
                self.launch.record(pass, first, bands);
            }

            fn clear(&self, encoder: &mut wgpu::CommandEncoder) {
                encoder.clear_buffer(&self.$result, 0, None);
            }

            fn confirm(&self, limit: Duration) -> Result<(), GpuError> {
                self.launch.confirm(self.device, limit)
            }
        }
    };
}
pub(crate) use banded;

/// Clears the results and does the whole work, `bands` bands per submission (at least
/// one), each waited for. Returns the wall-clock time from the first submission that
/// does work to the end of the last.
///
/// # Errors
/// As [`Device::wait`], with `limit` for each submission, and as [`Banded::confirm`].
pub fn run(
    device: &Device,
    work: &dyn Banded,
    bands: u32,
    limit: Duration,
) -> Result<Duration, GpuError> {
    let submit = |encode: &dyn Fn(&mut wgpu::CommandEncoder)| {
        let mut encoder = device.device.create_command_encoder(&Default::default());
        encode(&mut encoder);
        device.wait(device.queue.submit([encoder.finish()]), limit)
    };
    submit(&|encoder| work.clear(encoder))?;
    let began = Instant::now();
    for first in (0..work.bands()).step_by(bands.max(1) as usize) {
        submit(&|encoder| {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            work.record(&mut pass, first, bands.max(1));
        })?;
    }
    let took = began.elapsed();
    work.confirm(limit)?;
    Ok(took)
}
