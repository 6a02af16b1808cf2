//! The running half of a workload, in a worker.

use std::fmt::Display;
use std::str::FromStr;

use perwatt_record::schema::{DeviceTime, Flag, Proof};

use crate::device::Forms;
use crate::worker::{Assignment, Load, RunError};

/// One workload family, for workers.
pub trait Runnable: Sync {
    /// Does the work of one run until the load is told to stop.
    fn run(&self, assignment: &Assignment, load: &mut Load) -> Result<Done, RunError>;

    /// The forms of the kernel of this kind and shape (empty without a shape) on a GPU;
    /// `None` where there is only one.
    fn forms(&self, _kind: &str, _shape: &str) -> Result<Option<Box<dyn Forms>>, RunError> {
        Ok(None)
    }
}

/// The results of a successful run.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The proof that the work was done.
    pub proof: Proof,
    /// Times by a GPU's clock.
    pub device_time: Option<DeviceTime>,
    /// Remarks for a reader.
    pub flags: Vec<Flag>,
}

impl Done {
    /// The results of a run on the CPU without remarks.
    pub fn by(proof: Proof) -> Self {
        Self {
            proof,
            device_time: None,
            flags: Vec::new(),
        }
    }
}

impl Assignment {
    /// Reads a parameter of the workload.
    ///
    /// # Errors
    /// [`RunError::Refused`] if it is missing or is not of this kind.
    pub fn param<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, RunError> {
        let text = self.entry.workload.params.get(name);
        let text = text
            .ok_or_else(|| RunError::Refused(format!("the workload has no parameter {name:?}")))?;
        text.parse().map_err(RunError::refused)
    }
}
