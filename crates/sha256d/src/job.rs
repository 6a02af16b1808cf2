//! The values of a header that do not depend on its nonce, computed once.

use crate::hash::Hash256;
use crate::header::Header;
use crate::sha256::words_of;
use crate::sha256::{IV, K, bytes_of, compress, round, sha256, small_sigma0, small_sigma1};
use crate::target::Target;

/// A header and a target, prepared for the search of its nonces.
///
/// The header's own nonce is ignored.
#[derive(Clone, Debug)]
pub struct Job {
    header: Header,
    target: Target,
    midstate: [u32; 8],
    /// The header's last 16 bytes as message words, with zero in place of the nonce.
    tail: [u32; 16],
    pub(crate) prepared: Prepared,
}

/// The inputs of the kernels; the crate documentation explains each shortcut.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// State after the first block, which is added at the end of hash 1.
    pub midstate: [u32; 8],
    /// State `[a, …, h]` of hash 1 after round 3 with nonce word 0. The nonce word is added
    /// to `a` and `e` and affects nothing else.
    pub round3: [u32; 8],
    /// W₁₆, W₁₇, and W₁₈ and W₁₉ with nonce word 0. σ₀ of the nonce word is added to W₁₈,
    /// the nonce word to W₁₉.
    pub w16: [u32; 4],
    /// The sum of the terms W₁₅ and σ₀(W₁₆) of W₃₁.
    pub w31: u32,
    /// The sum of the terms W₁₆ and σ₀(W₁₇) of W₃₂.
    pub w32: u32,
    /// The bits of the last digest word that must be zero.
    pub mask: u32,
}

impl Job {
    /// Computes everything that all nonces of `header` share.
    pub fn new(header: &Header, target: Target) -> Self {
        let mut bytes = header.to_bytes();
        bytes[76..].fill(0);
        let midstate = compress(IV, &words_of(&bytes[..64]));

        // The second block: the end of the Merkle root, time, bits, nonce, then the padding
        // of an 80-byte message.
        let mut block = [0u8; 64];
        block[..16].copy_from_slice(&bytes[64..]);
        block[16] = 0x80;
        let mut tail = words_of(&block);
        tail[15] = 80 * 8;

        let round3 = (0..4).fold(midstate, |state, t| {
            round(state, K[t].wrapping_add(tail[t]))
        });
        let w16 = tail[0].wrapping_add(small_sigma0(tail[1]));
        let w17 = tail[1]
            .wrapping_add(small_sigma0(tail[2]))
            .wrapping_add(small_sigma1(tail[15]));
        let w18 = tail[2].wrapping_add(small_sigma1(w16));
        let w19 = small_sigma0(tail[4]).wrapping_add(small_sigma1(w17));
        Self {
            header: *header,
            target,
            midstate,
            tail,
            prepared: Prepared {
                midstate,
                round3,
                w16: [w16, w17, w18, w19],
                w31: tail[15].wrapping_add(small_sigma0(w16)),
                w32: w16.wrapping_add(small_sigma0(w17)),
                mask: early_reject_mask(target.leading_zeros()),
            },
        }
    }

    /// The header, including the nonce that it was given with.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The target that a hit must meet.
    pub fn target(&self) -> Target {
        self.target
    }

    /// SHA-256 state after the header's first 64 bytes.
    pub fn midstate(&self) -> [u32; 8] {
        self.midstate
    }

    /// The bits of digest word 7 that are zero in every hash that meets the
    /// target.
    pub fn mask(&self) -> u32 {
        self.prepared.mask
    }

    /// The full double hash with `nonce`, by the plain compression function.
    pub fn hash(&self, nonce: u32) -> Hash256 {
        let mut block = self.tail;
        block[3] = nonce.swap_bytes();
        Hash256(sha256(&bytes_of(compress(self.midstate, &block))))
    }
}

/// The bits of digest word 7 that are zero in every hash with `zeros` leading zero bits.
/// The word is the hash's last four bytes, and the last byte is the most significant, so
/// the bits are byte-swapped in the word.
fn early_reject_mask(zeros: u32) -> u32 {
    (!u32::MAX.checked_shr(zeros).unwrap_or(0)).swap_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_covers_the_last_bytes_first() {
        assert_eq!(early_reject_mask(0), 0);
        assert_eq!(early_reject_mask(1), 0x0000_0080);
        assert_eq!(early_reject_mask(12), 0x0000_f0ff);
        assert_eq!(early_reject_mask(32), u32::MAX);
        assert_eq!(early_reject_mask(76), u32::MAX);
    }

    #[test]
    fn the_job_hashes_as_the_header_does() {
        let mut header = Header {
            version: 0x2000_0004,
            prev_hash: Hash256([7; 32]),
            merkle_root: Hash256(std::array::from_fn(|i| i as u8)),
            time: 1_700_000_000,
            bits: 0x1d00_ffff,
            nonce: 99,
        };
        let job = Job::new(&header, Target::MAX);
        for nonce in [0, 1, 0x0102_0304, u32::MAX] {
            header.nonce = nonce;
            assert_eq!(job.hash(nonce), header.hash());
        }
    }
}
