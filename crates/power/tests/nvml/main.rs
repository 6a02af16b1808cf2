//! NVIDIA cards by a stand-in for the driver's library, which these tests build
//! from `fixtures/nvml_stub.rs` with the compiler that builds them.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

mod absent;
mod faults;
mod machine;
mod readings;
mod state;
