//! Freivalds' test that C is A·B, in O(m·n + n·k + m·k) per round.
//!
//! For a random vector x of ±1 the product is right only if C·x = A·(B·x). All
//! three matrix-vector products accumulate in double precision.
//!
//! Sums round, so that the two sides differ a little even when C is right. [`Rounding`]
//! gives the standard deviation σ(i) of row i by the arithmetic that computed it, and the
//! tolerance is [`SAFETY`]·σ(i).
//!
//! One error in one element is detected with every x; errors that cancel for one x are
//! detected with another with probability at least ½, so that each round halves the
//! probability that an error stays hidden.
//!
//! # Integers
//! [`check_integers`] has no tolerance. It works modulo 2^64 with x uniform over all
//! 64-bit words. The difference D of a claimed and a right element, if not zero, is
//! below 2^32 in size, so that D = 2^s·odd with s ≤ 31, and whatever else is wrong in
//! its row, at most one word x in 2^33 hides it.

use rayon::prelude::*;
use thiserror::Error;

use crate::integer::IntegerProblem;
use crate::normal;
use crate::problem::Problem;
use crate::rounding::Rounding;
use crate::shape::Shape;

/// Unit roundoff of single precision, 2^-24.
pub const F32_ROUNDOFF: f64 = f32::EPSILON as f64 / 2.0;

/// Unit roundoff of half precision, 2^-11.
pub const F16_ROUNDOFF: f64 = 1.0 / 2048.0;

/// Standard deviations of the worst-case rounding model that a row may be off by. Far
/// beyond the largest of 10^4 rows × 10^2 rounds of normal variates (6.0), with room for
/// libraries that sum in single precision without blocking.
pub const SAFETY: f64 = 16.0;

/// Distinguishes the check's random vectors from inputs drawn from an equal seed.
const TAG_X: u64 = 0x58;

/// The result of a check that C passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Rounds that agreed.
    pub rounds: u32,
    /// The largest |residual| / tolerance of any row in any round; at most 1.
    pub max_ratio: f64,
}

/// The result of a check that C failed, or that could not be made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Mismatch {
    /// A row of C·x differs from A·(B·x) by more than rounding explains.
    #[error(
        "the product is wrong: row {row} differs by {error:e} where rounding explains {tolerance:e} (round {round}); the result cannot be used"
    )]
    Residual {
        /// Row of C, from 0.
        row: usize,
        /// Round, from 0.
        round: u32,
        /// |C·x - A·(B·x)| of the row; NaN or infinite when C has such an element.
        error: f64,
        /// The largest difference allowed.
        tolerance: f64,
    },
    /// An integer product is not exact.
    #[error(
        "the product is wrong: row {row} is not exact (round {round}); the result cannot be used"
    )]
    Inexact {
        /// Row of C, from 0.
        row: usize,
        /// Round, from 0.
        round: u32,
    },
    /// A matrix does not have the length of the shape.
    #[error("{matrix} has {given} elements where the shape {shape} needs {expected}")]
    Length {
        /// `A`, `B` or `C`.
        matrix: &'static str,
        /// The shape, as text.
        shape: String,
        /// Number of elements given.
        given: usize,
        /// Number of elements needed.
        expected: usize,
    },
    /// The number of rounds is zero, so that nothing was checked.
    #[error("0 rounds check nothing: ask for at least 1")]
    NoRounds,
}

/// Checks `c` against the inputs with `rounds` random vectors drawn from `seed`, on
/// the current rayon pool. The outcome does not depend on the number of threads.
/// `problem` must hold inputs of mean zero, as [`Problem::generate`] makes them.
///
/// # Errors
/// [`Mismatch`], naming the first wrong row.
pub fn check(problem: &Problem, c: &[f32], rounds: u32, seed: u64) -> Result<Agreement, Mismatch> {
    check_rounded(problem, c, Rounding::F32, rounds, seed)
}

/// As [`check`], for sums that round as `rounding` says. `problem` holds the inputs as the
/// device has them, rounded to their format.
///
/// # Errors
/// [`Mismatch`], naming the first wrong row.
pub fn check_rounded(
    problem: &Problem,
    c: &[f32],
    rounding: Rounding,
    rounds: u32,
    seed: u64,
) -> Result<Agreement, Mismatch> {
    let shape = problem.shape;
    lengths(shape, problem.a.len(), problem.b.len(), c.len(), rounds)?;
    let tolerance = tolerances(problem, rounding);
    let mut max_ratio = 0.0f64;
    for round in 0..rounds {
        let x = signs(shape.n, normal::key(seed, TAG_X), round);
        let claimed = times(c, &x);
        let computed = times(&problem.a, &times(&problem.b, &x));
        for (row, ((claimed, computed), &tolerance)) in
            claimed.iter().zip(&computed).zip(&tolerance).enumerate()
        {
            let error = (claimed - computed).abs();
            // NaN is not within any tolerance.
            if error.is_nan() || error > tolerance {
                return Err(Mismatch::Residual {
                    row,
                    round,
                    error,
                    tolerance,
                });
            }
            if error > 0.0 {
                max_ratio = max_ratio.max(error / tolerance);
            }
        }
    }
    Ok(Agreement { rounds, max_ratio })
}

