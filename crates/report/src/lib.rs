//! Records and comparisons as one page: inline style and SVG, no script, nothing
//! from the network, so that the file can be sent, archived and printed.
//!
//! Everything from a record is untrusted text. It reaches the page through `maud`
//! alone, which escapes it.
//!
//! * [`page`]: the page itself
//! * [`units`], [`cells`], [`words`]: figures and sentences, the same in terminal
//!   tables

#![forbid(unsafe_code)]

pub mod cells;
mod notes;
pub mod page;
mod sections;
mod svg;
pub mod units;
pub mod words;

pub use page::{Named, render};
