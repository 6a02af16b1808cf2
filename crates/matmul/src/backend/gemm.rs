//! The `gemm` crate, which takes raw pointers.
#![allow(unsafe_code)]

use gemm::Parallelism;
use rayon::ThreadPool;

use super::compiled_in::CompiledIn;
use super::split::{Output, Tile, each_tile};
use super::{Backend, Origin, assert_lengths};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "gemm",
    measured_unnamed: false,
    origin: Origin::CompiledIn(CompiledIn {
        library: "gemm",
        version: VERSION,
        config: None,
        multiply: whole,
    }),
};

pub(super) const VERSION: &str = "0.19.0";

/// Computes one product by `gemm`, which divides it among the threads itself.
pub(super) fn whole(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    assert_lengths(problem, c);
    let parallelism = match pool.current_num_threads() {
        1 => Parallelism::None,
        threads => Parallelism::Rayon(threads),
    };
    let c = Output::of(c);
    pool.install(|| {
        // SAFETY: the lengths were asserted, the tile is all of C, and C is borrowed
        // mutably for the whole call.
        unsafe { tile(problem, &c, &Tile::whole(problem.shape), parallelism) }
    });
}

/// One product by single-threaded `gemm` on each tile.
pub(super) fn tiles(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    each_tile(pool, problem, c, |problem, c, piece| {
        // SAFETY: `each_tile` gives tiles within asserted lengths that no other
        // thread writes.
        unsafe { tile(problem, c, piece, Parallelism::None) }
    });
}

/// A tile of C by `gemm`.
///
/// # Safety
/// A and B have the lengths of the shape, `c` points to m·n elements, the tile lies
/// within C and nothing else accesses it during the call.
unsafe fn tile(problem: &Problem, c: &Output, tile: &Tile, parallelism: Parallelism) {
    let Shape { n, k, .. } = problem.shape;
    // SAFETY: the offsets stay within the three matrices by the contract above; no
    // dimension exceeds isize because each matrix is a slice. C is written only:
    // `read_dst` is false.
    unsafe {
        gemm::gemm(
            tile.rows.len(),
            tile.columns.len(),
            k,
            c.start().add(tile.rows.start * n + tile.columns.start),
            1,
            n as isize,
            false,
            problem.a.as_ptr().add(tile.rows.start * k),
            1,
            k as isize,
            problem.b.as_ptr().add(tile.columns.start),
            1,
            n as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}
