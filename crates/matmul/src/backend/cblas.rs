//! Any CBLAS library found at run time. This file is the crate's foreign-function
//! edge.
//!
//! A library is never unloaded: its worker threads would lose their code.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};

use libloading::Library;

use super::{BackendError, Description, Multiply, assert_lengths, openblas_core};
use crate::problem::Problem;
use crate::shape::Shape;

/// Names a library file to be used instead of the search.
pub(super) const PATH_VARIABLE: &str = "PERWATT_CBLAS";

/// Where to look, the libraries tuned for this machine first.
const CANDIDATES: &[&str] = if cfg!(target_os = "macos") {
    &[
        "libopenblas.dylib",
        "libblis.dylib",
        "libmkl_rt.dylib",
        "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    ]
} else if cfg!(windows) {
    &[
        "libopenblas.dll",
        "openblas.dll",
        "blis.dll",
        "mkl_rt.2.dll",
        "mkl_rt.dll",
    ]
} else {
    &[
        "libopenblas.so.0",
        "libopenblas.so",
        "libopenblas64_.so.0",
        "libopenblas64.so.0",
        "libblis.so.4",
        "libblis.so",
        "libblis64.so.4",
        "libmkl_rt.so.2",
        "libmkl_rt.so",
        "libcblas.so.3",
    ]
};

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
enum Entry {
    /// LP64: 32-bit dimensions.
    Lp64(Sgemm<c_int>),
    /// ILP64: 64-bit dimensions.
    Ilp64(Sgemm<i64>),
}

/// How the library's thread count is set.
#[derive(Clone, Copy)]
enum Threading {
    /// `openblas_set_num_threads`, `MKL_Set_Num_Threads`.
    Int(unsafe extern "C" fn(c_int)),
    /// `bli_thread_set_num_threads`, whose `dim_t` is 64 bits wide.
    Long(unsafe extern "C" fn(i64)),
    /// The library offers no way, or was built without threads.
    None,
}

/// What the library says of itself.
struct Identity {
    library: &'static str,
    version: String,
    config: Option<String>,
    ilp64: bool,
    threading: Threading,
    /// Threads in effect after setting them, when the library says.
    threads: Option<usize>,
    /// Why its rate is not this machine's.
    warning: Option<String>,
}

/// A loaded library.
pub(super) struct Cblas {
    entry: Entry,
    threading: Threading,
    threads: usize,
    description: Description,
}

impl Cblas {
    /// Loads the library named by `PERWATT_CBLAS`, or else the first candidate that
    /// loads and multiplies.
    pub(super) fn open(threads: usize) -> Result<Self, BackendError> {
        // Empty counts as unset: a loader takes it for the program itself.
        let chosen = std::env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty());
        Self::open_from(chosen.map(PathBuf::from), threads)
    }

    fn open_from(chosen: Option<PathBuf>, threads: usize) -> Result<Self, BackendError> {
        let unavailable = |reason: String, fix: &str| BackendError::Unavailable {
            name: "cblas",
            reason,
            fix: fix.to_owned(),
        };
        if let Some(path) = chosen {
            return Self::load(&path, threads).map_err(|reason| {
                unavailable(
                    format!("{PATH_VARIABLE} names '{}', but {reason}", path.display()),
                    "set it to the path of a CBLAS shared library, or unset it to search for one",
                )
            });
        }
        let mut unusable = Vec::new();
        for candidate in CANDIDATES {
            match Self::load(Path::new(candidate), threads) {
                Ok(opened) => return Ok(opened),
                // A name the loader does not find is not worth a line each.
                Err(reason) if reason.contains(NOT_LOADED) => {}
                Err(reason) => unusable.push(format!("{candidate}: {reason}")),
            }
        }
        let mut reason = format!("none of {} could be loaded", CANDIDATES.join(", "));
        if !unusable.is_empty() {
            reason = format!("{reason} and used ({})", unusable.join("; "));
        }
        Err(unavailable(
            reason,
            "install one (Debian: apt install libopenblas0-pthread) or set PERWATT_CBLAS to the path of one",
        ))
    }

    /// Loads and tries one library; the error is a clause that completes "but …".
    fn load(path: &Path, threads: usize) -> Result<Self, String> {
        // SAFETY: loading runs the library's constructors, which is what the user asks
        // for by installing or naming it; BLAS libraries only start threads there.
        let library = unsafe { Library::new(path) }
            .map_err(|error| format!("{NOT_LOADED}: {}", one_line(&error)))?;
        // Never unloaded (see above), so that its symbols live as long as the process.
        let library: &'static Library = Box::leak(Box::new(library));
        let identity = identify(library, threads);
        let entry = entry(library, identity.ilp64)
            .ok_or("it has no symbol cblas_sgemm, so it is not a CBLAS library")?;
        let loaded_from = file_of(&entry).unwrap_or_else(|| path.to_owned());
        let opened = Self {
            entry,
            threading: identity.threading,
            threads,
            description: Description {
                name: "cblas".to_owned(),
                library: identity.library.to_owned(),
                version: identity.version,
                path: Some(loaded_from),
                config: identity.config,
                threads: identity.threads.unwrap_or(threads),
                threads_known: identity.threads.is_some(),
                thread_hook: false,
                warning: identity.warning,
            },
        };
        opened.multiplies_correctly()?;
        Ok(opened)
    }

    /// One small product whose result is exact, so that a stub or a wrong integer
    /// width is found before it is measured.
    fn multiplies_correctly(&self) -> Result<(), String> {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [7.0, 8.0, 9.0, 10.0, 11.0, 12.0];
        let mut c = [f32::NAN; 4];
        self.sgemm(Shape { m: 2, n: 2, k: 3 }, &a, &b, &mut c);
        if c == [58.0, 64.0, 139.0, 154.0] {
            Ok(())
        } else {
            Err(format!(
                "its cblas_sgemm computes a 2x2x3 product as {c:?} instead of [58, 64, 139, 154]"
            ))
        }
    }

    /// Sets the thread count and multiplies. Lengths are the caller's to check.
    fn sgemm(&self, shape: Shape, a: &[f32], b: &[f32], c: &mut [f32]) {
        // The count is kept per calling thread by some libraries, so that setting it
        // once where the library was opened is not enough.
        set_threads(self.threading, self.threads);
        let Shape { m, n, k } = shape;
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        match self.entry {
            Entry::Lp64(sgemm) => {
                // `Shape::bytes` keeps every dimension within 31 bits.
                let [m, n, k] = [m, n, k].map(|d| d as c_int);
                // SAFETY: the signature is CBLAS's; A, B and C are row-major with
                // these leading dimensions and asserted lengths; beta is zero.
                unsafe {
                    sgemm(
                        ROW_MAJOR,
                        NO_TRANSPOSE,
                        NO_TRANSPOSE,
                        m,
                        n,
                        k,
                        1.0,
                        a,
                        k,
                        b,
                        n,
                        0.0,
                        c,
                        n,
                    );
                }
            }
            Entry::Ilp64(sgemm) => {
                let [m, n, k] = [m, n, k].map(|d| d as i64);
                // SAFETY: as above, with the 64-bit integers this library declares.
                unsafe {
                    sgemm(
                        ROW_MAJOR,
                        NO_TRANSPOSE,
                        NO_TRANSPOSE,
                        m,
                        n,
                        k,
                        1.0,
                        a,
                        k,
                        b,
                        n,
                        0.0,
                        c,
                        n,
                    );
                }
            }
        }
    }
}

