//! The dimensions of a product, its operations and its memory.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The dimensions of C\[m×n\] = A\[m×k\]·B\[k×n\], all three matrices row-major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// Rows of A and of C.
    pub m: usize,
    /// Columns of B and of C.
    pub n: usize,
    /// Columns of A and rows of B: the inner dimension.
    pub k: usize,
}

/// The reasons that a shape cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// The text is neither `MxNxK` nor the name of a known shape.
    #[error(
        "'{text}' is not a matrix shape: give MxNxK such as 512x4096x4096 (C is MxN, the inner dimension is K), or one of {}",
        known.join(", ")
    )]
    Malformed {
        /// The text given.
        text: String,
        /// The names of all known shapes.
        known: Vec<String>,
    },
    /// A dimension is zero, so that there would be nothing to compute.
    #[error("the shape {shape} has a zero dimension: every dimension must be at least 1")]
    Zero {
        /// The shape given.
        shape: Shape,
    },
    /// A dimension, a size or the operation count does not fit its integer type.
    #[error(
        "the shape {shape} is too large: a dimension exceeds 2147483647, or its matrices or operation count overflow 64 bits; give smaller dimensions"
    )]
    Overflow {
        /// The shape given.
        shape: Shape,
    },
    /// The three matrices do not fit in memory.
    #[error(
        "the shape {shape} needs {needed_bytes} bytes for its three matrices but only {available_bytes} bytes of memory are available: choose a smaller shape or free memory"
    )]
    TooLarge {
        /// The shape given.
        shape: Shape,
        /// Size of A, B and C together.
        needed_bytes: u64,
        /// The memory available on the machine, or the limit given by the caller.
        available_bytes: u64,
    },
    /// The allocator refused a matrix of this shape.
    #[error(
        "the memory for the shape {shape} ({needed_bytes} bytes for its three matrices) could not be allocated: choose a smaller shape or free memory"
    )]
    Allocation {
        /// The shape given.
        shape: Shape,
        /// Size of A, B and C together.
        needed_bytes: u64,
    },
}

impl Shape {
    /// A shape whose dimensions are at least 1 and whose sizes do not overflow.
    ///
    /// # Errors
    /// [`ShapeError::Zero`] or [`ShapeError::Overflow`].
    pub fn new(m: usize, n: usize, k: usize) -> Result<Self, ShapeError> {
        let shape = Self { m, n, k };
        shape.bytes().map(|_| shape)
    }

    /// Floating-point operations in one product: 2·m·n·k, one multiplication and
    /// one addition for each term. Saturates where [`Shape::bytes`] reports overflow.
    #[must_use]
    pub fn flop(&self) -> u64 {
        self.operations().unwrap_or(u64::MAX)
    }

    fn operations(&self) -> Option<u64> {
        let mut dimensions = [self.m, self.n, self.k].into_iter();
        dimensions.try_fold(2u64, |product, d| product.checked_mul(d as u64))
    }

    /// Bytes of A, B and C together in single precision.
    ///
    /// # Errors
    /// [`ShapeError::Zero`] when a dimension is zero, [`ShapeError::Overflow`] when
    /// one exceeds 2^31 - 1 (the integers of a common BLAS interface), the operation
    /// count exceeds 64 bits or a matrix exceeds the address space.
    pub fn bytes(&self) -> Result<u64, ShapeError> {
        if self.m == 0 || self.n == 0 || self.k == 0 {
            return Err(ShapeError::Zero { shape: *self });
        }
        let overflow = || ShapeError::Overflow { shape: *self };
        if [self.m, self.n, self.k]
            .iter()
            .any(|d| i32::try_from(*d).is_err())
        {
            return Err(overflow());
        }
        let matrix = |rows: usize, columns: usize| {
            rows.checked_mul(columns)
                .and_then(|len| len.checked_mul(size_of::<f32>()))
                // No allocation may exceed isize::MAX bytes.
                .filter(|&bytes| isize::try_from(bytes).is_ok())
                .map(|bytes| bytes as u64)
        };
        self.operations().ok_or_else(overflow)?;
        [(self.m, self.k), (self.k, self.n), (self.m, self.n)]
            .into_iter()
            .try_fold(0u64, |sum, (rows, columns)| {
                sum.checked_add(matrix(rows, columns)?)
            })
            .ok_or_else(overflow)
    }

