//! An opened adapter: every wait has a limit, and a lost device is an error.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::GpuError;
use crate::adapter::Adapter;

/// An opened adapter.
pub struct Device {
    /// The adapter's name, for messages.
    pub name: String,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    /// The cooperative matrix products it offers, if any.
    pub(crate) cooperative: Vec<wgpu::CooperativeMatrixProperties>,
    lost: Arc<Mutex<Option<String>>>,
    rejected: Arc<Mutex<Option<String>>>,
}

/// What a kernel can make use of where it is there.
const USEFUL: wgpu::Features = wgpu::Features::SHADER_F16
    .union(wgpu::Features::SUBGROUP)
    .union(wgpu::Features::TIMESTAMP_QUERY)
    .union(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX);

impl Device {
    /// Opens an adapter with all the limits that it has.
    ///
    /// # Errors
    /// [`GpuError::Open`] with what the driver said.
    pub fn open(adapter: &Adapter) -> Result<Self, GpuError> {
        let required_features = adapter.features() & USEFUL;
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
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.inner.request_device(&descriptor))
            .map_err(|error| GpuError::Open {
                adapter: adapter.name.clone(),
                reason: error.to_string(),
            })?;
        let lost = Arc::new(Mutex::new(None));
        let rejected = Arc::new(Mutex::new(None));
        let on_lost = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            set(&on_lost, format!("{reason:?}: {message}"));
        });
        let on_error = Arc::clone(&rejected);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            set(&on_error, error.to_string());
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
            rejected,
        })
    }

    /// Whether the device still works and nothing was rejected so far.
    ///
    /// # Errors
    /// [`GpuError::Lost`] and [`GpuError::Rejected`].
    pub fn check(&self) -> Result<(), GpuError> {
        if let Some(reason) = get(&self.lost) {
            return Err(GpuError::Lost {
                adapter: self.name.clone(),
                reason,
            });
        }
        match get(&self.rejected) {
            None => Ok(()),
            Some(reason) => Err(GpuError::Rejected {
                adapter: self.name.clone(),
                reason,
            }),
        }
    }

    /// Waits until a submission has ended and what was mapped after it is
    /// there.
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

fn set(slot: &Mutex<Option<String>>, text: String) {
    let mut slot = slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // The first error explains the others.
    slot.get_or_insert(text);
}

fn get(slot: &Mutex<Option<String>>) -> Option<String> {
    slot.lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .clone()
}
