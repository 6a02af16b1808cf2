//! How perwatt measures: plan, rounds, worker processes, and two time series.
//!
//! ```text
//! request ─► plan ─► rounds ─► worker (one workload on one device) ─► work series   ┐
//!                         └─► meters (a thread of the coordinator)  ─► energy series ├─► run ─► record
//! ```
//!
//! The coordinator starts a fresh process for each run and reads what it reports
//! over a pipe. The load keeps running past both edges of the measured stretch;
//! which samples count is decided afterwards, by [`perwatt_record::derive`].
//! Nothing else couples working and measuring.
//!
//! * [`plan`]: from a request to the entries of a session
//! * [`device`]: the CPU and the GPUs, and what is known of them before a plan
//! * [`library`]: the CBLAS library of this machine, tried in a worker
//! * [`workload`]: the registry: one file for each workload
//! * [`worker`]: the process that does the work, and the pipe to it
//! * [`session`]: rounds, meters, the record, interruption and resumption

#![forbid(unsafe_code)]

pub mod device;
pub mod library;
pub mod plan;
pub mod session;
pub mod worker;
pub mod workload;
