//! The `matrixmultiply` crate, single-threaded on one tile of C per thread. It takes
//! raw pointers.
#![allow(unsafe_code)]

use rayon::ThreadPool;

use super::compiled_in::CompiledIn;
use super::split::{Output, Tile, each_tile};
use super::{Backend, Origin};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "matrixmultiply",
    measured_unnamed: false,
    origin: Origin::CompiledIn(CompiledIn {
        library: "matrixmultiply",
        version: VERSION,
        config: None,
        multiply,
    }),
};

pub(super) const VERSION: &str = "0.3.11";

/// One product by `matrixmultiply` on each tile.
pub(super) fn multiply(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    each_tile(pool, problem, c, |problem, c, piece| {
        // SAFETY: `each_tile` gives tiles within asserted lengths that no other
        // thread writes.
        unsafe { tile(problem, c, piece) }
    });
}

/// A tile of C by `matrixmultiply`.
///
/// # Safety
/// A and B have the lengths of the shape, `c` points to m·n elements, the tile lies
/// within C and nothing else accesses it during the call.
unsafe fn tile(problem: &Problem, c: &Output, tile: &Tile) {
    let Shape { n, k, .. } = problem.shape;
    // SAFETY: the offsets stay within the three matrices by the contract above; no
    // dimension exceeds isize because each matrix is a slice. With beta zero C is not
    // read.
    unsafe {
        matrixmultiply::sgemm(
            tile.rows.len(),
            k,
            tile.columns.len(),
            1.0,
            problem.a.as_ptr().add(tile.rows.start * k),
            k as isize,
            1,
            problem.b.as_ptr().add(tile.columns.start),
            n as isize,
            1,
            0.0,
            c.start().add(tile.rows.start * n + tile.columns.start),
            n as isize,
            1,
        );
    }
}
