//! The registry of the libraries that multiply, each of which has its own file.

mod cblas;
mod compiled_in;
mod embedded;
mod gemm;
mod matrixmultiply;
mod narrow;
mod split;

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use self::compiled_in::CompiledIn;
use crate::problem::Problem;

/// Called with a thread's index (from 0) on each of a backend's own threads as it
/// starts, so that the caller can pin it. It must not panic: that ends the process.
pub type ThreadStart = Arc<dyn Fn(usize) + Send + Sync>;

/// A way to compute a product. The file that computes it also describes it.
#[derive(Debug)]
pub struct Backend {
    name: &'static str,
    /// True if it is measured where no backend is named.
    measured_unnamed: bool,
    origin: Origin,
}

/// The origin of its code.
#[derive(Debug)]
enum Origin {
    /// Code that is part of this program.
    CompiledIn(CompiledIn),
    /// A foreign library, opened with this number of threads.
    Loaded(fn(usize) -> Result<Box<dyn Multiply>, BackendError>),
}

/// Every backend, the default first.
static REGISTRY: &[Backend] = &[
    embedded::BACKEND,
    gemm::BACKEND,
    matrixmultiply::BACKEND,
    cblas::BACKEND,
];

/// The description, for the record, of the library that multiplied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The backend's name, such as `gemm`.
    pub name: String,
    /// The library behind it, such as `OpenBLAS`.
    pub library: String,
    /// The library's version as it states it, or `unknown`.
    pub version: String,
    /// The file that it was loaded from, where it is not part of this program.
    pub path: Option<PathBuf>,
    /// Its build configuration or kernel choice as it states it.
    pub config: Option<String>,
    /// Threads that share one product.
    pub threads: usize,
    /// False when the library offers no way to set its thread count: `threads` is then the
    /// number asked for, and the number that runs is unknown.
    pub threads_known: bool,
    /// True when `on_thread_start` is called on the threads that compute. A CBLAS
    /// library has threads of its own that inherit the opening thread's affinity.
    pub thread_hook: bool,
    /// The reason that the rate would not be this machine's and a remedy, such as for a
    /// library that chose kernels for an older CPU.
    pub warning: Option<String>,
}

/// One line of [`Backend::list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendStatus {
    /// The backend's name.
    pub name: &'static str,
    /// True if [`Backend::open`] would succeed.
    pub available: bool,
    /// The reason that it is not available and a remedy; `None` when it is available.
    pub reason: Option<String>,
    /// Library, version and path when available.
    pub description: Option<Description>,
}

/// A backend that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackendError {
    /// No backend has this name.
    #[error("there is no matrix backend '{name}': use one of {}", known.join(", "))]
    Unknown {
        /// The name given.
        name: String,
        /// The names of all backends.
        known: Vec<&'static str>,
    },
    /// The backend exists but cannot be used on this machine.
    #[error("the matrix backend '{name}' is not available: {reason}; {fix}")]
    Unavailable {
        /// The backend's name.
        name: &'static str,
        /// The missing library or feature.
        reason: String,
        /// The user's remedy.
        fix: String,
    },
    /// The thread count is outside what can be started.
    #[error(
        "{threads} threads cannot be used for '{name}': {reason}; give a number from 1 to {max}"
    )]
    Threads {
        /// The backend's name.
        name: &'static str,
        /// The number given.
        threads: usize,
        /// The reason.
        reason: String,
        /// The largest number accepted.
        max: usize,
    },
}

/// An opened backend.
pub trait Multiply: Send {
    /// Describes the library, its version and its thread count.
    fn describe(&self) -> Description;

    /// Computes C = A·B of `problem` into `c`, overwriting all of it.
    ///
    /// # Panics
    /// When `c`, `problem.a` or `problem.b` does not have the length of its matrix.
    fn multiply(&mut self, problem: &Problem, c: &mut [f32]);
}

