//! Matrix products on a GPU: of two matrices, and of one token with weights.

pub(in crate::workload) mod kind;
mod plan;
mod run;

pub(in crate::workload) use plan::{PRODUCTS, VECTORS, backends, entries, product_params};
pub(in crate::workload) use run::{forms, run};
