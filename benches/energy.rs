//! Joules per hash and per FLOP of the CPU with all threads, by an energy counter of this
//! machine. Without a counter it prints that and measures nothing.
//!
//! Criterion's values here are joules per unit of work (`J/TH`, `J/TFLOP`) instead of
//! seconds. The meter is the first energy counter that `perwatt doctor` lists, or the one
//! that `PERWATT_METER` names as `perwatt run --meter` would. Its figure is gross, at the
//! boundary that is printed first. For a figure to keep, use `perwatt run`, which records
//! idle power, uncertainty and the machine's state.

use std::cell::RefCell;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, SamplingMode, Throughput};
use perwatt_matmul::{Backend as Library, Problem, shapes};
use perwatt_power::{Found, Grade, Provenance, Quantity, Selection, Source, detect};
use perwatt_sha256d::{Backend, Header, JobGroup};

/// The genesis block.
const HEADER: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

/// Hashes of one thread in one iteration: tens of milliseconds, so that the cost of
/// starting threads is negligible.
const HASHES: u32 = 1 << 20;

/// Samples of each benchmark.
const SAMPLES: usize = 10;
/// The number of updates of the counter in a sample: cutting it then costs 0.4 %.
const UPDATES: f64 = 100.0;
/// Longest sample in seconds; with a slower counter a message is printed.
const MAX_SAMPLE_S: f64 = 10.0;

type Meter = Rc<RefCell<Box<dyn Source>>>;

/// A Criterion measurement: joules per unit of work, by a counter.
struct Joules {
    meter: Meter,
    /// Work of one iteration, in tera-units.
    work: f64,
    unit: Unit,
}

/// The format of values.
#[derive(Clone, Copy)]
struct Unit(&'static str, &'static str);

impl Joules {
    /// The reading of the counter; a meter that fails ends the benchmark, because a value
    /// cannot be substituted.
    fn read_j(&self) -> f64 {
        match self.meter.borrow_mut().read() {
            Ok(energy_j) => energy_j,
            Err(error) => {
                eprintln!("energy: the meter failed while measuring: {error}");
                std::process::exit(2);
            }
        }
    }
}

impl Measurement for Joules {
    type Intermediate = f64;
    type Value = f64;

    fn start(&self) -> f64 {
        self.read_j()
    }

    fn end(&self, start_j: f64) -> f64 {
        self.read_j() - start_j
    }

    fn add(&self, a: &f64, b: &f64) -> f64 {
        a + b
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, energy_j: &f64) -> f64 {
        energy_j / self.work
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &self.unit
    }
}

impl ValueFormatter for Unit {
    fn scale_values(&self, _typical: f64, _values: &mut [f64]) -> &'static str {
        self.0
    }

    fn scale_throughputs(&self, _typical: f64, _: &Throughput, values: &mut [f64]) -> &'static str {
        for value in values {
            *value = 1.0 / *value;
        }
        self.1
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        self.0
    }
}

/// The counter to use, or the reason that there is none.
fn meter() -> Result<Box<dyn Source>, String> {
    let named = std::env::var("PERWATT_METER")
        .ok()
        .filter(|spec| !spec.is_empty());
    let selection = Selection {
        meters: named.clone().map(|spec| vec![spec]),
        ..Selection::default()
    };
    let mut reasons = Vec::new();
    for found in detect(&selection).map_err(|error| error.to_string())? {
        match found {
            Found::Available(source) => {
                let info = source.info();
                if info.quantity == Quantity::EnergyJ && info.provenance == Provenance::Counter {
                    return Ok(source);
                }
                reasons.push(format!("{}: tells power, and no energy", info.id));
            }
            Found::Unavailable(why) => reasons.push(why.to_string()),
        }
    }
    Err(reasons.join("\n  "))
}

/// The largest age of the counter's value when it is read, in seconds.
fn period_s(source: &dyn Source) -> f64 {
    let known = source.info().update_period_s;
    known.unwrap_or_else(|| source.pace().interval_s)
}

/// The length of a sample for a counter with this period.
fn sample_s(period_s: f64) -> f64 {
    (UPDATES * period_s).clamp(1.0, MAX_SAMPLE_S)
}

/// Criterion with values in joules.
fn criterion(meter: &Meter, work: f64, unit: Unit) -> Criterion<Joules> {
    let sample_s = sample_s(period_s(meter.borrow().as_ref()));
    let joules = Joules {
        meter: Rc::clone(meter),
        work,
        unit,
    };
    Criterion::default()
        .with_measurement(joules)
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_secs(2))
        .measurement_time(Duration::from_secs_f64(sample_s * SAMPLES as f64))
        .configure_from_args()
}

fn hashing(meter: &Meter, threads: usize) {
    let header = Header::from_hex(HEADER).expect("the genesis header is well formed");
    let target = header.target().expect("the genesis target is valid");
    let work = f64::from(HASHES) * threads as f64 * 1e-12;
    let mut c = criterion(meter, work, Unit("J/TH", "TH/J"));
    let mut group = c.benchmark_group("energy sha256d");
    group.sampling_mode(SamplingMode::Flat);
    for backend in Backend::available() {
        // As many versions as the kernel searches together; one for most kernels.
        let width = backend.roll_width();
        let Some(jobs) = JobGroup::spread(&header, target, width) else {
            continue;
        };
        let last = HASHES / width as u32 - 1;
        group.bench_function(backend.name(), |b| {
            b.iter(|| {
                std::thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            let jobs = black_box(&jobs);
                            let done = backend
                                .scan_rolled(jobs, 0, last, &mut |_, _| ControlFlow::Continue(()));
                            assert_eq!(done, u64::from(HASHES));
                        });
                    }
                });
            });
        });
    }
    group.finish();
}

fn multiplying(meter: &Meter, threads: usize) {
    let shape = shapes::find("square-2048").expect("a named shape").shape;
    let problem = Problem::generate(shape, 1).expect("the named shapes fit in memory");
    let mut result = vec![0.0; shape.m * shape.n];
    let work = shape.flop() as f64 * 1e-12;
    let mut c = criterion(meter, work, Unit("J/TFLOP", "TFLOP/J"));
    let mut group = c.benchmark_group("energy matmul f32 square-2048");
    group.sampling_mode(SamplingMode::Flat);
    for backend in ["embedded", "cblas"] {
        match Library::open(backend, threads, None) {
            Ok(mut library) => {
                group.bench_function(backend, |b| {
                    b.iter(|| library.multiply(black_box(&problem), black_box(&mut result)));
                });
            }
            Err(error) => println!("energy {backend}: not measured: {error}"),
        }
    }
    group.finish();
}

fn main() {
    let source = match meter() {
        Ok(source) => source,
        Err(why) => {
            println!(
                "energy: not measured: no energy counter can be read here (perwatt doctor says \
                 what would change that)\n  {why}"
            );
            return;
        }
    };
    let info = source.info();
    println!(
        "energy by {}: {}; boundary {:?}, grade {} at best, gross",
        info.id,
        info.description,
        info.boundary,
        Grade::best(info)
    );
    let period_s = period_s(source.as_ref());
    println!(
        "samples of {} s, which so slow a counter cuts within {:.1} %",
        sample_s(period_s),
        // Two edges, each uniform over one period.
        100.0 * period_s / sample_s(period_s) / 6f64.sqrt()
    );
    let meter: Meter = Rc::new(RefCell::new(source));
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    hashing(&meter, threads);
    multiplying(&meter, threads);
    Criterion::default().configure_from_args().final_summary();
}
