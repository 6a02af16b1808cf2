//! Every CPU search backend beside a simple loop around the `sha2` crate. Criterion's
//! "elements" are hashes: `Melem/s` means MH/s. One thread; `perwatt run` uses all of them.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use perwatt_sha256d::{Backend, Header, JobGroup, Target};
use sha2::{Digest, Sha256};

/// The genesis block.
const HEADER: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

/// Hashes in one iteration: some milliseconds for the slowest loop.
const HASHES: u32 = 1 << 15;

fn naive(header: &mut [u8; 80], first: u32, target: &Target) -> u32 {
    let mut hits = 0;
    for nonce in first..first + HASHES {
        header[76..].copy_from_slice(&nonce.to_le_bytes());
        let hash: [u8; 32] = Sha256::digest(Sha256::digest(&header)).into();
        hits += u32::from(target.is_met_by(&perwatt_sha256d::Hash256(hash)));
    }
    hits
}

fn searches(c: &mut Criterion) {
    let header = Header::from_hex(HEADER).expect("the genesis header is well formed");
    let target = header.target().expect("the genesis target is valid");
    let mut group = c.benchmark_group("sha256d");
    group
        .throughput(Throughput::Elements(u64::from(HASHES)))
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20);
    group.bench_function("sha2 crate, naive loop", |b| {
        let mut bytes = header.to_bytes();
        b.iter(|| black_box(naive(black_box(&mut bytes), 0, &target)));
    });
    for backend in Backend::available() {
        // As many versions as the kernel searches together; one for most kernels.
        let width = backend.roll_width();
        let Some(jobs) = JobGroup::spread(&header, target, width) else {
            continue;
        };
        group.bench_function(BenchmarkId::from_parameter(backend.name()), |b| {
            b.iter(|| {
                let mut hits = 0;
                let last = HASHES / width as u32 - 1;
                let done = backend.scan_rolled(black_box(&jobs), 0, last, &mut |_, _| {
                    hits += 1;
                    ControlFlow::Continue(())
                });
                assert_eq!(done, u64::from(HASHES));
                black_box(hits)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, searches);
criterion_main!(benches);
