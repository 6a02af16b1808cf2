//! Running the kernel.

use std::time::Duration;

use perwatt_sha256d::JobGroup;

use super::wgsl::{HITS, Kernel, Variant, WORKGROUP};
use crate::GpuError;
use crate::device::Device;

/// A compiled kernel with its buffers.
pub struct Searcher<'a> {
    device: &'a Device,
    kernel: Kernel,
    variant: Variant,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    uniform: wgpu::Buffer,
    hits: wgpu::Buffer,
    mapped: wgpu::Buffer,
    max_groups: u32,
}

/// What a dispatch found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// How many candidates there were, also beyond those listed.
    pub count: u32,
    /// Candidates: the job's place in its group and the nonce. Not in order.
    pub candidates: Vec<(usize, u32)>,
}

const HITS_BYTES: u64 = 4 * (HITS as u64 + 1);

impl<'a> Searcher<'a> {
    /// Compiles a variant.
    ///
    /// # Errors
    /// As [`Device::check`], when the driver rejects it.
    pub fn new(device: &'a Device, variant: Variant) -> Result<Self, GpuError> {
        let kernel = Kernel::new(variant);
        let gpu = &device.device;
        let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("sha256d"),
            source: wgpu::ShaderSource::Wgsl(kernel.wgsl().into()),
        });
        let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("sha256d"),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let buffer = |label, size, usage| {
            gpu.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        use wgpu::BufferUsages as Usage;
        let uniform = buffer(
            "job",
            kernel.uniform_bytes(),
            Usage::UNIFORM | Usage::COPY_DST,
        );
        let hits = buffer(
            "hits",
            HITS_BYTES,
            Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
        );
        let mapped = buffer("mapped", HITS_BYTES, Usage::MAP_READ | Usage::COPY_DST);
        let bindings = gpu.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("sha256d"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: uniform.as_entire_binding(),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: hits.as_entire_binding(),
                },
            ],
        });
        let max_groups = gpu.limits().max_compute_workgroups_per_dimension;
        device.check()?;
        Ok(Self {
            device,
            kernel,
            variant,
            pipeline,
            bindings,
            uniform,
            hits,
            mapped,
            max_groups,
        })
    }

    /// Nonces that a dispatch is a multiple of.
    pub const GRANULE: u32 = WORKGROUP;

    /// Decides `nonces` nonces from `first` on for every job of `group`, and
    /// returns those whose last digest word has none of the bits that `mask`
    /// says must be zero.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for a group of another size than the variant's
    /// or a number of nonces that is no multiple of [`GRANULE`](Self::GRANULE), and
    /// as [`Device::wait`].
    pub fn dispatch(
        &self,
        group: &JobGroup,
        first: u32,
        nonces: u32,
        mask: u32,
        limit: Duration,
    ) -> Result<Found, GpuError> {
        let jobs = group.jobs();
        let unsupported = |lacks: String| GpuError::Unsupported {
            adapter: self.device.name.clone(),
            lacks,
        };
        if jobs.len() != self.variant.midstates {
            return Err(unsupported(format!(
                "the kernel takes {} versions of a header and was given {}",
                self.variant.midstates,
                jobs.len()
            )));
        }
        let (x, y) = self.grid(nonces).ok_or_else(|| {
            unsupported(format!(
                "{nonces} nonces are no whole grid of workgroups of {WORKGROUP}"
            ))
        })?;
        let midstates: Vec<[u32; 8]> = jobs.iter().map(|job| job.midstate()).collect();
        let bytes = jobs[0].header().to_bytes();
        let tail = [64, 68, 72]
            .map(|at| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        let uniform = self.kernel.uniform(&midstates, tail, first, mask);
        let queue = &self.device.queue;
        queue.write_buffer(&self.uniform, 0, bytemuck::cast_slice(&uniform));
        let mut encoder = self
            .device
            .device
            .create_command_encoder(&Default::default());
        encoder.clear_buffer(&self.hits, 0, None);
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.bindings, &[]);
            pass.dispatch_workgroups(x, y, 1);
        }
        encoder.copy_buffer_to_buffer(&self.hits, 0, &self.mapped, 0, HITS_BYTES);
        let submission = queue.submit([encoder.finish()]);
        let slice = self.mapped.slice(..);
        slice.map_async(wgpu::MapMode::Read, |_| ());
        self.device.wait(submission, limit)?;
        let found = {
            let view = slice
                .get_mapped_range()
                .map_err(|error| GpuError::Rejected {
                    adapter: self.device.name.clone(),
                    reason: error.to_string(),
                })?;
            let words: &[u32] = bytemuck::cast_slice(&view);
            let count = words[0];
            let n = self.variant.midstates as u32;
            let candidates = words[1..=count.min(HITS) as usize]
                .iter()
                .map(|which| ((which % n) as usize, first.wrapping_add(which / n)))
                .collect();
            Found { count, candidates }
        };
        self.mapped.unmap();
        Ok(found)
    }

    /// Workgroups by columns and rows.
    fn grid(&self, nonces: u32) -> Option<(u32, u32)> {
        let groups = nonces / WORKGROUP;
        if groups == 0 || !nonces.is_multiple_of(WORKGROUP) {
            return None;
        }
        let rows = groups.div_ceil(self.max_groups);
        let rows = (rows..=self.max_groups).find(|rows| groups.is_multiple_of(*rows))?;
        Some((groups / rows, rows))
    }
}
