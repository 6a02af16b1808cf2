//! Freivalds' test: is C really A·B, in O(m·n + n·k + m·k) per round.
//!
//! For a random vector x of ±1 the product is right only if C·x = A·(B·x). All
//! three matrix-vector products accumulate in double precision.
//!
//! # Tolerance
//! Single precision rounds, so that the two sides differ a little even when C is
//! right. Let e be the error of one element of C. Summing k terms in order, step t
//! commits a relative error of at most u = 2^-24 on the partial sum s(t), hence
//! e = Σ δ(t)·s(t). For independent terms of mean zero, which the inputs here are,
//! the partial sums grow like a random walk, E s(t)² = t·‖a‖²‖b‖²/k², and with
//! independent δ of mean zero the variance of e is at most u²·‖a‖²·‖b‖²/2: it does
//! not grow with √k beyond the norms (Higham and Mary, *Sharper probabilistic
//! backward error analysis for basic linear algebra kernels with random data*, SIAM
//! J. Sci. Comput. 42(5), 2020). Blocked and fused summation only make it smaller.
//! A row's residual Σ ±e over its n elements is then of mean zero and standard
//! deviation at most
//!
//! σ(i) = u/√2 · ‖a(i)‖₂ · ‖B‖_F,
//!
//! and the tolerance of row i is [`SAFETY`]·σ(i). A right product stays well
//! below: every library tried stays under 0.1. The element size of C is
//! √k, so that on a 4096³ product a single element off by 0.3 % of its size is
//! found, and so is a product computed in a shorter format such as TF32 or bf16.
//!
//! One error in one element is seen whatever x is; errors that cancel for one x are
//! seen by another with probability at least ½, so that each round halves what can
//! hide.

use rayon::prelude::*;
use thiserror::Error;

use crate::normal;
use crate::problem::Problem;

/// Standard deviations of the worst-case rounding model that a row may be off by.
/// Far beyond the largest of 10^4 rows × 10^2 rounds of normal variates (6.0), with
/// room for libraries that sum in single precision without blocking.
pub const SAFETY: f64 = 16.0;

/// Tells the check's random vectors from the inputs drawn from an equal seed.
const TAG_X: u64 = 0x58;

/// C passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Rounds that agreed.
    pub rounds: u32,
    /// The largest |residual| / tolerance of any row in any round; at most 1.
    pub max_ratio: f64,
}

/// C is not the product, or was not checked.
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
        /// The most that was allowed.
        tolerance: f64,
    },
    /// A matrix does not have the length of the shape.
    #[error("{matrix} has {given} elements where the shape {shape} needs {expected}")]
    Length {
        /// `A`, `B` or `C`.
        matrix: &'static str,
        /// The shape, as text.
        shape: String,
        /// Elements given.
        given: usize,
        /// Elements needed.
        expected: usize,
    },
    /// No round was asked for, so that nothing was checked.
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
    let shape = problem.shape;
    for (matrix, given, expected) in [
        ("A", problem.a.len(), shape.a_len()),
        ("B", problem.b.len(), shape.b_len()),
        ("C", c.len(), shape.c_len()),
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
    let tolerance = tolerances(problem);
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

/// The tolerance of each row.
fn tolerances(problem: &Problem) -> Vec<f64> {
    let unit_roundoff = f64::from(f32::EPSILON) / 2.0;
    let norm_b = squares(&problem.b, problem.shape.n)
        .iter()
        .sum::<f64>()
        .sqrt();
    squares(&problem.a, problem.shape.k)
        .iter()
        .map(|square| {
            SAFETY * unit_roundoff * std::f64::consts::FRAC_1_SQRT_2 * square.sqrt() * norm_b
        })
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
