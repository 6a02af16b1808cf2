//! The perwatt result file: one immutable JSON document per session.
//!
//! A record holds two raw series per run, work done against time and energy
//! against time, both stamped with the monotonic clock of the machine that ran
//! it. Every other figure in it (rates, joules per unit, intervals) is derived
//! from those two by [`mod@derive`], so a reader can recompute them all, and
//! [`check`] does.
//!
//! * [`schema`]: the types, and the JSON Schema generated from them
//! * [`mod@derive`]: windows, rates, energies and summaries from the raw series
//! * [`proof`]: the header a session's hashes are bound to, and its shares
//! * [`commitment`]: the session's id, which rests on all that it set out with
//! * [`order`]: the order of the runs, from the session's seed
//! * [`work`]: the workloads that this build knows, and how each is counted
//! * [`rules`]: checks of entries and proofs by those definitions
//! * [`digest`]: the seal over the canonical body
//! * [`file`](mod@file): reading, atomic writing, naming
//! * [`mod@join`]: a meter's own log, put beside the runs after the fact
//! * [`brief`]: reading thousands of records for their figures
//! * [`archive`]: a directory of records, read on every core
//! * [`threads`]: how many read at once
//! * [`long`]: a record as a long table
//! * [`criterion`]: what `cargo bench` measured, in a file of another kind
//! * [`check`]: everything a stranger can verify about a record offline

#![forbid(unsafe_code)]

pub mod archive;
mod bounds;
pub mod brief;
pub mod check;
pub mod commitment;
pub mod criterion;
pub mod derive;
pub mod digest;
mod error;
pub mod file;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod join;
mod kind;
pub mod long;
mod older;
pub mod order;
pub mod proof;
pub mod rules;
pub mod schema;
mod series;
mod skim;
mod store;
pub mod suite;
pub mod threads;
mod walk;
pub mod work;

pub use error::{ReadError, WriteError};
pub use file::RecordFile;
pub use schema::Record;
pub use store::{survives, sync_name};
