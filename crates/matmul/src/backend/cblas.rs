//! Any CBLAS library found at run time.

mod identity;
mod openblas_core;
mod sgemm;
#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::path::Path;

use libloading::Library;
use perwatt_vendor::load;
use perwatt_vendor::search::{Search, Unavailable};

use self::identity::{Threading, identify};
use self::sgemm::Entry;
use super::{Backend, BackendError, Description, Multiply, Origin};
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "cblas",
    measured_unnamed: true,
    origin: Origin::Loaded(|threads| Ok(Box::new(Cblas::open(threads)?))),
};

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
    let config = Cblas::open(1)
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

/// A loaded library.
struct Cblas {
    entry: Entry,
    threading: Threading,
    threads: usize,
    description: Description,
}

impl Cblas {
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
        let entry = Entry::of(library, identity.ilp64)
            .ok_or("it has no symbol cblas_sgemm, so it is not a CBLAS library")?;
        let loaded_from = load::file_of(entry.address()).unwrap_or_else(|| path.to_owned());
        let opened = Self {
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
        opened.multiplies_correctly()?;
        Ok(opened)
    }

    /// One small product whose result is exact, so that a stub or a wrong integer
    /// width is found before it is measured.
    fn multiplies_correctly(&self) -> Result<(), String> {
        let problem = Problem {
            shape: Shape { m: 2, n: 2, k: 3 },
            seed: 0,
            a: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            b: vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0],
        };
        let mut c = [f32::NAN; 4];
        self.sgemm(&problem, &mut c);
        if c == [58.0, 64.0, 139.0, 154.0] {
            Ok(())
        } else {
            Err(format!(
                "its cblas_sgemm computes a 2x2x3 product as {c:?} instead of [58, 64, 139, 154]"
            ))
        }
    }

    /// Sets the thread count and multiplies.
    fn sgemm(&self, problem: &Problem, c: &mut [f32]) {
        // Some libraries keep the count per calling thread, so that setting it once when
        // the library is opened is not enough.
        self.threading.set(self.threads);
        self.entry.multiply(problem, c);
    }
}

impl Multiply for Cblas {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn multiply(&mut self, problem: &Problem, c: &mut [f32]) {
        self.sgemm(problem, c);
    }
}
