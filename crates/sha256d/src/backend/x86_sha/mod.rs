//! The x86 SHA extensions, several nonces interleaved, or several versions of
//! a header on one nonce and one message schedule.

#[cfg(target_arch = "x86_64")]
mod kernel;

use std::borrow::Cow;

use super::descriptor::{Descriptor, Rolled, X86_64, compiled_in, missing};

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "x86-sha",
    description,
    arch: Some(X86_64),
    missing: || missing!(x86_64: "sha", "sse4.1", "ssse3"),
    lanes: compiled_in!(x86_64: kernel::lanes, ()),
    scan: compiled_in!(x86_64: kernel::scan, (_, _, _)),
    rolled: None,
};

/// [`BACKEND`] on several versions of a header at once.
pub(super) const ROLLED: Descriptor = Descriptor {
    name: "x86-sha-rolled",
    description: || "x86 SHA extensions, four versions interleaved on one message schedule".into(),
    lanes: || ROLLED_LANES,
    rolled: Some(Rolled {
        width: ROLLS,
        scan: compiled_in!(x86_64: kernel::scan_rolled, (_, _, _)),
    }),
    ..BACKEND
};

/// Nonces per step of the rolled kernel.
const ROLLED_LANES: usize = 1;
/// Jobs that share one message schedule.
const ROLLS: usize = 4;

fn description() -> Cow<'static, str> {
    match BACKEND.backend() {
        None => "x86 SHA extensions, 2 to 4 nonces interleaved".into(),
        Some(here) => format!(
            "x86 SHA extensions, {} nonces interleaved (each process tries 2 to 4 and takes the fastest)",
            here.lanes()
        )
        .into(),
    }
}
