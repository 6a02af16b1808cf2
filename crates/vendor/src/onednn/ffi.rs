//! The functions of oneDNN, with the types of its headers (dnnl.h, dnnl_types.h,
//! dnnl_common_types.h). Codes and signatures are only added to within a major version.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_uint, c_void};

use half::{bf16, f16};
use libloading::Library;

use super::isa::Format;
use crate::load::symbol;

/// `dnnl_version_t`, the same in versions 2 and 3.
#[repr(C)]
pub(super) struct Version {
    pub(super) major: c_int,
    pub(super) minor: c_int,
    pub(super) patch: c_int,
    pub(super) hash: *const c_char,
    pub(super) cpu_runtime: c_uint,
    pub(super) gpu_runtime: c_uint,
}

pub(super) type GetVersion = unsafe extern "C" fn() -> *const Version;
pub(super) type GetIsa = unsafe extern "C" fn() -> c_uint;

/// `dnnl_status_t`; 0 is success.
pub(super) type Status = c_int;
/// An opaque handle: engine, stream, descriptor, primitive, attributes or memory.
pub(super) type Handle = *mut c_void;

/// `dnnl_exec_arg_t`.
#[repr(C)]
pub(super) struct Argument {
    pub(super) index: c_int,
    pub(super) memory: Handle,
}

/// A type of matrix elements.
pub trait Scalar: Copy + Default + Send + Sync + 'static {
    /// Its `dnnl_data_type_t`.
    #[doc(hidden)]
    const CODE: c_int;
}

impl Scalar for f16 {
    const CODE: c_int = 1;
}
impl Scalar for bf16 {
    const CODE: c_int = 2;
}
impl Scalar for f32 {
    const CODE: c_int = 3;
}
impl Scalar for i32 {
    const CODE: c_int = 4;
}
impl Scalar for i8 {
    const CODE: c_int = 5;
}

/// A type of the elements of a product's inputs.
pub trait Input: Scalar {
    /// The type of its sums and of the result.
    type Sum: Scalar;
    /// Its name.
    const FORMAT: Format;
    /// The one-call function, with this type, of a library of version 2.
    #[doc(hidden)]
    fn gemm(library: &'static Library) -> Option<OneCall<Self>>;
}

/// One of the one-call functions.
#[derive(Clone, Copy)]
pub enum OneCall<T: Input> {
    /// `dnnl_sgemm` and `dnnl_gemm_bf16bf16f32`.
    Float(Gemm<T>),
    /// `dnnl_gemm_s8s8s32`.
    Integer(IntegerGemm<T>),
}

/// transa, transb, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc; row-major.
pub type Gemm<T> = unsafe extern "C" fn(
    c_char,
    c_char,
    i64,
    i64,
    i64,
    f32,
    *const T,
    i64,
    *const T,
    i64,
    f32,
    *mut <T as Input>::Sum,
    i64,
) -> Status;

/// transa, transb, offsetc, M, N, K, alpha, A, lda, ao, B, ldb, bo, beta, C, ldc, co.
pub type IntegerGemm<T> = unsafe extern "C" fn(
    c_char,
    c_char,
    c_char,
    i64,
    i64,
    i64,
    f32,
    *const T,
    i64,
    i8,
    *const T,
    i64,
    i8,
    f32,
    *mut <T as Input>::Sum,
    i64,
    *const i32,
) -> Status;

impl Input for f32 {
    type Sum = f32;
    const FORMAT: Format = Format::F32;

    fn gemm(library: &'static Library) -> Option<OneCall<Self>> {
        // SAFETY: the signature in dnnl.h.
        unsafe { symbol(library, "dnnl_sgemm") }.map(OneCall::Float)
    }
}

impl Input for bf16 {
    type Sum = f32;
    const FORMAT: Format = Format::Bf16;

