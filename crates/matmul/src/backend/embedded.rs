//! The default backend: the fastest compiled-in method for each class of shape.
//!
//! Measured with the example `interleave`: 2 threads on 2 virtual CPUs of an Emerald
//! Rapids Xeon with AVX-512, OpenBLAS 0.3.21 with its SkylakeX kernels, ratios of
//! rates, each the median within interleaved rounds; the ranges are over the shapes
//! of a class and, for 4 and 8 rows, over repeated runs. Other work ran on the machine:
//! on squares, where `embedded` is `gemm`, the two differ by up to 0.8 to 1.4.
//!
//! | class | gemm / OpenBLAS | matrixmultiply / gemm | embedded / gemm | embedded computes by |
//! |---|---|---|---|---|
//! | squares 512 to 4096 | 1.0 to 1.1 | 0.85 to 0.95 | (the same) | `gemm` |
//! | prefill, m = 512 | 1.0 to 1.1 | 0.75 to 0.9 | (the same) | `gemm` |
//! | m = 1 | 1.3 to 3.2 | 0.2 to 0.65 | 0.85, 1.75, 1.85 | `gemm`, columns divided |
//! | m = 2, 3 | 2.0 to 2.2 | 0.4 to 0.45 | (the same) | `gemm` |
//! | m = 4 | 2.0 to 3.1 | 0.3 to 0.55 | 0.75 to 1.45 | own kernel |
//! | m = 5 to 7 | 1.4 to 4.0 | 0.25 to 0.75 | 1.1 to 1.8 | own kernel |
//! | m = 8 | 1.2 to 1.7 | 0.6 to 0.95 | 1.1 to 2.2 | own kernel |
//!
//! `gemm` keeps m = 1 on one thread. That costs nothing for the small attention weights,
//! held in the cache here, but it does for the larger ones. The own kernel is slower than
//! `gemm` at 1 and 2 rows.

use rayon::ThreadPool;

use super::compiled_in::CompiledIn;
use super::{Backend, Origin, gemm, narrow};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "embedded",
    measured_unnamed: true,
    origin: Origin::CompiledIn(CompiledIn {
        library: "gemm",
        version: gemm::VERSION,
        config: Some("gemm; own kernel for 4 to 8 rows"),
        multiply,
    }),
};

/// The method for one class of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// `gemm`, which divides the work itself.
    GemmWhole,
    /// Single-threaded `gemm` on a tile of C per thread.
    GemmTiles,
    /// This crate's own kernel for few rows.
    Narrow,
}

impl Strategy {
    /// The strategy for a shape.
    fn of(shape: Shape) -> Self {
        match shape.m {
            1 => Self::GemmTiles,
            4..=narrow::MAX_ROWS => Self::Narrow,
            _ => Self::GemmWhole,
        }
    }
}

/// Computes one product by the strategy for its shape.
fn multiply(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    match Strategy::of(problem.shape) {
        Strategy::GemmWhole => gemm::whole(pool, problem, c),
        Strategy::GemmTiles => gemm::tiles(pool, problem, c),
        Strategy::Narrow => narrow::multiply(pool, problem, c),
    }
}
