//! Inputs and results of a library's product.

use perwatt_matmul::operands::{in_order, transposed};
use perwatt_matmul::{
    Agreement, InputFormat, IntegerProblem, Mismatch, Probe, Problem, Rounding, Shape, ShapeError,
    Watch, freivalds,
};
use perwatt_vendor::lt::Format;

use super::plan::INPUT_SEED;

/// Freivalds vectors per run, as on the CPU.
pub(super) const FREIVALDS_ROUNDS: u32 = 10;

/// The inputs of a product, rounded to the format of the device.
pub(super) enum Inputs {
    Real(Problem, InputFormat),
    Integer(IntegerProblem),
}

impl Inputs {
    /// The inputs of a shape; `fnuz` selects AMD's first 8-bit floats.
    pub(super) fn generate(format: Format, fnuz: bool, shape: Shape) -> Result<Self, ShapeError> {
        let format = match format {
            Format::I8 => {
                return IntegerProblem::of_integers(shape, INPUT_SEED).map(Self::Integer);
            }
            Format::Bf16 => InputFormat::Bf16,
            Format::F16 => InputFormat::F16,
            Format::Tf32 => InputFormat::Tf32,
            Format::Fp8 { .. } if fnuz => InputFormat::E4m3Fnuz,
            Format::Fp8 { .. } => InputFormat::E4m3,
        };
        let problem = Problem::generate(shape, INPUT_SEED)?.rounded(format);
        Ok(Self::Real(problem, format))
    }

    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Real(problem, _) => problem.shape,
            Self::Integer(problem) => problem.shape,
        }
    }

    /// A and the transpose of B, as the device reads them.
    pub(super) fn operands(&self) -> (Vec<u8>, Vec<u8>) {
        let n = self.shape().n;
        match self {
            Self::Real(Problem { a, b, .. }, format) => {
                let (bytes, write) = (format.bytes(), |value, to: &mut [u8]| {
                    format.write(value, to)
                });
                (in_order(a, bytes, write), transposed(b, n, bytes, write))
            }
            Self::Integer(IntegerProblem { a, b, .. }) => {
                let write = |value: i8, to: &mut [u8]| to[0] = value as u8;
                (in_order(a, 1, write), transposed(b, n, 1, write))
            }
        }
    }

    /// Draws a probe. Numbers of all formats are scaled to a standard deviation of 1.
    pub(super) fn draw(&self, watch: &mut Watch) -> Probe {
        match self {
            Self::Real(Problem { shape, a, b, .. }, _) => {
                watch.draw(*shape, |i| a[i].into(), |i| b[i].into())
            }
            Self::Integer(IntegerProblem { shape, a, b, .. }) => {
                let of = |value: i8| f64::from(value) / f64::from(IntegerProblem::SCALE);
                watch.draw(*shape, |i| of(a[i]), |i| of(b[i]))
            }
        }
    }

    /// Changes the sign of one element of A, and returns its bytes.
    pub(super) fn flip(&mut self, index: usize) -> Vec<u8> {
        match self {
            Self::Real(problem, format) => {
                problem.a[index] = -problem.a[index];
                let mut bytes = vec![0; format.bytes()];
                format.write(problem.a[index], &mut bytes);
                bytes
            }
            Self::Integer(problem) => {
                problem.a[index] = -problem.a[index];
                vec![problem.a[index] as u8]
            }
        }
    }

    /// The change between two elements of D, on the scale of probes.
    pub(super) fn change(&self, before: [u8; 4], after: [u8; 4]) -> f64 {
        match self {
            Self::Real(..) => {
                f64::from(f32::from_le_bytes(after)) - f64::from(f32::from_le_bytes(before))
            }
            Self::Integer(_) => {
                let of = |bytes| f64::from(i32::from_le_bytes(bytes));
                (of(after) - of(before)) / f64::from(IntegerProblem::SCALE).powi(2)
            }
        }
    }

    /// The word that no product leaves in D: a NaN, or the smallest integer.
    pub(super) fn untouched(&self) -> u32 {
        match self {
            Self::Real(..) => f32::NAN.to_bits(),
            Self::Integer(_) => i32::MIN as u32,
        }
    }

    /// Checks D, whose elements have 4 bytes each; integers are exact.
    pub(super) fn verify(
        &self,
        d: &[u8],
        rounding: Option<Rounding>,
        seed: u64,
    ) -> Result<Agreement, Mismatch> {
        let words = d.as_chunks::<4>().0;
        match self {
            Self::Real(problem, _) => {
                let c: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
                let rounding = rounding.unwrap_or(Rounding::F32);
                freivalds::check_rounded(problem, &c, rounding, FREIVALDS_ROUNDS, seed)
            }
            Self::Integer(problem) => {
                let c: Vec<i32> = words.iter().map(|word| i32::from_le_bytes(*word)).collect();
                freivalds::check_integers(problem, &c, FREIVALDS_ROUNDS, seed)
            }
        }
    }
}
