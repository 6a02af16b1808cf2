//! The GPUs of a machine, through wgpu: enumeration ([`adapter`]), opened devices and their
//! errors ([`device`]), continuous work ([`pump`]) with dispatches of the right size
//! ([`dispatch_sizer`]), the nonce search ([`sha256d`]), matrix products ([`matmul`]), products of a
//! vector with a matrix ([`gemv`]), and passes over memory ([`stream`]). [`model`] has the
//! theoretical limits of a card.
//!
//! Every wait has a limit, and a device that hangs, is lost or rejects something
//! is a [`GpuError`], not a panic.

#![forbid(unsafe_code)]

pub mod adapter;
pub mod device;
pub mod dispatch_sizer;
mod error;
pub mod gemv;
mod kernel;
pub mod matmul;
pub mod model;
pub mod pump;
pub mod sha256d;
pub mod stream;

pub use error::GpuError;
pub use kernel::cycle::Cycle;
pub use kernel::set::Set;
pub use kernel::{Banded, run};
