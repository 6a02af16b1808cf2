//! Matrix products by the libraries of GPU vendors: cuBLASLt of NVIDIA and hipBLASLt of AMD.
//!
//! Both have the same functions under different names, and so have the drivers below them.
//! One table of functions and one of codes serve both: [`Vendor`] says which.
//!
//! A [`Road`] is the way to a vendor's cards: its driver and its library. A [`Device`] is a
//! card in use, a [`Plan`] a product on it: D = A·B with A m×k and B k×n. The libraries
//! count matrices by columns; they compute Dᵀ = Bᵀ·Aᵀ with both operands contiguous along
//! k ("TN"), the layout that every format has, and D comes out row by row.

mod codes;
mod descriptors;
mod device;
mod fault;
mod format;
mod functions;
mod plan;
mod road;
mod runtime;

pub use descriptors::Algorithm;
pub use device::{Device, Event};
pub use fault::Fault;
pub use format::Format;
pub use plan::{Operands, Plan};
pub use road::{Card, Road, Vendor};
