//! An example backend that is added by the two steps that any backend needs: this file, and
//! its lines in [`super`]. It is compiled only for the tests, which run it with all others.

use super::descriptor::Descriptor;
use super::vertical::last_digest_word;
use super::walk::{OnCandidate, Range, walk};
use crate::job::Prepared;

pub(super) const BACKEND: Descriptor = Descriptor {
    name: "toy",
    description: || "plain 32-bit integer code, three nonces a step".into(),
    arch: None,
    missing: Vec::new,
    lanes: || LANES as usize,
    scan,
    rolled: None,
};

/// Nonces per step; not a power of two, unlike those of vectors.
const LANES: u32 = 3;

fn scan(job: &Prepared, range: Range, on_candidate: &mut OnCandidate<'_>) {
    walk(range, LANES, on_candidate, |base| {
        (0..LANES).fold(0, |candidates, lane| {
            let nonce = base.wrapping_add(lane).swap_bytes();
            let candidate = last_digest_word(job, nonce) & job.mask == 0;
            candidates | u32::from(candidate) << lane
        })
    });
}
