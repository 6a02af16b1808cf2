//! The measurement: plan, rounds, worker processes, and two time series.
//!
//! ```text
//! request ─► plan ─► rounds ─► worker (one workload on one device) ─► work series   ┐
//!                         └─► meters (a thread of the coordinator)  ─► energy series ├─► run ─► record
//! ```
//!
//! The coordinator starts a fresh process for each run and reads its reports over a pipe.
//! The load continues beyond both edges of the measured window; the samples that count are
//! chosen afterwards, by [`perwatt_record::derive`]. Nothing else couples the work and its
//! measurement.
//!
//! The modules are layers; each imports only those above it in this list:
//!
//! 1. [`worker`]: the protocol between a session and its worker processes
//! 2. [`device`]: the CPU, the GPUs and the matrix libraries, and facts about them
//! 3. [`plan`]: from a request to the entries of a session; beside it [`pool`], from which
//!    miners get their work
//! 4. [`workload`]: the registry: one file for each workload
//! 5. [`session`]: rounds, meters, the record, interruption and resumption;
//!    beside it [`serve()`], the process of a worker

#![forbid(unsafe_code)]

pub mod device;
pub mod plan;
pub mod pool;
mod serve;
pub mod session;
pub mod worker;
pub mod workload;

pub use serve::{serve, serve_with};
