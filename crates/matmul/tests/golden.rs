//! The inputs of a seed are part of the workload's definition: these values must never
//! change, on any platform. Those of seed 42 were also computed from the definition with
//! another language's logarithm and cosine.

use perwatt_matmul::{Problem, Shape};

#[test]
fn the_values_of_seed_42() {
    let problem = Problem::generate(Shape::new(3, 5, 2).unwrap(), 42).unwrap();
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(
        bits(&problem.a),
        [
            0xbfb3_b984,
            0x3f4c_bd5b,
            0xbd73_3a9f,
            0x3ed0_761e,
            0x4004_2310,
            0xbf5c_d569
        ]
    );
    assert_eq!(
        bits(&problem.b),
        [
            0x3fcb_b9d3,
            0xbdbf_4cf2,
            0xbf41_84cd,
            0x3f64_9885,
            0xbeb9_91f0,
            0x3f92_aa80,
            0x3f66_74b0,
            0x3fae_72b8,
            0xbf4b_86a5,
            0xbf1e_7a31
        ]
    );
}

/// FNV-1a over the bits of a matrix that spans several parallel tasks.
#[test]
fn the_digest_of_a_large_matrix() {
    let problem = Problem::generate(Shape::new(1, 701, 499).unwrap(), u64::MAX).unwrap();
    let digest = problem
        .b
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, value| {
            (hash ^ u64::from(value.to_bits())).wrapping_mul(0x100_0000_01b3)
        });
    assert_eq!(digest, 0x0609_b749_8268_df05, "{digest:#x}");
}
