//! CPU matrix products on all threads, by every library found. Criterion's "elements" are
//! FLOP: `Gelem/s` means GFLOP/s.

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use perwatt_matmul::{Backend, Problem, shapes};

/// One shape of each class: cached, large, prefill and decode.
const SHAPES: &[&str] = &[
    "square-512",
    "square-1024",
    "square-2048",
    "prefill512-attn-4096x4096",
    "prefill512-ffn-up-4096x14336",
    "decode1-attn-4096x4096",
    "decode8-ffn-down-14336x4096",
];

fn products(c: &mut Criterion) {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    for name in SHAPES {
        let shape = shapes::find(name).expect("a named shape").shape;
        let problem = Problem::generate(shape, 1).expect("the named shapes fit in memory");
        let mut result = vec![0.0; shape.m * shape.n];
        let mut group = c.benchmark_group(format!("matmul f32 {name}"));
        group
            .throughput(Throughput::Elements(shape.flop()))
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3))
            // Products take up to a second: the default mode would do ever more of them for
            // each sample.
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10);
        for backend in ["embedded", "cblas"] {
            match Backend::open(backend, threads, None) {
                Ok(mut library) => {
                    if let Some(warning) = library.describe().warning {
                        println!("matmul f32 {name}/{backend}: {warning}");
                    }
                    group.bench_function(BenchmarkId::from_parameter(backend), |b| {
                        b.iter(|| library.multiply(black_box(&problem), black_box(&mut result)));
                    });
                }
                Err(error) => println!("matmul f32 {name}/{backend}: not measured: {error}"),
            }
        }
        group.finish();
    }
}

criterion_group!(benches, products);
criterion_main!(benches);
