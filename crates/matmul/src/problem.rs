//! One product with its inputs.

use crate::normal;
use crate::shape::{Shape, ShapeError};

/// Distinguishes A's values from B's under one seed.
const TAG_A: u64 = 0x41;
const TAG_B: u64 = 0x42;

/// A product to compute: its shape and its seeded inputs, of one number format.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem<T = f32> {
    /// The dimensions.
    pub shape: Shape,
    /// The seed the inputs were generated from.
    pub seed: u64,
    /// A, m×k, row-major.
    pub a: Vec<T>,
    /// B, k×n, row-major.
    pub b: Vec<T>,
}

impl Problem<f32> {
    /// Name of the input distribution, for records.
    pub const DISTRIBUTION: &'static str = "normal(0,1)";

    /// Generates A and B with independent standard normal elements. The values depend only
    /// on the shape and the seed, not on the number of threads, the instruction set or the
    /// platform's mathematical library. Uses the current rayon pool.
    ///
    /// # Errors
    /// [`ShapeError::Zero`] and [`ShapeError::Overflow`] as for [`Shape::bytes`];
    /// [`ShapeError::TooLarge`] when A, B and C exceed the memory that the system
    /// reports as available; [`ShapeError::Allocation`] when the allocator refuses.
    pub fn generate(shape: Shape, seed: u64) -> Result<Self, ShapeError> {
        fits_memory(shape)?;
        let (a, b) = inputs(shape, seed, normal::fill)?;
        Ok(Self { shape, seed, a, b })
    }
}

/// Refuses a shape that does not fit in the available memory.
pub(crate) fn fits_memory(shape: Shape) -> Result<(), ShapeError> {
    match available_memory_bytes() {
        Some(available_bytes) => shape.fits(available_bytes),
        None => shape.bytes().map(drop),
    }
}

/// A and B, filled by `fill` from a key each, or the error of an allocator that refuses
/// them.
pub(crate) fn inputs<T: Clone + Default>(
    shape: Shape,
    seed: u64,
    fill: impl Fn(&mut [T], u64),
) -> Result<(Vec<T>, Vec<T>), ShapeError> {
    let matrix = |len: usize, tag: u64| {
        let mut values = Vec::new();
        if values.try_reserve_exact(len).is_err() {
            return Err(ShapeError::Allocation {
                shape,
                needed_bytes: shape.bytes()?,
            });
        }
        values.resize(len, T::default());
        fill(&mut values, normal::key(seed, tag));
        Ok(values)
    };
    Ok((matrix(shape.a_len(), TAG_A)?, matrix(shape.b_len(), TAG_B)?))
}

/// `MemAvailable` of Linux, because an overcommitting allocator would grant more and the
/// process would be killed while filling it. `None` where the system does not report it.
fn available_memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_shapes_are_refused_before_allocating() {
        let zero = Problem::generate(Shape { m: 4, n: 0, k: 4 }, 1);
        assert!(matches!(zero, Err(ShapeError::Zero { .. })));
        // Half an exabyte: addressable, but no machine has it.
        let huge = Shape::new(1 << 28, 1, 1 << 29).unwrap();
        assert!(matches!(
            Problem::generate(huge, 1),
            Err(ShapeError::TooLarge { .. } | ShapeError::Allocation { .. })
        ));
    }

    #[test]
    fn a_and_b_differ_and_follow_the_seed() {
        let shape = Shape::new(33, 33, 33).unwrap();
        let one = Problem::generate(shape, 1).unwrap();
        let two = Problem::generate(shape, 2).unwrap();
        assert_eq!(one, Problem::generate(shape, 1).unwrap());
        assert_ne!(one.a, one.b);
        assert_ne!(one.a, two.a);
        assert_ne!(one.b, two.b);
    }
}
