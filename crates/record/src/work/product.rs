//! Matrix products by number format, and the work of a step from their parameters.

use perwatt_matmul::{LayerSet, Shape};

use super::NumberFormat;
use super::terms::{Params, named_enum};
use crate::schema::Unit;

named_enum! {
    /// Products of two matrices, counted as 2·m·n·k operations each.
    Matmul {
        /// 32-bit floats.
        F32 = "matmul/f32",
        /// 16-bit floats, summed in 16 bits.
        F16 = "matmul/f16",
        /// 16-bit floats, summed in 32 bits.
        F16F32 = "matmul/f16-f32",
        /// 16-bit floats with the exponent of 32-bit ones, summed in 32 bits.
        Bf16 = "matmul/bf16",
        /// 32-bit floats of which the arithmetic uses 19 bits, summed in 32 bits.
        Tf32 = "matmul/tf32",
        /// 8-bit floats, with the short sums that inference uses.
        Fp8 = "matmul/fp8",
        /// 8-bit floats, summed in 32 bits.
        Fp8F32 = "matmul/fp8-f32",
        /// 8-bit integers, summed in 32 bits.
        I8 = "matmul/i8",
    }
}

named_enum! {
    /// Products of one row and a matrix, counted in bytes: weights, row and result, once
    /// each.
    Gemv {
        /// Weights of 16-bit floats.
        F16 = "gemv/f16",
        /// Weights of 8-bit integers.
        I8 = "gemv/i8",
    }
}

impl Matmul {
    /// The format of its inputs, which its name states.
    pub const fn input(self) -> NumberFormat {
        match self {
            Self::F32 => NumberFormat::F32,
            Self::F16 | Self::F16F32 => NumberFormat::F16,
            Self::Bf16 => NumberFormat::Bf16,
            Self::Tf32 => NumberFormat::Tf32,
            Self::Fp8 | Self::Fp8F32 => NumberFormat::Fp8,
            Self::I8 => NumberFormat::I8,
        }
    }

    /// The unit of its operations: floating-point or integer.
    pub const fn unit(self) -> Unit {
        match self {
            Self::F32
            | Self::F16
            | Self::F16F32
            | Self::Bf16
            | Self::Tf32
            | Self::Fp8
            | Self::Fp8F32 => Unit::Flop,
            Self::I8 => Unit::Op,
        }
    }

    /// Operations of a step; `None` if the parameters do not describe one.
    pub(super) fn flop(self, params: &Params) -> Option<u64> {
        own_input(self.input(), params)?;
        sum(params, |[m, n, k]| {
            m.checked_mul(n)?.checked_mul(k)?.checked_mul(2)
        })
    }
}

impl Gemv {
    /// The format of its inputs, which its name states.
    pub const fn input(self) -> NumberFormat {
        match self {
            Self::F16 => NumberFormat::F16,
            Self::I8 => NumberFormat::I8,
        }
    }

    /// Bytes of a step; `None` if the parameters do not describe one.
    pub(super) fn bytes(self, params: &Params) -> Option<u64> {
        own_input(self.input(), params)?;
        product_bytes(params).filter(|_| one_row(params))
    }
}

/// Returns `None` if the parameters name another input format than the workload's.
fn own_input(input: NumberFormat, params: &Params) -> Option<()> {
    let named = params.get("dtype_in");
    named.is_none_or(|name| name == input.name()).then_some(())
}

/// True if each product of a step has a single row.
fn one_row(params: &Params) -> bool {
    products(params).is_some_and(|all| all.iter().all(|([m, ..], _)| *m == 1))
}

/// The smallest number of bytes that the products of a step can move: two inputs and the
/// result, once each. `None` if the parameters do not state shape and formats.
pub fn product_bytes(params: &Params) -> Option<u64> {
    let bytes_of = |key: &str| Some(NumberFormat::find(params.get(key)?)?.bytes());
    let (each, result) = (bytes_of("dtype_in")?, bytes_of("dtype_out")?);
    sum(params, |[m, n, k]| {
        let read = m.checked_mul(k)?.checked_add(k.checked_mul(n)?)?;
        let written = m.checked_mul(n)?.checked_mul(result)?;
        read.checked_mul(each)?.checked_add(written)
    })
}

/// Rows, columns and inner dimension of a product.
type Sizes = [u64; 3];

/// The products in a workload's parameters, each with its number of repetitions per step:
/// either one `MxNxK`, or exactly those of the `model` that is named.
fn products(params: &Params) -> Option<Vec<(Sizes, u64)>> {
    let shape = params.get("shape")?;
    let sizes = |shape: Shape| [shape.m as u64, shape.n as u64, shape.k as u64];
    if let Some(model) = params.get("model") {
        let set = LayerSet::find(model)?;
        let all = set.products.iter();
        let tokens = params.get("tokens_per_step");
        let same_tokens = tokens.is_none_or(|tokens| *tokens == set.tokens.to_string());
        return (same_tokens && set.shapes() == *shape).then(|| {
            all.map(|(shape, repeats)| (sizes(*shape), u64::from(*repeats)))
                .collect()
        });
    }
    let one: Shape = shape.parse().ok()?;
    (one.to_string() == *shape).then(|| vec![(sizes(one), 1)])
}

/// Sums `of` over all products of a step, repetitions included.
fn sum(params: &Params, of: impl Fn(Sizes) -> Option<u64>) -> Option<u64> {
    products(params)?
        .into_iter()
        .try_fold(0_u64, |sum, (product, repeats)| {
            sum.checked_add(of(product)?.checked_mul(repeats)?)
        })
}
