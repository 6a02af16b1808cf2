//! NVIDIA cards with a stand-in for the driver's library. The tests build it from
//! `fixtures/nvml_stub.rs` with their own compiler.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

mod absent;
mod faults;
mod machine;
mod readings;
mod state;
