//! The kernels on every GPU, including software adapters. Criterion's "elements" are hashes
//! and FLOP: `Melem/s` means MH/s and MFLOP/s. One iteration is some tens of milliseconds
//! of work, dispatched as sessions dispatch it. `perwatt run` chooses among the forms of
//! each kernel; this takes the first.

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use perwatt_gpu::adapter::{Kind, adapters};
use perwatt_gpu::device::Device;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::gemv::{Gemv, splits};
use perwatt_gpu::matmul::{Element, Inputs, Product, variants};
use perwatt_gpu::pump::{Work, pump};
use perwatt_gpu::sha256d::driver::Driver;
use perwatt_gpu::sha256d::search::Searcher;
use perwatt_gpu::sha256d::wgsl::Variant;
use perwatt_gpu::stream::{Kernel, Stream};
use perwatt_gpu::{Banded, Cycle, GpuError};
use perwatt_matmul::Shape;
use perwatt_sha256d::{Header, RollKinds, Rolls, Target};

/// Time for finding the size of an iteration.
const CALIBRATION: Duration = Duration::from_millis(500);

fn gpus(c: &mut Criterion) {
    let found = adapters();
    if found.is_empty() {
        println!("gpu: not measured: no driver of Vulkan, Metal or DirectX 12 shows an adapter");
    }
    for adapter in found {
        let device = match Device::open(&adapter) {
            Ok(device) => device,
            Err(error) => {
                println!("gpu: not measured: {error}");
                continue;
            }
        };
        let software = match adapter.kind {
            Kind::Software => " (software: the CPU does this)",
            _ => "",
        };
        let group = format!("gpu {} {}{software}", adapter.index, adapter.name);
        let mut bench = Bench {
            c,
            group: &group,
            kind: adapter.kind,
            device: &device,
        };
        if let Err(error) = bench.all() {
            println!("{group}: not measured further: {error}");
        }
    }
}

/// The benchmarks of one device.
struct Bench<'a> {
    c: &'a mut Criterion,
    group: &'a str,
    kind: Kind,
    device: &'a Device,
}

impl Bench<'_> {
    fn all(&mut self) -> Result<(), GpuError> {
        self.searches()?;
        self.products()?;
        self.passes()
    }

    /// Measures `work`, in which a piece counts as the given elements or bytes.
    fn measure(
        &mut self,
        name: &str,
        work: &mut dyn Work,
        count: impl Fn(u64) -> Throughput,
    ) -> Result<(), GpuError> {
        let (kind, device) = (self.kind, self.device);
        // Finds the size of a dispatch while clocks rise and drivers compile.
        let mut sizer = DispatchSizer::new(kind, 1, 1, u64::MAX);
        let began = std::time::Instant::now();
        pump(device, work, &mut sizer, &mut |_| {
            Ok::<_, GpuError>(began.elapsed() < CALIBRATION)
        })?;
        let pieces = sizer.amount();
        let mut group = self.c.benchmark_group(self.group);
        group
            .throughput(count(pieces))
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3))
            .sample_size(10);
        group.bench_function(name, |b| {
            b.iter_custom(|iterations| {
                let mut left = iterations;
                let mut fixed = DispatchSizer::new(kind, pieces, pieces, pieces);
                let pumped = pump(device, work, &mut fixed, &mut |_| {
                    left = left.saturating_sub(1);
                    Ok::<_, GpuError>(left > 0)
                });
                let pumped = pumped.unwrap_or_else(|error| panic!("{error}"));
                // The dispatches in flight when the last one ended were done too, and a search
                // takes whole rows of its grid.
                let done = pumped.pieces as f64 / pieces as f64;
                pumped.wall.mul_f64(iterations as f64 / done)
            });
        });
        group.finish();
        Ok(())
    }

    fn searches(&mut self) -> Result<(), GpuError> {
        let header = Header::from_bytes(&[7; 80]).expect("80 bytes are a header");
        let root = |extranonce: u64| [extranonce as u8; 32];
        let target = Target::from_leading_zero_bits(64);
        let rolls = Rolls::new(header, target, Arc::new(root), RollKinds::ALL);
        let variants = Variant::all().into_iter();
        for variant in variants.filter(|form| form.midstates <= 2) {
            let searcher = Searcher::new(self.device, variant)?;
            let mut driver = Driver::new(&searcher, rolls.clone(), 0, 0)?;
            let hashes = |pieces| Throughput::Elements(pieces * variant.midstates as u64);
            let name = format!("sha256d {}", variant.name());
            self.measure(&name, &mut driver, hashes)?;
        }
        Ok(())
    }

    fn products(&mut self) -> Result<(), GpuError> {
        let (edge, wide) = match self.kind {
            Kind::Software => (256, 4096),
            _ => (4096, 14336),
        };
        let shape = |m, n, k| Shape::new(m, n, k).expect("no dimension is 0");
        let square = shape(edge, edge, edge);
        let (group, device) = (self.group, self.device);
        for element in Element::ALL {
            let Some(tile) = variants(device, element).into_iter().next() else {
                let lacks = element.available(device).err().unwrap_or_default();
                println!("{group}/matmul {element}: not measured: {lacks}");
                continue;
            };
            let inputs = Inputs::generate(element, square, 1).expect("the shape fits in memory");
            let product = Product::new(device, element, tile, &inputs, false)?;
            let flop = square.flop() / u64::from(product.bands());
            let name = format!("matmul {element} {square} {tile}");
            let count = |pieces| Throughput::Elements(pieces * flop);
            self.measure(&name, &mut Cycle::new(&product), count)?;
        }
        for element in [Element::F16F32, Element::I8] {
            let shape = shape(1, wide, edge);
            let Some(split) = splits(device, element).into_iter().next() else {
                continue;
            };
            let inputs = Inputs::generate(element, shape, 1).expect("the shape fits in memory");
            let gemv = Gemv::new(device, element, split, &inputs, false)?;
            let bytes = gemv.bytes() / u64::from(gemv.bands());
            let name = format!("gemv {element} {shape} {split}");
            let count = |pieces| Throughput::Bytes(pieces * bytes);
            self.measure(&name, &mut Cycle::new(&gemv), count)?;
        }
        Ok(())
    }

    fn passes(&mut self) -> Result<(), GpuError> {
        let bytes_per_array = match self.kind {
            Kind::Software => 1 << 25,
            _ => 1 << 30,
        };
        for kernel in Kernel::ALL {
            let stream = Stream::new(self.device, kernel, bytes_per_array, false)?;
            let bytes = stream.bytes() / u64::from(stream.bands());
            let count = |pieces| Throughput::Bytes(pieces * bytes);
            let name = format!("stream {kernel}");
            self.measure(&name, &mut Cycle::new(&stream), count)?;
        }
        Ok(())
    }
}

criterion_group!(benches, gpus);
criterion_main!(benches);
