//! Archives of `cargo bench` measurements by criterion, in a file format of their own.
//!
//! Such a file has times of one process: no joules, no rounds in fresh processes, and no
//! proof that work was done. It is therefore not a record, and is never compared with one.
//!
//! * [`collect`]: import of criterion's own directory
//! * [`Archive`]: the file; [`read`] and [`Archive::create`]
//! * [`check`]: offline checks of a file
//! * [`lines`]: a file as lines of [`crate::tidy`]

mod check;
mod import;
mod lines;

pub use check::check;
pub use import::{Found, ImportError, collect};
pub use lines::lines;

use std::path::{Path, PathBuf};

use perwatt_host::{Environment, MachineKey};
use serde::{Deserialize, Serialize};

use crate::digest::{self, Form};
use crate::error::{ReadError, WriteError};
use crate::file;
use crate::schema::{SchemaId, Tool};
use crate::{kind, store};

/// The name of the schema, written in every file.
pub const SCHEMA_NAME: &str = kind::CRITERION;
/// Files of another major version are refused.
pub const SCHEMA_MAJOR: u32 = 1;
/// Files of a newer minor version are read; what they add is ignored.
pub const SCHEMA_MINOR: u32 = 0;

/// Placeholder for the machine's key in the names of files without a machine.
const FOREIGN: &str = "foreign";

/// The content of criterion's directory at the time of the import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    /// Name and version of the schema that this file follows.
    pub schema: SchemaId,
    /// The seal, as in a record: see [`digest`].
    pub digest: String,
    /// 128 random bits as 32 hex digits.
    pub id: String,
    /// The user's name for the archive (`--label`).
    pub label: String,
    /// Free text by the user (`--note`).
    pub note: Option<String>,
    /// Time of the import, UTC, RFC 3339.
    pub created_utc: String,
    /// The program that imported it. The compiler of the benchmarks is not known.
    pub tool: Tool,
    /// The machine that imported it; criterion itself stores none. Absent if the user
    /// stated that the benchmarks ran elsewhere (`--foreign`).
    pub machine: Option<MachineKey>,
    /// The state of that machine at the import; absent if the machine is.
    pub host: Option<Environment>,
    /// The benchmarks, in the order of criterion's directories.
    pub benchmarks: Vec<Benchmark>,
}

/// One benchmark of one process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// Criterion's `group_id`.
    pub group_id: String,
    /// Criterion's `function_id`.
    pub function_id: Option<String>,
    /// Criterion's `value_str`: the parameter.
    pub value_str: Option<String>,
    /// The three ids joined by criterion.
    pub full_id: String,
    /// The title in criterion's reports.
    pub title: String,
    /// Work of one iteration as the benchmark states it, unchecked.
    pub throughput: Vec<Throughput>,
    /// Criterion's name for the distribution of iterations over samples.
    pub sampling_mode: String,
    /// Time at which criterion last wrote its file of samples, UTC, RFC 3339. Copying a
    /// directory may change it.
    pub measured_utc: Option<String>,
    /// Always true: criterion checks no result.
    pub unverified: bool,
    /// Iterations of each sample.
    pub iters: Vec<u64>,
    /// Time of each sample, in nanoseconds. Criterion does not record the quantity that it
    /// measured; the unit is right for its own clock and wrong for a custom measurement.
    pub times_ns: Vec<f64>,
    /// Derived: median over the samples of a sample's time divided by its iterations. It
    /// has no interval, as samples of one process do not predict another process.
    pub median_s_per_iter: f64,
}

/// Units of work in one iteration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throughput {
    /// `B`, `bit` or `element`.
    pub unit: String,
    /// Number of units per iteration.
    pub per_iter: u64,
}

impl Benchmark {
    /// The median of the samples, in seconds per iteration. `None` if they are not valid:
    /// lists of unequal length, or a time that is not positive.
    pub fn derive_median_s(&self) -> Option<f64> {
        if self.iters.len() != self.times_ns.len() {
            return None;
        }
        let per_iter = self.iters.iter().zip(&self.times_ns);
        let per_iter: Option<Vec<f64>> = per_iter
            .map(|(&iters, &time_ns)| {
                let sound = iters > 0 && time_ns.is_finite() && time_ns >= 0.0;
                sound.then(|| time_ns * 1e-9 / iters as f64)
            })
            .collect();
        perwatt_stats::median(&per_iter?).filter(|median| *median > 0.0)
    }

    /// Time of all samples, in seconds.
    pub fn time_s(&self) -> f64 {
        self.times_ns.iter().sum::<f64>() * 1e-9
    }
}

impl Archive {
    /// The version of the schema that this build writes.
    pub fn schema() -> SchemaId {
        SchemaId {
            name: SCHEMA_NAME.into(),
            major: SCHEMA_MAJOR,
            minor: SCHEMA_MINOR,
        }
    }

    /// `<import, UTC>_<label>_<machine key, 8>_<id, 6>.json`, with `foreign` in place of
    /// the key if the archive has no machine.
    pub fn file_name(&self) -> String {
        let key = self.machine.as_ref().map_or(FOREIGN, |m| m.key.as_str());
        let name = store::name(&self.created_utc, &self.label, key, &self.id);
        format!("{name}.json")
    }

    /// Seals the archive and writes it as a new file in the directory `dir`, which is
    /// created if it is missing. Returns the path.
    ///
    /// # Errors
    /// If the directory or the file cannot be written.
    pub fn create(&mut self, dir: &Path) -> Result<PathBuf, WriteError> {
        store::create_dir(dir)?;
        let path = dir.join(self.file_name());
        let error = |cause: serde_json::Error| WriteError::Io {
            path: path.clone(),
            cause: cause.into(),
        };
        let text = serde_json::to_vec(&*self).map_err(error)?;
        self.digest = digest::of_text(&text, Form::Sorted).map_err(error)?;
        store::create(&path, &store::to_bytes(self).map_err(error)?)?;
        Ok(path)
    }
}

/// An archive with the digest of the document that it was read from, fields unknown to this
/// build included.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The typed archive.
    pub archive: Archive,
    /// The computed digest of the document, which may differ from the one that it states.
    pub digest: String,
}

/// Reads a criterion archive without checking its content; [`check`] does that.
///
/// # Errors
/// Those of [`file::read`]; a record is [`ReadError::NotARecord`] here.
pub fn read(path: &Path) -> Result<Loaded, ReadError> {
    parse(path, &file::bytes(path)?)
}

/// Like [`read`], for bytes that were read from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, ReadError> {
    let judge = |path: &Path, schema: Option<&serde_json::Value>| {
        file::judge_as(path, schema, SCHEMA_NAME, SCHEMA_MAJOR)
    };
    file::vet(path, bytes, judge, SCHEMA_NAME)?;
    let shape = |cause| file::shape(path, cause);
    Ok(Loaded {
        archive: serde_json::from_slice(bytes).map_err(shape)?,
        digest: digest::of_text(bytes, Form::Sorted).map_err(shape)?,
    })
}
