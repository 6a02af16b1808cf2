//! The variants of the search by turns on every adapter, beside a CPU kernel on all cores:
//! `cargo run --release -p perwatt-gpu --example sha256d [seconds] [rounds]`. Rates are
//! medians over the rounds.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use perwatt_gpu::GpuError;
use perwatt_gpu::adapter::adapters;
use perwatt_gpu::device::Device;
use perwatt_gpu::dispatch_sizer::DispatchSizer;
use perwatt_gpu::pump::rate;
use perwatt_gpu::sha256d::driver::Driver;
use perwatt_gpu::sha256d::search::Searcher;
use perwatt_gpu::sha256d::wgsl::Variant;
use perwatt_sha256d::{Backend, Header, Progress, RollKinds, Rolls, SearchConfig, Target, search};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(0.5), |text| text.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let time = Duration::from_secs_f64(seconds);
    for adapter in adapters() {
        let device = Device::open(&adapter)?;
        println!("{} ({})", adapter.name, adapter.driver_info);
        let mut searchers = Vec::new();
        for variant in Variant::all() {
            let began = Instant::now();
            let searcher = Searcher::new(&device, variant)?;
            // The first run compiles.
            gpu(&searcher, adapter.kind, Duration::ZERO)?;
            println!("  {} compiles in {:.2?}", variant.name(), began.elapsed());
            searchers.push((searcher, Vec::new()));
        }
        let mut avx2 = Vec::new();
        for _ in 0..rounds {
            for (searcher, rates) in &mut searchers {
                rates.push(gpu(searcher, adapter.kind, time)?);
            }
            avx2.push(cpu("avx2", time)?);
        }
        let avx2 = median(avx2);
        println!("  {:20} {:8.2} MH/s", "avx2 on the CPU", avx2 / 1e6);
        for (searcher, rates) in searchers {
            let rate = median(rates);
            println!(
                "  {:20} {:8.2} MH/s {:6.2} of avx2",
                searcher.variant().name(),
                rate / 1e6,
                rate / avx2
            );
        }
    }
    Ok(())
}

fn rolls() -> Rolls {
    let header = Header::from_bytes(&[7; 80]).expect("80 bytes are a header");
    let root = |extranonce: u64| [extranonce as u8; 32];
    let target = Target::from_leading_zero_bits(40);
    Rolls::new(header, target, Arc::new(root), RollKinds::ALL)
}

fn gpu(
    searcher: &Searcher,
    kind: perwatt_gpu::adapter::Kind,
    time: Duration,
) -> Result<f64, GpuError> {
    let mut driver = Driver::new(searcher, rolls(), 0, 0)?;
    let versions = driver.versions();
    let mut sizer = DispatchSizer::new(kind, 1 << 16, 256, searcher.max_nonces());
    Ok(versions as f64 * rate(searcher.device(), &mut driver, &mut sizer, time)?)
}

fn cpu(backend: &str, time: Duration) -> Result<f64, Box<dyn std::error::Error>> {
    let threads = std::thread::available_parallelism()?;
    let progress = Progress::new(threads.get());
    let config = SearchConfig {
        backend: Backend::from_name(backend)?,
        threads,
        first_nonce: 0,
        last_nonce: u32::MAX,
        on_thread_start: &|_| {},
    };
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| search(&rolls(), &config, &progress, &|_| ControlFlow::Continue(())));
        std::thread::sleep(time);
        progress.cancel();
    });
    Ok(progress.hashes() as f64 / began.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
