//! What the backends are called, what each needs, and which of them this CPU
//! can run.

use std::fmt;

use super::features::{aarch64_features, x86_features};
use super::{Backend, BackendError, portable};
#[cfg(target_arch = "aarch64")]
use super::{aarch64_sha2, neon};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, x86_sha};

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
            Self::Aarch64Sha2,
            Self::Neon,
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

    /// [`Backend::Aarch64Sha2`] where the CPU has the SHA-256 instructions.
    pub fn aarch64_sha2() -> Option<Self> {
        Some(Self::Aarch64Sha2).filter(|backend| backend.is_available())
    }

    /// [`Backend::Neon`] where the CPU has NEON.
    pub fn neon() -> Option<Self> {
        Some(Self::Neon).filter(|backend| backend.is_available())
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
            Self::Aarch64Sha2 => "aarch64-sha2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// One line on what it is, and on what was chosen for this CPU.
    pub fn description(self) -> String {
        let fixed = match self {
            Self::Avx512Rolled => {
                "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes, eight versions on one message schedule"
            }
            Self::Avx512 => "x86 AVX-512, sixteen nonces in sixteen 32-bit lanes",
            Self::X86ShaRolled => {
                "x86 SHA extensions, four versions interleaved on one message schedule"
            }
            Self::X86Sha if self.is_available() => {
                let width = self.lanes();
                return format!(
                    "x86 SHA extensions, {width} nonces interleaved (each process tries 2 to 4 and takes the fastest)"
                );
            }
            Self::X86Sha => "x86 SHA extensions, 2 to 4 nonces interleaved",
            Self::Avx2Rolled => {
                "x86 AVX2, eight nonces in eight 32-bit lanes, eight versions on one message schedule"
            }
            Self::Avx2 => "x86 AVX2, eight nonces in eight 32-bit lanes",
            Self::Aarch64Sha2 => "AArch64 SHA-256 instructions, several nonces interleaved",
            Self::Neon => "AArch64 NEON, four nonces in four 32-bit lanes",
            Self::Portable => "plain 32-bit integer code, one nonce at a time",
        };
        fixed.to_owned()
    }

    /// As many as [`lanes`](Self::lanes) says: what this CPU does best, or the
    /// most where it can do none.
    #[cfg(target_arch = "x86_64")]
    fn x86_sha_width(self) -> usize {
        if self.is_available() {
            // SAFETY: the CPU has the features that the backend needs.
            unsafe { x86_sha::width() }.nonces()
        } else {
            x86_sha::Width::Four.nonces()
        }
    }

    /// Nonces decided together in one step of the kernel, for each of
    /// [`roll_width`](Self::roll_width) jobs.
    pub fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx512Rolled => avx512::LANES,
            #[cfg(target_arch = "x86_64")]
            Self::X86Sha => self.x86_sha_width(),
            #[cfg(target_arch = "x86_64")]
            Self::X86ShaRolled => x86_sha::ROLLED_LANES,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 | Self::Avx2Rolled => avx2::LANES,
            #[cfg(target_arch = "aarch64")]
            Self::Aarch64Sha2 => aarch64_sha2::STREAMS,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => neon::LANES,
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
            Self::Aarch64Sha2 => aarch64_features(&["sha2"]),
            Self::Neon => aarch64_features(&["neon"]),
            Self::Portable => return None,
        };
        match required {
            Err(unsupported) => Some(unsupported),
            Ok(missing) if missing.is_empty() => None,
            Ok(missing) => Some(format!("this CPU lacks {}", missing.join(", "))),
        }
    }
}

fn names(backends: &[Backend]) -> Vec<&'static str> {
    backends.iter().map(|backend| backend.name()).collect()
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
             avx512-rolled, avx512, x86-sha-rolled, x86-sha, avx2-rolled, avx2, aarch64-sha2, neon, portable"
        );
    }

    #[test]
    fn a_backend_of_another_architecture_is_known_but_says_why_it_cannot_run() {
        let (elsewhere, needs) = if cfg!(target_arch = "aarch64") {
            (Backend::X86Sha, "an x86-64")
        } else {
            (Backend::Aarch64Sha2, "an AArch64")
        };
        let error = Backend::from_name(elsewhere.name())
            .unwrap_err()
            .to_string();
        let arch = std::env::consts::ARCH;
        let reason = format!("it needs {needs} CPU and this build is for {arch}");
        assert!(error.contains(&reason), "{error}");
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
            Backend::aarch64_sha2(),
            Backend::neon(),
            Backend::portable(),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(constructed, Backend::available());
    }
}
