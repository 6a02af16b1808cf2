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
    failed: Arc<OnceLock<Failed>>,
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
            let reason = error.to_string();
            let _ = on_error.set(Failed { memory, reason });
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

    /// Checks that the device still works and that nothing was rejected so far.
    ///
    /// # Errors
    /// [`GpuError::Lost`], [`GpuError::OutOfMemory`] and [`GpuError::Rejected`].
    pub fn check(&self) -> Result<(), GpuError> {
        if let Some(reason) = self.lost.get().cloned() {
            return Err(GpuError::Lost {
                adapter: self.name.clone(),
                reason,
            });
        }
        let adapter = self.name.clone();
        match self.failed.get().cloned() {
            None => Ok(()),
            Some(Failed {
                memory: true,
                reason,
            }) => Err(GpuError::OutOfMemory { adapter, reason }),
            Some(Failed { reason, .. }) => Err(GpuError::Rejected { adapter, reason }),
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
            error => GpuError::Rejected {
                adapter: self.name.clone(),
                reason: error.to_string(),
            },
        })
    }
}

/// An error that was reported outside a call.
#[derive(Clone)]
struct Failed {
    memory: bool,
    reason: String,
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
            let _ = device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("too large"),
                size: !3,
                usage: wgpu::BufferUsages::UNIFORM,
                mapped_at_creation: false,
            });
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
