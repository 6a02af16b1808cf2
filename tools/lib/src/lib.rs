//! Helpers of `xtask` and of the tools beside this crate.

#![forbid(unsafe_code)]

pub mod shell;
mod table;

pub use table::table;
