//! Kernels from other projects: one element per invocation, and the 32×32 block with four
//! by four per invocation of TensorFlow.js and ONNX Runtime's WebGPU back ends.

use std::time::{Duration, Instant};

use perwatt_matmul::Problem;

use crate::Error;

const NAIVE: &str = "
struct Shape { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= shape.n || id.y >= shape.m) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < shape.k; k++) {
    sum += a[id.y * shape.k + k] * b[k * shape.n + id.x];
  }
  c[id.y * shape.n + id.x] = sum;
}
";

/// Vectorised, without the bounds checks that are unnecessary for shapes of whole blocks.
const BLOCK: &str = "
struct Shape { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;
var<workgroup> a_sub: array<array<vec4<f32>, 8>, 32>;
var<workgroup> b_sub: array<array<vec4<f32>, 8>, 32>;

@compute @workgroup_size(8, 8)
fn main(
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let tile_row = local.y * 4u;
  let tile_column = local.x;
  let row = group.y * 32u + tile_row;
  let column = group.x * 8u + tile_column;
  let tiles = shape.k / 32u;
  var acc: array<vec4<f32>, 4>;
  for (var tile = 0u; tile < tiles; tile++) {
    for (var inner = 0u; inner < 4u; inner++) {
      a_sub[tile_row + inner][tile_column] =
        a[(row + inner) * (shape.k / 4u) + tile * 8u + tile_column];
      b_sub[tile_row + inner][tile_column] =
        b[(tile * 32u + tile_row + inner) * (shape.n / 4u) + column];
    }
    workgroupBarrier();
    for (var k = 0u; k < 8u; k++) {
      let b0 = b_sub[k * 4u][tile_column];
      let b1 = b_sub[k * 4u + 1u][tile_column];
      let b2 = b_sub[k * 4u + 2u][tile_column];
      let b3 = b_sub[k * 4u + 3u][tile_column];
      for (var i = 0u; i < 4u; i++) {
        let cached = a_sub[tile_row + i][k];
        acc[i] = b0 * cached.x + acc[i];
        acc[i] = b1 * cached.y + acc[i];
        acc[i] = b2 * cached.z + acc[i];
        acc[i] = b3 * cached.w + acc[i];
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    c[(row + i) * (shape.n / 4u) + column] = acc[i];
  }
}
";

/// A compiled textbook kernel.
pub struct Kernel {
    /// The kernel's name in the output.
    pub name: &'static str,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    grid: (u32, u32),
}

/// Compiles them for the adapter of that name; none for shapes that are not whole blocks.
pub fn kernels(adapter: &str, problem: &Problem) -> Result<Option<Vec<Kernel>>, Error> {
    let shape = problem.shape;
    if [shape.m, shape.n, shape.k]
        .iter()
        .any(|edge| edge % 32 != 0)
    {
        return Ok(None);
    }
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()))
        .into_iter()
        .find(|found| found.get_info().name == adapter)
        .ok_or("the adapter is gone")?;
    let (m, n) = (shape.m as u32, shape.n as u32);
    let naive = (n.div_ceil(16), m.div_ceil(16));
    [("naive", NAIVE, naive), ("32x32", BLOCK, (n / 32, m / 32))]
        .into_iter()
        .map(|(name, source, grid)| compile(&adapter, problem, name, source, grid))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn compile(
    adapter: &wgpu::Adapter,
    problem: &Problem,
    name: &'static str,
    source: &str,
    grid: (u32, u32),
) -> Result<Kernel, Error> {
    let descriptor = wgpu::DeviceDescriptor {
        required_limits: adapter.limits(),
        ..Default::default()
    };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))?;
    let shape = problem.shape;
    let buffer = |bytes: &[u8], size: usize, usage| {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: size as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        queue.write_buffer(&buffer, 0, bytes);
        buffer
    };
    let dimensions = [shape.m as u32, shape.n as u32, shape.k as u32, 0];
    let storage = wgpu::BufferUsages::STORAGE;
    let buffers = [
        buffer(
            bytemuck::cast_slice(&dimensions),
            16,
            wgpu::BufferUsages::UNIFORM,
        ),
        buffer(bytemuck::cast_slice(&problem.a), 4 * shape.a_len(), storage),
        buffer(bytemuck::cast_slice(&problem.b), 4 * shape.b_len(), storage),
        buffer(&[], 4 * shape.c_len(), storage),
    ];
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    });
    let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
        .zip(&buffers)
        .map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        })
        .collect();
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    Ok(Kernel {
        name,
        device,
        queue,
        pipeline,
        group,
        grid,
    })
}

impl Kernel {
    /// One product, in seconds.
    pub fn turn(&self, limit: Duration) -> Result<f64, Error> {
        let began = Instant::now();
        let mut encoder = self.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.group, &[]);
            pass.dispatch_workgroups(self.grid.0, self.grid.1, 1);
        }
        let submission = self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: Some(limit),
        })?;
        Ok(began.elapsed().as_secs_f64())
    }
}
