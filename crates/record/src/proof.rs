//! Shares: the proof that the hashes of a record were computed.
//!
//! The header that a `sha256d` run searches is derived from the session, the
//! machine, the plan entry, the round and the difficulty, so its shares exist nowhere
//! else:
//!
//! ```text
//! binding     = SHA256d("perwatt-share-v2" 00 session id 00 machine key 00 entry id 00
//!                       round as u32 LE, share_bits as u32 LE)
//! prev_hash   = binding
//! merkle_root = SHA256d(binding ‖ extranonce as u64 LE)
//! header      = version ‖ prev_hash ‖ merkle_root ‖ time ‖ 1d00ffff ‖ nonce      (80 bytes, LE)
//! ```
//!
//! A share is a header whose double SHA-256, read as a little-endian number as in Bitcoin,
//! has at least `share_bits` leading zero bits. About one hash in `2^share_bits` is a
//! share, so the number of shares must agree with the number of hashes that the worker
//! claims. The protocol derives the difficulty from the work: a run finds about
//! [`SHARES_WANTED`] shares. A record that claims work at a difficulty at which few or no
//! shares are expected proves nothing, and is refused ([`proves`]).
//!
//! Files of minor version 3 and older have the binding "perwatt-share-v1", without
//! `share_bits`. This module uses only the `sha2` crate, not the kernels under measurement.

use sha2::{Digest, Sha256};

use crate::pool;
use crate::schema::{Proof, Record, Run, Share};
use perwatt_stats::{self as stats, Agreement};

/// `version` of every header before its BIP 320 bits are rolled.
pub const VERSION: u32 = 0x2000_0000;
/// The bits of `version` that may be rolled (BIP 320).
pub const VERSION_MASK: u32 = 0x1fff_e000;
/// `time` may be rolled forward by less than this many seconds.
pub const TIME_ROLL_S: u32 = 600;
/// `nBits` of every header: difficulty 1. Shares are judged by `share_bits`.
pub const BITS: u32 = 0x1d00_ffff;
/// Probability that a session of honest runs fails any of its share counts. An archive of
/// thousands of sessions must not hold a false accusation; with the 3,000 or so shares of
/// six runs, a claim 10 % too high is still detected.
pub const FALSE_ALARM: f64 = 1e-6;

/// Expected number of shares of a run: enough for a count with a relative standard
/// deviation of 4.5 %, few enough to archive.
pub const SHARES_WANTED: f64 = 500.0;
/// Smallest expected number of shares whose count proves the work of a run. It allows for a
/// rate that was misjudged eightfold before the difficulty was chosen.
pub const SHARES_PROVING: f64 = SHARES_WANTED / 8.0;
/// Below this expected number of shares the difficulty cannot come from an honest session,
/// which would have had to misjudge its own rate 64-fold.
const SHARES_HONEST: f64 = SHARES_WANTED / 64.0;

/// The first minor version in which the difficulty is part of the binding.
const WITH_DIFFICULTY: u32 = 4;

/// Hash of the session, machine, entry and round, which binds the header of a run to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding([u8; 32]);

impl Binding {
    /// Returns the binding of a run that searches for shares of `share_bits` leading zero
    /// bits.
    pub fn new(
        session_id: &str,
        machine_key: &str,
        entry_id: &str,
        round: u32,
        share_bits: u32,
    ) -> Self {
        let parts = ["perwatt-share-v2", session_id, machine_key, entry_id];
        Self::of(&parts, &[round, share_bits])
    }

    /// Returns the binding of a run in a file of minor version 3 or older, without a
    /// difficulty.
    fn before_difficulty(session_id: &str, machine_key: &str, entry_id: &str, round: u32) -> Self {
        let parts = ["perwatt-share-v1", session_id, machine_key, entry_id];
        Self::of(&parts, &[round])
    }

    fn of(parts: &[&str], numbers: &[u32]) -> Self {
        let mut text = Vec::new();
        for part in parts {
            text.extend_from_slice(part.as_bytes());
            text.push(0);
        }
        for number in numbers {
            text.extend_from_slice(&number.to_le_bytes());
        }
        Self(sha256d(&text))
    }

    /// The header's previous-block hash, internal byte order.
    pub fn prev_hash(&self) -> [u8; 32] {
        self.0
    }

    /// The header's merkle root for one extra nonce, internal byte order.
    pub fn merkle_root(&self, extranonce: u64) -> [u8; 32] {
        let mut text = self.0.to_vec();
        text.extend_from_slice(&extranonce.to_le_bytes());
        sha256d(&text)
    }

