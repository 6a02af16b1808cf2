//! The kernels that decide nonces, one file per instruction set, and the
//! choice among them.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
mod rolled;
mod vertical;
#[cfg(target_arch = "x86_64")]
mod x86_sha;
#[cfg(target_arch = "x86_64")]
mod x86_sha_rolled;

use std::fmt;
use std::ops::ControlFlow;

use self::rolled::walk_rolled;
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
    /// Every backend known to this build, best first.
    pub fn all() -> &'static [Backend] {
        &[
            Self::Avx512Rolled,
            Self::Avx512,
            Self::X86ShaRolled,
            Self::X86Sha,
            Self::Avx2Rolled,
            Self::Avx2,
            Self::Portable,
        ]
    }

    /// The best this CPU can run.
    pub fn detect() -> Backend {
        Self::all()
            .iter()
            .copied()
            .find(|backend| backend.is_available())
            .unwrap_or(Self::Portable)
    }

    /// Those this CPU can run, best first; never empty.
    pub fn available() -> Vec<Backend> {
        Self::all()
            .iter()
            .copied()
            .filter(|backend| backend.is_available())
            .collect()
    }

    /// [`Backend::Portable`], which every CPU can run.
    pub fn portable() -> Option<Self> {
        Some(Self::Portable)
    }

    /// [`Backend::Avx512Rolled`] where the CPU has AVX-512.
    pub fn avx512_rolled() -> Option<Self> {
        Some(Self::Avx512Rolled).filter(|backend| backend.is_available())
    }

    /// [`Backend::Avx512`] where the CPU has AVX-512.
    pub fn avx512() -> Option<Self> {
        Some(Self::Avx512).filter(|backend| backend.is_available())
    }

    /// [`Backend::X86ShaRolled`] where the CPU has the SHA extensions.
    pub fn x86_sha_rolled() -> Option<Self> {
        Some(Self::X86ShaRolled).filter(|backend| backend.is_available())
    }

    /// [`Backend::X86Sha`] where the CPU has the SHA extensions.
    pub fn x86_sha() -> Option<Self> {
        Some(Self::X86Sha).filter(|backend| backend.is_available())
    }

    /// [`Backend::Avx2Rolled`] where the CPU has AVX2.
    pub fn avx2_rolled() -> Option<Self> {
        Some(Self::Avx2Rolled).filter(|backend| backend.is_available())
    }

    /// [`Backend::Avx2`] where the CPU has AVX2.
    pub fn avx2() -> Option<Self> {
        Some(Self::Avx2).filter(|backend| backend.is_available())
    }

    /// The name under which it is selected and recorded.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512Rolled => "avx512-rolled",
            Self::Avx512 => "avx512",
            Self::X86ShaRolled => "x86-sha-rolled",
            Self::X86Sha => "x86-sha",
            Self::Avx2Rolled => "avx2-rolled",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }

    /// One line on what it is.
    pub fn description(self) -> &'static str {
        match self {
            Self::Avx512Rolled => {
                "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes, eight versions on one message schedule"
            }
            Self::Avx512 => "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes",
            Self::X86ShaRolled => {
                "x86 SHA extensions, four versions interleaved on one message schedule"
            }
            Self::X86Sha => "x86 SHA extensions, several nonces interleaved",
            Self::Avx2Rolled => {
                "x86 AVX2, eight nonces in eight 32-bit lanes, eight versions on one message schedule"
            }
            Self::Avx2 => "x86 AVX2, eight nonces in eight 32-bit lanes",
            Self::Portable => "plain 32-bit integer code, one nonce at a time",
        }
    }

    /// Nonces decided together in one step of the kernel, for each of
    /// [`roll_width`](Self::roll_width) jobs.
    pub fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx512Rolled => avx512::LANES,
            #[cfg(target_arch = "x86_64")]
            Self::X86Sha => x86_sha::STREAMS,
            #[cfg(target_arch = "x86_64")]
            Self::X86ShaRolled => x86_sha_rolled::LANES,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 | Self::Avx2Rolled => avx2::LANES,
            _ => portable::LANES,
        }
    }

    /// Finds a backend by its [`name`](Self::name), if this CPU can run it.
    ///
    /// # Errors
    /// [`BackendError::Unknown`] or [`BackendError::Unavailable`].
    pub fn from_name(name: &str) -> Result<Backend, BackendError> {
        let backend = Self::all()
            .iter()
            .copied()
            .find(|backend| backend.name() == name)
            .ok_or_else(|| BackendError::Unknown {
                name: name.to_owned(),
                known: names(Self::all()),
            })?;
        match backend.unavailable_reason() {
            None => Ok(backend),
            Some(reason) => Err(BackendError::Unavailable {
                name: backend.name(),
                reason,
                available: names(&Self::available()),
            }),
        }
    }

    /// Whether this CPU can run it.
    pub fn is_available(self) -> bool {
        self.unavailable_reason().is_none()
    }

    /// Why this CPU cannot run it, naming the features it lacks; `None` when
    /// it can.
    pub fn unavailable_reason(self) -> Option<String> {
        let required = match self {
            Self::Avx512 | Self::Avx512Rolled => x86_features(&["avx512f", "avx512bw"]),
            Self::X86Sha | Self::X86ShaRolled => x86_features(&["sha", "sse4.1", "ssse3"]),
            Self::Avx2 | Self::Avx2Rolled => x86_features(&["avx2"]),
            Self::Portable => return None,
        };
        match required {
            Err(unsupported) => Some(unsupported),
            Ok(missing) if missing.is_empty() => None,
            Ok(missing) => Some(format!("this CPU lacks {}", missing.join(", "))),
        }
    }

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

