//! Matrix products on a GPU: of two matrices, and of one token with weights.

pub(in crate::workload) mod kind;
mod library;
mod library_inputs;
mod library_queue;
mod library_run;
mod library_step;
mod plan;
mod run;
mod work;

pub(in crate::workload) use library_run::{forms as library_forms, run as library_run};
pub(in crate::workload) use plan::{PRODUCTS, VECTORS, backends, entries, product_params};
pub(in crate::workload) use run::{forms, run};
