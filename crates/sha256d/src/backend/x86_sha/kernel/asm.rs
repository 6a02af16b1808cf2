//! One step of the kernels, in the assembly that the build script generates.

use std::arch::asm;
use std::arch::x86_64::__m128i;

use super::layout::{Constants, Stream, TABLE};

/// A step as a function: `job` points to one or more [`Constants`], `mem` to a
/// [`Stream`] for each register of `abef`.
macro_rules! step {
    ($name:ident, $streams:literal, $jobs:literal, $file:literal, $($abef:ident = $register:tt),*; $($used:tt),*) => {
        /// Word 7 of the second digests, in lane 1.
        #[inline]
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        pub fn $name(job: &[Constants; $jobs], mem: &mut [Stream; $streams]) -> [__m128i; $streams] {
            if cfg!(target_feature = "avx") {
                super::clear_upper_halves();
            }
            $(let $abef: __m128i;)*
            // SAFETY: the caller has the SHA, SSE4.1 and SSSE3 instructions that it
            // consists of. It reads `job` and TABLE and reads and writes `mem` at the
            // offsets that `layout.rs` checks, all within those types and as aligned as
            // they are; it reads no quad of `mem` that it has not written. It does not
            // change the flags or the stack, and all registers that it writes are named.
            unsafe {
                asm!(
                    include_str!(concat!(env!("OUT_DIR"), "/", $file)),
                    job = in(reg) job.as_ptr(),
                    table = in(reg) &raw const TABLE,
                    mem = in(reg) mem.as_mut_ptr(),
                    $(lateout($register) $abef,)*
                    $(out($used) _,)*
                    out("xmm0") _,
                    out("xmm2") _,
                    out("xmm4") _,
                    out("xmm6") _,
                    out("xmm8") _,
                    out("xmm9") _,
                    out("xmm10") _,
                    out("xmm11") _,
                    out("xmm12") _,
                    out("xmm13") _,
                    out("xmm14") _,
                    options(nostack, preserves_flags),
                );
            }
            [$($abef),*]
        }
    };
}

step!(step2, 2, 1, "x86_sha_2.s", a = "xmm1", b = "xmm3"; "xmm5", "xmm7");
step!(step3, 3, 1, "x86_sha_3.s", a = "xmm1", b = "xmm3", c = "xmm5"; "xmm7");
step!(step4, 4, 1, "x86_sha_4.s", a = "xmm1", b = "xmm3", c = "xmm5", d = "xmm7";);
step!(step_rolled, 4, 4, "x86_sha_rolled.s", a = "xmm1", b = "xmm3", c = "xmm5", d = "xmm7";);
