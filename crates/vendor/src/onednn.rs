//! oneDNN: products of matrices on CPUs in f32, bf16, f16 and 8-bit integers.
//!
//! Version 3 computes by primitives, for which B is packed once into a layout of the
//! library's choice, as in inference. Version 2 has another interface for them, so its
//! functions for one product are called, which pack B each time. The version that the
//! library states decides, not the name of its file.
#![allow(unsafe_code)]

mod ffi;
mod isa;
mod product;

use std::ffi::{c_int, c_void};
use std::path::{Path, PathBuf};

use libloading::Library;

use self::ffi::{GetIsa, GetVersion, Primitives};
use self::isa::{Isa, of_cpu};
use crate::load::{file_of, symbol};
use crate::search::{Search, Unavailable};

pub use self::ffi::{Input, Scalar};
pub use self::isa::{Format, cpu_lacks};
pub use self::product::Product;

/// The places of the library.
pub const SEARCH: Search = Search {
    name: "oneDNN",
    variable: "PERWATT_ONEDNN",
    files: if cfg!(target_os = "macos") {
        &["libdnnl.3.dylib", "libdnnl.dylib", "libdnnl.2.dylib"]
    } else if cfg!(windows) {
        &["dnnl.dll"]
    } else {
        &["libdnnl.so.3", "libdnnl.so", "libdnnl.so.2"]
    },
    directories: &[
        "/usr/local/lib",
        "/opt/intel/oneapi/dnnl/*/cpu_gomp/lib",
        "/opt/intel/oneapi/dnnl/*/lib",
    ],
    // The wheel installs into `<prefix>/lib`.
    packages: &["../.."],
    fix: "pip install onednn-cpu-gomp, or set PERWATT_ONEDNN to the path of one",
};

/// Values of `cpu_runtime`, `DNNL_RUNTIME_*` of dnnl_config.h.
const RUNTIMES: &[(u32, &str)] = &[(1, "sequential"), (2, "OpenMP"), (4, "TBB")];

/// A loaded library.
pub struct OneDnn {
    library: &'static Library,
    primitives: Option<Primitives>,
    isa: Isa,
    threads: Threads,
    /// Its version, such as `3.2.0`.
    pub version: String,
    /// The file that it was loaded from.
    pub path: PathBuf,
    /// Instruction set and threading.
    pub config: String,
    /// False where its number of threads cannot be set.
    pub threads_known: bool,
    /// The reason that it runs below this CPU's capability, if it does.
    pub warning: Option<String>,
}

/// The number of threads, and the functions of the OpenMP library that was loaded with
/// oneDNN that set it.
#[derive(Clone, Copy)]
struct Threads {
    count: c_int,
    set_number: Option<unsafe extern "C" fn(c_int)>,
    set_dynamic: Option<unsafe extern "C" fn(c_int)>,
}

impl Threads {
    /// Sets the number for products that this thread starts.
    fn set(self) {
        // SAFETY: functions of the OpenMP standard, which take any number from 1.
        unsafe {
            if let Some(set) = self.set_dynamic {
                set(0);
            }
            if let Some(set) = self.set_number {
                set(self.count);
            }
        }
    }
}

impl OneDnn {
    /// Loads the library and sets its number of threads, which inherit the affinity of the
    /// thread that starts a product.
    ///
    /// # Errors
    /// [`Unavailable`], with the reason and a remedy.
    pub fn open(threads: usize) -> Result<Self, Unavailable> {
        SEARCH.open(|library, path| Self::of(library, path, threads))
    }

