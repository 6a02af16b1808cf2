//! The kernels that decide nonces, one file per instruction set, and their registry. A new
//! kernel needs its file and two lines here: `mod`, and its descriptor in the registry.

mod aarch64_sha2;
mod avx2;
mod avx512;
#[cfg(test)]
mod conformance;
mod descriptor;
mod error;
mod handle;
mod neon;
mod portable;
mod scan;
#[cfg(test)]
mod toy;
mod vertical;
mod walk;
mod word;
mod x86_sha;

pub use self::descriptor::Descriptor;
pub use self::error::BackendError;
pub use self::handle::Backend;
pub use self::scan::Hit;

/// Every backend, best first.
const REGISTRY: &[Descriptor] = &[
    avx512::ROLLED,
    avx512::BACKEND,
    x86_sha::ROLLED,
    x86_sha::BACKEND,
    avx2::ROLLED,
    avx2::BACKEND,
    aarch64_sha2::BACKEND,
    neon::BACKEND,
    portable::BACKEND,
    #[cfg(test)]
    toy::BACKEND,
];
