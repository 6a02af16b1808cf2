//! Results that the check must accept, and errors that it must detect.

use perwatt_matmul::freivalds::{self, Mismatch};
use perwatt_matmul::{Backend, Problem, Shape};
use proptest::prelude::*;

/// A square product computed by the default backend.
fn solved(edge: usize) -> (Problem, Vec<f32>) {
    let problem = Problem::generate(Shape::new(edge, edge, edge).unwrap(), 3).unwrap();
    let c = by("embedded", &problem);
    (problem, c)
}

/// The product by a backend.
fn by(name: &str, problem: &Problem) -> Vec<f32> {
    let mut c = vec![f32::NAN; problem.shape.c_len()];
    Backend::open(name, 2, None)
        .unwrap()
        .multiply(problem, &mut c);
    c
}

fn row_of(result: Result<freivalds::Agreement, Mismatch>) -> usize {
    match result {
        Err(Mismatch::Residual { row, .. }) => row,
        other => panic!("a wrong product gave {other:?}"),
    }
}

#[test]
fn a_right_product_is_far_below_the_tolerance() {
    let (problem, c) = solved(512);
    let agreement = freivalds::check(&problem, &c, 20, 9).unwrap();
    assert_eq!(agreement.rounds, 20);
    let ratio = agreement.max_ratio;
    assert!(ratio > 0.0 && ratio < 0.5, "{agreement:?}");
}

/// The least accurate correct algorithm: one running sum in single precision.
#[test]
fn a_plain_sum_over_a_long_inner_dimension_passes() {
    let problem = Problem::generate(Shape::new(8, 64, 14336).unwrap(), 5).unwrap();
    let mut c = vec![0.0f32; 8 * 64];
    for i in 0..8 {
        for l in 0..14336 {
            for j in 0..64 {
                c[i * 64 + j] += problem.a[i * 14336 + l] * problem.b[l * 64 + j];
            }
        }
    }
    let agreement = freivalds::check(&problem, &c, 50, 1).unwrap();
    assert!(agreement.max_ratio < 0.5, "{agreement:?}");
}

#[test]
fn one_element_off_by_a_percent_is_found() {
    let (problem, c) = solved(512);
    let size = 512f32.sqrt();
    for (row, column) in [(0, 0), (511, 511), (200, 77)] {
        for change in [0.01 * size, -0.01 * size] {
            let mut wrong = c.clone();
            wrong[row * 512 + column] += change;
            assert_eq!(row_of(freivalds::check(&problem, &wrong, 1, 4)), row);
        }
    }
}

#[test]
fn nothing_infinite_or_undefined_passes() {
    let (problem, c) = solved(64);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in [0, 64 * 31 + 5, 64 * 64 - 1] {
            let mut wrong = c.clone();
            wrong[at] = value;
            assert_eq!(row_of(freivalds::check(&problem, &wrong, 1, 4)), at / 64);
        }
    }
    // Two infinities of opposite sign.
    let mut wrong = c;
    wrong[100] = f32::INFINITY;
    wrong[101] = f32::NEG_INFINITY;
    assert_eq!(row_of(freivalds::check(&problem, &wrong, 1, 4)), 1);
}

#[test]
fn structural_mistakes_are_found() {
    let (problem, c) = solved(256);
    let edge = 256;
    let transposed: Vec<f32> = (0..edge * edge)
        .map(|at| c[at % edge * edge + at / edge])
        .collect();
    row_of(freivalds::check(&problem, &transposed, 2, 4));
    row_of(freivalds::check(&problem, &vec![0.0; edge * edge], 2, 4));
    let mut dropped_row = c.clone();
    dropped_row[100 * edge..101 * edge].fill(0.0);
    assert_eq!(row_of(freivalds::check(&problem, &dropped_row, 2, 4)), 100);
    let mut dropped_tile = c.clone();
    for row in 16..32 {
        dropped_tile[row * edge + 32..row * edge + 48].fill(0.0);
    }
    assert!((16..32).contains(&row_of(freivalds::check(&problem, &dropped_tile, 2, 4))));
    let mut swapped_rows = c.clone();
    let (top, bottom) = swapped_rows.split_at_mut(edge);
    top.swap_with_slice(&mut bottom[..edge]);
    assert_eq!(row_of(freivalds::check(&problem, &swapped_rows, 2, 4)), 0);
    // The last term of the inner dimension left out.
    let mut short = c;
    for (at, value) in short.iter_mut().enumerate() {
        let (i, j) = (at / edge, at % edge);
        *value -= problem.a[i * edge + edge - 1] * problem.b[(edge - 1) * edge + j];
    }
    row_of(freivalds::check(&problem, &short, 2, 4));
}

/// bfloat16 inputs with exact sums: fast, and not single precision.
#[test]
fn a_shorter_format_is_found() {
    let (problem, _) = solved(256);
    let short = |v: &f32| f32::from_bits(v.to_bits() & 0xffff_0000);
    let rounded = Problem {
        a: problem.a.iter().map(short).collect(),
        b: problem.b.iter().map(short).collect(),
        ..problem.clone()
    };
    let c = by("gemm", &rounded);
    assert!(freivalds::check(&rounded, &c, 2, 4).is_ok());
    row_of(freivalds::check(&problem, &c, 2, 4));
}

#[test]
fn wrong_lengths_and_no_rounds_are_errors() {
    let (problem, c) = solved(16);
    let error = freivalds::check(&problem, &c[1..], 1, 1).unwrap_err();
    let said = "C has 255 elements where the shape 16x16x16 needs 256";
    assert_eq!(error.to_string(), said);
    let none = freivalds::check(&problem, &c, 0, 1);
    assert_eq!(none, Err(Mismatch::NoRounds));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn right_passes_and_one_wrong_element_fails(
        m in 1usize..40, n in 1usize..40, k in 1usize..40, seed: u64, at: prop::sample::Index,
    ) {
        let shape = Shape::new(m, n, k).unwrap();
        let problem = Problem::generate(shape, seed).unwrap();
        let mut c = by("matrixmultiply", &problem);
        prop_assert!(freivalds::check(&problem, &c, 4, seed).is_ok());
        let at = at.index(c.len());
        c[at] += 0.1 * (k as f32).sqrt();
        prop_assert_eq!(row_of(freivalds::check(&problem, &c, 1, seed)), at / n);
    }
}
