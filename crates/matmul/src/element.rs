//! The number formats of products on CPUs.

use half::{bf16, f16};
use perwatt_vendor::onednn;

use crate::backend::{Backend, BackendError, Multiply, ThreadStart};
use crate::freivalds::{self, Agreement, Mismatch};
use crate::integer::IntegerProblem;
use crate::normal::fill_mapped;
use crate::problem::{Problem, fits_memory, inputs};
use crate::shape::{Shape, ShapeError};

/// A number format of products on CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 32-bit floats.
    F32,
    /// 16-bit floats, summed in 32 bits.
    F16F32,
    /// 16-bit floats with the exponent of 32-bit ones, summed in 32 bits.
    Bf16,
    /// 8-bit integers, summed in 32 bits.
    I8,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::F32, Self::F16F32, Self::Bf16, Self::I8];

    /// Its name in those of workloads: `bf16` of `matmul/bf16`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16F32 => "f16-f32",
            Self::Bf16 => "bf16",
            Self::I8 => "i8",
        }
    }
}

/// The elements of a product's inputs.
pub trait Element: onednn::Input<Sum: Into<f64>> {
    /// Inputs that depend only on shape and seed: those of [`Problem::generate`], rounded
    /// to this format.
    ///
    /// # Errors
    /// As [`Problem::generate`].
    fn generate(shape: Shape, seed: u64) -> Result<Problem<Self>, ShapeError> {
        fits_memory(shape)?;
        let fill = |values: &mut [Self], key| fill_mapped(values, key, Self::nearest);
        let (a, b) = inputs(shape, seed, fill)?;
        Ok(Problem { shape, seed, a, b })
    }

    /// A value of the standard normal distribution in this format: rounded to nearest, ties
    /// to even for floats; scaled first for integers.
    fn nearest(normal: f32) -> Self;

    /// Its value, exact.
    fn value(self) -> f32;

    /// The number of the other sign.
    #[must_use]
    fn negated(self) -> Self;

    /// A small number, exact.
    #[doc(hidden)]
    fn small(number: u8) -> Self;

    /// Checks `c` as [`freivalds::check`], exactly where sums are exact. Products of two
    /// numbers of 16 bits are exact in f32, so that the tolerance is that of f32.
    ///
    /// # Errors
    /// As [`freivalds::check`].
    fn check(
        problem: &Problem<Self>,
        c: &[Self::Sum],
        rounds: u32,
        seed: u64,
    ) -> Result<Agreement, Mismatch>;

    /// The function of a CBLAS library for products of this format.
    #[doc(hidden)]
    const CBLAS: &'static [(&'static str, &'static str)];

    /// Opens a backend for products of this format, as [`Backend::open`].
    ///
    /// # Errors
    /// As [`Backend::open`].
    fn open(
        name: &str,
        variant: Option<&str>,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply<Self>>, BackendError> {
        let _ = (variant, on_thread_start);
        Backend::by_name(name)?.load(threads)
    }
}

impl Element for f32 {
    const CBLAS: &'static [(&'static str, &'static str)] = &[("", "cblas_sgemm")];

    fn generate(shape: Shape, seed: u64) -> Result<Problem, ShapeError> {
        Problem::generate(shape, seed)
    }

    fn nearest(normal: f32) -> Self {
        normal
    }

    fn value(self) -> f32 {
        self
    }

    fn negated(self) -> Self {
        -self
    }

    fn small(number: u8) -> Self {
        number.into()
    }

    fn check(problem: &Problem, c: &[f32], rounds: u32, seed: u64) -> Result<Agreement, Mismatch> {
        freivalds::check(problem, c, rounds, seed)
    }

    fn open(
        name: &str,
        variant: Option<&str>,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply>, BackendError> {
        Backend::open_variant(name, variant, threads, on_thread_start)
    }
}

/// Implements the trait for a float of 16 bits.
macro_rules! half_float {
    ($($float:ty: $functions:expr;)+) => {$(
        impl Element for $float {
            const CBLAS: &'static [(&'static str, &'static str)] = &$functions;

            fn nearest(normal: f32) -> Self {
                Self::from_f32(normal)
            }

            fn value(self) -> f32 {
                self.to_f32()
            }

            fn negated(self) -> Self {
                -self
            }

            fn small(number: u8) -> Self {
                number.into()
            }

            fn check(
                problem: &Problem<Self>,
                c: &[f32],
                rounds: u32,
                seed: u64,
            ) -> Result<Agreement, Mismatch> {
                freivalds::check(&problem.widened(), c, rounds, seed)
            }
        }
    )+};
}

half_float! {
    f16: [("MKL", "cblas_gemm_f16f16f32")];
    bf16: [("MKL", "cblas_gemm_bf16bf16f32"), ("OpenBLAS", "cblas_sbgemm")];
}

impl Element for i8 {
    // MKL's function takes one matrix unsigned: another product.
    const CBLAS: &'static [(&'static str, &'static str)] = &[];

    fn generate(shape: Shape, seed: u64) -> Result<Problem<Self>, ShapeError> {
        IntegerProblem::of_integers(shape, seed)
    }

    fn nearest(normal: f32) -> Self {
        (normal * IntegerProblem::SCALE)
            .round()
            .clamp(-127.0, 127.0) as Self
    }

    fn value(self) -> f32 {
        self.into()
    }

    fn negated(self) -> Self {
        -self
    }

    fn small(number: u8) -> Self {
        number as Self
    }

    fn check(
        problem: &Problem<Self>,
        c: &[i32],
        rounds: u32,
        seed: u64,
    ) -> Result<Agreement, Mismatch> {
        freivalds::check_integers(problem, c, rounds, seed)
    }
}

impl<T: Element> Problem<T> {
    /// The same numbers as 32-bit floats, which is exact.
    #[must_use]
    pub fn widened(&self) -> Problem {
        let wide = |matrix: &[T]| matrix.iter().map(|value| value.value()).collect();
        Problem {
            shape: self.shape,
            seed: self.seed,
            a: wide(&self.a),
            b: wide(&self.b),
        }
    }
}
