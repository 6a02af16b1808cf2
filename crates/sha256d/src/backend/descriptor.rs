//! The description of a backend; each is in the file of its kernel.

use std::borrow::Cow;

use super::walk::{OnCandidate, OnRolledCandidate, Range};
use crate::job::{Job, Prepared};

/// A search backend, whether or not this CPU can run it:
/// [`Backend::all`](super::Backend::all) lists them.
pub struct Descriptor {
    pub(super) name: &'static str,
    pub(super) description: fn() -> Cow<'static, str>,
    /// The architecture of its instructions; `None` for a backend that runs on all.
    pub(super) arch: Option<Arch>,
    /// The required features that this CPU lacks. Where it returns none and the
    /// architecture is this build's, the functions below may be called.
    pub(super) missing: fn() -> Vec<&'static str>,
    /// Nonces decided together in one step.
    pub(super) lanes: unsafe fn() -> usize,
    /// Reports every nonce of the range that passes the early reject.
    pub(super) scan: unsafe fn(&Prepared, Range, &mut OnCandidate<'_>),
    /// The search of several jobs, for a backend that rolls versions.
    pub(super) rolled: Option<Rolled>,
}

/// The search of several jobs that share their second block.
pub(super) struct Rolled {
    /// Jobs searched together.
    pub(super) width: usize,
    /// [`Descriptor::scan`] of `width` jobs.
    pub(super) scan: unsafe fn(&[Job], Range, &mut OnRolledCandidate<'_>),
}

/// An architecture that kernels are written for.
#[derive(Clone, Copy)]
pub(super) struct Arch {
    /// The name as in [`std::env::consts::ARCH`].
    name: &'static str,
    /// The name with its article, for messages.
    with_article: &'static str,
}

pub(super) const X86_64: Arch = Arch {
    name: "x86_64",
    with_article: "an x86-64",
};
pub(super) const AARCH64: Arch = Arch {
    name: "aarch64",
    with_article: "an AArch64",
};

impl Descriptor {
    /// The name under which it is selected and recorded.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// One line that describes its instructions and the tuning for this CPU.
    pub fn description(&self) -> Cow<'static, str> {
        (self.description)()
    }

    /// True if this build contains its kernel.
    pub fn is_compiled_in(&self) -> bool {
        self.arch
            .is_none_or(|arch| arch.name == std::env::consts::ARCH)
    }

    /// The reason that this CPU cannot run it, with the features that the CPU lacks; `None`
    /// when it can.
    pub fn unavailable_reason(&self) -> Option<String> {
        if let Some(arch) = self.arch.filter(|_| !self.is_compiled_in()) {
            return Some(format!(
                "it needs {} CPU and this build is for {}",
                arch.with_article,
                std::env::consts::ARCH
            ));
        }
        let missing = (self.missing)();
        (!missing.is_empty()).then(|| format!("this CPU lacks {}", missing.join(", ")))
    }
}

/// A function that returns those of the given features that this CPU lacks; none in a build
/// for another architecture.
macro_rules! missing {
    (x86_64: $($feature:tt),+) => {
        missing!("x86_64", is_x86_feature_detected, $($feature),+)
    };
    (aarch64: $($feature:tt),+) => {
        missing!("aarch64", is_aarch64_feature_detected, $($feature),+)
    };
    ($arch:tt, $detected:ident, $($feature:tt),+) => {{
        #[cfg(target_arch = $arch)]
        let present = [$(($feature, std::arch::$detected!($feature))),+];
        #[cfg(not(target_arch = $arch))]
        let present = [];
        $crate::backend::descriptor::absent(&present)
    }};
}
pub(super) use missing;

/// The features that are not present.
pub(super) fn absent(features: &[(&'static str, bool)]) -> Vec<&'static str> {
    features
        .iter()
        .filter(|(_, present)| !present)
        .map(|(feature, _)| *feature)
        .collect()
}

/// A function of a kernel; in a build for another architecture, one that is never called.
macro_rules! compiled_in {
    (x86_64: $function:path, $arguments:tt) => {
        compiled_in!("x86_64", $function, $arguments)
    };
    (aarch64: $function:path, $arguments:tt) => {
        compiled_in!("aarch64", $function, $arguments)
    };
    ($arch:tt, $function:path, ($($argument:pat),*)) => {{
        #[cfg(target_arch = $arch)]
        {
            $function
        }
        #[cfg(not(target_arch = $arch))]
        {
            |$($argument),*| unreachable!("this build has no such kernel")
        }
    }};
}
pub(super) use compiled_in;

#[cfg(test)]
mod tests {
    use super::super::Backend;
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back_to_backends() {
        for (i, descriptor) in Backend::all().iter().enumerate() {
            let first = Backend::all()
                .iter()
                .position(|d| d.name == descriptor.name);
            assert_eq!(first, Some(i), "{}", descriptor.name);
            if let Some(backend) = descriptor.backend() {
                assert_eq!(Backend::from_name(descriptor.name), Ok(backend));
            }
        }
    }

    #[test]
    fn a_backend_of_another_architecture_is_known_but_says_why_it_cannot_run() {
        let elsewhere = Backend::all().iter().filter(|d| !d.is_compiled_in());
        assert_ne!(elsewhere.clone().count(), 0);
        for descriptor in elsewhere {
            let error = Backend::from_name(descriptor.name).unwrap_err().to_string();
            let needs = match std::env::consts::ARCH {
                "aarch64" => "an x86-64",
                _ => "an AArch64",
            };
            let reason = format!(
                "it needs {needs} CPU and this build is for {}",
                std::env::consts::ARCH
            );
            assert!(error.contains(&reason), "{error}");
        }
    }

    #[test]
    fn a_feature_that_is_not_there_is_named() {
        let lacking = Descriptor {
            arch: None,
            missing: || absent(&[("one", false), ("two", true), ("three", false)]),
            ..super::super::portable::BACKEND
        };
        assert_eq!(
            lacking.unavailable_reason().as_deref(),
            Some("this CPU lacks one, three")
        );
    }
}
