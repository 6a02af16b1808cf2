//! The default: the fastest of what is compiled in for each class of shape.
//!
//! Measured with the example `interleave` (2 threads of a shared Emerald Rapids
//! virtual machine, AVX-512, medians of ratios within interleaved rounds; the machine
//! was loaded, so that differences under about a tenth mean nothing):
//!
//! | class | matrixmultiply / gemm | own kernel / gemm | gemm / OpenBLAS 0.3.21 (SkylakeX) |
//! |---|---|---|---|
//! | squares 512, 2048 | 0.8 | - | 1.0 to 1.6 |
//! | prefill, m = 512 | 0.9 | - | 0.9 to 1.0 |
//! | m = 1 | 0.25 to 0.4 | 0.2 to 0.75 | 2.2 to 3.1 |
//! | m = 2 | 0.3 | 0.45 | 3.5 |
//! | m = 4 | 0.4 | 0.75 to 1.6 | 3.0 |
//! | m = 8 | 0.5 to 0.95 | 1.6 to 2.2 | 1.2 to 1.7 |
//!
//! `matrixmultiply` was never the faster. For m = 1 `gemm` uses one thread; dividing
//! the columns costs nothing on two threads (0.95 to 1.07) and uses all of more.

use rayon::ThreadPool;

use super::crates::{self, GEMM_VERSION};
use super::narrow;
use super::{Description, Multiply};
use crate::problem::Problem;
use crate::shape::Shape;

/// Chooses per shape; see [`Strategy::of`].
pub(super) struct Embedded {
    pool: ThreadPool,
}

/// How one class of shapes is computed.
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

impl Embedded {
    pub(super) fn new(pool: ThreadPool) -> Self {
        Self { pool }
    }
}

impl Multiply for Embedded {
    fn describe(&self) -> Description {
        Description {
            config: Some("gemm; own kernel for 4 to 8 rows".to_owned()),
            ..crates::embedded_description("embedded", "gemm", GEMM_VERSION, &self.pool)
        }
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        match Strategy::of(problem.shape) {
            Strategy::GemmWhole => crates::gemm_whole(&self.pool, problem, c),
            Strategy::GemmTiles => crates::gemm_tiles(&self.pool, problem, c),
            Strategy::Narrow => narrow::multiply(&self.pool, problem, c),
        }
    }
}
