//! The kernels that decide nonces, one file per instruction set, and the
//! choice among them.

#[cfg(target_arch = "aarch64")]
mod aarch64_sha2;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod error;
mod features;
mod identity;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod rolled;
mod vertical;
mod walk;
#[cfg(target_arch = "x86_64")]
mod x86_sha;

use std::ops::ControlFlow;

pub use self::error::BackendError;
use self::walk::Range;
use crate::hash::Hash256;
use crate::job::Job;

/// How a nonce range is searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// [`Backend::Avx512`] on several versions of a header at once.
    Avx512Rolled,
    /// x86 AVX-512, sixteen nonces side by side.
    Avx512,
    /// [`Backend::X86Sha`] on several versions of a header at once.
    X86ShaRolled,
    /// x86 SHA extensions, several nonces interleaved.
    X86Sha,
    /// [`Backend::Avx2`] on several versions of a header at once.
    Avx2Rolled,
    /// x86 AVX2, eight nonces side by side.
    Avx2,
    /// AArch64 SHA-256 instructions, several nonces interleaved.
    Aarch64Sha2,
    /// AArch64 NEON, four nonces side by side.
    Neon,
    /// Plain integer arithmetic, on every CPU.
    Portable,
}

/// A nonce whose hash meets the job's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The header's nonce field.
    pub nonce: u32,
    /// The header's hash with that nonce.
    pub hash: Hash256,
}

impl Backend {
    /// Decides every nonce from `first` to `last`, both included, and reports
    /// those that meet the job's target in ascending order.
    ///
    /// A nonce is decided when it is either rejected, by the bits of its last
    /// digest word that the target demands to be zero, or accepted, by hashing
    /// it again in full with the plain compression function and comparing all
    /// 256 bits. When `on_hit` breaks, the nonces after that hit are not
    /// examined. Returns the number of nonces decided: at most 2³², and 0 for a
    /// reversed range.
    ///
    /// # Panics
    /// When this CPU cannot run the backend. [`Backend::from_name`],
    /// [`Backend::detect`] and the constructors never return such a one.
    ///
    /// ```
    /// use perwatt_sha256d::{Backend, Header, Job};
    /// use std::ops::ControlFlow;
    ///
    /// let genesis = Header::from_hex(concat!(
    ///     "0100000000000000000000000000000000000000000000000000000000000000",
    ///     "000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa",
    ///     "4b1e5e4a29ab5f49ffff001d00000000",
    /// ))?;
    /// let job = Job::new(&genesis, genesis.target()?);
    /// let mut hits = Vec::new();
    /// let decided = Backend::detect().scan(&job, 2_083_236_800, 2_083_236_999, &mut |hit| {
    ///     hits.push(hit.nonce);
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!((decided, hits), (200, vec![2_083_236_893]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan(
        self,
        job: &Job,
        first: u32,
        last: u32,
        on_hit: &mut dyn FnMut(Hit) -> ControlFlow<()>,
    ) -> u64 {
        if first > last {
            return 0;
        }
        self.assert_available();
        let mut stopped_at = None;
        let mut on_candidate = |nonce: u32| {
            let hash = job.hash(nonce);
            if !job.target().is_met_by(&hash) {
                return ControlFlow::Continue(());
            }
            let flow = on_hit(Hit { nonce, hash });
            if flow.is_break() {
                stopped_at = Some(nonce);
            }
            flow
        };
        let range = Range { first, last };
        match self.plain() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the CPU has the features this kernel needs, see above.
            Self::Avx512 => unsafe { avx512::scan(&job.prepared, range, &mut on_candidate) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the CPU has the features this kernel needs, see above.
            Self::X86Sha => unsafe { x86_sha::scan(&job.prepared, range, &mut on_candidate) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the CPU has the features this kernel needs, see above.
            Self::Avx2 => unsafe { avx2::scan(&job.prepared, range, &mut on_candidate) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: the CPU has the features this kernel needs, see above.
            Self::Aarch64Sha2 => unsafe {
                aarch64_sha2::scan(&job.prepared, range, &mut on_candidate)
            },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: the CPU has the features this kernel needs, see above.
            Self::Neon => unsafe { neon::scan(&job.prepared, range, &mut on_candidate) },
            _ => portable::scan(&job.prepared, range, &mut on_candidate),
        }
        u64::from(stopped_at.unwrap_or(last) - first) + 1
    }

    fn assert_available(self) {
        if let Some(reason) = self.unavailable_reason() {
            panic!("backend {} cannot run: {reason}", self.name());
        }
    }
}
