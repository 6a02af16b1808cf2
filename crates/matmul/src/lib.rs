//! The matrix multiplication workload on the CPU.