impl Backend {
    /// Every backend, the default first.
    #[must_use]
    pub fn all() -> &'static [Self] {
        REGISTRY
    }

    /// A CBLAS library found at run time: the file named by
    /// [`CBLAS_VARIABLE`](Self::CBLAS_VARIABLE), or the first of OpenBLAS, BLIS, MKL
    /// and the reference CBLAS that loads.
    pub const CBLAS: &Self = &cblas::BACKEND;

    /// The environment variable that names a CBLAS library file to be used instead of the
    /// search.
    pub const CBLAS_VARIABLE: &str = cblas::PATH_VARIABLE;

    /// The largest number of threads that a backend is opened with.
    pub const MAX_THREADS: usize = 4096;

    /// The name that users type and that records contain.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// True if it is measured where no backend is named.
    #[must_use]
    pub fn is_measured_unnamed(&self) -> bool {
        self.measured_unnamed
    }

    /// True if it is a foreign library, loaded at run time. One that crashes or hangs takes
    /// its process with it, so it belongs in a worker process.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        matches!(self.origin, Origin::Loaded(_))
    }

    /// The backend of this name.
    ///
    /// # Errors
    /// [`BackendError::Unknown`], with the names of all backends.
    pub fn by_name(name: &str) -> Result<&'static Self, BackendError> {
        Self::all()
            .iter()
            .find(|backend| backend.name == name)
            .ok_or_else(|| BackendError::Unknown {
                name: name.to_owned(),
                known: Self::all().iter().map(Self::name).collect(),
            })
    }

    /// Opens every backend with one thread and returns the result for each.
    #[must_use]
    pub fn list() -> Vec<BackendStatus> {
        Self::all().iter().map(Self::status).collect()
    }

    /// Opens the backend with one thread and returns the result; see
    /// [`is_loaded`](Self::is_loaded).
    #[must_use]
    pub fn status(&'static self) -> BackendStatus {
        match self.start(1, None) {
            Ok(opened) => BackendStatus {
                name: self.name(),
                available: true,
                reason: None,
                description: Some(opened.describe()),
            },
            Err(error) => BackendStatus {
                name: self.name(),
                available: false,
                reason: Some(match error {
                    BackendError::Unavailable { reason, fix, .. } => format!("{reason}; {fix}"),
                    other => other.to_string(),
                }),
                description: None,
            },
        }
    }

    /// Environment variables that a process must be started with for the `cblas` backend to
    /// use this CPU fully; empty when there is nothing to correct. An OpenBLAS older than
    /// the CPU falls back to kernels for SSE3, a tenth of the machine's rate, and chooses
    /// once, while it is loaded: the parent of a worker process has to call this and set
    /// them.
    #[must_use]
    pub fn worker_environment() -> Vec<(&'static str, &'static str)> {
        cblas::worker_environment()
    }

    /// Opens the backend `name` with exactly `threads` threads. When it returns, every
    /// thread has run the hook.
    ///
    /// # Errors
    /// [`BackendError::Unknown`] for a name that does not exist,
    /// [`BackendError::Unavailable`] when its library is missing or unusable, and
    /// [`BackendError::Threads`] for 0, for more than [`Backend::MAX_THREADS`], and
    /// when the system refuses to start them.
    pub fn open(
        name: &str,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply>, BackendError> {
        Self::by_name(name)?.start(threads, on_thread_start)
    }

    fn start(
        &'static self,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply>, BackendError> {
        if threads == 0 || threads > Self::MAX_THREADS {
            return Err(BackendError::Threads {
                name: self.name,
                threads,
                reason: "the count is out of range".to_owned(),
                max: Self::MAX_THREADS,
            });
        }
        match &self.origin {
            Origin::CompiledIn(library) => library.open(self.name, threads, on_thread_start),
            Origin::Loaded(open) => open(threads),
        }
    }
}

/// Panics unless every slice has the length of its matrix. The raw-pointer calls of every
/// backend rely on this.
fn assert_lengths(problem: &Problem, c: &[f32]) {
    let shape = problem.shape;
    assert!(
        shape.bytes().is_ok(),
        "the shape {shape} is zero or overflows"
    );
    let expected = (shape.a_len(), shape.b_len(), shape.c_len());
    let given = (problem.a.len(), problem.b.len(), c.len());
    assert_eq!(given, expected, "lengths of A, B and C for {shape}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_backends() {
        for backend in Backend::all() {
            assert!(std::ptr::eq(
                Backend::by_name(backend.name).unwrap(),
                backend
            ));
        }
        let error = Backend::by_name("mkl").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no matrix backend 'mkl': use one of embedded, gemm, matrixmultiply, cblas"
        );
    }

    #[test]
    fn impossible_thread_counts_are_errors() {
        for threads in [0, Backend::MAX_THREADS + 1, usize::MAX] {
            let error = Backend::open("gemm", threads, None).err().unwrap();
            assert!(matches!(error, BackendError::Threads { .. }), "{error}");
        }
    }
}
