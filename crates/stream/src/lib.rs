//! Main-memory bandwidth, counted the STREAM way.
//!
//! # Counting
//! As in McCalpin's STREAM, only the bytes that the kernel names are counted: 8 per element
//! read and 8 per element written, of `f64`. A processor that must fetch a line before it
//! overwrites it (write-allocate) moves more: up to twice the counted bytes for
//! [`Kernel::Write`] and 4/3 of them for [`Kernel::Triad`]. That traffic is not counted,
//! and ordinary stores are used, not non-temporal ones, so that the figures compare with
//! STREAM compiled without such stores.
//!
//! # Method
//! Each thread owns one contiguous part of every array, allocates it and touches it
//! first, after the hook that may pin it, so that its pages are local to it. Threads
//! stay alive between passes; a pass begins for all of them at a barrier and ends
//! with the last. All values are small integers, so that every result is exact in
//! floating point and [`Bench::verify`] needs no tolerance.
#![forbid(unsafe_code)]

mod bench;
mod kernel;
mod size;
mod worker;

pub use bench::{Bench, StreamError, ThreadStart};
pub use kernel::Kernel;
pub use size::Size;
