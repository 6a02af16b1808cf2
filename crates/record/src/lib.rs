//! The perwatt result file: one immutable JSON document per session.
//!
//! A record holds two raw series per run, work over time and energy over time, both stamped
//! with the monotonic clock of the machine that ran it. All other figures (rates, joules
//! per unit, intervals) are derived from these two by [`mod@derive`], so a reader can
//! compute them again, and [`check`] does.
//!
//! * [`schema`]: the types, and the JSON Schema generated from them
//! * [`mod@derive`]: windows, rates, energies and summaries from the raw series
//! * [`proof`]: shares, and the header that binds them to a session
//! * [`pool`]: the work of miners, counted and proven by their shares
//! * [`commitment`]: the session's id, a commitment to the facts at its start
//! * [`tags`]: labels of sessions
//! * [`cost`]: dollars for rates and for work
//! * [`order`]: the order of the runs, from the session's seed
//! * [`work`]: the workloads that this build knows, and their units of work
//! * [`ai`]: the AI figures of a record's devices
//! * [`workload_rules`]: checks of entries and proofs against those definitions
//! * [`digest`]: the seal over the canonical body
//! * [`file`](mod@file): reading, atomic writing, naming
//! * [`mod@join`]: joins a meter's own log with the runs afterwards
//! * [`light`]: fast reading of thousands of records for their figures
//! * [`node`]: names of machines among machines of one model
//! * [`archive`]: directories of records, read on all cores
//! * [`threads`]: the number of reading threads
//! * [`tidy`]: a record as a long table
//! * [`criterion`]: archives of `cargo bench` measurements, in a format of their own
//! * [`check`]: everything that a stranger can verify about a record offline

#![forbid(unsafe_code)]

pub mod ai;
pub mod archive;
mod bounds;
pub mod check;
pub mod commitment;
mod compat;
pub mod cost;
pub mod criterion;
pub mod derive;
pub mod digest;
mod error;
pub mod file;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod join;
mod kind;
pub mod light;
pub mod node;
pub mod order;
pub mod pool;
pub mod proof;
pub mod schema;
mod series;
mod skim;
mod store;
pub mod suite;
pub mod tags;
pub mod threads;
pub mod tidy;
pub mod unseen;
mod walk;
pub mod work;
pub mod workload_rules;

pub use error::{ReadError, WriteError};
pub use file::RecordFile;
pub use schema::Record;
pub use store::{survives, sync_name};
