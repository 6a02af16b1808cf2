//! How far a machine is from the best ASIC and the best accelerator, and what a site
//! earns, costs and gives up by switching from one to the other.
//!
//! Three axes, never one blended score: hash energy, arithmetic energy, and the site.
//! Every figure carries what it rests on ([`Mark`]).

#![forbid(unsafe_code)]

pub mod catalogue;
pub mod claims;
pub mod curtail;
pub mod energy;
pub mod mark;
mod nearest;
pub mod protocol;
pub mod security;
pub mod site;

pub use mark::Mark;
