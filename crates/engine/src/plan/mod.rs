//! From a request to the entries of a session: the cross product of workloads and backends
//! that exist here, with everything that is left out and the reasons.
//!
//! Planning uses only [`MachineFacts`](crate::device::MachineFacts) and starts no workers.

mod choice;
mod error;
mod meter_note;
mod miners;
mod plannable;
mod planned;
mod planned_meter;
mod ranges;
mod request;
mod suite;
mod trial_round;
mod window;

pub use choice::Choice;
pub use error::PlanError;
pub use meter_note::MeterNote;
pub use miners::{Miner, miners};
pub use plannable::{BackendStatus, Plannable, Wanted};
pub use planned::Planned;
pub use planned_meter::{PlannedMeter, Shown};
pub use ranges::check_config;
pub(crate) use ranges::{check_size, check_threads};
pub use request::{Request, threads};
pub(crate) use request::{is_library, reason_here};
pub(crate) use suite::warmup_s;
pub use suite::{Suite, estimate_s, measures_idle};
pub use trial_round::{longer_trial, show, trial_of};
pub use window::fit;
