//! The workloads that can be measured: how each is planned and run.
//!
//! A workload is one file here and one line in [`REGISTRY`]. The file has two halves:
//! [`Plannable`](crate::plan::Plannable) for plans and tables, and [`Runnable`] for
//! workers.

mod gpu;
mod headers;
mod on_cpu;
mod pinning;
mod product;
mod registry;
mod runnable;
mod sha256d;
mod stream;
#[cfg(test)]
mod tests;

pub use registry::{REGISTRY, Workload, Workloads, plannable};
pub(crate) use registry::{forms, run};
pub use runnable::{Done, Runnable};