impl Multiply for Cblas {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        assert_lengths(problem, c);
        self.sgemm(problem.shape, &problem.a, &problem.b, c);
    }
}

/// Marks the error of a library that the loader did not give.
const NOT_LOADED: &str = "it cannot be loaded";

/// A loader's message without line breaks.
fn one_line(error: &dyn std::fmt::Display) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The symbol of this name, as the function type `F`.
///
/// # Safety
/// `F` must be the type of the function of that name in every library that has one.
unsafe fn symbol<F: Copy>(library: &'static Library, name: &str) -> Option<F> {
    // SAFETY: passed on to the caller; the library is never unloaded.
    unsafe { library.get::<F>(name) }.ok().map(|symbol| *symbol)
}

/// The entry point: plain, or with the suffixes of 64-bit builds.
fn entry(library: &'static Library, ilp64: bool) -> Option<Entry> {
    // SAFETY: these are the names and types of the CBLAS interface; `64_` is the
    // agreed suffix of builds with 64-bit integers, and `ilp64` is the library's own
    // word that its plain names take them too.
    unsafe {
        if ilp64 {
            symbol(library, "cblas_sgemm").map(Entry::Ilp64)
        } else {
            symbol(library, "cblas_sgemm").map(Entry::Lp64)
        }
        .or_else(|| symbol(library, "cblas_sgemm64_").map(Entry::Ilp64))
    }
}

