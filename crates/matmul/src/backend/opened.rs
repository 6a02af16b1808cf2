//! A backend that has been opened: its description, its products, and their tests.

use std::path::PathBuf;
use std::sync::Arc;

use super::BackendError;
use crate::element::Element;
use crate::problem::Problem;
use crate::shape::Shape;

/// Called with a thread's index (from 0) on each of a backend's own threads as it
/// starts, so that the caller can pin it. It must not panic: that ends the process.
pub type ThreadStart = Arc<dyn Fn(usize) + Send + Sync>;

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

/// An opened backend.
pub trait Multiply<T: Element = f32>: Send {
    /// Describes the library, its version and its thread count.
    fn describe(&self) -> Description;

    /// Prepares products with this B, such as by packing it, where the library does that
    /// apart. To be called before [`multiply`](Self::multiply), and again for another B.
    ///
    /// # Errors
    /// [`BackendError::Unavailable`] where the library has no product of this shape.
    fn prepare(&mut self, _problem: &Problem<T>) -> Result<(), BackendError> {
        Ok(())
    }

    /// Computes C = A·B of `problem` into `c`, overwriting all of it.
    ///
    /// # Panics
    /// When `c`, `problem.a` or `problem.b` does not have the length of its matrix, or where
    /// the library reports a failure.
    fn multiply(&mut self, problem: &Problem<T>, c: &mut [T::Sum]);
}

/// Panics unless every slice has the length of its matrix. The raw-pointer calls of every
/// backend rely on this.
pub(super) fn assert_lengths<T: Element>(problem: &Problem<T>, c: &[T::Sum]) {
    let shape = problem.shape;
    assert!(
        shape.bytes().is_ok(),
        "the shape {shape} is zero or overflows"
    );
    let expected = (shape.a_len(), shape.b_len(), shape.c_len());
    let given = (problem.a.len(), problem.b.len(), c.len());
    assert_eq!(given, expected, "lengths of A, B and C for {shape}");
}

/// One small product whose result is exact, so that a stub or a wrong integer width is
/// found before it is measured. The error completes "but …".
pub(super) fn multiplies_correctly<T: Element>(
    opened: &mut dyn Multiply<T>,
    function: &str,
) -> Result<(), String> {
    let numbers = |numbers: [u8; 6]| numbers.map(T::small).to_vec();
    let problem = Problem {
        shape: Shape { m: 2, n: 2, k: 3 },
        seed: 0,
        a: numbers([1, 2, 3, 4, 5, 6]),
        b: numbers([7, 8, 9, 10, 11, 12]),
    };
    let mut c = [T::Sum::default(); 4];
    opened
        .prepare(&problem)
        .map_err(|error| error.to_string())?;
    opened.multiply(&problem, &mut c);
    let c: [f64; 4] = c.map(Into::into);
    match c == [58.0, 64.0, 139.0, 154.0] {
        true => Ok(()),
        false => Err(format!(
            "its {function} computes a 2x2x3 product as {c:?} instead of [58, 64, 139, 154]"
        )),
    }
}
