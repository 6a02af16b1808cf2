//! The product in double precision by a simple, slow method, for small shapes.

use std::ops::{AddAssign, Mul};

use crate::freivalds::SAFETY;
use crate::integer::IntegerProblem;
use crate::problem::Problem;
use crate::rounding::Rounding;
use crate::shape::Shape;

/// C = A·B with every product and sum in `f64`; row-major, m×n.
#[must_use]
pub fn product(problem: &Problem) -> Vec<f64> {
    sums(problem.shape, &problem.a, &problem.b)
}

/// A·B with every product and sum in a wider format than the elements'.
fn sums<T: Copy, W>(shape: Shape, a: &[T], b: &[T]) -> Vec<W>
where
    W: From<T> + Copy + Default + Mul<Output = W> + AddAssign,
{
    let mut c = vec![W::default(); shape.c_len()];
    for (a_row, c_row) in a.chunks_exact(shape.k).zip(c.chunks_exact_mut(shape.n)) {
        for (&a, b_row) in a_row.iter().zip(b.chunks_exact(shape.n)) {
            for (c, &b) in c_row.iter_mut().zip(b_row) {
                *c += W::from(a) * W::from(b);
            }
        }
    }
    c
}

/// The largest |C - reference| over all elements, each divided by its own rigorous bound
/// γ(k)·(|A|·|B|), γ(k) = k·u/(1 - k·u), u = 2^-24 (Higham, *Accuracy and Stability of
/// Numerical Algorithms*, 2nd ed., §3.5). Any correct single-precision product, in any
/// order of summation, with or without fused multiply-add, is at most 1; infinity when the
/// length is wrong or an element is not a number.
#[must_use]
pub fn max_ratio(problem: &Problem, c: &[f32]) -> f64 {
    let shape = problem.shape;
    if c.len() != shape.c_len() {
        return f64::INFINITY;
    }
    let magnitudes = product(&Problem {
        shape,
        seed: problem.seed,
        a: problem.a.iter().map(|v| v.abs()).collect(),
        b: problem.b.iter().map(|v| v.abs()).collect(),
    });
    let ku = shape.k as f64 * f64::from(f32::EPSILON) / 2.0;
    let gamma = ku / (1.0 - ku);
    c.iter()
        .zip(product(problem))
        .zip(magnitudes)
        .map(|((&got, exact), magnitude)| {
            let ratio = (f64::from(got) - exact).abs() / (gamma * magnitude);
            // 0/0 is an exact zero of zeros.
            if f64::from(got) == exact {
                0.0
            } else if ratio.is_nan() {
                f64::INFINITY
            } else {
                ratio
            }
        })
        .fold(0.0, f64::max)
}

/// The largest |C - reference| over all elements, each divided by its share of the
/// tolerance of [`crate::freivalds`]: [`SAFETY`]·σ with the norms of row a(i) and
/// column b(j). For half precision, where the rigorous bound exceeds the
/// element itself from k = 2048 on. At most 1 for a product of inputs of mean zero.
#[must_use]
pub fn max_statistical_ratio(problem: &Problem, c: &[f32], rounding: Rounding) -> f64 {
    let shape = problem.shape;
    if c.len() != shape.c_len() {
        return f64::INFINITY;
    }
    let mut columns = vec![0.0f64; shape.n];
    for row in problem.b.chunks_exact(shape.n) {
        for (sum, &b) in columns.iter_mut().zip(row) {
            *sum += f64::from(b).powi(2);
        }
    }
    let scale = SAFETY * rounding.variance(shape.k).sqrt();
    let exact = product(problem);
    let rows = c.chunks_exact(shape.n).zip(exact.chunks_exact(shape.n));
    rows.zip(problem.a.chunks_exact(shape.k))
        .flat_map(|((got, exact), a)| {
            let a: f64 = a.iter().map(|&a| f64::from(a).powi(2)).sum();
            got.iter()
                .zip(exact)
                .zip(&columns)
                .map(move |((&got, exact), b)| {
                    let error = (f64::from(got) - exact).abs();
                    let ratio = error / (scale * (a * b).sqrt());
                    match (error == 0.0, ratio.is_nan()) {
                        (true, _) => 0.0,
                        (false, true) => f64::INFINITY,
                        (false, false) => ratio,
                    }
                })
        })
        .fold(0.0, f64::max)
}

/// C = A·B of integers, exact; row-major, m×n.
#[must_use]
pub fn integer_product(problem: &IntegerProblem) -> Vec<i64> {
    sums(problem.shape, &problem.a, &problem.b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 2×3 matrix times a 3×2 matrix, computed by hand.
    fn small() -> Problem {
        Problem {
            shape: Shape { m: 2, n: 2, k: 3 },
            seed: 0,
            a: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            b: vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0],
        }
    }

    #[test]
    fn a_product_done_by_hand() {
        assert_eq!(product(&small()), [58.0, 64.0, 139.0, 154.0]);
    }

    #[test]
    fn the_ratio_tells_right_from_wrong() {
        let right = [58.0, 64.0, 139.0, 154.0];
        assert_eq!(max_ratio(&small(), &right), 0.0);
        for wrong in [f32::NAN, f32::INFINITY, 0.0, 153.9] {
            let mut c = right;
            c[3] = wrong;
            assert!(max_ratio(&small(), &c) > 1.0, "{wrong}");
        }
        assert!(max_ratio(&small(), &right[..3]) > 1.0);
        for rounding in [Rounding::F32, Rounding::F16] {
            let ratio = |c: &[f32]| max_statistical_ratio(&small(), c, rounding);
            assert_eq!(ratio(&right), 0.0);
            assert!(ratio(&[f32::NAN, 64.0, 139.0, 154.0]) > 1.0);
            assert!(ratio(&[0.0, 64.0, 139.0, 154.0]) > 1.0);
            assert!(ratio(&right[..3]) > 1.0);
        }
        let slightly = [58.0, 64.0, 139.0, 153.9];
        let ratio = |rounding| max_statistical_ratio(&small(), &slightly, rounding);
        assert!(ratio(Rounding::F32) > 1.0);
        assert!(ratio(Rounding::F16) < 1.0);
    }

    #[test]
    fn an_integer_product_done_by_hand() {
        let problem = IntegerProblem {
            shape: Shape { m: 2, n: 2, k: 3 },
            seed: 0,
            a: vec![1, -2, 3, 4, 5, 127],
            b: vec![7, 8, 9, -10, 11, 127],
        };
        assert_eq!(integer_product(&problem), [22, 409, 1470, 16_111]);
    }
}
