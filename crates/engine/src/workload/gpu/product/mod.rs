//! Matrix products on a GPU: of two matrices, and of one token with weights.

pub(in crate::workload) mod kind;
mod library;
mod library_inputs;
mod library_queue;
mod library_run;
mod library_step;
mod on_gpus;
mod plan;
mod run;
mod work;

pub(in crate::workload) use on_gpus::OnGpus;
pub(in crate::workload) use plan::{PRODUCTS, VECTORS, backends, entries, product_params};
pub(in crate::workload) use run::{forms, run};
