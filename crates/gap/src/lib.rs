//! How far a machine is from the best ASIC and the best accelerator.
//!
//! Two axes, never one blended score: hash energy and arithmetic energy. What a site earns
//! by switching from one to the other is in `perwatt-site`. Every figure carries what it
//! rests on ([`Evidence`](perwatt_table::Evidence)).

#![forbid(unsafe_code)]

pub mod catalogue;
pub mod energy;
