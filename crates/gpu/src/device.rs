//! An opened adapter: every wait has a limit, and a lost device is an error.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::GpuError;
use crate::adapter::Adapter;

/// An opened adapter.
pub struct Device {
    /// The adapter's name, for messages.
    pub name: String,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    /// The sizes of cooperative matrix products that it supports, if any.
    pub(crate) cooperative: Vec<wgpu::CooperativeMatrixProperties>,
    lost: Arc<OnceLock<String>>,
    /// The first error that was reported outside a call, and true if memory ran out.
    failed: Arc<OnceLock<(bool, String)>>,
}

/// Optional features that kernels use where the adapter has them.
const USEFUL: wgpu::Features = wgpu::Features::SHADER_F16
    .union(wgpu::Features::SUBGROUP)
    .union(wgpu::Features::TIMESTAMP_QUERY)
    .union(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX);

impl Device {
    /// Opens an adapter with the largest limits that it supports.
    ///
    /// # Errors
    /// [`GpuError::Open`] with the driver's message.
    pub fn open(adapter: &Adapter) -> Result<Self, GpuError> {
        Self::open_as(adapter, wgpu::Features::empty(), adapter.limits())
    }

    /// Opens an adapter as if it lacked some features and had lower limits. Kernels are
    /// chosen by the features and limits of the opened device, so they run as they would on
    /// such a device.
    ///
    /// # Errors
    /// [`GpuError::Open`] with the driver's message, also where the adapter's own limits
    /// are lower.
    pub fn open_as(
        adapter: &Adapter,
        lacking: wgpu::Features,
        required_limits: wgpu::Limits,
    ) -> Result<Self, GpuError> {
        let required_features = (adapter.features() & USEFUL) - lacking;
        let cooperative =
            required_features.contains(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX);
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("perwatt"),
            required_features,
            experimental_features: if cooperative {
                perwatt_gpu_experimental::experimental_features()
            } else {
                wgpu::ExperimentalFeatures::disabled()
            },
            required_limits,
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.inner.request_device(&descriptor))
            .map_err(|error| GpuError::Open {
                adapter: adapter.name.clone(),
                reason: error.to_string(),
            })?;
        // The first error of each kind explains those that follow.
        let lost = Arc::new(OnceLock::new());
        let failed = Arc::new(OnceLock::new());
        let on_lost = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            let _ = on_lost.set(format!("{reason:?}: {message}"));
        });
        let on_error = Arc::clone(&failed);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let memory = matches!(error, wgpu::Error::OutOfMemory { .. });
            let _ = on_error.set((memory, error.to_string()));
        }));
        Ok(Self {
            name: adapter.name.clone(),
            device,
            queue,
            cooperative: if cooperative {
                adapter.inner.cooperative_matrix_properties()
            } else {
                Vec::new()
            },
            lost,
            failed,
        })
    }

    pub(crate) fn unsupported(&self, lacks: impl Into<String>) -> GpuError {
        GpuError::Unsupported {
            adapter: self.name.clone(),
            lacks: lacks.into(),
        }
    }

    pub(crate) fn rejected(&self, reason: impl ToString) -> GpuError {
        GpuError::Rejected {
            adapter: self.name.clone(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn wrong(&self, what: String) -> GpuError {
        GpuError::Wrong {
            adapter: self.name.clone(),
            what,
        }
    }

    /// A buffer of this device, whose size was checked.
    pub(crate) fn buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    /// Checks that the device still works and that nothing was rejected so far.
    ///
    /// # Errors
    /// [`GpuError::Lost`], [`GpuError::OutOfMemory`] and [`GpuError::Rejected`].
    pub fn check(&self) -> Result<(), GpuError> {
        let adapter = self.name.clone();
        if let Some(reason) = self.lost.get().cloned() {
            return Err(GpuError::Lost { adapter, reason });
        }
        match self.failed.get().cloned() {
            None => Ok(()),
            Some((true, reason)) => Err(GpuError::OutOfMemory { adapter, reason }),
            Some((false, reason)) => Err(GpuError::Rejected { adapter, reason }),
        }
    }

    /// Waits until a submission has ended and the buffers mapped after it can be read.
    ///
    /// # Errors
    /// [`GpuError::Hung`] after `limit`, and as [`check`](Self::check).
    pub fn wait(&self, submission: wgpu::SubmissionIndex, limit: Duration) -> Result<(), GpuError> {
        let began = Instant::now();
        let poll = wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: Some(limit),
        };
        let polled = self.device.poll(poll);
        if matches!(&polled, Err(error) if !matches!(error, wgpu::PollError::Timeout)) {
            // A lost device refuses what it is given, and the loss is reported only when
            // the device is polled. Polling it returns the same refusal again.
            let _ = self.device.poll(wgpu::PollType::Poll);
        }
        self.check()?;
        polled.map(drop).map_err(|error| match error {
            wgpu::PollError::Timeout => GpuError::Hung {
                adapter: self.name.clone(),
                waited: began.elapsed(),
            },
            error => self.rejected(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::adapters;

    #[test]
    fn a_lost_device_and_rejected_work_are_errors() {
        for adapter in adapters() {
            let device = Device::open(&adapter).unwrap();
            device.check().unwrap();
            // Larger than any limit for a uniform buffer.
            let _ = device.buffer("too large", !3, wgpu::BufferUsages::UNIFORM);
            let error = device.check().unwrap_err();
            assert!(matches!(error, GpuError::Rejected { .. }), "{error}");

            let device = Device::open(&adapter).unwrap();
            device.device.destroy();
            let submission = device.queue.submit([]);
            let error = device.wait(submission, Duration::from_secs(5)).unwrap_err();
            assert!(matches!(error, GpuError::Lost { .. }), "{error}");
        }
    }
}
