//! The kernel on one range of nonces.

use std::time::Duration;

use perwatt_sha256d::JobGroup;

use super::wgsl::{HITS, Kernel, Variant, WORKGROUP};
use crate::GpuError;
use crate::device::Device;
use crate::pump::{DEPTH, Dispatch};

/// A compiled kernel with the buffers of every slot.
pub struct Searcher<'a> {
    device: &'a Device,
    kernel: Kernel,
    variant: Variant,
    pipeline: wgpu::ComputePipeline,
    slots: Vec<Slot>,
    max_groups: u32,
}

/// The buffers and bindings of one dispatch.
struct Slot {
    uniform: wgpu::Buffer,
    hits: wgpu::Buffer,
    mapped: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

/// The candidates of a dispatch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The number of candidates, including those that are not listed.
    pub count: u32,
    /// Candidates: the job's index in its group, and the nonce. Not in order.
    pub candidates: Vec<(usize, u32)>,
}

/// The range of a dispatch: nonces from `first` on, for every job of a group.
#[derive(Clone, Copy, Debug)]
pub struct Range<'g> {
    /// The jobs.
    pub group: &'g JobGroup,
    /// The first nonce.
    pub first: u32,
    /// The number of nonces: a multiple of [`Searcher::GRANULE`].
    pub nonces: u32,
    /// The bits of digest word 7 that are zero in a candidate.
    pub mask: u32,
}

const HITS_BYTES: u64 = 4 * (HITS as u64 + 1);

impl<'a> Searcher<'a> {
    /// The number of nonces in a dispatch is a multiple of this.
    pub const GRANULE: u32 = WORKGROUP;

    /// Compiles a variant.
    ///
    /// # Errors
    /// As [`Device::check`], when the driver rejects it.
    pub fn new(device: &'a Device, variant: Variant) -> Result<Self, GpuError> {
        let kernel = Kernel::new(variant);
        let wgsl = kernel.wgsl();
        Self::with_shader(device, kernel, &wgsl)
    }

