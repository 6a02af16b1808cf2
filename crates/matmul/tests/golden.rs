//! The inputs of a seed are part of the workload's definition: these values must never
//! change, on any platform. Those of seed 42 were also computed from the definition with
//! another language's logarithm and cosine.

use perwatt_matmul::{Problem, Shape};

#[test]
fn the_values_of_seed_42() {
    let problem = Problem::generate(Shape::new(3, 5, 2).unwrap(), 42).unwrap();
    let bits = |values: &[f32]| {
        let bits = values.iter().map(|v| format!("{:08x}", v.to_bits()));
        bits.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        bits(&problem.a),
        "bfb3b984 3f4cbd5b bd733a9f 3ed0761e 40042310 bf5cd569"
    );
    assert_eq!(
        bits(&problem.b),
        "3fcbb9d3 bdbf4cf2 bf4184cd 3f649885 beb991f0 3f92aa80 3f6674b0 3fae72b8 bf4b86a5 bf1e7a31"
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
