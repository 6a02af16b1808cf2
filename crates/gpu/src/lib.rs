//! The GPUs of a machine, through wgpu: which there are ([`adapter`]), opened and
//! watched ([`device`]), kept busy ([`pump`]) with dispatches of the right size
//! ([`pace`]), and the nonce search on them ([`sha256d`]).
//!
//! Every wait has a limit, and a device that hangs, is lost or rejects something
//! is a [`GpuError`], not a panic.

#![forbid(unsafe_code)]

pub mod adapter;
pub mod device;
mod error;
pub mod pace;
pub mod pump;
pub mod sha256d;

pub use error::GpuError;