/// Asks the library who it is and sets its thread count.
fn identify(library: &'static Library, threads: usize) -> Identity {
    openblas(library, threads)
        .or_else(|| mkl(library, threads))
        .or_else(|| blis(library, threads))
        .unwrap_or(Identity {
            library: "CBLAS",
            version: "unknown".to_owned(),
            config: None,
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
        set_threads(threading, threads);
        let in_effect = symbol::<Get>(library, &named("openblas_get_num_threads"))
            .and_then(|get| usize::try_from(get()).ok())
            .filter(|&count| count > 0)
            .or((parallel == Some(0)).then_some(1));
        let core = symbol::<Text>(library, &named("openblas_get_corename"))
            .and_then(|name| text(name()))
            .filter(|core| !config.contains(core.as_str()));
        let config = match core {
            Some(core) => format!("{config} {core}"),
            None => config,
        };
        Some(Identity {
            library: "OpenBLAS",
            warning: openblas_core::warning(&config),
            version: version_in(&config),
            ilp64: config.split_whitespace().any(|word| word == "USE64BITINT"),
            config: Some(config),
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
        // Otherwise MKL may use fewer threads than it is told to.
        if let Some(set) = symbol::<unsafe extern "C" fn(c_int)>(library, "MKL_Set_Dynamic") {
            set(0);
        }
        let threading =
            symbol(library, "MKL_Set_Num_Threads").map_or(Threading::None, Threading::Int);
        set_threads(threading, threads);
        let in_effect = symbol::<unsafe extern "C" fn() -> c_int>(library, "MKL_Get_Max_Threads")
            .and_then(|get| usize::try_from(get()).ok());
        let layer = std::env::var("MKL_INTERFACE_LAYER").unwrap_or_default();
        Some(Identity {
            library: "MKL",
            version: version_in(&config),
            config: Some(config),
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
        set_threads(threading, threads);
        let in_effect = symbol::<Long>(library, "bli_thread_get_num_threads")
            .and_then(|get| usize::try_from(get()).ok())
            .filter(|&count| count > 0);
        let integer_bits =
            symbol::<Long>(library, "bli_info_get_blas_int_type_size").map(|get| get());
        Some(Identity {
            library: "BLIS",
            version,
            config: None,
            ilp64: integer_bits == Some(64),
            threading,
            threads: in_effect,
            warning: None,
        })
    }
}

/// Sets the library's thread count where it can be set.
fn set_threads(threading: Threading, threads: usize) {
    // SAFETY: both functions take a count and have no other precondition; the count
    // is at most `Backend::MAX_THREADS`.
    unsafe {
        match threading {
            Threading::Int(set) => set(threads as c_int),
            Threading::Long(set) => set(threads as i64),
            Threading::None => {}
        }
    }
}

/// A C string, unless it is null or empty.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, and terminated by the contract.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first word with a digit and a dot, such as `0.3.21` or `2025.0-Product`.
fn version_in(text: &str) -> String {
    text.split_whitespace()
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or("unknown")
        .to_owned()
}

/// The file that holds the entry point, with symbolic links resolved.
#[cfg(unix)]
fn file_of(entry: &Entry) -> Option<PathBuf> {
    use std::ffi::{OsStr, c_void};
    use std::os::unix::ffi::OsStrExt;

    /// `Dl_info` of dlfcn.h.
    #[repr(C)]
    struct DlInfo {
        file_name: *const c_char,
        file_base: *mut c_void,
        symbol_name: *const c_char,
        symbol_address: *mut c_void,
    }
    unsafe extern "C" {
        fn dladdr(address: *const c_void, info: *mut DlInfo) -> c_int;
    }
    let address = match *entry {
        Entry::Lp64(function) => function as *const c_void,
        Entry::Ilp64(function) => function as *const c_void,
    };
    let mut info = DlInfo {
        file_name: std::ptr::null(),
        file_base: std::ptr::null_mut(),
        symbol_name: std::ptr::null(),
        symbol_address: std::ptr::null_mut(),
    };
    // SAFETY: dladdr only reads the address and fills the struct, whose layout is
    // the same on every Unix.
    let found = unsafe { dladdr(address, &raw mut info) };
    if found == 0 || info.file_name.is_null() {
        return None;
    }
    // SAFETY: dladdr gave a NUL-terminated path owned by the loaded library.
    let name = unsafe { CStr::from_ptr(info.file_name) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    Some(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// Not known on this platform: the path the library was asked for by is used.
#[cfg(not(unix))]
fn file_of(_: &Entry) -> Option<PathBuf> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
