//! Import of criterion's own directory. Its files are private to criterion and
//! undocumented: this module reads what criterion 0.5 to 0.8 write and refuses everything
//! else.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use fs_err as fs;
use perwatt_host::files;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Benchmark, Throughput};
use crate::skim::{SkimFault, skim};
use crate::walk::walk;

/// Size limit of a file in bytes; criterion writes none that is larger.
const MAX_BYTES: u64 = 64 << 20;

/// The directory of the latest measurement, below a benchmark's directory.
const NEWEST: &str = "new";

/// The files that are read in that directory.
const ID: &str = "benchmark.json";
const SAMPLE: &str = "sample.json";
const ESTIMATES: &str = "estimates.json";

/// Prefix of groups in this workspace whose values are joules: see `benches/energy.rs`.
const JOULES: &str = "energy ";

/// Relative difference allowed between criterion's median and the median over its samples,
/// which differ only by rounding.
const MEDIAN_TOLERANCE: f64 = 1e-6;

/// A benchmark's directory and the result of its import.
#[derive(Debug)]
pub struct Found {
    /// The directory with criterion's files.
    pub dir: PathBuf,
    /// The benchmark, or the reason that it cannot be imported.
    pub benchmark: Result<Benchmark, ImportError>,
}

/// Errors of the import of a benchmark.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ImportError {
    #[error("cannot read it: {0}; run cargo bench again")]
    Io(io::Error),
    #[error("{name} is larger than {MAX_BYTES} bytes, which no file of criterion's is")]
    TooLarge { name: &'static str },
    #[error("{name} has the key {key:?} twice in one object; run cargo bench again")]
    Twice { name: &'static str, key: String },
    #[error("{name} holds far more small values than any file of criterion's of its size")]
    Heavy { name: &'static str },
    #[error(
        "{name} has a form that this perwatt does not know: {cause}; it reads what criterion 0.5 to 0.8 write"
    )]
    Form {
        name: &'static str,
        cause: serde_json::Error,
    },
    #[error(
        "sample.json has no valid samples: {iters} counts of iterations for {times} times, or one that is not a positive number"
    )]
    Samples { iters: usize, times: usize },
    #[error(
        "estimates.json has a median of {estimate_ns} ns and sample.json one of {samples_ns} ns: they are of different runs; run cargo bench again"
    )]
    Apart { estimate_ns: f64, samples_ns: f64 },
    #[error(
        "its group is called {group:?}, and groups that begin with \"energy \" hold joules here, which criterion stores as if they were times; call the group otherwise if they are times"
    )]
    NotTimes { group: String },
}

/// `benchmark.json`.
#[derive(Deserialize)]
struct Id {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<Work>,
    full_id: String,
    title: String,
}

/// Criterion's `Throughput`.
#[derive(Deserialize)]
enum Work {
    Bits(u64),
    Bytes(u64),
    BytesDecimal(u64),
    Elements(u64),
    ElementsAndBytes { elements: u64, bytes: u64 },
}

