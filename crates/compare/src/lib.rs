//! Honest comparison of perwatt records.
//!
//! Two figures compare only where the [`key`] of both is equal: the workload and
//! how it is counted, the timing rules, what the energy holds. What differs on
//! purpose is the subject and makes the columns; what differs besides is context
//! and is named. Verdicts come from the interval of the ratio of two samples of
//! runs, all comparisons of a report taken together.
//!
//! * [`load`](mod@load): from paths to sessions
//! * [`key`], [`context`]: what must be equal, and what else may explain a difference
//! * [`mod@column`], [`filter`], [`grid`]: which figure faces which
//! * [`pool`], [`noise`], [`judge`](mod@judge), [`family`](mod@family), [`rank`]: what
//!   the runs say
//! * [`history`](mod@history): one machine through time
//! * [`compare`](mod@compare), [`model`]: all of it, as one document

#![forbid(unsafe_code)]

pub mod column;
pub mod compare;
pub mod context;
pub mod criterion;
mod draft;
mod error;
pub mod family;
mod field;
pub mod filter;
pub mod grid;
pub mod history;
pub mod intern;
pub mod judge;
mod judges;
pub mod key;
pub mod load;
pub mod metric;
pub mod model;
mod nearest;
pub mod noise;
mod notes;
mod options;
pub mod pool;
pub mod rank;
pub mod session;
mod table;

pub use column::By;
pub use compare::compare;
pub use error::CompareError;
pub use filter::Filter;
pub use history::{History, history};
pub use judge::{Remedy, Verdict};
pub use load::{Input, LoadError, Loaded, load};
pub use metric::Metric;
pub use model::Comparison;
pub use options::{Options, Sort};
