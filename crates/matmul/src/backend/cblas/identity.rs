//! The names, versions and thread counts of the libraries, as each reports its own.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int};

use libloading::Library;

use super::openblas_core;
use perwatt_vendor::load::{symbol, text};

/// The function that sets the library's thread count.
#[derive(Clone, Copy)]
pub(super) enum Threading {
    /// `openblas_set_num_threads`, `MKL_Set_Num_Threads`.
    Int(unsafe extern "C" fn(c_int)),
    /// `bli_thread_set_num_threads`, whose `dim_t` is 64 bits wide.
    Long(unsafe extern "C" fn(i64)),
    /// The library has no such function, or was built without threads.
    None,
}

impl Threading {
    /// Sets the library's thread count where it can be set.
    pub(super) fn set(self, threads: usize) {
        // SAFETY: both functions take a count and have no other precondition; the
        // count is at most `Backend::MAX_THREADS`.
        unsafe {
            match self {
                Self::Int(set) => set(threads as c_int),
                Self::Long(set) => set(threads as i64),
                Self::None => {}
            }
        }
    }
}

/// The library's description of itself.
pub(super) struct Identity {
    pub(super) library: &'static str,
    pub(super) version: String,
    pub(super) config: Option<String>,
    /// The name of the kernels that OpenBLAS uses.
    pub(super) core: Option<String>,
    pub(super) ilp64: bool,
    pub(super) threading: Threading,
    /// Threads in effect after setting them, when the library reports them.
    pub(super) threads: Option<usize>,
    /// The reason that its rate is not this machine's.
    pub(super) warning: Option<String>,
}

/// Reads the library's name and version and sets its thread count.
pub(super) fn identify(library: &'static Library, threads: usize) -> Identity {
    openblas(library, threads)
        .or_else(|| mkl(library, threads))
        .or_else(|| blis(library, threads))
        .unwrap_or(Identity {
            library: "CBLAS",
            version: "unknown".to_owned(),
            config: None,
            core: None,
            ilp64: false,
            threading: Threading::None,
            threads: None,
            warning: None,
        })
}

/// OpenBLAS, plain or with the `64_` suffix: `openblas_get_config` gives
/// `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64`.
fn openblas(library: &'static Library, threads: usize) -> Option<Identity> {
    type Text = unsafe extern "C" fn() -> *const c_char;
    type Get = unsafe extern "C" fn() -> c_int;
    // SAFETY: names and types of OpenBLAS's cblas.h; the strings are static.
    unsafe {
        let (suffix, config) = ["", "64_"].into_iter().find_map(|suffix| {
            let config: Text = symbol(library, &format!("openblas_get_config{suffix}"))?;
            Some((suffix, text(config())?))
        })?;
        let named = |name: &str| format!("{name}{suffix}");
        let parallel = symbol::<Get>(library, &named("openblas_get_parallel")).map(|get| get());
        let threading = match symbol(library, &named("openblas_set_num_threads")) {
            // 0: built without threads.
            Some(set) if parallel != Some(0) => Threading::Int(set),
            _ => Threading::None,
        };
        threading.set(threads);
        let in_effect = symbol::<Get>(library, &named("openblas_get_num_threads"))
            .and_then(|get| usize::try_from(get()).ok())
            .filter(|&count| count > 0)
            .or((parallel == Some(0)).then_some(1));
        let core =
            symbol::<Text>(library, &named("openblas_get_corename")).and_then(|name| text(name()));
        let config = match &core {
            Some(core) if !config.contains(core.as_str()) => format!("{config} {core}"),
            _ => config,
        };
        Some(Identity {
            library: "OpenBLAS",
            warning: openblas_core::warning(&config),
            version: version_in(&config),
            ilp64: config.split_whitespace().any(|word| word == "USE64BITINT"),
            config: Some(config),
            core,
            threading,
            threads: in_effect,
        })
    }
}

/// Intel MKL through `mkl_rt`, whose integers `MKL_INTERFACE_LAYER` chooses.
fn mkl(library: &'static Library, threads: usize) -> Option<Identity> {
    // SAFETY: names and types of mkl_service.h; the buffer's length is passed, and a
    // NUL is kept at its end.
    unsafe {
        let version: unsafe extern "C" fn(*mut c_char, c_int) =
            symbol(library, "MKL_Get_Version_String")?;
        let mut buffer = [0 as c_char; 256];
        version(buffer.as_mut_ptr(), buffer.len() as c_int - 1);
        let config = text(buffer.as_ptr())?;
        // Otherwise MKL may use fewer threads than it was set to.
        if let Some(set) = symbol::<unsafe extern "C" fn(c_int)>(library, "MKL_Set_Dynamic") {
            set(0);
        }
        let threading =
            symbol(library, "MKL_Set_Num_Threads").map_or(Threading::None, Threading::Int);
        threading.set(threads);
        let in_effect = symbol::<unsafe extern "C" fn() -> c_int>(library, "MKL_Get_Max_Threads")
            .and_then(|get| usize::try_from(get()).ok());
        let layer = std::env::var("MKL_INTERFACE_LAYER").unwrap_or_default();
        Some(Identity {
            library: "MKL",
            version: version_in(&config),
            config: Some(config),
            core: None,
            ilp64: layer.to_ascii_uppercase().contains("ILP64"),
            threading,
            threads: in_effect,
            warning: None,
        })
    }
}

/// BLIS and AMD's AOCL-BLAS.
fn blis(library: &'static Library, threads: usize) -> Option<Identity> {
    type Long = unsafe extern "C" fn() -> i64;
    // SAFETY: names and types of blis.h, whose `dim_t` and `gint_t` are 64 bits wide
    // on 64-bit systems; the string is static.
    unsafe {
        let version: unsafe extern "C" fn() -> *const c_char =
            symbol(library, "bli_info_get_version_str")?;
        let version = text(version())?;
        let threading =
            symbol(library, "bli_thread_set_num_threads").map_or(Threading::None, Threading::Long);
        threading.set(threads);
        let in_effect = symbol::<Long>(library, "bli_thread_get_num_threads")
            .and_then(|get| usize::try_from(get()).ok())
            .filter(|&count| count > 0);
        let integer_bits =
            symbol::<Long>(library, "bli_info_get_blas_int_type_size").map(|get| get());
        Some(Identity {
            library: "BLIS",
            version,
            config: None,
            core: None,
            ilp64: integer_bits == Some(64),
            threading,
            threads: in_effect,
            warning: None,
        })
    }
}

/// The first word with a digit and a dot, such as `0.3.21` or `2025.0-Product`.
fn version_in(text: &str) -> String {
    text.split_whitespace()
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or("unknown")
        .to_owned()
}
