//! Helpers of `xtask` and of the tools in `tools/`.

#![forbid(unsafe_code)]

pub mod shell;
mod table;

pub use table::table;
