//! One nonce at a time in plain integers, by the kernel of [`super::vertical`] with one
//! lane.

use super::descriptor::Descriptor;
use super::vertical::last_digest_word;
use super::walk::{OnCandidate, Range, walk};
use super::word::Word;
use crate::job::Prepared;

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "portable",
    description: || "plain 32-bit integer code, one nonce at a time".into(),
    arch: None,
    missing: Vec::new,
    lanes: || LANES,
    scan,
    rolled: None,
};

/// Nonces per step.
const LANES: usize = 1;

/// Reports every nonce of `range` that passes the early reject.
fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi1") && std::arch::is_x86_feature_detected!("bmi2") {
        // SAFETY: the CPU has both features.
        return unsafe { scan_bmi(job, range, on_candidate) };
    }
    walk(range, LANES as u32, on_candidate, |nonce| {
        candidates(job, nonce)
    });
}

/// The same with BMI instructions, which rotate, or negate and combine, into another
/// register and so save a copy each.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
fn scan_bmi(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    walk(range, LANES as u32, on_candidate, |nonce| {
        candidates(job, nonce)
    });
}

#[inline(always)]
fn candidates(job: &Prepared, nonce: u32) -> u32 {
    u32::from(last_digest_word(job, nonce.swap_bytes()) & job.mask == 0)
}

/// An assembly comment that names a 32-bit register in this architecture's syntax.
#[cfg(all(target_arch = "x86_64", not(miri)))]
macro_rules! no_instruction {
    () => {
        "/* {0:e} */"
    };
}
#[cfg(all(target_arch = "aarch64", not(miri)))]
macro_rules! no_instruction {
    () => {
        "/* {0:w} */"
    };
}

impl Word for u32 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        value
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    #[inline(always)]
    fn settled(self) -> Self {
        let mut value = self;
        // SAFETY: the assembly contains only a comment.
        unsafe {
            std::arch::asm!(
                no_instruction!(),
                inout(reg) value,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        value
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn shr<const RIGHT: i32>(self) -> Self {
        self >> RIGHT
    }

    #[inline(always)]
    fn rotr<const RIGHT: i32, const LEFT: i32>(self) -> Self {
        const { assert!(RIGHT + LEFT == 32) };
        self.rotate_right(RIGHT as u32)
    }
}
