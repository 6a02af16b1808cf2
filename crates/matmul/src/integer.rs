//! A product of small integers with its inputs, for devices with 8-bit dot products.

use crate::element::Element;
use crate::normal::fill_mapped;
use crate::problem::{Problem, fits_memory, inputs};
use crate::shape::{Shape, ShapeError};

/// A product of 8-bit integers, from -127 to 127, to compute exactly in 32 bits.
pub type IntegerProblem = Problem<i8>;

impl IntegerProblem {
    /// Name of the input distribution, for records.
    pub const ROUNDED: &'static str = "round(32*normal(0,1)), at most 127";

    /// Standard deviation of the inputs: four standard deviations fill the range, as
    /// in weights that were quantised.
    pub const SCALE: f32 = 32.0;

    /// The largest k whose sums fit in 32 bits: k·127² < 2^31.
    pub const MAX_K: usize = (1 << 31) / (127 * 127);

    /// Generates A and B from `seed`, the same on every machine: the values of
    /// [`Problem::generate`](crate::Problem::generate) times [`SCALE`](Self::SCALE),
    /// rounded and limited to ±127. Uses the current rayon pool.
    ///
    /// # Errors
    /// As [`Problem::generate`](crate::Problem::generate), and
    /// [`ShapeError::Overflow`] for a k above [`MAX_K`](Self::MAX_K).
    pub fn of_integers(shape: Shape, seed: u64) -> Result<Self, ShapeError> {
        fits_memory(shape)?;
        if shape.k > Self::MAX_K {
            return Err(ShapeError::Overflow { shape });
        }
        let fill = |values: &mut [i8], key| fill_mapped(values, key, i8::nearest);
        let (a, b) = inputs(shape, seed, fill)?;
        Ok(Self { shape, seed, a, b })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::freivalds::{self, Mismatch};
    use crate::reference;

    fn problem() -> IntegerProblem {
        IntegerProblem::of_integers(Shape::new(17, 31, 63).unwrap(), 3).unwrap()
    }

    fn product(problem: &IntegerProblem) -> Vec<i32> {
        let exact = reference::integer_product(problem).into_iter();
        exact.map(|c| i32::try_from(c).unwrap()).collect()
    }

    #[test]
    fn inputs_follow_the_seed() {
        assert_eq!(problem(), problem());
        let other = IntegerProblem::of_integers(problem().shape, 4).unwrap();
        assert_ne!(problem().a, other.a);
        assert_ne!(problem().a[..100], problem().b[..100]);
        assert!(problem().a.iter().any(|&a| a < -32) && problem().b.iter().any(|&b| b > 32));
    }

    #[test]
    fn sums_that_could_leave_32_bits_are_refused() {
        let k = IntegerProblem::MAX_K;
        assert!((k as i64) * 127 * 127 < 1 << 31 && (k as i64 + 1) * 127 * 127 >= 1 << 31);
        let generate = |k| IntegerProblem::of_integers(Shape { m: 1, n: 1, k }, 1);
        assert!(generate(k).is_ok());
        assert!(matches!(generate(k + 1), Err(ShapeError::Overflow { .. })));
    }

    #[test]
    fn one_wrong_bit_in_any_place_is_found() {
        let problem = problem();
        let right = product(&problem);
        let agreement = freivalds::check_integers(&problem, &right, 2, 9).unwrap();
        assert_eq!((agreement.rounds, agreement.max_ratio), (2, 0.0));
        for bit in 0..32 {
            for place in [0, 30, 31, right.len() - 1] {
                let mut wrong = right.clone();
                wrong[place] ^= 1 << bit;
                let mismatch = freivalds::check_integers(&problem, &wrong, 1, 9).unwrap_err();
                let row = place / problem.shape.n;
                assert_eq!(mismatch, Mismatch::Inexact { row, round: 0 });
            }
        }
        let mut swapped = right.clone();
        swapped.swap(3, 4);
        assert!(freivalds::check_integers(&problem, &swapped, 1, 9).is_err());
    }

    #[test]
    fn lengths_and_rounds_are_checked() {
        let problem = problem();
        let c = product(&problem);
        let short = freivalds::check_integers(&problem, &c[1..], 1, 1);
        assert!(matches!(short, Err(Mismatch::Length { matrix: "C", .. })));
        let none = freivalds::check_integers(&problem, &c, 0, 1);
        assert_eq!(none, Err(Mismatch::NoRounds));
    }
}
