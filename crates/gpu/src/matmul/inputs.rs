//! Inputs, results, and the verification of a result against its inputs.

use half::f16;
use perwatt_matmul::{
    Agreement, InputFormat, IntegerProblem, Mismatch, Problem, Rounding, Shape, ShapeError,
    freivalds,
};

use super::element::Element;

/// The matrices A and B of a product.
#[derive(Clone, PartialEq, Debug)]
pub enum Inputs {
    /// Standard normal values, rounded to the element's input format.
    Real(Problem),
    /// 8-bit integers, for [`Element::I8`].
    Integer(IntegerProblem),
}

/// The matrix C of a product, row-major, m×n.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// Floating-point results; half-precision ones are widened, which is exact.
    Real(Vec<f32>),
    /// Results of [`Element::I8`].
    Integer(Vec<i32>),
}

impl Inputs {
    /// Seeded inputs in the element's format.
    ///
    /// # Errors
    /// As [`Problem::generate`] and [`IntegerProblem::of_integers`].
    pub fn generate(element: Element, shape: Shape, seed: u64) -> Result<Self, ShapeError> {
        Ok(match element {
            Element::I8 => Self::Integer(IntegerProblem::of_integers(shape, seed)?),
            Element::F32 => Self::Real(Problem::generate(shape, seed)?),
            Element::F16 | Element::F16F32 | Element::CoopF16F32 => {
                Self::Real(Problem::generate(shape, seed)?.rounded(InputFormat::F16))
            }
        })
    }

    /// The dimensions.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Real(problem) => problem.shape,
            Self::Integer(problem) => problem.shape,
        }
    }

    /// True if these are of the kind that the element takes.
    pub(crate) fn suit(&self, element: Element) -> bool {
        matches!(self, Self::Integer(_)) == (element == Element::I8)
    }

    /// Checks that `output` is the product, by `rounds` rounds of Freivalds' test with
    /// vectors drawn from `seed`: within the rounding error of the element, or exactly for
    /// integers.
    ///
    /// # Errors
    /// [`Mismatch`], naming the first wrong row.
    pub fn verify(
        &self,
        element: Element,
        output: &Output,
        rounds: u32,
        seed: u64,
    ) -> Result<Agreement, Mismatch> {
        let kind = |matrix| Mismatch::Length {
            matrix,
            shape: format!("{} in {element}", self.shape()),
            given: 0,
            expected: self.shape().c_len(),
        };
        match (self, output) {
            (Self::Real(problem), Output::Real(c)) => {
                let rounding = element.rounding().unwrap_or(Rounding::F32);
                freivalds::check_rounded(problem, c, rounding, rounds, seed)
            }
            (Self::Integer(problem), Output::Integer(c)) => {
                freivalds::check_integers(problem, c, rounds, seed)
            }
            // An output of the other kind has no elements of the expected kind.
            (Self::Real(_), Output::Integer(_)) | (Self::Integer(_), Output::Real(_)) => {
                Err(kind("C"))
            }
        }
    }
}

/// A matrix and the number format of its buffer on the device.
#[derive(Clone, Copy)]
pub(crate) enum Numbers<'a> {
    Single(&'a [f32]),
    Half(&'a [f32]),
    Bytes(&'a [i8]),
}

impl<'a> Numbers<'a> {
    /// A and B, both row-major and without padding.
    pub(crate) fn of(inputs: &'a Inputs, element: Element) -> (Self, Self) {
        match inputs {
            Inputs::Integer(problem) => (Self::Bytes(&problem.a), Self::Bytes(&problem.b)),
            Inputs::Real(problem) if element.input_bytes() == 2 => {
                (Self::Half(&problem.a), Self::Half(&problem.b))
            }
            Inputs::Real(problem) => (Self::Single(&problem.a), Self::Single(&problem.b)),
        }
    }

    /// Writes number `index` of the matrix as number `place` of `bytes`.
    fn put(self, index: usize, place: usize, bytes: &mut [u8]) {
        match self {
            Self::Single(values) => {
                bytes[4 * place..][..4].copy_from_slice(&values[index].to_le_bytes());
            }
            Self::Half(values) => {
                InputFormat::F16.write(values[index], &mut bytes[2 * place..][..2]);
            }
            Self::Bytes(values) => bytes[place] = values[index] as u8,
        }
    }

    /// Copies row `row` of a matrix of `rows` rows of `columns`; leaves `bytes` alone
    /// beyond the last row.
    pub(crate) fn row(self, row: usize, rows: usize, columns: usize, bytes: &mut [u8]) {
        if row < rows {
            for column in 0..columns {
                self.put(row * columns + column, column, bytes);
            }
        }
    }

    /// Copies columns from `first` on of a matrix of `rows` rows of `columns`, each as a
    /// row of `row_bytes` bytes; leaves `bytes` alone beyond the last column.
    pub(crate) fn columns(
        self,
        first: usize,
        rows: usize,
        columns: usize,
        row_bytes: usize,
        bytes: &mut [u8],
    ) {
        // The number of neighbouring columns that share the cache lines read.
        const NEIGHBOURS: usize = 16;
        for (block, bytes) in bytes.chunks_mut(NEIGHBOURS * row_bytes).enumerate() {
            let first = first + block * NEIGHBOURS;
            for row in 0..rows {
                for (column, bytes) in (first..columns).zip(bytes.chunks_exact_mut(row_bytes)) {
                    self.put(row * columns + column, row, bytes);
                }
            }
        }
    }

    /// Copies `packed` rows from row `packed·row` on, with the numbers of a column side by
    /// side.
    pub(crate) fn packed_rows(
        self,
        row: usize,
        packed: usize,
        rows: usize,
        columns: usize,
        bytes: &mut [u8],
    ) {
        for part in 0..packed {
            let row = packed * row + part;
            if row < rows {
                for column in 0..columns {
                    self.put(row * columns + column, packed * column + part, bytes);
                }
            }
        }
    }
}

impl Output {
    /// An empty result for an element, with room for `len` numbers.
    pub(crate) fn with_capacity(element: Element, len: usize) -> Self {
        match element {
            Element::I8 => Self::Integer(Vec::with_capacity(len)),
            _ => Self::Real(Vec::with_capacity(len)),
        }
    }

    /// Appends the first `count` numbers of a row of a device's buffer.
    pub(crate) fn extend(&mut self, element: Element, bytes: &[u8], count: usize) {
        match self {
            Self::Integer(values) => {
                let numbers = bytes.as_chunks::<4>().0.iter().take(count);
                values.extend(numbers.map(|bytes| i32::from_le_bytes(*bytes)));
            }
            Self::Real(values) if element.output_bytes() == 2 => {
                let numbers = bytes.as_chunks::<2>().0.iter().take(count);
                values.extend(numbers.map(|bytes| f16::from_le_bytes(*bytes).to_f32()));
            }
            Self::Real(values) => {
                let numbers = bytes.as_chunks::<4>().0.iter().take(count);
                values.extend(numbers.map(|bytes| f32::from_le_bytes(*bytes)));
            }
        }
    }
}
