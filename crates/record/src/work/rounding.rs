//! The rounding of a product's sums by workload and backend.

use perwatt_matmul::Rounding;

use super::{Gemv, Matmul, Work};

/// Backends that multiply on matrix units.
const MATRIX_UNITS: [&str; 3] = ["wgsl-coop", "cublaslt", "hipblaslt"];

/// The rounding by which the products of a row are checked, the widest that a record may
/// have; `None` for integers, which are exact, and for work that is no product.
pub fn rounding(work: Work, backend: &str) -> Option<Rounding> {
    let on_units = MATRIX_UNITS.contains(&backend);
    match work {
        Work::Sha256d | Work::Stream(_) | Work::Matmul(Matmul::I8) | Work::Gemv(Gemv::I8) => None,
        Work::Matmul(Matmul::F16) => Some(Rounding::F16),
        Work::Matmul(Matmul::Fp8 | Matmul::Fp8F32) if on_units => Some(Rounding::FP8),
        Work::Matmul(Matmul::F16F32 | Matmul::Bf16 | Matmul::Tf32) if on_units => {
            Some(Rounding::MATRIX_UNIT)
        }
        Work::Matmul(_) | Work::Gemv(Gemv::F16) => Some(Rounding::F32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_matrix_units_truncate() {
        let of = |work, backend| rounding(Work::Matmul(work), backend);
        for backend in ["cublaslt", "hipblaslt", "wgsl-coop"] {
            assert_eq!(of(Matmul::Bf16, backend), Some(Rounding::MATRIX_UNIT));
            assert_eq!(of(Matmul::Tf32, backend), Some(Rounding::MATRIX_UNIT));
            assert_eq!(of(Matmul::Fp8, backend), Some(Rounding::FP8));
            assert_eq!(of(Matmul::F32, backend), Some(Rounding::F32));
            assert_eq!(of(Matmul::I8, backend), None);
        }
        for backend in ["onednn", "cblas", "embedded", "wgsl", "a later one"] {
            for work in [Matmul::F32, Matmul::F16F32, Matmul::Bf16, Matmul::Fp8] {
                assert_eq!(of(work, backend), Some(Rounding::F32), "{backend}");
            }
        }
    }
}