    /// The 80-byte header that is hashed for a share.
    pub fn header(&self, share: &Share) -> [u8; 80] {
        let Share(version, time, extranonce, nonce) = *share;
        let mut header = [0; 80];
        header[0..4].copy_from_slice(&version.to_le_bytes());
        header[4..36].copy_from_slice(&self.prev_hash());
        header[36..68].copy_from_slice(&self.merkle_root(extranonce));
        header[68..72].copy_from_slice(&time.to_le_bytes());
        header[72..76].copy_from_slice(&BITS.to_le_bytes());
        header[76..80].copy_from_slice(&nonce.to_le_bytes());
        header
    }

    /// The number of leading zero bits of a share's hash, read as a little-endian number.
    pub fn leading_zero_bits(&self, share: &Share) -> u32 {
        let hash = sha256d(&self.header(share));
        let mut bits = 0;
        for byte in hash.iter().rev() {
            bits += byte.leading_zeros();
            if *byte != 0 {
                break;
            }
        }
        bits
    }
}

/// Double SHA-256, computed with the `sha2` crate.
pub fn sha256d(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Errors of the verification of shares.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ShareError {
    #[error(
        "share {share:?} has {found} leading zero bits, not {need}: it was not found by hashing this header"
    )]
    NotAShare { share: Share, found: u32, need: u32 },
    #[error("share {0:?} is listed twice")]
    Duplicate(Share),
    #[error("share {share:?} has {field} {value:#x}, outside of what this run may roll")]
    OutOfRange {
        share: Share,
        field: &'static str,
        value: u32,
    },
    #[error(
        "{observed} shares for {claimed} claimed hashes, where {expected:.1} are expected: hashes were dropped or claimed twice"
    )]
    Count {
        observed: u64,
        claimed: u64,
        expected: f64,
    },
    /// The difficulty is too high for the claimed hashes to give a meaningful number of
    /// shares.
    #[error(
        "shares of {share_bits} leading zero bits are sought for {claimed} claimed hashes, where the protocol has about {}: no count of them would prove the work", protocol_bits(*claimed as f64)
    )]
    Difficulty { share_bits: u32, claimed: u64 },
}

/// The difficulty that the protocol gives a run of `hashes` hashes, in leading zero bits.
pub fn protocol_bits(hashes: f64) -> u32 {
    ((hashes / SHARES_WANTED).max(1.0).log2().round() as u32).min(64)
}

/// Returns true if the shares of a run can prove its work at their difficulty, false if too
/// few are expected.
///
/// # Errors
/// [`ShareError::Difficulty`] where the protocol would not choose the difficulty.
pub fn proves(claimed_hashes: u64, share_bits: u32) -> Result<bool, ShareError> {
    let expected = expected_shares(claimed_hashes, share_bits);
    // A run of few hashes may have no share, however low the difficulty.
    let few = share_bits <= protocol_bits(claimed_hashes as f64);
    match expected < SHARES_HONEST && !few {
        true => Err(ShareError::Difficulty {
            share_bits,
            claimed: claimed_hashes,
        }),
        false => Ok(expected >= SHARES_PROVING),
    }
}

/// Verifies each share: its hash, the range of its fields, and that it is listed only once.
pub fn verify_shares(
    binding: &Binding,
    first_time: u32,
    share_bits: u32,
    shares: &[Share],
) -> Result<(), ShareError> {
    for share in shares {
        let Share(version, time, ..) = *share;
        if version & !VERSION_MASK != VERSION {
            return Err(ShareError::OutOfRange {
                share: *share,
                field: "version",
                value: version,
            });
        }
        if time.wrapping_sub(first_time) >= TIME_ROLL_S {
            return Err(ShareError::OutOfRange {
                share: *share,
                field: "time",
                value: time,
            });
        }
        let found = binding.leading_zero_bits(share);
        if found < share_bits {
            return Err(ShareError::NotAShare {
                share: *share,
                found,
                need: share_bits,
            });
        }
    }
    let mut sorted = shares.to_vec();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ShareError::Duplicate(pair[0])),
        None => Ok(()),
    }
}

/// Checks that a number of shares agrees with the claimed hashes. Honest work fails any of
/// a family of `tests` such checks with probability [`FALSE_ALARM`] (Bonferroni).
pub fn verify_count(
    observed: u64,
    claimed: u64,
    expected: f64,
    tests: u64,
) -> Result<Agreement, ShareError> {
    let agreement = stats::agreement(observed, expected, 1.0 - FALSE_ALARM / tests.max(1) as f64);
    if agreement.agrees {
        Ok(agreement)
    } else {
        Err(ShareError::Count {
            observed,
            claimed,
            expected,
        })
    }
}

/// The number of shares expected of `claimed_hashes` hashes.
pub fn expected_shares(claimed_hashes: u64, share_bits: u32) -> f64 {
    claimed_hashes as f64 * (-f64::from(share_bits)).exp2()
}

/// The number of share counts that a session tests: one for each run of each hashing entry,
/// and one for all runs of each such entry together.
pub fn family_size(hashing_entries: usize, rounds: u32) -> u64 {
    hashing_entries as u64 * (u64::from(rounds) + 1)
}

