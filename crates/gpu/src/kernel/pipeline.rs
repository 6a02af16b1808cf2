//! Compiling a kernel and running it in bands.

use super::bands::Bands;
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
}

impl Launch {
    /// Compiles `source`, whose binding 0 is the uniform of a band's slot, which
    /// begins with the first workgroup and goes on with `words`, and whose bindings
    /// from 1 on are `buffers`. The grid has `workgroups` workgroups.
    ///
    /// Where `checked` is false, the shader has no run-time checks: `source` must
    /// be in range by construction.
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
        for (binding, buffer) in (1..).zip(buffers) {
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
        })
    }

    /// How many bands there are.
    pub(crate) fn bands(&self) -> u32 {
        self.bands.count()
    }

    /// Encodes `bands` bands from `first` on; those that do not exist are left out.
    pub(crate) fn record(&self, pass: &mut wgpu::ComputePass<'_>, first: u32, bands: u32) {
        pass.set_pipeline(&self.pipeline);
        for (offset, workgroups) in self.bands.dispatches(first, bands) {
            pass.set_bind_group(0, &self.group, &[offset]);
            pass.dispatch_workgroups(workgroups, 1, 1);
        }
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