    /// Checks that A, B and C together fit in `available_bytes`.
    ///
    /// # Errors
    /// [`ShapeError::TooLarge`] when they do not, and the errors of [`Shape::bytes`].
    pub fn fits(&self, available_bytes: u64) -> Result<(), ShapeError> {
        let needed_bytes = self.bytes()?;
        if needed_bytes > available_bytes {
            return Err(ShapeError::TooLarge {
                shape: *self,
                needed_bytes,
                available_bytes,
            });
        }
        Ok(())
    }

    /// Elements of A (m·k).
    #[must_use]
    pub fn a_len(&self) -> usize {
        self.m * self.k
    }

    /// Elements of B (k·n).
    #[must_use]
    pub fn b_len(&self) -> usize {
        self.k * self.n
    }

    /// Elements of C (m·n).
    #[must_use]
    pub fn c_len(&self) -> usize {
        self.m * self.n
    }
}

impl fmt::Display for Shape {
    /// `m x n x k` without spaces: `512x4096x4096`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.m, self.n, self.k)
    }
}

impl FromStr for Shape {
    type Err = ShapeError;

    /// Reads `MxNxK` in decimal, such as `512x4096x4096`. Names are looked up by
    /// [`crate::shapes::find`].
    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let malformed = || ShapeError::Malformed {
            text: text.to_owned(),
            known: crate::shapes::names(),
        };
        let mut dimensions = [0usize; 3];
        let mut parts = text.split('x');
        for dimension in &mut dimensions {
            let part = parts.next().ok_or_else(malformed)?;
            // usize's own parser would accept a leading '+'.
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(malformed());
            }
            // All digits, so that the only failure left is a number beyond usize.
            *dimension = part.parse().unwrap_or(usize::MAX);
        }
        if parts.next().is_some() {
            return Err(malformed());
        }
        let [m, n, k] = dimensions;
        Self::new(m, n, k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_the_definition() {
        let shape = Shape::new(512, 4096, 14336).unwrap();
        assert_eq!(shape.flop(), 2 * 512 * 4096 * 14336);
        let elements = 512 * 14336 + 14336 * 4096 + 512 * 4096;
        assert_eq!(shape.bytes().unwrap(), 4 * elements);
        assert_eq!(shape.to_string(), "512x4096x14336");
    }

    #[test]
    fn zero_and_overflow_are_refused() {
        let zero = |shape| matches!(shape, Err(ShapeError::Zero { .. }));
        assert!(zero(Shape::new(0, 1, 1)) && zero("1x0x9".parse()));
        let overflow = |shape| matches!(shape, Err(ShapeError::Overflow { .. }));
        let most = usize::MAX;
        assert!(overflow(Shape::new(most, 2, 2)));
        assert_eq!(
            Shape {
                m: most,
                n: 2,
                k: 2
            }
            .flop(),
            u64::MAX
        );
        // Each matrix is addressable, but 2mnk is beyond 64 bits.
        assert!(overflow(Shape::new(1 << 22, 1 << 22, 1 << 22)));
        assert!("2147483647x1x1".parse::<Shape>().is_ok());
        for text in ["2147483648x1x1", "99999999999999999999999x1x1"] {
            assert!(overflow(text.parse()), "{text}");
        }
    }

    #[test]
    fn malformed_text_names_itself() {
        for text in [
            "", "512", "1x2", "1x2x3x4", "1x2x-3", "+1x2x3", "1X2X3", "1x2x ", "axbxc", "1xx3",
        ] {
            let error = text.parse::<Shape>().unwrap_err();
            assert!(matches!(error, ShapeError::Malformed { .. }), "{text}");
            assert!(error.to_string().starts_with(&format!("'{text}'")));
        }
    }

    #[test]
    fn a_limit_is_inclusive() {
        let shape = Shape::new(2, 3, 4).unwrap();
        assert_eq!(shape.bytes().unwrap(), 4 * (8 + 12 + 6));
        assert!(shape.fits(104).is_ok());
        assert!(matches!(
            shape.fits(103),
            Err(ShapeError::TooLarge {
                needed_bytes: 104,
                available_bytes: 103,
                ..
            })
        ));
    }

    proptest! {
        #[test]
        fn display_and_parse_agree(m in 1usize..100_000, n in 1usize..100_000, k in 1usize..100_000) {
            let shape = Shape::new(m, n, k).unwrap();
            prop_assert_eq!(shape.to_string().parse::<Shape>().unwrap(), shape);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<Shape>();
        }
    }
}
