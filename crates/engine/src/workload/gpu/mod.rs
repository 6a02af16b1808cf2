//! The workloads on a GPU.

mod planning;
pub(super) mod product;
mod running;
pub(super) mod sha256d;
pub(super) mod stream;

pub(super) use planning::{AT, tuning_key};
pub(super) use product::kind;
