//! Compiles a kernel and runs it in bands.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::bands::Bands;
use super::buffer::{Memory, download};
use crate::GpuError;
use crate::device::Device;

/// A storage buffer that a kernel binds.
pub(crate) enum Binding<'a> {
    /// The kernel only reads it.
    Read(&'a wgpu::Buffer),
    /// The kernel may also write it.
    Write(&'a wgpu::Buffer),
}

/// A compiled kernel with its buffers.
pub(crate) struct Launch {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    bands: Bands,
    label: String,
    /// The workgroups counted by the device and the workgroups recorded; both modulo 2^32.
    counted: wgpu::Buffer,
    recorded: AtomicU32,
}

impl Launch {
    /// Compiles `source`. Its binding 0 is the uniform of a band's slot, which holds the
    /// first workgroup and then `words`; its bindings from 1 on are `buffers`, followed by
    /// an atomic counter to which each workgroup adds 1. The grid has `workgroups`
    /// workgroups.
    ///
    /// If `checked` is false, the shader has no run-time checks: every index in `source`
    /// must be in range by construction.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for a grid that is too large, and as
    /// [`Device::check`] when the driver rejects the kernel.
    pub(crate) fn new(
        device: &Device,
        label: &str,
        source: &str,
        checked: bool,
        workgroups: u64,
        words: [u32; Bands::WORDS - 1],
        buffers: &[Binding<'_>],
    ) -> Result<Self, GpuError> {
        let bands = Bands::new(device, workgroups)?;
        let uniform = bands.uniform(device, words)?;
        let counted = Memory::output("the count of workgroups", 4).allocate(device)?;
        let gpu = &device.device;
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        };
        let module = if checked {
            gpu.create_shader_module(descriptor)
        } else {
            perwatt_gpu_experimental::unchecked_module(gpu, descriptor)
        };
        let slot = std::num::NonZeroU64::new(4 * Bands::WORDS as u64);
        let mut layout = vec![layout_entry(0, wgpu::BufferBindingType::Uniform)];
        let mut entries = vec![wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &uniform,
                offset: 0,
                size: slot,
            }),
        }];
        let count = Binding::Write(&counted);
        for (binding, buffer) in (1..).zip(buffers.iter().chain([&count])) {
            let (buffer, read_only) = match buffer {
                Binding::Read(buffer) => (buffer, true),
                Binding::Write(buffer) => (buffer, false),
            };
            layout.push(layout_entry(
                binding,
                wgpu::BufferBindingType::Storage { read_only },
            ));
            entries.push(wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            });
        }
        let layout = gpu.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(label),
            entries: &layout,
        });
        let group = gpu.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout: &layout,
            entries: &entries,
        });
        let pipeline_layout = gpu.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            ..Default::default()
        });
        let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Every kernel writes its workgroup memory before it reads it.
                zero_initialize_workgroup_memory: checked,
                ..Default::default()
            },
            cache: None,
        });
        device.check()?;
        Ok(Self {
            pipeline,
            group,
            bands,
            label: label.to_owned(),
            counted,
            recorded: AtomicU32::new(0),
        })
    }

    /// The number of bands.
    pub(crate) fn bands(&self) -> u32 {
        self.bands.count()
    }

    /// Encodes `bands` bands from `first` on; those that do not exist are left out.
    pub(crate) fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32) {
        pass.set_pipeline(&self.pipeline);
        for (offset, workgroups) in self.bands.dispatches(first, bands) {
            pass.set_bind_group(0, &self.group, &[offset]);
            pass.dispatch_workgroups(workgroups, 1, 1);
            // Wraps, as the device's counter does.
            self.recorded.fetch_add(workgroups, Ordering::Relaxed);
        }
    }

    /// Checks that the device ran every workgroup that was ever recorded; all of them
    /// must have been submitted and waited for.
    ///
    /// # Errors
    /// [`GpuError::Wrong`] with both numbers, and as [`Device::wait`].
    pub(crate) fn confirm(&self, device: &Device, limit: Duration) -> Result<(), GpuError> {
        let mut counted = 0;
        download(device, &self.counted, 1, 4, limit, |_, bytes| {
            counted = bytemuck::pod_read_unaligned(bytes);
        })?;
        let recorded = self.recorded.load(Ordering::Relaxed);
        if counted == recorded {
            return Ok(());
        }
        Err(device.wrong(format!(
            "of {recorded} workgroups of {} it ran {counted} (both modulo 2^32)",
            self.label
        )))
    }
}

fn layout_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: matches!(ty, wgpu::BufferBindingType::Uniform),
            min_binding_size: None,
        },
        count: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::adapters;

    const LIMIT: Duration = Duration::from_secs(60);

    /// A kernel in which one workgroup ends without any work.
    const KERNEL: &str = "
struct Part { first: u32, dropped: u32 }
@group(0) @binding(0) var<uniform> part: Part;
@group(0) @binding(1) var<storage, read_write> counted: atomic<u32>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3<u32>) {
  if (part.first + group.x == part.dropped) { return; }
  atomicAdd(&counted, 1u);
}";

    fn launch(device: &Device, dropped: u32) -> Launch {
        let words = [dropped, 0, 0, 0, 0, 0, 0];
        Launch::new(device, "a test", KERNEL, false, 3000, words, &[]).unwrap()
    }

    fn submit(device: &Device, launch: &Launch, first: u32, bands: u32) {
        let mut encoder = device.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        launch.record(&mut pass, first, bands);
        drop(pass);
        let submission = device.queue.submit([encoder.finish()]);
        device.wait(submission, LIMIT).unwrap();
    }

    #[test]
    fn a_workgroup_that_is_left_out_is_missed() {
        for adapter in adapters() {
            let device = Device::open(&adapter).unwrap();
            for (dropped, times) in [(u32::MAX, 0), (0, 5), (2999, 5), (1234, 5)] {
                let launch = launch(&device, dropped);
                for _ in 0..5 {
                    submit(&device, &launch, 0, 500);
                    submit(&device, &launch, 500, u32::MAX);
                }
                let confirmed = launch.confirm(&device, LIMIT);
                let Err(error) = confirmed else {
                    assert_eq!(times, 0, "{dropped} is left out");
                    continue;
                };
                assert!(matches!(error, GpuError::Wrong { .. }), "{error}");
                let numbers = format!("of 15000 workgroups of a test it ran {}", 15_000 - times);
                assert!(error.to_string().contains(&numbers), "{error}");
            }
        }
    }

    #[test]
    fn a_dispatch_that_is_left_out_is_missed() {
        for adapter in adapters() {
            let device = Device::open(&adapter).unwrap();
            let launch = launch(&device, u32::MAX);
            submit(&device, &launch, 0, u32::MAX);
            launch.confirm(&device, LIMIT).unwrap();
            // Recorded and never submitted.
            let mut encoder = device.device.create_command_encoder(&Default::default());
            launch.record(&mut encoder.begin_compute_pass(&Default::default()), 7, 1);
            drop(encoder);
            let error = launch.confirm(&device, LIMIT).unwrap_err();
            assert!(error.to_string().contains("of 3003 workgroups"), "{error}");
            assert!(error.to_string().contains("ran 3000"), "{error}");
        }
    }
}
