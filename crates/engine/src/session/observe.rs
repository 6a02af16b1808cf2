//! Progress callbacks of a session.

use std::path::Path;

use perwatt_record::Record;
use perwatt_record::schema::{Entry, Run};

/// Observes a session. Callbacks cannot change the measurement, and should return quickly:
/// they run on the coordinator's thread.
pub trait Observer {
    /// The file exists and the first run is about to start.
    fn started(&mut self, _record: &Record, _path: &Path) {}
    /// The trial round of this plan is about to start.
    fn trial_started(&mut self, _record: &Record) {}
    /// The machine is about to be left idle for this number of seconds.
    fn idle_started(&mut self, _seconds: f64) {}
    /// A run is about to start.
    fn run_started(&mut self, _entry: &Entry, _round: u32) {}
    /// Called from time to time during a run.
    fn tick(&mut self) {}
    /// A run has ended, successfully or not.
    fn run_ended(&mut self, _entry: &Entry, _run: &Run) {}
    /// The record could not be written; measuring goes on.
    fn write_failed(&mut self, _error: &perwatt_record::WriteError) {}
}