    /// Compiles another shader text instead of the kernel's own, with the same bindings.
    /// Work that such a text skips has to show in the count of shares: tests plant faults
    /// this way.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_shader(device: &'a Device, kernel: Kernel, wgsl: &str) -> Result<Self, GpuError> {
        let gpu = &device.device;
        let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("sha256d"),
            source: wgpu::ShaderSource::Wgsl(wgsl.into()),
        });
        let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("sha256d"),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        device.check()?;
        let slots = (0..DEPTH)
            .map(|_| Slot::new(device, &pipeline, kernel.uniform_bytes()))
            .collect();
        let max_groups = gpu.limits().max_compute_workgroups_per_dimension;
        device.check()?;
        Ok(Self {
            device,
            variant: kernel.variant(),
            kernel,
            pipeline,
            slots,
            max_groups,
        })
    }

    /// The device it runs on.
    pub fn device(&self) -> &'a Device {
        self.device
    }

    /// The variant it runs.
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// Encodes a pass over `range`.
    ///
    /// # Errors
    /// [`GpuError::Unsupported`] for a group of another size than the variant's or a number
    /// of nonces that is not a multiple of [`GRANULE`](Self::GRANULE).
    pub fn encode(&self, mut dispatch: Dispatch<'_>, range: Range<'_>) -> Result<(), GpuError> {
        let jobs = range.group.jobs();
        let unsupported = |lacks: String| self.device.unsupported(lacks);
        if jobs.len() != self.variant.midstates {
            return Err(unsupported(format!(
                "the kernel takes {} versions of a header and was given {}",
                self.variant.midstates,
                jobs.len()
            )));
        }
        let (x, y) = self.grid(range.nonces).ok_or_else(|| {
            unsupported(format!(
                "{} nonces are not a positive multiple of the workgroup size {WORKGROUP}",
                range.nonces
            ))
        })?;
        let midstates: Vec<[u32; 8]> = jobs.iter().map(|job| job.midstate()).collect();
        let bytes = jobs[0].header().to_bytes();
        let tail = [64, 68, 72]
            .map(|at| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        let uniform = self
            .kernel
            .uniform(&midstates, tail, range.first, range.mask);
        let slot = &self.slots[dispatch.slot];
        let queue = &self.device.queue;
        queue.write_buffer(&slot.uniform, 0, bytemuck::cast_slice(&uniform));
        dispatch.encoder.clear_buffer(&slot.hits, 0, None);
        {
            let mut pass = dispatch.pass("sha256d");
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &slot.bindings, &[]);
            pass.dispatch_workgroups(x, y, 1);
        }
        let encoder = dispatch.encoder;
        encoder.copy_buffer_to_buffer(&slot.hits, 0, &slot.mapped, 0, HITS_BYTES);
        Ok(())
    }

    /// Maps the results; call this once the pass of `slot` is submitted.
    pub fn submitted(&self, slot: usize) {
        let slice = self.slots[slot].mapped.slice(..);
        slice.map_async(wgpu::MapMode::Read, |_| ());
    }

    /// The candidates of the pass of `slot`, which must have ended, from nonce `first` on.
    ///
    /// # Errors
    /// [`GpuError::Rejected`] when the results cannot be read.
    pub fn found(&self, slot: usize, first: u32) -> Result<Found, GpuError> {
        let mapped = &self.slots[slot].mapped;
        let found = {
            let view = mapped.slice(..).get_mapped_range();
            let view = view.map_err(|error| self.device.rejected(error))?;
            let words: &[u32] = bytemuck::cast_slice(&view);
            let count = words[0];
            let n = self.variant.midstates as u32;
            let candidates = words[1..=count.min(HITS) as usize]
                .iter()
                .map(|which| ((which % n) as usize, first.wrapping_add(which / n)))
                .collect();
            Found { count, candidates }
        };
        mapped.unmap();
        Ok(found)
    }

    /// Searches one range and waits for the result.
    ///
    /// # Errors
    /// As [`encode`](Self::encode) and [`Device::wait`].
    pub fn dispatch(&self, range: Range<'_>, limit: Duration) -> Result<Found, GpuError> {
        let gpu = &self.device.device;
        let mut encoder = gpu.create_command_encoder(&Default::default());
        let dispatch = Dispatch {
            slot: 0,
            encoder: &mut encoder,
            timestamps: None,
        };
        self.encode(dispatch, range)?;
        let submission = self.device.queue.submit([encoder.finish()]);
        self.submitted(0);
        self.device.wait(submission, limit)?;
        self.found(0, range.first)
    }

    /// The largest number of nonces in one dispatch.
    pub fn max_nonces(&self) -> u64 {
        let groups = u64::from(self.max_groups).pow(2);
        groups.min(u64::from(u32::MAX / WORKGROUP)) * u64::from(WORKGROUP)
    }

    /// The grid of workgroups: columns and rows.
    fn grid(&self, nonces: u32) -> Option<(u32, u32)> {
        let groups = nonces / WORKGROUP;
        if groups == 0 || !nonces.is_multiple_of(WORKGROUP) {
            return None;
        }
        let rows = groups.div_ceil(self.max_groups);
        let rows = (rows..=self.max_groups).find(|rows| groups.is_multiple_of(*rows))?;
        Some((groups / rows, rows))
    }

    /// The largest number of nonces up to `wanted`, but at least one workgroup of them,
    /// that fills a whole grid.
    pub fn whole_grid(&self, wanted: u64) -> u32 {
        let groups = (wanted.min(self.max_nonces()) / u64::from(WORKGROUP)).max(1) as u32;
        // Above one row, only full rows.
        let row = groups.min(self.max_groups);
        groups / row * row * WORKGROUP
    }
}

impl Slot {
    fn new(device: &Device, pipeline: &wgpu::ComputePipeline, uniform_bytes: u64) -> Self {
        use wgpu::BufferUsages as Usage;
        let uniform = device.buffer("job", uniform_bytes, Usage::UNIFORM | Usage::COPY_DST);
        let usage = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let hits = device.buffer("hits", HITS_BYTES, usage);
        let mapped = device.buffer("mapped", HITS_BYTES, Usage::MAP_READ | Usage::COPY_DST);
        let [first, second] = [&uniform, &hits].map(|buffer| buffer.as_entire_binding());
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bindings = device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("sha256d"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[entry(0, first), entry(1, second)],
        });
        Self {
            uniform,
            hits,
            mapped,
            bindings,
        }
    }
}
