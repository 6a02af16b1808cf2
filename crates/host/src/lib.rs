//! Description of the machine, and the CPUs that perwatt may use.
//!
//! [`Environment::collect`] describes the machine for the record, [`MachineKey::of`]
//! derives its name from its properties, [`cpus`] selects the CPUs for threads,
//! [`quiet`] tells whether other programs use the machine, [`obstacles`] what else slows
//! it, [`clock`] is the one clock that stamps every time series, [`files`] opens files
//! with untrusted paths, and [`Endpoint`] is the address of another machine.
//!
//! Everything that Linux reports through `/proc` and `/sys` is read below a root
//! directory given by the caller, so that a recorded tree can replace a machine.
//! Properties that cannot be read are listed in [`Environment::missing`] with the
//! reason; they are never guessed and never zero.
#![forbid(unsafe_code)]

pub mod clock;
pub mod cpus;
pub mod files;
pub mod quiet;

mod board;
mod cpu;
mod cpu_time;
mod describe;
mod endpoint;
mod environment;
mod machine_key;
mod memory;
mod missing;
mod obstacle;
mod os;
mod power_supply;
mod specimen;
mod sync;
mod tree;
mod virtualization;

pub use board::Board;
pub use cpu::{Cache, CacheKind, CoreType, Cpu, CpuInfo};
pub use cpu_time::Contention;
pub use describe::describe;
pub use endpoint::Endpoint;
pub use environment::{Environment, hostname};
pub use machine_key::MachineKey;
pub use memory::{DimmGroup, HugePages, Memory};
pub use missing::Missing;
pub use obstacle::{Obstacle, obstacles};
pub use os::{CgroupLimits, Os};
pub use power_supply::{PowerSource, PowerSupply};
pub use sync::lock;
pub use tree::{Disk, FileTree};
pub use virtualization::Virtualization;
