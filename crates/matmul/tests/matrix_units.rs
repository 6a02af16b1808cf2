//! Products as matrix units round them: the check must accept them, and still find work that
//! was left out.

use perwatt_matmul::{Problem, Rounding, Shape, freivalds};
use rayon::prelude::*;

/// A matrix unit by the model of MMA-Sim (arXiv 2511.10909): a step adds `terms` products and
/// the sum so far, each cut to `fraction` bits below the exponent of the largest, and the
/// new sum is cut to `kept` bits of fraction. Every cut is toward zero.
struct Unit {
    terms: usize,
    fraction: i32,
    kept: u32,
    /// Significand of an input, with its leading bit, and the smallest step of its format.
    input: (i32, f64),
}

const HALF: (i32, f64) = (11, 1.0 / 16_777_216.0);
const BF16: (i32, f64) = (8, 0.0);
const TF32: (i32, f64) = (11, 0.0);
const E4M3: (i32, f64) = (4, 1.0 / 512.0);

#[rustfmt::skip]
const VOLTA_F16: Unit = Unit { terms: 4, fraction: 23, kept: 23, input: HALF };
#[rustfmt::skip]
const AMPERE_F16: Unit = Unit { terms: 8, fraction: 24, kept: 23, input: HALF };
#[rustfmt::skip]
const AMPERE_BF16: Unit = Unit { terms: 8, fraction: 24, kept: 23, input: BF16 };
#[rustfmt::skip]
const AMPERE_TF32: Unit = Unit { terms: 4, fraction: 24, kept: 23, input: TF32 };
#[rustfmt::skip]
const HOPPER_BF16: Unit = Unit { terms: 16, fraction: 25, kept: 23, input: BF16 };
#[rustfmt::skip]
const ADA_FP8: Unit = Unit { terms: 16, fraction: 13, kept: 13, input: E4M3 };
#[rustfmt::skip]
const HOPPER_FP8: Unit = Unit { terms: 32, fraction: 13, kept: 13, input: E4M3 };

const ROWS: usize = 64;
const COLUMNS: usize = 256;
/// The inner dimension of the widest layer of an 8B model.
const DEPTH: usize = 14336;
const ROUNDS: u32 = 100;

/// 2^exponent.
fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// The exponent of a number that is not zero.
fn exponent(value: f64) -> i32 {
    (value.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

impl Unit {
    /// Inputs in the unit's format.
    fn problem(&self, rows: usize) -> Problem {
        let shape = Shape::new(rows, COLUMNS, DEPTH).unwrap();
        let mut problem = Problem::generate(shape, 5).unwrap();
        let (bits, least) = self.input;
        for value in problem.a.iter_mut().chain(&mut problem.b) {
            let exact = f64::from(*value);
            let step = power(exponent(exact) - bits + 1).max(least);
            *value = ((exact / step).round() * step) as f32;
        }
        problem
    }

    /// One element of the product.
    fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        let mut sum = 0.0f64;
        let mut products = [0.0f64; 32];
        for (a, b) in a.chunks_exact(self.terms).zip(b.chunks_exact(self.terms)) {
            let mut largest = sum.abs();
            for (product, (a, b)) in products.iter_mut().zip(a.iter().zip(b)) {
                *product = f64::from(*a) * f64::from(*b);
                largest = largest.max(product.abs());
            }
            if largest == 0.0 {
                continue;
            }
            let exponent_of_step = exponent(largest);
            let scale = power(self.fraction - exponent_of_step);
            let cut: i64 = products[..self.terms]
                .iter()
                .map(|product| i64::from((product * scale) as i32))
                .sum();
            sum = (cut + (sum * scale) as i64) as f64 * power(exponent_of_step - self.fraction);
            sum = f64::from_bits(sum.to_bits() & !((1 << (52 - self.kept)) - 1));
        }
        sum as f32
    }

    /// The product, one chain of steps over all of k for each element.
    fn multiply(&self, problem: &Problem) -> Vec<f32> {
        let Shape { n, k, .. } = problem.shape;
        let columns: Vec<f32> = (0..n * k)
            .map(|at| problem.b[at % k * n + at / k])
            .collect();
        let row = |row: &[f32]| -> Vec<f32> {
            columns.chunks_exact(k).map(|b| self.dot(row, b)).collect()
        };
        problem.a.par_chunks_exact(k).flat_map_iter(row).collect()
    }
}

/// Rounding of the unit's sums, a right product, and the inputs.
fn solved(unit: &Unit, rows: usize) -> (Rounding, Problem, Vec<f32>) {
    let rounding = match unit.kept {
        13 => Rounding::FP8,
        _ => Rounding::MATRIX_UNIT,
    };
    let problem = unit.problem(rows);
    let c = unit.multiply(&problem);
    (rounding, problem, c)
}

#[test]
fn right_products_are_refused_by_the_tight_tolerance_and_pass_their_own() {
    #[rustfmt::skip]
    let cases = [
        (AMPERE_F16, ROWS, true), (AMPERE_TF32, 32, true), (AMPERE_BF16, 16, false),
        (HOPPER_BF16, 16, false), (VOLTA_F16, 16, false),
        (ADA_FP8, 16, true), (HOPPER_FP8, 16, true),
    ];
    for (unit, rows, refused) in cases {
        let name = format!("L {} F {} {}", unit.terms, unit.fraction, unit.input.0);
        let (rounding, problem, c) = solved(&unit, rows);
        let tight = freivalds::check(&problem, &c, ROUNDS, 9);
        assert_eq!(tight.is_err(), refused, "{name}: {tight:?}");
        let own = freivalds::check_rounded(&problem, &c, rounding, ROUNDS, 9).unwrap();
        assert!(own.max_ratio < 0.2, "{name}: {own:?}");
    }
}

/// Faults that are found in every round, with sizes for one row of 256 elements.
#[test]
fn wrong_products_are_found_all_the_same() {
    let size = (DEPTH as f32).sqrt();
    // A block of k, an error of one element in sizes, a change of one element of A.
    for (unit, block, error, change) in [
        (AMPERE_F16, 64, 0.25, 2.0),
        (HOPPER_BF16, 64, 0.25, 2.0),
        (HOPPER_FP8, 256, 3.0, 40.0),
    ] {
        let (rounding, problem, right) = solved(&unit, 8);
        let finds = |problem: &Problem, c: &[f32]| {
            freivalds::check_rounded(problem, c, rounding, 10, 4).is_err()
        };
        assert!(!finds(&problem, &right));

        let mut off = right.clone();
        off[3 * COLUMNS + 100] += error * size;
        assert!(finds(&problem, &off), "one element, F {}", unit.fraction);

        let mut short = Problem {
            seed: problem.seed,
            shape: problem.shape,
            a: problem.a.clone(),
            b: problem.b.clone(),
        };
        short.b[1024 * COLUMNS..(1024 + block) * COLUMNS].fill(0.0);
        let left_out = unit.multiply(&short);
        assert!(finds(&problem, &left_out), "k block, F {}", unit.fraction);

        let mut next = short;
        next.b.clone_from(&problem.b);
        next.a[5 * DEPTH + 77] += change;
        assert!(finds(&next, &right), "stale, F {}", unit.fraction);
    }
}
