//! The kinds of matrix work, by number format.

use perwatt_gpu::matmul::Element;
use perwatt_matmul::{IntegerProblem, Problem};
use perwatt_record::work::{Gemv, Matmul, NumberFormat, Work};
use perwatt_vendor::lt::Format;

use crate::device::WGSL;

/// The backend whose kernel uses cooperative matrices (tensor cores).
pub(super) const COOPERATIVE: &str = "wgsl-coop";

/// One kind of workload: the product and its number format.
pub(in crate::workload) struct Kind {
    /// The workload.
    pub work: Work,
    /// Its name.
    pub name: &'static str,
    /// Its unit and the way that it is counted, in one sentence.
    pub description: &'static str,
    /// True for products of one row with a matrix, which are bound by memory.
    pub vector: bool,
    /// The format of perwatt's own kernels; `None` where only vendors' libraries have it.
    element: Option<Element>,
}

pub(in crate::workload) static F32: Kind = Kind::new(
    Work::Matmul(Matmul::F32),
    Element::F32,
    "matrix product in f32, the AI proxy: 1 product of m\u{d7}k by k\u{d7}n counts 2\u{b7}m\u{b7}n\u{b7}k FLOP; inputs N(0,1)",
);

pub(in crate::workload) static F16: Kind = Kind::new(
    Work::Matmul(Matmul::F16),
    Element::F16,
    "matrix product in f16, sums too: 1 product of m\u{d7}k by k\u{d7}n counts 2\u{b7}m\u{b7}n\u{b7}k FLOP; inputs N(0,1); on GPUs",
);
pub(in crate::workload) static F16_F32: Kind = Kind::new(
    Work::Matmul(Matmul::F16F32),
    Element::F16F32,
    "matrix product of f16 with sums in f32, as models are run: 2\u{b7}m\u{b7}n\u{b7}k FLOP; on GPUs by plain arithmetic or cooperative matrices (tensor cores), on CPUs by libraries",
);
pub(in crate::workload) static I8: Kind = Kind::new(
    Work::Matmul(Matmul::I8),
    Element::I8,
    "matrix product of 8-bit integers with sums in 32 bits, exact: 2\u{b7}m\u{b7}n\u{b7}k OP; on GPUs, and on CPUs by libraries",
);
pub(in crate::workload) static GEMV_F16: Kind = Kind::new(
    Work::Gemv(Gemv::F16),
    Element::F16F32,
    "one token through weights of f16 (decode at batch 1), bound by memory: bytes of the weights, the token and the result, each once; on GPUs",
);
pub(in crate::workload) static GEMV_I8: Kind = Kind::new(
    Work::Gemv(Gemv::I8),
    Element::I8,
    "one token through weights of 8-bit integers, counted as gemv/f16; on GPUs",
);

/// The kinds that only vendors' libraries have.
pub(in crate::workload) static BF16: Kind = Kind::by_libraries(
    Work::Matmul(Matmul::Bf16),
    "matrix product of bf16 with sums in f32, as models are trained and run: 2\u{b7}m\u{b7}n\u{b7}k FLOP; by vendors' libraries",
);
pub(in crate::workload) static TF32: Kind = Kind::by_libraries(
    Work::Matmul(Matmul::Tf32),
    "matrix product of f32 rounded to 11 bits of significand, sums in f32: 2\u{b7}m\u{b7}n\u{b7}k FLOP; by vendors' libraries",
);
pub(in crate::workload) static FP8: Kind = Kind::by_libraries(
    Work::Matmul(Matmul::Fp8),
    "matrix product of 8-bit floats (e4m3) with the short sums that inference uses: 2\u{b7}m\u{b7}n\u{b7}k FLOP; by vendors' libraries",
);
pub(in crate::workload) static FP8_F32: Kind = Kind::by_libraries(
    Work::Matmul(Matmul::Fp8F32),
    "matrix product of 8-bit floats (e4m3) with sums in f32: 2\u{b7}m\u{b7}n\u{b7}k FLOP; by vendors' libraries",
);

impl Kind {
    const fn new(work: Work, element: Element, description: &'static str) -> Self {
        Self {
            element: Some(element),
            ..Self::by_libraries(work, description)
        }
    }

    const fn by_libraries(work: Work, description: &'static str) -> Self {
        Self {
            description,
            work,
            name: work.name(),
            vector: matches!(work, Work::Gemv(_)),
            element: None,
        }
    }

    /// The backends and the number format of each.
    pub(super) fn backends(&self) -> Vec<(&'static str, Element)> {
        let mut backends: Vec<_> = self.element.map(|of| (WGSL, of)).into_iter().collect();
        if self.work == F16_F32.work {
            backends.push((COOPERATIVE, Element::CoopF16F32));
        }
        backends
    }

    /// The number format of a backend.
    pub(super) fn element(&self, backend: &str) -> Option<Element> {
        let mut backends = self.backends().into_iter();
        backends.find_map(|(name, element)| (name == backend).then_some(element))
    }

    /// The number format of vendors' libraries, where they have the product.
    pub(super) fn library_format(&self) -> Option<Format> {
        Some(match self.work {
            Work::Matmul(Matmul::Bf16) => Format::Bf16,
            Work::Matmul(Matmul::F16F32) => Format::F16,
            Work::Matmul(Matmul::Tf32) => Format::Tf32,
            Work::Matmul(Matmul::I8) => Format::I8,
            Work::Matmul(Matmul::Fp8) => Format::Fp8 { fast: true },
            Work::Matmul(Matmul::Fp8F32) => Format::Fp8 { fast: false },
            _ => return None,
        })
    }

    /// Formats of inputs, sums and results, and the distribution of the inputs.
    pub(in crate::workload) fn formats(&self) -> [&'static str; 4] {
        match self.work {
            Work::Matmul(Matmul::F16) => ["f16", "f16", "f16", "normal(0,1), rounded to f16"],
            Work::Matmul(Matmul::F16F32) | Work::Gemv(Gemv::F16) => {
                ["f16", "f32", "f32", "normal(0,1), rounded to f16"]
            }
            Work::Matmul(Matmul::Bf16) => ["bf16", "f32", "f32", "normal(0,1), rounded to bf16"],
            Work::Matmul(Matmul::Tf32) => ["tf32", "f32", "f32", "normal(0,1), rounded to tf32"],
            Work::Matmul(Matmul::Fp8) => [
                "fp8-e4m3",
                "short",
                "f32",
                "normal(0,1), rounded to fp8-e4m3",
            ],
            Work::Matmul(Matmul::Fp8F32) => {
                ["fp8-e4m3", "f32", "f32", "normal(0,1), rounded to fp8-e4m3"]
            }
            Work::Matmul(Matmul::I8) | Work::Gemv(Gemv::I8) => {
                ["i8", "i32", "i32", IntegerProblem::ROUNDED]
            }
            Work::Matmul(Matmul::F32) | Work::Sha256d | Work::Stream(_) => {
                ["f32", "f32", "f32", Problem::DISTRIBUTION]
            }
        }
    }

    /// Bytes of an element of the inputs and of the result.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let [input, _, output, _] = self.formats();
        let of = |format| NumberFormat::find(format).map_or(4, NumberFormat::bytes);
        (of(input), of(output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perwatt_record::work::rounding;

    #[test]
    fn products_are_checked_by_the_rounding_that_records_may_have() {
        for kind in [&F32, &F16, &F16_F32, &I8, &GEMV_F16, &GEMV_I8] {
            for (backend, element) in kind.backends() {
                let most = rounding(kind.work, backend);
                assert_eq!(element.rounding(), most, "{} by {backend}", kind.name);
            }
        }
    }
}
