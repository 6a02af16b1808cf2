//! What machine is this, and which of its CPUs may we use?
//!
//! [`Environment::collect`] describes the machine for the record,
//! [`MachineKey::of`] names it by its properties, [`cpus`] says where threads
//! may run, [`clock`] is the one clock that every time series is stamped with, and
//! [`files`] opens files that somebody else named.
//!
//! Everything that Linux tells through `/proc` and `/sys` is read below a root
//! directory given by the caller, so that a recorded tree stands in for a
//! machine. What cannot be read is listed in [`Environment::missing`] with the
//! reason; it is never guessed and never zero.
#![forbid(unsafe_code)]

pub mod clock;
pub mod cpus;
pub mod files;

mod board;
mod cpu;
mod describe;
mod environment;
mod machine_key;
mod memory;
mod missing;
mod os;
mod power_supply;
mod sync;
mod tree;
mod virtualization;

pub use board::Board;
pub use cpu::{Cache, CacheKind, CoreType, Cpu, CpuInfo};
pub use describe::describe;
pub use environment::{Environment, hostname};
pub use machine_key::MachineKey;
pub use memory::{DimmGroup, HugePages, Memory};
pub use missing::Missing;
pub use os::{CgroupLimits, Os};
pub use power_supply::{PowerSource, PowerSupply};
pub use sync::lock;
pub use tree::{Disk, FileTree};
pub use virtualization::Virtualization;