/// What a kernel calls with each nonce that passed the early reject.
type OnCandidate<'a> = dyn FnMut(u32) -> ControlFlow<()> + 'a;

/// Nonces `first` to `last`, both included; `first <= last`.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u32,
    last: u32,
}

/// Walks `range` in steps of `lanes` nonces (at most 32). `step` decides the
/// nonces from its argument on and returns one bit per lane: see
/// [`walk_rolled`], of which this is the case of one job.
#[inline(always)]
fn walk(
    range: Range,
    lanes: u32,
    on_candidate: &mut OnCandidate<'_>,
    mut step: impl FnMut(u32) -> u32,
) {
    walk_rolled(range, lanes, &mut |_, nonce| on_candidate(nonce), |base| {
        [step(base)]
    });
}

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(target_arch = "x86_64")]
fn x86_features(required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    let has = |feature: &str| match feature {
        "sha" => std::arch::is_x86_feature_detected!("sha"),
        "sse4.1" => std::arch::is_x86_feature_detected!("sse4.1"),
        "ssse3" => std::arch::is_x86_feature_detected!("ssse3"),
        "avx2" => std::arch::is_x86_feature_detected!("avx2"),
        "avx512f" => std::arch::is_x86_feature_detected!("avx512f"),
        "avx512bw" => std::arch::is_x86_feature_detected!("avx512bw"),
        _ => false,
    };
    Ok(required
        .iter()
        .copied()
        .filter(|feature| !has(feature))
        .collect())
}

/// Those of `required` this CPU lacks, or why none can be had here.
#[cfg(not(target_arch = "x86_64"))]
fn x86_features(_required: &[&'static str]) -> Result<Vec<&'static str>, String> {
    Err(format!(
        "it needs an x86-64 CPU and this build is for {}",
        std::env::consts::ARCH
    ))
}

fn names(backends: &[Backend]) -> Vec<&'static str> {
    backends.iter().map(|backend| backend.name()).collect()
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a backend cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendError {
    /// No backend has this name.
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// This CPU cannot run it.
    Unavailable {
        /// The name asked for.
        name: &'static str,
        /// What is missing.
        reason: String,
        /// The names of those that can run here.
        available: Vec<&'static str>,
    },
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, known } => write!(
                f,
                "there is no SHA-256d backend {name:?}; choose one of {}",
                known.join(", ")
            ),
            Self::Unavailable {
                name,
                reason,
                available,
            } => write!(
                f,
                "backend {name} cannot run here: {reason}; choose one of {}",
                available.join(", ")
            ),
        }
    }
}

impl std::error::Error for BackendError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_backends() {
        for backend in Backend::available() {
            assert_eq!(Backend::from_name(backend.name()), Ok(backend));
        }
        assert_eq!(Backend::available()[0], Backend::detect());
        assert_eq!(Backend::available().last(), Some(&Backend::Portable));
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Backend::from_name("cuda").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no SHA-256d backend \"cuda\"; choose one of \
             avx512-rolled, avx512, x86-sha-rolled, x86-sha, avx2-rolled, avx2, portable"
        );
    }

    #[test]
    fn constructors_agree_with_availability() {
        let constructed: Vec<Backend> = [
            Backend::avx512_rolled(),
            Backend::avx512(),
            Backend::x86_sha_rolled(),
            Backend::x86_sha(),
            Backend::avx2_rolled(),
            Backend::avx2(),
            Backend::portable(),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(constructed, Backend::available());
    }

    #[test]
    fn walk_visits_lanes_in_order_and_drops_the_tail() {
        let visit = |first, last, lanes: u32| {
            let mut seen = Vec::new();
            walk(
                Range { first, last },
                lanes,
                &mut |nonce| {
                    seen.push(nonce);
                    ControlFlow::Continue(())
                },
                |_| u32::MAX >> (32 - lanes),
            );
            seen
        };
        assert_eq!(visit(3, 12, 4), (3..=12).collect::<Vec<_>>());
        assert_eq!(visit(u32::MAX, u32::MAX, 8), vec![u32::MAX]);
        assert_eq!(
            visit(u32::MAX - 9, u32::MAX, 3),
            (u32::MAX - 9..=u32::MAX).collect::<Vec<_>>()
        );
        assert_eq!(visit(0, 63, 32), (0..=63).collect::<Vec<_>>());
    }
}
