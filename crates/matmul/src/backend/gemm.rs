//! The two GEMM crates. Both take raw pointers, so that this file is one of the
//! few of the crate with `unsafe`.
#![allow(unsafe_code)]

use gemm::Parallelism;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::split::{Tile, tiles};
use super::{Description, Multiply, assert_lengths};
use crate::problem::Problem;
use crate::shape::Shape;

/// Versions of the crates, as in the manifest; a test compares them with the lock.
pub(super) const GEMM_VERSION: &str = "0.19.0";
const MATRIXMULTIPLY_VERSION: &str = "0.3.11";

/// The `gemm` crate with its own division of work among the threads.
pub(super) struct Gemm {
    pool: ThreadPool,
}

impl Gemm {
    pub(super) fn new(pool: ThreadPool) -> Self {
        Self { pool }
    }
}

impl Multiply for Gemm {
    fn describe(&self) -> Description {
        embedded_description("gemm", "gemm", GEMM_VERSION, &self.pool)
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        gemm_whole(&self.pool, problem, c);
    }
}

/// The `matrixmultiply` crate, single-threaded on one tile of C per thread.
pub(super) struct Matrixmultiply {
    pool: ThreadPool,
}

impl Matrixmultiply {
    pub(super) fn new(pool: ThreadPool) -> Self {
        Self { pool }
    }
}

impl Multiply for Matrixmultiply {
    fn describe(&self) -> Description {
        embedded_description(
            "matrixmultiply",
            "matrixmultiply",
            MATRIXMULTIPLY_VERSION,
            &self.pool,
        )
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        matrixmultiply_tiles(&self.pool, problem, c);
    }
}

/// The description of a backend that is compiled in.
pub(super) fn embedded_description(
    name: &str,
    library: &str,
    version: &str,
    pool: &ThreadPool,
) -> Description {
    Description {
        name: name.to_owned(),
        library: library.to_owned(),
        version: version.to_owned(),
        path: None,
        config: None,
        threads: pool.current_num_threads(),
        threads_known: true,
        thread_hook: true,
        warning: None,
    }
}

/// One product by `gemm`, divided by `gemm`.
pub(super) fn gemm_whole(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    assert_lengths(problem, c);
    let parallelism = match pool.current_num_threads() {
        1 => Parallelism::None,
        threads => Parallelism::Rayon(threads),
    };
    let c = Output(c.as_mut_ptr());
    pool.install(|| {
        // SAFETY: the lengths were asserted, the tile is all of C, and C is borrowed
        // mutably for the whole call.
        unsafe { gemm_tile(problem, &c, &whole(problem.shape), parallelism) }
    });
}

/// One product by single-threaded `gemm` on each tile.
pub(super) fn gemm_tiles(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    each_tile(pool, problem, c, |problem, c, tile| {
        // SAFETY: `each_tile` gives tiles within asserted lengths that no other
        // thread writes.
        unsafe { gemm_tile(problem, c, tile, Parallelism::None) }
    });
}

/// One product by `matrixmultiply` on each tile.
pub(super) fn matrixmultiply_tiles(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    each_tile(pool, problem, c, |problem, c, tile| {
        // SAFETY: as in `gemm_tiles`.
        unsafe { matrixmultiply_tile(problem, c, tile) }
    });
}

/// The start of C, shared by threads that write disjoint tiles.
struct Output(*mut f32);

// SAFETY: only `each_tile` and `gemm_whole` create it, from a `&mut [f32]` that
// outlives every use, and each tile is written by one thread.
unsafe impl Sync for Output {}

/// Runs `multiply` once for each tile of C, at most one tile per thread of the pool.
fn each_tile(
    pool: &ThreadPool,
    problem: &Problem,
    c: &mut [f32],
    multiply: impl Fn(&Problem, &Output, &Tile) + Sync,
) {
    assert_lengths(problem, c);
    let tiles = tiles(problem.shape, pool.current_num_threads());
    let c = Output(c.as_mut_ptr());
    pool.install(|| {
        tiles
            .par_iter()
            .with_max_len(1)
            .for_each(|tile| multiply(problem, &c, tile));
    });
}

/// The tile that is all of C.
fn whole(shape: Shape) -> Tile {
    Tile {
        rows: 0..shape.m,
        columns: 0..shape.n,
    }
}

/// A tile of C by `gemm`.
///
/// # Safety
/// A and B have the lengths of the shape, `c` points to m·n elements, the tile lies
/// within C and nothing else accesses it during the call.
unsafe fn gemm_tile(problem: &Problem, c: &Output, tile: &Tile, parallelism: Parallelism) {
    let Shape { n, k, .. } = problem.shape;
    // SAFETY: the offsets stay within the three matrices by the contract above; no
    // dimension exceeds isize because each matrix is a slice. C is written only:
    // `read_dst` is false.
    unsafe {
        gemm::gemm(
            tile.rows.len(),
            tile.columns.len(),
            k,
            c.0.add(tile.rows.start * n + tile.columns.start),
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

/// A tile of C by `matrixmultiply`.
///
/// # Safety
/// As for [`gemm_tile`].
unsafe fn matrixmultiply_tile(problem: &Problem, c: &Output, tile: &Tile) {
    let Shape { n, k, .. } = problem.shape;
    // SAFETY: as in `gemm_tile`; with beta zero C is not read.
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
            c.0.add(tile.rows.start * n + tile.columns.start),
            n as isize,
            1,
        );
    }
}
