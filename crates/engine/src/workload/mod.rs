//! The workloads: what can be measured, and how each is planned and run.
//!
//! A workload is one file here and one line in [`REGISTRY`]. The file has two halves: plans
//! and tables learn of it through [`Plannable`](crate::plan::Plannable), workers through
//! [`Runnable`].

mod gpu;
mod headers;
mod matmul;
mod pinning;
mod registry;
mod runnable;
mod sha256d;
mod stream;
#[cfg(test)]
mod tests;

pub use registry::{REGISTRY, Workload, plannable};
pub(crate) use registry::{forms, run};
pub use runnable::{Done, Runnable};
