//! A scenario of a site, with defaults for the values that it does not give.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::inputs::{Inputs, PriceScale};
pub use crate::parameter::{Origin, Value};
use crate::parameters::{Parameters, parameters};
use crate::prices::Curve;
use crate::raw::{self, Fault};
use crate::reader;
pub use crate::reader::{FindRig, Rig};
use crate::settings::{PaidBy, Settings};

/// The largest scenario file that is read: some thousand times the size of any real one.
const MAX_BYTES: u64 = 1 << 22;

/// The most faults that a message lists.
const MOST_FAULTS: usize = 20;

/// A valid scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The path of its file.
    pub path: PathBuf,
    /// The settings that are not numbers.
    pub settings: Settings,
    /// A value for every parameter, in the order of the table.
    pub values: Vec<Value>,
}

/// The reason that a scenario cannot be used.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{path}: {cause}; give a scenario file, or start from perwatt site --example 20mw")]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of reading it.
        cause: std::io::Error,
    },
    /// The scenario has faults.
    #[error("{}", list(path, faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// All faults that were found.
        faults: Vec<Fault>,
    },
}

fn list(path: &Path, faults: &[Fault]) -> String {
    let line = |fault: &Fault| {
        let at = match fault.line {
            Some(line) => format!("{}:{line}", path.display()),
            None => path.display().to_string(),
        };
        match fault.key.as_str() {
            "" => format!("{at}: {}", fault.what),
            key => format!("{at}: {key}: {}", fault.what),
        }
    };
    let mut lines: Vec<String> = faults.iter().take(MOST_FAULTS).map(line).collect();
    if let more @ 1.. = faults.len().saturating_sub(MOST_FAULTS) {
        lines.push(format!("{}: {more} more faults", path.display()));
    }
    lines.join("\n")
}

impl Scenario {
    /// Reads a scenario file, with settings of the command line over it.
    ///
    /// # Errors
    /// [`ScenarioError`], with every fault that was found.
    pub fn read(path: &Path, set: &[String], find: FindRig) -> Result<Self, ScenarioError> {
        let read = perwatt_host::files::read_text(path, MAX_BYTES);
        let text = read.map_err(|cause| ScenarioError::Read {
            path: path.to_owned(),
            cause,
        })?;
        Self::parse(path, &text, set, find)
    }

    /// Parses a text as the content of the file at `path`.
    ///
    /// # Errors
    /// [`ScenarioError::Faults`].
    pub fn parse(
        path: &Path,
        text: &str,
        set: &[String],
        find: FindRig,
    ) -> Result<Self, ScenarioError> {
        let fail = |faults| ScenarioError::Faults {
            path: path.to_owned(),
            faults,
        };
        let mut entries = raw::entries(text).map_err(fail)?;
        let mut faults = Vec::new();
        for text in set {
            match raw::setting(text) {
                Ok(entry) => {
                    entries.retain(|other| other.key != entry.key);
                    entries.push(entry);
                }
                Err(fault) => faults.push(fault),
            }
        }
        let (settings, values) = reader::read(&entries, find, &mut faults);
        faults.sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
        match values.into_iter().collect() {
            Some(values) if faults.is_empty() => Ok(Self {
                path: path.to_owned(),
                settings,
                values,
            }),
            _ => Err(fail(faults)),
        }
    }

    /// The value of every parameter.
    pub fn parameters(&self) -> Parameters {
        let mut all = Parameters::default();
        for (parameter, value) in parameters().iter().zip(&self.values) {
            *(parameter.of)(&mut all) = value.value;
        }
        all
    }

    /// The inputs at those values, with `prices` under the scenario's contract.
    pub fn inputs<'a>(&self, prices: Option<&'a Curve>) -> Inputs<'a> {
        let contract = self.settings.prices.as_ref().map(|file| file.contract);
        Inputs {
            parameters: self.parameters(),
            power_paid_by: self.settings.power_paid_by.unwrap_or(PaidBy::Tenant),
            prices: prices.zip(contract),
            scale: PriceScale::default(),
        }
    }
}