/// Checks that `c` is exactly the product of `problem`, with `rounds` random vectors
/// drawn from `seed`, on the current rayon pool. The agreement's ratio is 0.
///
/// # Errors
/// [`Mismatch`], naming the first wrong row.
pub fn check_integers(
    problem: &IntegerProblem,
    c: &[i32],
    rounds: u32,
    seed: u64,
) -> Result<Agreement, Mismatch> {
    let shape = problem.shape;
    lengths(shape, problem.a.len(), problem.b.len(), c.len(), rounds)?;
    for round in 0..rounds {
        let key = normal::word(normal::key(seed, TAG_X), u64::from(round));
        let x: Vec<u64> = (0..shape.n as u64)
            .map(|index| normal::word(key, index))
            .collect();
        let claimed = times_modular(c, &x);
        let computed = times_modular(&problem.a, &times_modular(&problem.b, &x));
        if let Some(row) = claimed
            .iter()
            .zip(&computed)
            .position(|(claimed, computed)| claimed != computed)
        {
            return Err(Mismatch::Inexact { row, round });
        }
    }
    Ok(Agreement {
        rounds,
        max_ratio: 0.0,
    })
}

/// Checks that the matrices have the lengths of the shape and that there is at least one
/// round.
fn lengths(shape: Shape, a: usize, b: usize, c: usize, rounds: u32) -> Result<(), Mismatch> {
    for (matrix, given, expected) in [
        ("A", a, shape.a_len()),
        ("B", b, shape.b_len()),
        ("C", c, shape.c_len()),
    ] {
        if given != expected {
            return Err(Mismatch::Length {
                matrix,
                shape: shape.to_string(),
                given,
                expected,
            });
        }
    }
    if rounds == 0 {
        return Err(Mismatch::NoRounds);
    }
    Ok(())
}

/// A row-major matrix of `x.len()` columns times `x`, modulo 2^64.
fn times_modular<T: Copy + Into<i64> + Sync>(matrix: &[T], x: &[u64]) -> Vec<u64> {
    matrix
        .par_chunks_exact(x.len())
        .map(|row| {
            row.iter().zip(x).fold(0u64, |sum, (&value, &x)| {
                let value: i64 = value.into();
                sum.wrapping_add((value as u64).wrapping_mul(x))
            })
        })
        .collect()
}

/// The tolerance of each row.
fn tolerances(problem: &Problem, rounding: Rounding) -> Vec<f64> {
    let Shape { n, k, .. } = problem.shape;
    let norm_b = squares(&problem.b, n).iter().sum::<f64>().sqrt();
    let factor = SAFETY * rounding.variance(k).sqrt() * norm_b;
    squares(&problem.a, k)
        .iter()
        .map(|square| factor * square.sqrt())
        .collect()
}

/// The squared Euclidean norm of each row.
fn squares(matrix: &[f32], columns: usize) -> Vec<f64> {
    matrix
        .par_chunks_exact(columns)
        .map(|row| row.iter().map(|&v| f64::from(v).powi(2)).sum())
        .collect()
}

/// The ±1 vector of one round.
fn signs(len: usize, key: u64, round: u32) -> Vec<f64> {
    let key = normal::word(key, u64::from(round));
    (0..len as u64)
        .map(|index| {
            let bit = normal::word(key, index / 64) >> (index % 64) & 1;
            if bit == 1 { 1.0 } else { -1.0 }
        })
        .collect()
}

/// A row-major matrix of `x.len()` columns times `x`.
fn times(matrix: &[f32], x: &[f64]) -> Vec<f64> {
    matrix
        .par_chunks_exact(x.len())
        .map(|row| dot(row, x))
        .collect()
}

/// Σ row·x in double precision. Eight partial sums let the compiler use vectors,
/// and their fixed order keeps the result the same everywhere.
fn dot(row: &[f32], x: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0f64; LANES];
    let (rows, row_rest) = row.as_chunks::<LANES>();
    let (xs, x_rest) = x.as_chunks::<LANES>();
    for (row, x) in rows.iter().zip(xs) {
        for lane in 0..LANES {
            sums[lane] += f64::from(row[lane]) * x[lane];
        }
    }
    let rest: f64 = row_rest
        .iter()
        .zip(x_rest)
        .map(|(&v, x)| f64::from(v) * x)
        .sum();
    sums.iter().sum::<f64>() + rest
}
