//! Any CBLAS library found at run time.

mod gemm;
mod identity;
mod openblas_core;
#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::path::Path;

use libloading::Library;
use perwatt_vendor::load;
use perwatt_vendor::onednn::{Format, cpu_lacks};
use perwatt_vendor::search::{Search, Unavailable};

use self::gemm::Entry;
use self::identity::{Identity, Threading, identify};
use super::{Backend, BackendError, Description, Multiply, Origin, multiplies_correctly};
use crate::element::Element;
use crate::problem::Problem;

pub(super) const BACKEND: Backend = Backend {
    name: "cblas",
    measured_unnamed: true,
    origin: Origin::Loaded(super::Library::Cblas),
};

/// Opens the library for products of one format.
pub(super) fn open<T: Element>(threads: usize) -> Result<Box<dyn Multiply<T>>, BackendError> {
    if let Some(lacking) = cpu_lacks(T::FORMAT) {
        return Err(unavailable(lacking));
    }
    Ok(Box::new(Cblas::<T>::open(threads)?))
}

/// The environment variable that names a library file to be used instead of the search.
pub(super) const PATH_VARIABLE: &str = SEARCH.variable;

/// The libraries that are looked for, those tuned for this machine first.
const SEARCH: Search = Search {
    name: "CBLAS",
    variable: "PERWATT_CBLAS",
    files: if cfg!(target_os = "macos") {
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
    },
    directories: &[],
    packages: &[],
    fix: "install one (Debian: apt install libopenblas0-pthread) or set PERWATT_CBLAS to the path of one",
};

/// Environment variables that a process must be started with for the library to use this
/// CPU fully.
pub(super) fn worker_environment() -> Vec<(&'static str, &'static str)> {
    let config = Cblas::<f32>::open(1)
        .ok()
        .and_then(|opened| opened.description.config);
    config
        .and_then(|config| openblas_core::better(&config))
        .map(|core| (openblas_core::VARIABLE, core))
        .into_iter()
        .collect()
}

fn unavailable(Unavailable { reason, fix }: Unavailable) -> BackendError {
    BackendError::Unavailable {
        name: BACKEND.name,
        reason,
        fix,
    }
}

/// A loaded library, for products of one format.
struct Cblas<T: Element> {
    entry: Entry<T>,
    threading: Threading,
    threads: usize,
    description: Description,
}

impl<T: Element> Cblas<T> {
    /// Loads the library named by `PERWATT_CBLAS`, or else the first candidate that
    /// loads and multiplies.
    fn open(threads: usize) -> Result<Self, BackendError> {
        SEARCH
            .open(|library, path| Self::of(library, path, threads))
            .map_err(unavailable)
    }

    #[cfg(all(test, target_os = "linux"))]
    fn open_from(chosen: std::path::PathBuf, threads: usize) -> Result<Self, BackendError> {
        let chosen = Some(chosen.into_os_string());
        SEARCH
            .open_from(chosen, |library, path| Self::of(library, path, threads))
            .map_err(unavailable)
    }

    /// Tests one library; the error is a clause that completes "but …".
    fn of(library: &'static Library, path: &Path, threads: usize) -> Result<Self, String> {
        let identity = identify(library, threads);
        if let Some(reason) = untuned::<T>(&identity) {
            return Err(reason);
        }
        let entry = Entry::of(library, identity.library, identity.ilp64)?;
        let loaded_from = load::file_of(entry.address()).unwrap_or_else(|| path.to_owned());
        let mut opened = Self {
            entry,
            threading: identity.threading,
            threads,
            description: Description {
                name: BACKEND.name.to_owned(),
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
        multiplies_correctly(&mut opened, entry.name)?;
        Ok(opened)
    }
}

/// The reason that an OpenBLAS has only plain loops for products of a format shorter than
/// f32.
fn untuned<T: Element>(identity: &Identity) -> Option<String> {
    let tuned = ["COOPERLAKE", "SAPPHIRERAPIDS", "NEOVERSE"];
    let core = identity.core.as_deref().unwrap_or("unknown");
    let is_tuned = tuned
        .iter()
        .any(|tuned| core.to_ascii_uppercase().starts_with(tuned));
    let affected = T::FORMAT != Format::F32 && identity.library == "OpenBLAS";
    (affected && !is_tuned)
        .then(|| format!("its kernels for this CPU ({core}) have no tuned products of this format"))
}

impl<T: Element> Multiply<T> for Cblas<T> {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn multiply(&mut self, problem: &Problem<T>, c: &mut [T::Sum]) {
        // Some libraries keep the count per calling thread, so that setting it once when
        // the library is opened is not enough.
        self.threading.set(self.threads);
        self.entry.multiply(problem, c);
    }
}