    fn gemm(library: &'static Library) -> Option<OneCall<Self>> {
        // SAFETY: exported by every version and not in the headers; the signature in
        // src/common/gemm.cpp, where an element is a struct of 16 bits.
        unsafe { symbol(library, "dnnl_gemm_bf16bf16f32") }.map(OneCall::Float)
    }
}

impl Input for f16 {
    type Sum = f32;
    const FORMAT: Format = Format::F16;

    fn gemm(_: &'static Library) -> Option<OneCall<Self>> {
        None
    }
}

impl Input for i8 {
    type Sum = i32;
    const FORMAT: Format = Format::I8;

    fn gemm(library: &'static Library) -> Option<OneCall<Self>> {
        // SAFETY: the signature in dnnl.h.
        unsafe { symbol(library, "dnnl_gemm_s8s8s32") }.map(OneCall::Integer)
    }
}

/// Defines a table of functions and its constructor from a library.
macro_rules! table {
    ($($field:ident = $name:literal: fn($($argument:ty),*) -> $result:ty;)+) => {
        /// The functions of version 3 that products need.
        #[derive(Clone, Copy)]
        pub(super) struct Primitives {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) -> $result,)+
        }

        impl Primitives {
            /// Finds them; the error names the first that is missing.
            pub(super) fn of(library: &'static Library) -> Result<Self, String> {
                // SAFETY: names and signatures of dnnl.h of version 3, which the caller
                // has found this library to be.
                unsafe {
                    Ok(Self {
                        $($field: symbol(library, $name)
                            .ok_or(concat!("it has no symbol ", $name))?,)+
                    })
                }
            }
        }
    };
}

table! {
    engine_create = "dnnl_engine_create": fn(*mut Handle, c_int, usize) -> Status;
    engine_destroy = "dnnl_engine_destroy": fn(Handle) -> Status;
    stream_create = "dnnl_stream_create": fn(*mut Handle, Handle, c_uint) -> Status;
    stream_destroy = "dnnl_stream_destroy": fn(Handle) -> Status;
    stream_wait = "dnnl_stream_wait": fn(Handle) -> Status;
    attr_create = "dnnl_primitive_attr_create": fn(*mut Handle) -> Status;
    attr_destroy = "dnnl_primitive_attr_destroy": fn(Handle) -> Status;
    attr_set_fpmath_mode = "dnnl_primitive_attr_set_fpmath_mode": fn(Handle, c_int) -> Status;
    md_create = "dnnl_memory_desc_create_with_tag":
        fn(*mut Handle, c_int, *const i64, c_int, c_int) -> Status;
    md_destroy = "dnnl_memory_desc_destroy": fn(Handle) -> Status;
    matmul = "dnnl_matmul_primitive_desc_create":
        fn(*mut Handle, Handle, Handle, Handle, Handle, Handle, Handle) -> Status;
    reorder = "dnnl_reorder_primitive_desc_create":
        fn(*mut Handle, Handle, Handle, Handle, Handle, Handle) -> Status;
    pd_query = "dnnl_primitive_desc_query": fn(Handle, c_int, c_int, *mut c_void) -> Status;
    pd_query_md = "dnnl_primitive_desc_query_md": fn(Handle, c_int, c_int) -> Handle;
    pd_destroy = "dnnl_primitive_desc_destroy": fn(Handle) -> Status;
    primitive_create = "dnnl_primitive_create": fn(*mut Handle, Handle) -> Status;
    primitive_execute = "dnnl_primitive_execute":
        fn(Handle, Handle, c_int, *const Argument) -> Status;
    primitive_destroy = "dnnl_primitive_destroy": fn(Handle) -> Status;
    memory_create = "dnnl_memory_create": fn(*mut Handle, Handle, Handle, *mut c_void) -> Status;
    memory_set = "dnnl_memory_set_data_handle": fn(Handle, *mut c_void) -> Status;
    memory_destroy = "dnnl_memory_destroy": fn(Handle) -> Status;
}
