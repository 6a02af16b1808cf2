//! The running half of a workload, in a worker.

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
