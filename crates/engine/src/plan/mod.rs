//! From a request to the entries of a session: the cross product of workloads
//! and backends that exist here, with everything left out and why.

mod error;
mod facts;
mod ranges;
mod request;
mod suite;
mod window;

pub use error::PlanError;
pub use facts::Facts;
pub(crate) use facts::llc_bytes;
pub use ranges::check_config;
pub(crate) use ranges::{check_size, check_threads};
pub(crate) use request::reason_here;
pub use request::{Planned, Request, build, threads};
pub use suite::{Suite, estimate_s, measures_idle};
pub use window::lengthen;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::test_gpu;
