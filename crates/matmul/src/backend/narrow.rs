//! Products with at most eight rows: the decode shapes, bound by reading B.
//!
//! A GEMM walks B in tiles a few cache lines wide. That costs a page per row of B, which
//! pays off if the tile is reused for many rows of A; here there are too few rows. This
//! kernel walks B in long pieces of its rows, reads each element once, and keeps a panel of
//! C in the first-level cache to add it to.
//!
//! The arithmetic is safe Rust that the compiler turns into vectors; only the calls
//! that choose an instruction set at run time are `unsafe`.
#![allow(unsafe_code)]

use rayon::ThreadPool;
use rayon::prelude::*;

use super::assert_lengths;
use crate::problem::Problem;

/// The largest number of rows that this kernel takes.
pub(super) const MAX_ROWS: usize = 8;

/// Elements of C that stay in the first-level cache: 32 KiB.
const PANEL: usize = 8192;

/// Elements per vector step: one 512-bit register, two of 256 or four of 128 bits.
const LANES: usize = 16;

/// Rows of B added to C at once, so that C is loaded and stored a fourth as often.
const DEPTH: usize = 4;

/// Computes one product; the threads of the pool share its columns.
///
/// # Panics
/// When m exceeds [`MAX_ROWS`] or a length is wrong.
pub(super) fn multiply(pool: &ThreadPool, problem: &Problem, c: &mut [f32]) {
    assert_lengths(problem, c);
    let shape = problem.shape;
    assert!(shape.m <= MAX_ROWS, "{shape} has more than {MAX_ROWS} rows");
    let threads = pool.current_num_threads();
    // Equal pieces, the same number for each thread, none wider than the panel.
    let widest = PANEL / shape.m;
    let pieces = threads * shape.n.div_ceil(widest * threads);
    let width = shape.n.div_ceil(pieces).next_multiple_of(LANES);
    let mut panels: Vec<Vec<&mut [f32]>> = Vec::new();
    panels.resize_with(shape.n.div_ceil(width), Vec::new);
    for row in c.chunks_exact_mut(shape.n) {
        for (panel, piece) in panels.iter_mut().zip(row.chunks_mut(width)) {
            panel.push(piece);
        }
    }
    let level = Level::detect();
    pool.install(|| {
        panels
            .par_iter_mut()
            .with_max_len(1)
            .enumerate()
            .for_each(|(index, panel)| {
                let b = &problem.b[index * width..];
                match shape.m {
                    1 => run::<1>(level, problem, b, panel),
                    2 => run::<2>(level, problem, b, panel),
                    3 => run::<3>(level, problem, b, panel),
                    4 => run::<4>(level, problem, b, panel),
                    5 => run::<5>(level, problem, b, panel),
                    6 => run::<6>(level, problem, b, panel),
                    7 => run::<7>(level, problem, b, panel),
                    _ => run::<8>(level, problem, b, panel),
                }
            });
    });
}

/// The instruction sets the kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// The features that the program is compiled for.
    Baseline,
}

impl Level {
    /// The widest level that this CPU supports.
    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        Self::Baseline
    }
}