    /// As [`open`](Self::open), of this file.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_file(file: &Path, threads: usize) -> Result<Self, Unavailable> {
        let chosen = Some(file.as_os_str().to_owned());
        SEARCH.open_from(chosen, |library, path| Self::of(library, path, threads))
    }

    /// Examines one library; the error is a clause that completes "but …".
    fn of(library: &'static Library, path: &Path, threads: usize) -> Result<Self, String> {
        // SAFETY: names and types of dnnl.h, the same in versions 2 and 3.
        let (version, isa) = unsafe {
            (
                symbol::<GetVersion>(library, "dnnl_version"),
                symbol::<GetIsa>(library, "dnnl_get_effective_cpu_isa"),
            )
        };
        let (Some(version), Some(isa)) = (version, isa) else {
            return Err("it lacks dnnl_version or dnnl_get_effective_cpu_isa, so it is not oneDNN of version 2 or 3".into());
        };
        let file = file_of(version as *const c_void).unwrap_or_else(|| path.to_owned());
        // SAFETY: they take nothing; the version is a constant of the library.
        let (version, code) = unsafe { (version().as_ref(), isa()) };
        let version = version.ok_or("it states no version")?;
        let named = format!("{}.{}.{}", version.major, version.minor, version.patch);
        let primitives = match version.major {
            3 => Some(Primitives::of(library)?),
            2 => None,
            _ => {
                return Err(format!(
                    "it is version {named}, and perwatt knows versions 2 and 3"
                ));
            }
        };
        let runtime = RUNTIMES
            .iter()
            .find(|(code, _)| *code == version.cpu_runtime);
        let Some((code_of_runtime, runtime)) = runtime else {
            return Err(format!(
                "it was built for threads that its caller provides (cpu_runtime {}), as perwatt does not",
                version.cpu_runtime
            ));
        };
        let open_mp = *code_of_runtime == 2;
        if *code_of_runtime == 1 && threads > 1 {
            return Err("it was built without threads, so it can only run with --threads 1".into());
        }
        // SAFETY: functions of the OpenMP standard, in the library that this one loads.
        let (set_number, set_dynamic) = unsafe {
            (
                symbol(library, "omp_set_num_threads").filter(|_| open_mp),
                symbol(library, "omp_set_dynamic").filter(|_| open_mp),
            )
        };
        let isa = Isa::new(version.major, code);
        let warnings = [isa.below(of_cpu()), two_runtimes()];
        let warning: Vec<String> = warnings.into_iter().flatten().collect();
        let threads = Threads {
            count: c_int::try_from(threads).unwrap_or(c_int::MAX),
            set_number,
            set_dynamic,
        };
        threads.set();
        let packing = match primitives {
            Some(_) => "B packed once",
            None => "one call a product, B packed in each",
        };
        Ok(Self {
            library,
            primitives,
            isa,
            threads,
            version: named,
            path: file,
            config: format!("{}, {runtime}, {packing}", isa.words()),
            threads_known: set_number.is_some() || *code_of_runtime == 1,
            warning: Some(warning.join("; ")).filter(|text| !text.is_empty()),
        })
    }

    /// Tests whether products of a format run at this CPU's rate and are right, and returns
    /// the name of the implementation for large ones.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn implementation<T: Input>(&self) -> Result<String, Unavailable> {
        let found = match self.isa.lacks(T::FORMAT, of_cpu()) {
            Some(lacking) => Err(lacking),
            None => match self.primitives {
                Some(primitives) => product::implementation::<T>(primitives, [2048; 3]),
                None if T::gemm(self.library).is_some() => Ok("one-call gemm".into()),
                None => Err(format!("it {}", product::NO_CALL)),
            }
            .map_err(|reason| Unavailable {
                reason,
                fix: "install a newer oneDNN, or measure another format".into(),
            }),
        };
        found.map_err(|Unavailable { reason, fix }| Unavailable {
            reason: format!("oneDNN {}, {}: {reason}", self.version, self.path.display()),
            fix,
        })
    }

    /// Packs B, k×n, for products of the size m, n, k. The matrices are row-major.
    ///
    /// # Errors
    /// The library's refusal in words.
    ///
    /// # Panics
    /// When `b` does not have the length of its matrix.
    pub fn product<T: Input>(&self, size: [usize; 3], b: &[T]) -> Result<Product<T>, String> {
        Product::new(self, size, b)
    }
}

/// The warning where two OpenMP libraries are in this process: each starts threads.
fn two_runtimes() -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    (maps.contains("libgomp.so") && maps.contains("libiomp5.so")).then(|| {
        "two OpenMP libraries are loaded (libgomp and libiomp5), and each starts threads".to_owned()
    })
}
