//! The call of `cblas_sgemm`, and of the functions of its kind for shorter formats.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use libloading::Library;

use crate::backend::assert_lengths;
use crate::element::Element;
use crate::problem::Problem;
use crate::shape::Shape;
use perwatt_vendor::load::symbol;

/// Values of the CBLAS enumerations `CBLAS_LAYOUT` and `CBLAS_TRANSPOSE`.
const ROW_MAJOR: c_int = 101;
const NO_TRANSPOSE: c_int = 111;

/// The function for elements `T` with its library's integer type `I`: layout,
/// transposition of A and of B, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc.
type Gemm<T, I, S> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    I,
    I,
    I,
    f32,
    *const T,
    I,
    *const T,
    I,
    f32,
    *mut S,
    I,
);

/// The entry point.
#[derive(Clone, Copy)]
pub(super) struct Entry<T: Element> {
    /// The function's name.
    pub(super) name: &'static str,
    pub(super) function: Function<T>,
}

/// A function, by the width of its integers.
#[derive(Clone, Copy)]
pub(super) enum Function<T: Element> {
    /// LP64: 32-bit dimensions.
    Lp64(Gemm<T, c_int, T::Sum>),
    /// ILP64: 64-bit dimensions.
    Ilp64(Gemm<T, i64, T::Sum>),
}

impl<T: Element> Entry<T> {
    /// The entry point of a library: the plain name, or the one with the suffix of 64-bit
    /// builds. The error completes "but …".
    pub(super) fn of(
        library: &'static Library,
        product: &str,
        ilp64: bool,
    ) -> Result<Self, String> {
        let mut own = T::CBLAS.iter();
        let of_library = |maker: &str| maker.is_empty() || maker == product;
        let Some((_, name)) = own.find(|(maker, _)| of_library(maker)) else {
            return Err(format!("{product} has no products of this format"));
        };
        // SAFETY: these are the names and types of the CBLAS interface, and of its
        // extensions by the library of this name, where an element of 16 bits is an
        // integer; `64_` is the agreed suffix of builds with 64-bit integers, and `ilp64`
        // is the library's own word that its plain names take them too.
        let function = unsafe {
            if ilp64 {
                symbol(library, name).map(Function::Ilp64)
            } else {
                symbol(library, name).map(Function::Lp64)
            }
            .or_else(|| symbol(library, &format!("{name}64_")).map(Function::Ilp64))
        };
        let function = function.ok_or_else(|| match *name {
            "cblas_sgemm" => format!("it has no symbol {name}, so it is not a CBLAS library"),
            _ => format!("it has no symbol {name}"),
        })?;
        Ok(Self { name, function })
    }

    /// The function's address.
    pub(super) fn address(self) -> *const c_void {
        match self.function {
            Function::Lp64(function) => function as *const c_void,
            Function::Ilp64(function) => function as *const c_void,
        }
    }

    /// C = A·B of `problem`.
    ///
    /// # Panics
    /// When `c`, `problem.a` or `problem.b` does not have the length of its matrix.
    pub(super) fn multiply(self, problem: &Problem<T>, c: &mut [T::Sum]) {
        assert_lengths(problem, c);
        let Shape { m, n, k } = problem.shape;
        // SAFETY: the lengths were asserted, and each function takes the integers that
        // its variant names. The assertion keeps every dimension within 31 bits.
        unsafe {
            match self.function {
                Function::Lp64(gemm) => call(gemm, [m, n, k].map(|d| d as c_int), problem, c),
                Function::Ilp64(gemm) => call(gemm, [m, n, k].map(|d| d as i64), problem, c),
            }
        }
    }
}

/// Calls the function for the dimensions m, n and k of `problem`.
///
/// # Safety
/// A, B and C have the lengths of their matrices, and the library's integers are `I`.
unsafe fn call<T: Element, I: Copy>(
    gemm: Gemm<T, I, T::Sum>,
    [m, n, k]: [I; 3],
    problem: &Problem<T>,
    c: &mut [T::Sum],
) {
    // SAFETY: the signature is CBLAS's; A, B and C are row-major with these leading
    // dimensions and, by the contract above, lengths; beta is zero.
    unsafe {
        gemm(
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
