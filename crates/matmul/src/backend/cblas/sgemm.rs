//! The call of `cblas_sgemm`.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use libloading::Library;

use crate::backend::assert_lengths;
use crate::problem::Problem;
use crate::shape::Shape;
use perwatt_vendor::load::symbol;

/// Values of the CBLAS enumerations `CBLAS_LAYOUT` and `CBLAS_TRANSPOSE`.
const ROW_MAJOR: c_int = 101;
const NO_TRANSPOSE: c_int = 111;

/// `cblas_sgemm` with its library's integer type `I`: layout, transposition of A and
/// of B, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc.
type Sgemm<I> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    I,
    I,
    I,
    f32,
    *const f32,
    I,
    *const f32,
    I,
    f32,
    *mut f32,
    I,
);

/// The entry point, by the width of its integers.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    /// LP64: 32-bit dimensions.
    Lp64(Sgemm<c_int>),
    /// ILP64: 64-bit dimensions.
    Ilp64(Sgemm<i64>),
}

impl Entry {
    /// The entry point of a library: the plain name, or the one with the suffix of 64-bit
    /// builds.
    pub(super) fn of(library: &'static Library, ilp64: bool) -> Option<Self> {
        // SAFETY: these are the names and types of the CBLAS interface; `64_` is the
        // agreed suffix of builds with 64-bit integers, and `ilp64` is the library's
        // own word that its plain names take them too.
        unsafe {
            if ilp64 {
                symbol(library, "cblas_sgemm").map(Self::Ilp64)
            } else {
                symbol(library, "cblas_sgemm").map(Self::Lp64)
            }
            .or_else(|| symbol(library, "cblas_sgemm64_").map(Self::Ilp64))
        }
    }

    /// The function's address.
    pub(super) fn address(self) -> *const c_void {
        match self {
            Self::Lp64(function) => function as *const c_void,
            Self::Ilp64(function) => function as *const c_void,
        }
    }

    /// C = A·B of `problem`.
    ///
    /// # Panics
    /// When `c`, `problem.a` or `problem.b` does not have the length of its matrix.
    pub(super) fn multiply(self, problem: &Problem, c: &mut [f32]) {
        assert_lengths(problem, c);
        let Shape { m, n, k } = problem.shape;
        // SAFETY: the lengths were asserted, and each function takes the integers that
        // its variant names. The assertion keeps every dimension within 31 bits.
        unsafe {
            match self {
                Self::Lp64(sgemm) => call(sgemm, [m, n, k].map(|d| d as c_int), problem, c),
                Self::Ilp64(sgemm) => call(sgemm, [m, n, k].map(|d| d as i64), problem, c),
            }
        }
    }
}

/// Calls the function for the dimensions m, n and k of `problem`.
///
/// # Safety
/// A, B and C have the lengths of their matrices, and the library's integers are `I`.
unsafe fn call<I: Copy>(sgemm: Sgemm<I>, [m, n, k]: [I; 3], problem: &Problem, c: &mut [f32]) {
    // SAFETY: the signature is CBLAS's; A, B and C are row-major with these leading
    // dimensions and, by the contract above, lengths; beta is zero.
    unsafe {
        sgemm(
            ROW_MAJOR,
            NO_TRANSPOSE,
            NO_TRANSPOSE,
            m,
            n,
            k,
            1.0,
            problem.a.as_ptr(),
            k,
            problem.b.as_ptr(),
            n,
            0.0,
            c.as_mut_ptr(),
            n,
        );
    }
}
