//! Gap between a machine and the best ASIC and the best accelerator.
//!
//! Two axes, never one blended score: hash energy and arithmetic energy. The earnings of a
//! site that switches from one to the other are in `perwatt-site`. Every figure carries its
//! evidence ([`Evidence`](perwatt_table::Evidence)).

#![forbid(unsafe_code)]

pub mod catalogue;
pub mod energy;
