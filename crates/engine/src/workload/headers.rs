//! The headers that a run of `sha256d` searches, and the difficulty of its shares: the same
//! on every device.

use std::sync::Arc;

use perwatt_record::proof::{self, Binding};
use perwatt_sha256d::{Hash256, Header, MerkleRoot, RollKinds, Rolls, Target};

use crate::worker::Assignment;

/// The headers of a run, bound to its session.
pub(super) fn rolls(assignment: &Assignment, share_bits: u32) -> Rolls {
    let binding = Binding::new(
        &assignment.session_id,
        &assignment.machine_key,
        &assignment.entry.id,
        assignment.round,
        share_bits,
    );
    let prev_hash = binding.prev_hash();
    let merkle_root = Arc::new(move |extranonce| binding.merkle_root(extranonce));
    of(prev_hash, assignment.first_time, share_bits, merkle_root)
}

/// Headers of a trial, which belong to no session, without shares.
pub(super) fn trial() -> Rolls {
    of(
        [0x50; 32],
        0,
        64,
        Arc::new(|extranonce| [extranonce as u8; 32]),
    )
}

fn of(prev_hash: [u8; 32], time: u32, share_bits: u32, merkle_root: MerkleRoot) -> Rolls {
    let template = Header {
        version: proof::VERSION,
        prev_hash: Hash256(prev_hash),
        merkle_root: Hash256(merkle_root(0)),
        time,
        bits: proof::BITS,
        nonce: 0,
    };
    let target = Target::from_leading_zero_bits(share_bits);
    Rolls::new(template, target, merkle_root, RollKinds::ALL)
}

/// Difficulty of shares in bits: the protocol's at `rate_h_per_s` for `expected_s`, but at
/// most one share in `least` hashes.
pub(super) fn share_bits(rate_h_per_s: f64, expected_s: f64, least: f64) -> u32 {
    let hashes = (rate_h_per_s * expected_s).max(least * proof::SHARES_WANTED);
    proof::protocol_bits(hashes)
}