/// Computes one panel at one level. `b` starts at the panel's first column of B's first
/// row.
fn run<const M: usize>(level: Level, problem: &Problem, b: &[f32], panel: &mut [&mut [f32]]) {
    // The caller pushed one piece for each of the M rows of C.
    let Ok(panel) = <&mut [&mut [f32]; M]>::try_from(panel) else {
        unreachable!("a panel has one piece for each of {M} rows")
    };
    match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `detect` found AVX-512F.
        Level::Avx512 => unsafe { avx512(problem, b, panel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `detect` found AVX2 and FMA.
        Level::Avx2 => unsafe { avx2(problem, b, panel) },
        // Fused only where that is an instruction and not a function call.
        Level::Baseline => kernel::<M, { cfg!(target_arch = "aarch64") }>(problem, b, panel),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512<const M: usize>(problem: &Problem, b: &[f32], panel: &mut [&mut [f32]; M]) {
    kernel::<M, true>(problem, b, panel);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<const M: usize>(problem: &Problem, b: &[f32], panel: &mut [&mut [f32]; M]) {
    kernel::<M, true>(problem, b, panel);
}

/// Computes one panel of C, `DEPTH` rows of B at a time.
#[inline(always)]
fn kernel<const M: usize, const FUSED: bool>(
    problem: &Problem,
    b: &[f32],
    panel: &mut [&mut [f32]; M],
) {
    let (n, k) = (problem.shape.n, problem.shape.k);
    let width = panel[0].len();
    for piece in panel.iter_mut() {
        piece.fill(0.0);
    }
    let row = |l: usize| &b[l * n..][..width];
    let mut l = 0;
    while l + DEPTH <= k {
        let a: [[f32; DEPTH]; M] =
            std::array::from_fn(|i| std::array::from_fn(|u| problem.a[i * k + l + u]));
        add::<M, DEPTH, FUSED>(&a, std::array::from_fn(|u| row(l + u)), panel);
        l += DEPTH;
    }
    for l in l..k {
        let a: [[f32; 1]; M] = std::array::from_fn(|i| [problem.a[i * k + l]]);
        add::<M, 1, FUSED>(&a, [row(l)], panel);
    }
}

/// panel += a·rows for `D` rows of B.
#[inline(always)]
fn add<const M: usize, const D: usize, const FUSED: bool>(
    a: &[[f32; D]; M],
    rows: [&[f32]; D],
    panel: &mut [&mut [f32]; M],
) {
    let term = |a: f32, b: f32, sum: f32| {
        if FUSED {
            a.mul_add(b, sum)
        } else {
            a * b + sum
        }
    };
    let whole = panel[0].len() / LANES;
    let blocks = rows.map(|row| &row.as_chunks::<LANES>().0[..whole]);
    let sums = panel
        .each_mut()
        .map(|piece| &mut piece.as_chunks_mut::<LANES>().0[..whole]);
    for block in 0..whole {
        let b: [[f32; LANES]; D] = std::array::from_fn(|u| blocks[u][block]);
        for i in 0..M {
            let mut sum = sums[i][block];
            for u in 0..D {
                for lane in 0..LANES {
                    sum[lane] = term(a[i][u], b[u][lane], sum[lane]);
                }
            }
            sums[i][block] = sum;
        }
    }
    for (a, piece) in a.iter().zip(panel) {
        for (column, sum) in piece.iter_mut().enumerate().skip(whole * LANES) {
            for u in 0..D {
                *sum = term(a[u], rows[u][column], *sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::shape::Shape;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_level_agrees_with_the_reference(
            m in 1usize..=MAX_ROWS, n in 1usize..300, k in 1usize..50, seed: u64,
        ) {
            let problem = Problem::generate(Shape { m, n, k }, seed).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            let mut c = vec![f32::NAN; m * n];
            multiply(&pool, &problem, &mut c);
            prop_assert!(reference::max_ratio(&problem, &c) <= 1.0);

            #[cfg(target_arch = "x86_64")]
            let avx2 = (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"))
                .then_some(Level::Avx2);
            #[cfg(not(target_arch = "x86_64"))]
            let avx2 = None;
            for level in [Some(Level::Baseline), avx2].into_iter().flatten() {
                let mut c = vec![f32::NAN; n];
                let one = Problem::generate(Shape { m: 1, n, k }, seed).unwrap();
                run::<1>(level, &one, &one.b, &mut [&mut c]);
                prop_assert!(reference::max_ratio(&one, &c) <= 1.0, "{:?}", level);
            }
        }
    }

    #[test]
    fn a_row_wider_than_the_panel_is_cut() {
        let shape = Shape {
            m: 1,
            n: 3 * PANEL + 5,
            k: 9,
        };
        let problem = Problem::generate(shape, 3).unwrap();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .build()
            .unwrap();
        let mut c = vec![f32::NAN; shape.n];
        multiply(&pool, &problem, &mut c);
        assert!(reference::max_ratio(&problem, &c) <= 1.0);
    }
}
