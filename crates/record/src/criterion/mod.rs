//! What `cargo bench` measured with criterion, kept in a file of its own kind.
//!
//! Such a file has times of one process: no joules, no rounds in fresh processes, and
//! nothing that proves that work was done. It is therefore no record, and is never
//! compared with one.
//!
//! * [`collect`]: criterion's own directory, read
//! * [`Archive`]: the file; [`read`] and [`Archive::create`]
//! * [`check`]: what can be verified about it
//! * [`lines`]: it as lines of [`crate::long`]

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

/// The schema's name, in every file.
pub const SCHEMA_NAME: &str = kind::CRITERION;
/// Files of another major version are refused.
pub const SCHEMA_MAJOR: u32 = 1;
/// Files of a newer minor version are read; what they add is ignored.
pub const SCHEMA_MINOR: u32 = 0;

/// Stands for the machine's key in the names of files without a machine.
const FOREIGN: &str = "foreign";

/// What criterion's directory held when it was imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    /// Name and version of the schema that this file follows.
    pub schema: SchemaId,
    /// As that of a record: see [`digest`].
    pub digest: String,
    /// 128 random bits as 32 hex digits.
    pub id: String,
    /// The user's name for it (`--label`).
    pub label: String,
    /// Free text by the user (`--note`).
    pub note: Option<String>,
    /// When it was imported, UTC, RFC 3339.
    pub created_utc: String,
    /// The program that imported it. What compiled the benchmarks is not known.
    pub tool: Tool,
    /// The machine that imported it; criterion itself stores none. Absent where the
    /// user said that the benchmarks ran elsewhere (`--foreign`).
    pub machine: Option<MachineKey>,
    /// How that machine was set up at the import, and absent with it.
    pub host: Option<Environment>,
    /// In the order of criterion's directories.
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
    /// The three of them as criterion joins them.
    pub full_id: String,
    /// What criterion calls it in reports.
    pub title: String,
    /// What one iteration does, as the benchmark says; nothing checked it.
    pub throughput: Vec<Throughput>,
    /// Criterion's name for how iterations were spread over samples.
    pub sampling_mode: String,
    /// When criterion's file of samples was last written, UTC, RFC 3339. Copying a
    /// directory may change that.
    pub measured_utc: Option<String>,
    /// Always true: criterion checks no result.
    pub unverified: bool,
    /// Iterations of each sample.
    pub iters: Vec<u64>,
    /// Time of each sample, in nanoseconds. Criterion does not record which quantity
    /// it measured; this holds for its own clock and for no custom measurement.
    pub times_ns: Vec<f64>,
    /// Derived: median over the samples of a sample's time over its iterations. An
    /// interval over samples of one process would say nothing of another process, so
    /// there is none.
    pub median_s_per_iter: f64,
}

/// Units of work in one iteration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throughput {
    /// `B`, `bit` or `element`.
    pub unit: String,
    /// So many.
    pub per_iter: u64,
}

impl Benchmark {
    /// The median that the samples give, in seconds per iteration. None where they are
    /// no samples: of unequal number, or not a positive time for each iteration.
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
    /// The version that this build writes.
    pub fn schema() -> SchemaId {
        SchemaId {
            name: SCHEMA_NAME.into(),
            major: SCHEMA_MAJOR,
            minor: SCHEMA_MINOR,
        }
    }

    /// `<import, UTC>_<label>_<machine key, 8>_<id, 6>.json`, with `foreign` in place
    /// of the key where there is no machine.
    pub fn file_name(&self) -> String {
        let key = self.machine.as_ref().map_or(FOREIGN, |m| m.key.as_str());
        let name = store::name(&self.created_utc, &self.label, key, &self.id);
        format!("{name}.json")
    }

    /// Seals it and writes it as a new file of the archive `dir`, which is created if
    /// need be; hands out the path.
    ///
    /// # Errors
    /// A directory or file that cannot be written.
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

/// An archive and the digest of the document it came from, fields unknown to this build
/// included.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The typed archive.
    pub archive: Archive,
    /// What the document's digest is, whatever it says.
    pub digest: String,
}

/// Reads a criterion archive without judging its content; [`check`] does that.
///
/// # Errors
/// As [`file::read`]; a record is [`ReadError::NotARecord`] here.
pub fn read(path: &Path) -> Result<Loaded, ReadError> {
    parse(path, &file::bytes(path)?)
}

/// As [`read`], of bytes that came from `path`.
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
