//! Comparison of perwatt records.
//!
//! Two figures are comparable only if the [`key`] of both is equal: the workload and its
//! unit of work, the timing rules, the boundary of the energy. The property under
//! comparison makes the columns; every other difference is context and is named. Verdicts
//! follow from the interval of the ratio of two samples of runs, corrected for the number
//! of comparisons in the report.
//!
//! * [`load`](mod@load): reading of files into sessions
//! * [`nodes`]: machines of one model or one machine id, told apart
//! * [`key`], [`context`]: fields that must be equal, and those that may explain a
//!   difference
//! * [`mod@column`], [`filter`], [`grid`]: matching of figures
//! * [`sample`], [`scatter`], [`inference`]: figures of sessions, and their ratios
//! * [`price`]: the price and the rent of several machines
//! * [`noise`], [`verdict`], [`multiplicity`], [`rank`]: judgements on ratios
//! * [`history`](mod@history): figures of each machine over time
//! * [`compare`](mod@compare), [`model`]: the finished comparison as one document

#![forbid(unsafe_code)]

mod by;
mod cell_builder;
pub mod column;
mod column_names;
pub mod compare;
pub mod context;
pub mod criterion;
pub mod decline;
mod duplicates;
mod error;
mod field;
pub mod filter;
pub mod grid;
pub mod history;
pub mod inference;
pub mod intern;
pub mod key;
pub mod load;
pub mod metric;
pub mod model;
pub mod multiplicity;
mod nearest;
pub mod nodes;
pub mod noise;
mod notes;
mod options;
mod pending_cell;
pub mod price;
pub mod rank;
mod read;
pub mod sample;
pub mod scatter;
pub mod session;
mod table;
pub mod verdict;
mod walk;

pub use column::By;
pub use compare::compare;
pub use error::CompareError;
pub use filter::Filter;
pub use history::{History, history};
pub use load::{Input, LoadError, Loaded, load};
pub use metric::Metric;
pub use model::Comparison;
pub use options::{Options, Sort};
pub use pending_cell::{DISTURBED, VERIFIED};
pub use verdict::{Remedy, Verdict};