/// `sample.json`.
#[derive(Deserialize)]
struct Sample {
    sampling_mode: String,
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// The part of `estimates.json` that is needed.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Imports every benchmark below `dir`, which is criterion's `target/criterion` or a part
/// of it, sorted by directory.
///
/// # Errors
/// If `dir` cannot be read. A directory below it that cannot be read is among the results.
pub fn collect(dir: &Path) -> io::Result<Vec<Found>> {
    let mut dirs = Vec::new();
    if is_newest(dir) {
        dirs.push(dir.to_owned());
    }
    let all = |_: &Path| true;
    let unreadable = walk(dir, all, |path, is_dir| {
        if is_dir && is_newest(path) {
            dirs.push(path.to_owned());
        }
    })?;
    let mut found: Vec<Found> = dirs
        .into_iter()
        .map(|dir| Found {
            benchmark: benchmark(&dir),
            dir,
        })
        .collect();
    found.extend(unreadable.into_iter().filter_map(|dir| {
        let error = fs::read_dir(&dir).err()?;
        Some(Found {
            benchmark: Err(ImportError::Io(error)),
            dir,
        })
    }));
    found.sort_by(|a, b| a.dir.cmp(&b.dir));
    Ok(found)
}

/// A group or function may be called `new` too; only a directory that contains files of
/// criterion's counts.
fn is_newest(dir: &Path) -> bool {
    let holds = |name: &str| dir.join(name).is_file();
    dir.file_name().is_some_and(|name| name == NEWEST) && (holds(ID) || holds(SAMPLE))
}

fn benchmark(dir: &Path) -> Result<Benchmark, ImportError> {
    let mut benchmark = of_files(|name| {
        files::read(&dir.join(name), MAX_BYTES).map_err(|cause| match cause.kind() {
            ErrorKind::FileTooLarge => ImportError::TooLarge { name },
            kind => ImportError::Io(io::Error::new(kind, format!("{name}: {cause}"))),
        })
    })?;
    let written = fs::metadata(dir.join(SAMPLE)).and_then(|meta| meta.modified());
    benchmark.measured_utc = written
        .ok()
        .and_then(|time| jiff::Timestamp::try_from(time).ok())
        .map(|time| time.to_string());
    Ok(benchmark)
}

impl Benchmark {
    /// Builds a benchmark from the bytes of `benchmark.json`, `sample.json` and
    /// `estimates.json`.
    ///
    /// # Errors
    /// [`ImportError`], for faults of the content.
    pub fn of_files(id: &[u8], sample: &[u8], estimates: &[u8]) -> Result<Self, ImportError> {
        of_files(|name| match name {
            ID => Ok(id),
            SAMPLE => Ok(sample),
            _ => Ok(estimates),
        })
    }
}

fn of_files<B: AsRef<[u8]>>(
    read: impl Fn(&'static str) -> Result<B, ImportError>,
) -> Result<Benchmark, ImportError> {
    let id: Id = parse(ID, read(ID)?.as_ref())?;
    if id.group_id.starts_with(JOULES) {
        return Err(ImportError::NotTimes { group: id.group_id });
    }
    let sample: Sample = parse(SAMPLE, read(SAMPLE)?.as_ref())?;
    let estimates: Estimates = parse(ESTIMATES, read(ESTIMATES)?.as_ref())?;
    let mut benchmark = Benchmark {
        group_id: id.group_id,
        function_id: id.function_id,
        value_str: id.value_str,
        full_id: id.full_id,
        title: id.title,
        throughput: id.throughput.map_or_else(Vec::new, Work::into_units),
        sampling_mode: sample.sampling_mode,
        measured_utc: None,
        unverified: true,
        iters: sample.iters.iter().map(|count| whole(*count)).collect(),
        times_ns: sample.times,
        median_s_per_iter: 0.0,
    };
    let Some(median_s) = benchmark.derive_median_s() else {
        return Err(ImportError::Samples {
            iters: benchmark.iters.len(),
            times: benchmark.times_ns.len(),
        });
    };
    let (estimate_ns, samples_ns) = (estimates.median.point_estimate, median_s * 1e9);
    let apart = (estimate_ns / samples_ns - 1.0).abs();
    if apart.is_nan() || apart > MEDIAN_TOLERANCE {
        return Err(ImportError::Apart {
            estimate_ns,
            samples_ns,
        });
    }
    benchmark.median_s_per_iter = median_s;
    Ok(benchmark)
}

/// Converts a count, which criterion writes as a float. A value that is not a count becomes
/// 0, which no sample has.
fn whole(count: f64) -> u64 {
    let exact = count.fract() == 0.0 && (0.0..=u64::MAX as f64).contains(&count);
    if exact { count as u64 } else { 0 }
}

fn parse<T: DeserializeOwned>(name: &'static str, bytes: &[u8]) -> Result<T, ImportError> {
    let form = |cause| ImportError::Form { name, cause };
    match skim(bytes) {
        Ok(()) => serde_json::from_slice(bytes).map_err(form),
        Err(SkimFault::NotJson(cause)) => Err(form(cause)),
        Err(SkimFault::Twice { key, .. }) => Err(ImportError::Twice { name, key }),
        Err(SkimFault::Heavy) => Err(ImportError::Heavy { name }),
    }
}

impl Work {
    fn into_units(self) -> Vec<Throughput> {
        let of = |unit: &str, per_iter| Throughput {
            unit: unit.into(),
            per_iter,
        };
        match self {
            Self::Bits(bits) => vec![of("bit", bits)],
            Self::Bytes(bytes) | Self::BytesDecimal(bytes) => vec![of("B", bytes)],
            Self::Elements(elements) => vec![of("element", elements)],
            Self::ElementsAndBytes { elements, bytes } => {
                vec![of("element", elements), of("B", bytes)]
            }
        }
    }
}
