//! The codes of either vendor's headers, where both mean the same.
//!
//! From cublasLt.h, cublas_api.h, library_types.h and cuda.h of CUDA 11 to 13, and from
//! hipblaslt.h, hipblas-common.h, library_types.h and hip_runtime_api.h of ROCm 6 and 7.
//! Both vendors only append to their lists of codes.

use std::ffi::c_int;

use super::Vendor;

/// The codes of one vendor.
pub(super) struct Codes {
    /// Operations on an operand.
    pub transposed: i32,
    pub plain: i32,
    /// Attributes of a product.
    pub operation_a: c_int,
    pub operation_b: c_int,
    pub scale_a: c_int,
    pub scale_b: c_int,
    /// Sums of 8-bit floats that are not promoted now and then; AMD has no such choice.
    pub fast_sums: Option<c_int>,
    /// Attribute of a preference.
    pub workspace: c_int,
    /// Formats of sums.
    pub sums_f32: c_int,
    pub sums_tf32: c_int,
    pub sums_i32: c_int,
    /// Statuses.
    pub no_memory: c_int,
    pub refusals: &'static [c_int],
    /// 64-bit words of an algorithm, and of a result of the search for algorithms, which
    /// begins with the algorithm and goes on with its workspace and a status.
    pub algorithm_words: usize,
    pub result_words: usize,
    /// Attributes of a card.
    pub capability: [c_int; 2],
    pub l2_bytes: c_int,
    pub ecc: c_int,
    pub integrated: c_int,
}

const NVIDIA: Codes = Codes {
    transposed: 1,
    plain: 0,
    operation_a: 3,
    operation_b: 4,
    scale_a: 17,
    scale_b: 18,
    fast_sums: Some(25),
    workspace: 1,
    sums_f32: 68,
    sums_tf32: 77,
    sums_i32: 72,
    no_memory: 3,
    // Invalid value, architecture mismatch, not supported.
    refusals: &[7, 8, 15],
    algorithm_words: 8,
    result_words: 12,
    capability: [75, 76],
    l2_bytes: 38,
    ecc: 32,
    integrated: 18,
};

const AMD: Codes = Codes {
    transposed: 112,
    plain: 111,
    operation_a: 0,
    operation_b: 1,
    scale_a: 5,
    scale_b: 6,
    fast_sums: None,
    workspace: 1,
    sums_f32: 2,
    sums_tf32: 6,
    sums_i32: 9,
    no_memory: 2,
    // Invalid value, not supported, architecture mismatch.
    refusals: &[3, 7, 8],
    algorithm_words: 3,
    result_words: 7,
    capability: [23, 61],
    l2_bytes: 19,
    ecc: 0,
    integrated: 16,
};

impl Vendor {
    pub(super) fn codes(self) -> &'static Codes {
        match self {
            Self::Nvidia => &NVIDIA,
            Self::Amd => &AMD,
        }
    }
}

/// Number formats, which have the same codes by both vendors.
pub(super) mod number {
    use std::ffi::c_int;

    pub const F32: c_int = 0;
    pub const F16: c_int = 2;
    pub const I8: c_int = 3;
    pub const I32: c_int = 10;
    pub const BF16: c_int = 14;
    pub const E4M3: c_int = 28;
    /// AMD's first 8-bit floats, with another exponent bias.
    pub const E4M3_FNUZ: c_int = 1000;
}

/// Statuses of both drivers.
pub(super) mod status {
    use std::ffi::c_int;

    pub const NO_MEMORY: c_int = 2;
    pub const TAKEN: c_int = 46;
    pub const NO_DEVICE: c_int = 100;
}
