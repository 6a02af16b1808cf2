//! The default: the faster of the two crates for each class of shape.

use rayon::ThreadPool;

use super::crates::{self, GEMM_VERSION, MATRIXMULTIPLY_VERSION};
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
            2..=narrow::MAX_ROWS => Self::Narrow,
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
        crates::embedded_description(
            "embedded",
            "gemm + matrixmultiply",
            &format!("{GEMM_VERSION} + {MATRIXMULTIPLY_VERSION}"),
            &self.pool,
        )
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        match Strategy::of(problem.shape) {
            Strategy::GemmWhole => crates::gemm_whole(&self.pool, problem, c),
            Strategy::GemmTiles => crates::gemm_tiles(&self.pool, problem, c),
            Strategy::Narrow => narrow::multiply(&self.pool, problem, c),
        }
    }
}
