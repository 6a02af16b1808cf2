//! The registry of the libraries that multiply, each of which has its own file.

mod cblas;
mod compiled_in;
mod embedded;
mod gemm;
mod matrixmultiply;
mod narrow;
mod onednn;
mod opened;
mod split;
#[cfg(all(test, target_os = "linux"))]
mod test_library;

use thiserror::Error;

use self::compiled_in::CompiledIn;
use self::opened::{assert_lengths, multiplies_correctly};
use crate::element::{Element, Format};
use crate::shape::Shape;

pub use self::opened::{Description, Multiply, ThreadStart};

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
    /// A foreign library.
    Loaded(Library),
}

/// The foreign libraries.
#[derive(Debug)]
enum Library {
    Cblas,
    OneDnn,
}

/// Every backend, the default first.
static REGISTRY: &[Backend] = &[
    embedded::BACKEND,
    gemm::BACKEND,
    matrixmultiply::BACKEND,
    cblas::BACKEND,
    onednn::BACKEND,
];

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

impl Backend {
    /// Every backend, the default first.
    #[must_use]
    pub fn all() -> &'static [Self] {
        REGISTRY
    }

    /// The largest number of rows of products for which `embedded` has methods of its own,
    /// the same in every [`variant`](Self::trials).
    pub const FEW_ROWS: usize = narrow::MAX_ROWS;

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

    /// The environment variable that names the file of the library, for one that is
    /// searched for.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        match &self.origin {
            Origin::Loaded(library) => Some(library.variable()),
            _ => None,
        }
    }

    /// The formats of the products that it may have.
    #[must_use]
    pub fn formats(&self) -> &'static [Format] {
        match &self.origin {
            Origin::CompiledIn(_) => &[Format::F32],
            Origin::Loaded(Library::Cblas) => &[Format::F32, Format::F16F32, Format::Bf16],
            Origin::Loaded(Library::OneDnn) => &Format::ALL,
        }
    }

    /// Opens every backend with one thread and returns the result for each.
    #[must_use]
    pub fn list() -> Vec<BackendStatus> {
        let all = Self::all().iter();
        all.map(|backend| backend.status(Format::F32)).collect()
    }

    /// Opens the backend for products of a format with one thread and returns the result;
    /// see [`is_loaded`](Self::is_loaded).
    #[must_use]
    pub fn status(&'static self, format: Format) -> BackendStatus {
        fn tested<T: Element>(backend: &'static Backend) -> Result<Description, BackendError> {
            Ok(backend.load::<T>(1)?.describe())
        }
        let tested = match (&self.origin, format) {
            (Origin::CompiledIn(library), _) => Ok(library.describe(self.name, 1)),
            (_, Format::F32) => tested::<f32>(self),
            (_, Format::F16F32) => tested::<half::f16>(self),
            (_, Format::Bf16) => tested::<half::bf16>(self),
            (_, Format::I8) => tested::<i8>(self),
        };
        BackendStatus {
            name: self.name(),
            available: tested.is_ok(),
            reason: tested.as_ref().err().map(|error| match error {
                BackendError::Unavailable { reason, fix, .. } => format!("{reason}; {fix}"),
                other => other.to_string(),
            }),
            description: tested.ok(),
        }
    }

    /// The variants of `embedded` for products of this shape, if it has more than
    /// [`FEW_ROWS`](Self::FEW_ROWS) rows, the fastest here first, each with its FLOP per
    /// second on one thread. Timed once in a process for each shape, up to a second long.
    #[must_use]
    pub fn trials(shape: Shape) -> Vec<(&'static str, f64)> {
        embedded::trials(shape)
    }

    /// The advice on `embedded` where no CBLAS library is found, if one would be faster here.
    #[must_use]
    pub fn advice() -> Option<&'static str> {
        embedded::advice()
    }

    /// Environment variables that a process must be started with for this backend to use
    /// this CPU fully; empty when there is nothing to correct. An OpenBLAS older than the CPU
    /// falls back to kernels for SSE3, a tenth of the machine's rate, and chooses once, while
    /// it is loaded: the parent of a worker process has to call this and set them.
    #[must_use]
    pub fn worker_environment(&self) -> Vec<(&'static str, &'static str)> {
        match &self.origin {
            Origin::Loaded(Library::Cblas) => cblas::worker_environment(),
            _ => Vec::new(),
        }
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
        Self::open_variant(name, None, threads, on_thread_start)
    }

    /// As [`open`](Self::open); `variant` is one of [`trials`](Self::trials) for `embedded`,
    /// which otherwise takes the fastest for each shape.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`BackendError::Unavailable`] for a variant that there
    /// is not.
    pub fn open_variant(
        name: &str,
        variant: Option<&str>,
        threads: usize,
        on_thread_start: Option<ThreadStart>,
    ) -> Result<Box<dyn Multiply>, BackendError> {
        let backend = Self::by_name(name)?;
        backend.check_threads(threads)?;
        match (&backend.origin, variant) {
            (Origin::CompiledIn(_), Some(variant)) if backend.name == embedded::BACKEND.name => {
                embedded::form(variant)?.open(backend.name, threads, on_thread_start)
            }
            (Origin::CompiledIn(library), _) => {
                library.open(backend.name, threads, on_thread_start)
            }
            (Origin::Loaded(_), _) => backend.load(threads),
        }
    }

    /// Opens a foreign library for products of one format.
    pub(crate) fn load<T: Element>(
        &'static self,
        threads: usize,
    ) -> Result<Box<dyn Multiply<T>>, BackendError> {
        self.check_threads(threads)?;
        match &self.origin {
            Origin::Loaded(Library::Cblas) => cblas::open(threads),
            Origin::Loaded(Library::OneDnn) => onednn::open(threads),
            Origin::CompiledIn(_) => Err(BackendError::Unavailable {
                name: self.name,
                reason: "it computes products of f32 alone".into(),
                fix: "use cblas or onednn".into(),
            }),
        }
    }

    fn check_threads(&self, threads: usize) -> Result<(), BackendError> {
        match threads == 0 || threads > Self::MAX_THREADS {
            true => Err(BackendError::Threads {
                name: self.name,
                threads,
                reason: "the count is out of range".to_owned(),
                max: Self::MAX_THREADS,
            }),
            false => Ok(()),
        }
    }
}

impl Library {
    fn variable(&self) -> &'static str {
        match self {
            Self::Cblas => cblas::PATH_VARIABLE,
            Self::OneDnn => perwatt_vendor::onednn::SEARCH.variable,
        }
    }
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
            "there is no matrix backend 'mkl': use one of embedded, gemm, matrixmultiply, cblas, onednn"
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
