//! The devices of a machine: the CPU, and its GPUs as a worker lists them.
//!
//! Drivers and libraries run only in workers. If one crashes or hangs while it lists its
//! adapters, or while kernels are timed on them, the session continues. The coordinator
//! asks ([`inquire`], [`ask_tunings`], [`ask_verdicts`]) and keeps the answers as data
//! ([`MachineFacts`]).

mod adapter;
mod ask;
mod asked;
mod cache;
mod choose;
mod facts;
mod library;
mod road;
mod tune;
mod verify;

pub use ask::{ask_tunings, ask_verdicts, inquire, prepared};
pub use choose::{DeviceError, choose};
pub use facts::{CPU, GpuFacts, GpuRoad, Inquiry, MachineFacts, Tuning, WGSL};
pub use road::is_road;
pub use tune::{Form, Forms, Then};

pub(crate) use adapter::{gpus, open};
pub(crate) use facts::llc_bytes;
#[cfg(test)]
pub(crate) use facts::test_gpu;
pub(crate) use library::{described, try_library};
pub(crate) use road::{open_road, road_name, try_road};
pub(crate) use tune::tune;
pub(crate) use verify::verify;
