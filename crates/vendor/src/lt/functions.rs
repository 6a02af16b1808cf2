//! The functions of a driver and of a library, as two tables of pointers.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_uint, c_void};

use libloading::Library;

use super::Vendor;
use crate::load::symbol;

/// Any handle: a context, a stream, an event, a descriptor.
pub(super) type Handle = *mut c_void;

/// A table of functions that return a status, each with its name by either vendor.
macro_rules! table {
    ($(#[$about:meta])* $table:ident: $($field:ident $nvidia:literal $amd:literal ($($argument:ty),*);)*) => {
        $(#[$about])*
        pub(super) struct $table {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) -> c_int,)*
        }

        impl $table {
            /// Finds all functions; the error completes "but …".
            pub(super) fn load(library: &'static Library, vendor: Vendor) -> Result<Self, String> {
                Ok(Self {
                    $($field: {
                        let name = match vendor {
                            Vendor::Nvidia => $nvidia,
                            Vendor::Amd => $amd,
                        };
                        // SAFETY: the type is the one in the vendor's header.
                        let found = unsafe { symbol(library, name) };
                        found.ok_or_else(|| lacks(name))?
                    },)*
                })
            }
        }
    };
}

/// The clause for a library without a function.
pub(super) fn lacks(name: &str) -> String {
    format!("it has no function {name}: it is another library, or a version that is too old")
}

table! {
    /// The driver: CUDA's driver API, and the functions of HIP that are modelled on it.
    Driver:
    init "cuInit" "hipInit" (c_uint);
    version "cuDriverGetVersion" "hipDriverGetVersion" (*mut c_int);
    error_text "cuGetErrorString" "hipDrvGetErrorString" (c_int, *mut *const c_char);
    count "cuDeviceGetCount" "hipGetDeviceCount" (*mut c_int);
    device "cuDeviceGet" "hipDeviceGet" (*mut c_int, c_int);
    name "cuDeviceGetName" "hipDeviceGetName" (*mut c_char, c_int, c_int);
    pci "cuDeviceGetPCIBusId" "hipDeviceGetPCIBusId" (*mut c_char, c_int, c_int);
    attribute "cuDeviceGetAttribute" "hipDeviceGetAttribute" (*mut c_int, c_int, c_int);
    total "cuDeviceTotalMem_v2" "hipDeviceTotalMem" (*mut usize, c_int);
    retain "cuDevicePrimaryCtxRetain" "hipDevicePrimaryCtxRetain" (*mut Handle, c_int);
    set_current "cuCtxSetCurrent" "hipCtxSetCurrent" (Handle);
    memory "cuMemGetInfo_v2" "hipMemGetInfo" (*mut usize, *mut usize);
    allocate "cuMemAlloc_v2" "hipMalloc" (*mut u64, usize);
    free "cuMemFree_v2" "hipFree" (u64);
    upload "cuMemcpyHtoD_v2" "hipMemcpyHtoD" (u64, *const c_void, usize);
    download "cuMemcpyDtoH_v2" "hipMemcpyDtoH" (*mut c_void, u64, usize);
    fill "cuMemsetD32Async" "hipMemsetD32Async" (u64, c_uint, usize, Handle);
    stream "cuStreamCreate" "hipStreamCreateWithFlags" (*mut Handle, c_uint);
    synchronize "cuStreamSynchronize" "hipStreamSynchronize" (Handle);
    event "cuEventCreate" "hipEventCreateWithFlags" (*mut Handle, c_uint);
    record "cuEventRecord" "hipEventRecord" (Handle, Handle);
    wait "cuEventSynchronize" "hipEventSynchronize" (Handle);
    elapsed "cuEventElapsedTime" "hipEventElapsedTime" (*mut f32, Handle, Handle);
}

/// The first function of a driver.
type Init = unsafe extern "C" fn(c_uint) -> c_int;

impl Driver {
    /// The first function of the driver that a library is linked to, if it is to one.
    pub(super) fn init_of(library: &'static Library, vendor: Vendor) -> Option<Init> {
        let name = match vendor {
            Vendor::Nvidia => "cuInit",
            Vendor::Amd => "hipInit",
        };
        // SAFETY: the type is the one in the vendor's header.
        unsafe { symbol(library, name) }
    }
}

table! {
    /// The library.
    Lt:
    create "cublasLtCreate" "hipblasLtCreate" (*mut Handle);
    destroy "cublasLtDestroy" "hipblasLtDestroy" (Handle);
    product "cublasLtMatmulDescCreate" "hipblasLtMatmulDescCreate" (*mut Handle, c_int, c_int);
    product_set "cublasLtMatmulDescSetAttribute" "hipblasLtMatmulDescSetAttribute" (Handle, c_int, *const c_void, usize);
    product_end "cublasLtMatmulDescDestroy" "hipblasLtMatmulDescDestroy" (Handle);
    layout "cublasLtMatrixLayoutCreate" "hipblasLtMatrixLayoutCreate" (*mut Handle, c_int, u64, u64, i64);
    layout_end "cublasLtMatrixLayoutDestroy" "hipblasLtMatrixLayoutDestroy" (Handle);
    preference "cublasLtMatmulPreferenceCreate" "hipblasLtMatmulPreferenceCreate" (*mut Handle);
    preference_set "cublasLtMatmulPreferenceSetAttribute" "hipblasLtMatmulPreferenceSetAttribute" (Handle, c_int, *const c_void, usize);
    preference_end "cublasLtMatmulPreferenceDestroy" "hipblasLtMatmulPreferenceDestroy" (Handle);
    heuristic "cublasLtMatmulAlgoGetHeuristic" "hipblasLtMatmulAlgoGetHeuristic" (Handle, Handle, Handle, Handle, Handle, Handle, Handle, c_int, *mut u64, *mut c_int);
    multiply "cublasLtMatmul" "hipblasLtMatmul" (
        Handle, Handle, *const c_void, u64, Handle, u64, Handle, *const c_void,
        u64, Handle, u64, Handle, *const u64, u64, usize, Handle
    );
}

/// The version of the library, of which only the name's stem is the same for both vendors.
pub(super) enum GetVersion {
    Nvidia(unsafe extern "C" fn() -> usize),
    Amd(unsafe extern "C" fn(Handle, *mut c_int) -> c_int),
}

impl GetVersion {
    pub(super) fn load(library: &'static Library, vendor: Vendor) -> Result<Self, String> {
        // SAFETY: the types are those in the vendors' headers.
        let found = unsafe {
            match vendor {
                Vendor::Nvidia => symbol(library, "cublasLtGetVersion").map(Self::Nvidia),
                Vendor::Amd => symbol(library, "hipblasLtGetVersion").map(Self::Amd),
            }
        };
        found.ok_or_else(|| lacks("GetVersion"))
    }
}
