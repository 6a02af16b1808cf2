//! The GPUs of a machine, through wgpu: which there are ([`adapter`]), opened and
//! watched ([`device`]), kept busy ([`pump`]) with dispatches of the right size
//! ([`pace`]), the nonce search on them ([`sha256d`]), matrix products ([`matmul`]),
//! products of a vector with a matrix ([`gemv`]), and passes over memory
//! ([`stream`]). What a card can do at most is in [`model`].
//!
//! Every wait has a limit, and a device that hangs, is lost or rejects something
//! is a [`GpuError`], not a panic.

#![forbid(unsafe_code)]

pub mod adapter;
pub mod device;
mod error;
pub mod gemv;
mod kernel;
pub mod matmul;
pub mod model;
pub mod pace;
pub mod pump;
pub mod sha256d;
pub mod stream;

pub use error::GpuError;
pub use kernel::cycle::Cycle;
pub use kernel::set::Set;
pub use kernel::{Banded, run};