/// The number of share counts that a record tests, see [`family_size`].
pub fn family_of(record: &Record) -> u64 {
    let hashing = record
        .plan
        .entries
        .iter()
        .filter(|e| e.unit == crate::schema::Unit::Hash && !pool::is_asic(&e.device))
        .count();
    family_size(hashing, record.config.rounds)
}

/// Verifies the shares of one run and their count. Returns `Ok` for a run that has no
/// shares as proof.
pub fn verify_run(record: &Record, run: &Run) -> Result<(), ShareError> {
    let Some(Proof::Shares {
        share_bits,
        claimed_hashes,
        shares,
    }) = &run.proof
    else {
        return Ok(());
    };
    let (Some(entry), Some(segment)) = (
        record.plan.entries.get(run.entry as usize),
        record.session.segments.get(run.segment as usize),
    ) else {
        return Ok(());
    };
    let (session, machine) = (&record.session.id, &record.machine.key);
    let binding = match record.schema.minor < WITH_DIFFICULTY {
        true => Binding::before_difficulty(session, machine, &entry.id, run.round),
        false => Binding::new(session, machine, &entry.id, run.round, *share_bits),
    };
    proves(*claimed_hashes, *share_bits)?;
    verify_shares(&binding, segment.started_unix_s, *share_bits, shares)?;
    let expected = expected_shares(*claimed_hashes, *share_bits);
    verify_count(
        shares.len() as u64,
        *claimed_hashes,
        expected,
        family_of(record),
    )
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_shares(binding: &Binding, time: u32, bits: u32, nonces: u32) -> Vec<Share> {
        (0..nonces)
            .map(|nonce| Share(VERSION, time, 7, nonce))
            .filter(|share| binding.leading_zero_bits(share) >= bits)
            .collect()
    }

    #[test]
    fn honest_shares_pass_and_every_edit_fails() {
        let binding = Binding::new("00ff", "ab", "sha256d/cpu/portable", 3, 6);
        let shares = find_shares(&binding, 1000, 6, 4096);
        assert!(shares.len() > 30);
        assert_eq!(verify_shares(&binding, 1000, 6, &shares), Ok(()));

        let other = Binding::new("00ff", "ab", "sha256d/cpu/portable", 4, 6);
        assert!(matches!(
            verify_shares(&other, 1000, 6, &shares),
            Err(ShareError::NotAShare { .. })
        ));

        let mut twice = shares.clone();
        twice.push(shares[0]);
        assert_eq!(
            verify_shares(&binding, 1000, 6, &twice),
            Err(ShareError::Duplicate(shares[0]))
        );

        assert!(matches!(
            verify_shares(&binding, 1001, 6, &shares),
            Err(ShareError::OutOfRange { field: "time", .. })
        ));
        let rolled: Vec<_> = shares
            .iter()
            .map(|s| Share(s.0 | 1, s.1, s.2, s.3))
            .collect();
        assert!(matches!(
            verify_shares(&binding, 1000, 6, &rolled),
            Err(ShareError::OutOfRange {
                field: "version",
                ..
            })
        ));
    }

    #[test]
    fn a_kernel_that_drops_work_is_caught_by_its_count() {
        let binding = Binding::new("1", "2", "3", 0, 4);
        let shares = find_shares(&binding, 5, 4, 8192);
        let expected = expected_shares(8192, 4);
        assert_eq!(expected, 512.0);
        assert!(verify_count(shares.len() as u64, 8192, expected, 100).is_ok());
        let dropped = shares.len() as u64 * 2 / 3;
        assert!(matches!(
            verify_count(dropped, 8192, expected, 100),
            Err(ShareError::Count { claimed: 8192, .. })
        ));
    }

    #[test]
    fn the_difficulty_follows_from_the_work() {
        for (hashes, bits, proven) in [
            (500_000_000, 20, Ok(true)),
            (500_000_000, 0, Ok(true)),
            (500_000_000, 23, Ok(false)),
            (500_000_000, 25, Ok(false)),
            (500_000_000, 27, Err(())),
            (500_000_000, 64, Err(())),
            (u64::MAX, 64, Err(())),
            (u64::MAX, u32::MAX, Err(())),
            (400, 0, Ok(true)),
            (40, 0, Ok(false)),
            (1, 0, Ok(false)),
            (1, 64, Err(())),
            (0, 0, Ok(false)),
        ] {
            let found = proves(hashes, bits).map_err(drop);
            assert_eq!(found, proven, "{hashes} hashes, {bits} bits");
        }
    }

    #[test]
    fn the_parts_of_a_binding_cannot_run_together() {
        assert_ne!(
            Binding::new("a", "bc", "d", 0, 9),
            Binding::new("ab", "c", "d", 0, 9)
        );
    }
}
