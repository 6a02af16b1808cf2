//! The division of C into one rectangle per thread.
#![allow(unsafe_code)]

use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::assert_lengths;
use crate::problem::Problem;
use crate::shape::Shape;

/// A rectangle of C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    /// Rows of A and of C.
    pub rows: Range<usize>,
    /// Columns of B and of C.
    pub columns: Range<usize>,
}

impl Tile {
    /// All of C.
    pub(super) fn whole(shape: Shape) -> Self {
        Self {
            rows: 0..shape.m,
            columns: 0..shape.n,
        }
    }
}

/// The start of C, shared by threads that write disjoint tiles.
pub(super) struct Output(*mut f32);

// SAFETY: it only gives a pointer. Code that writes through it, in an `unsafe` block of its
// own, is responsible for the tile that it writes.
unsafe impl Sync for Output {}

impl Output {
    pub(super) fn of(c: &mut [f32]) -> Self {
        Self(c.as_mut_ptr())
    }

    pub(super) fn start(&self) -> *mut f32 {
        self.0
    }
}

/// Runs `multiply` once for each tile of C, at most one tile per thread of the pool.
pub(super) fn each_tile(
    pool: &ThreadPool,
    problem: &Problem,
    c: &mut [f32],
    multiply: impl Fn(&Problem, &Output, &Tile) + Sync,
) {
    assert_lengths(problem, c);
    let tiles = tiles(problem.shape, pool.current_num_threads());
    let c = Output::of(c);
    pool.install(|| {
        tiles
            .par_iter()
            .with_max_len(1)
            .for_each(|tile| multiply(problem, &c, tile));
    });
}

/// Cuts C into at most `threads` disjoint tiles that cover it. Of the grids with
/// as many cells as threads it takes the one whose tiles have the smallest
/// half-perimeter, because each tile packs its own rows of A and columns of B.
/// Cuts fall on multiples of 16, a cache line of C and the width of a kernel.
fn tiles(shape: Shape, threads: usize) -> Vec<Tile> {
    let (row_parts, column_parts) = (1..=threads)
        .filter(|parts| threads.is_multiple_of(*parts))
        .map(|row_parts| (row_parts, threads / row_parts))
        .min_by_key(|&(row_parts, column_parts)| {
            // A grid finer than the matrix leaves threads without work, so the tiles that
            // exist are compared first.
            let cells = ranges(shape.m, row_parts).len() * ranges(shape.n, column_parts).len();
            let edge = shape.m.div_ceil(row_parts) + shape.n.div_ceil(column_parts);
            (threads - cells, edge)
        })
        .unwrap_or((1, 1));
    let columns = ranges(shape.n, column_parts);
    ranges(shape.m, row_parts)
        .into_iter()
        .flat_map(|rows| {
            columns.iter().map(move |columns| Tile {
                rows: rows.clone(),
                columns: columns.clone(),
            })
        })
        .collect()
}

/// `0..len` in at most `parts` non-empty ranges that differ by at most one step.
fn ranges(len: usize, parts: usize) -> Vec<Range<usize>> {
    const STEP: usize = 16;
    let steps = len.div_ceil(STEP);
    (0..parts)
        .map(|part| {
            let bound = |part: usize| (steps * part / parts * STEP).min(len);
            bound(part)..bound(part + 1)
        })
        .filter(|range| !range.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decode_splits_columns_and_tall_splits_rows() {
        let of = |m, n| tiles(Shape { m, n, k: 64 }, 4);
        let decode = of(1, 14336);
        assert!(decode.len() == 4 && decode.iter().all(|t| t.rows == (0..1)));
        let tall = of(4096, 16);
        assert!(tall.len() == 4 && tall.iter().all(|t| t.columns == (0..16)));
        let square = of(512, 512);
        assert_eq!((square[0].rows.len(), square[0].columns.len()), (256, 256));
    }

    proptest! {
        #[test]
        fn tiles_partition_c(m in 1usize..200, n in 1usize..200, threads in 1usize..40) {
            let mut seen = vec![0u8; m * n];
            let tiles = tiles(Shape { m, n, k: 1 }, threads);
            prop_assert!(tiles.len() <= threads);
            for tile in tiles {
                for row in tile.rows {
                    for column in tile.columns.clone() {
                        seen[row * n + column] += 1;
                    }
                }
            }
            prop_assert!(seen.iter().all(|&count| count == 1));
        }
    }
}
