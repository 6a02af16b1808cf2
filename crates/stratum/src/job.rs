//! Work that is derived from a session, so that its shares exist nowhere else.
//!
//! A miner hashes what the pool's `mining.notify` says. Here that is no block of a chain:
//!
//! ```text
//! prev_hash   = SHA256d("perwatt-stratum-prev-v1" 00 session id 00), its 10 most
//!               significant bytes (the last 10 in internal order) set to zero
//! commitment  = SHA256d("perwatt-stratum-job-v1" 00 session id 00 device 00
//!               counter as u32 LE, D's numerator as u64 LE, D's shift as u32 LE,
//!               ntime as u32 LE)
//! coinbase    = coinb1 ‖ extranonce1 (4 bytes) ‖ extranonce2 (8 bytes) ‖ coinb2
//!   coinb1    = 01000000 01 00…00 (32) ffffffff, script length, script:
//!               03 height (3 bytes LE)   07 "perwatt"   20 commitment   0c
//!   coinb2    = ffffffff 01 00…00 (8), script length, script: 6a 07 "perwatt"; 00000000
//! merkle_root = SHA256d(coinbase)                                      (no branches)
//! header      = version ‖ prev_hash ‖ merkle_root ‖ ntime ‖ nbits ‖ nonce   (80 bytes, LE)
//! ```
//!
//! `version` is `20000000` with the miner's bits of BIP 320; before that its rolled bits are
//! zero, so the three rules in the field for combining them agree. `nbits` is a difficulty
//! of the main network: an easy one would have every share shown as a found block. `ntime`
//! is real time, because some firmware sets its clock by it. A share of another session,
//! device, job, difficulty or connection rebuilds to another header, whose hash is no share.
//!
//! This module has no input, output or clock, and hashes with the `sha2` crate only.

use perwatt_sha256d::hex;
use sha2::{Digest, Sha256};

use crate::difficulty::Difficulty;

/// `version` of every job.
pub const VERSION: u32 = 0x2000_0000;
/// The bits of `version` that miners may roll (BIP 320).
pub const VERSION_MASK: u32 = 0x1fff_e000;
/// `nbits` of every job: the main network's of 2025, a difficulty of about 1.26e14.
pub const BITS: u32 = 0x1702_3a04;
/// Bytes of extranonce2.
pub const EXTRANONCE2_SIZE: usize = 8;
/// The height that a coinbase states (BIP 34).
const HEIGHT: u32 = 1_000_000;
/// The text in coinbases.
const TAG: &[u8; 7] = b"perwatt";

/// What all jobs of a session have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: String,
    prev_hash: [u8; 32],
}

impl Session {
    /// Derives the previous hash from the session's id.
    pub fn new(id: &str) -> Self {
        let mut prev_hash = sha256d(&[b"perwatt-stratum-prev-v1\0", id.as_bytes(), b"\0"].concat());
        prev_hash[22..].fill(0);
        let id = id.to_owned();
        Self { id, prev_hash }
    }

    /// The session's id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// One job, as an archive keeps it: all that its header depends on beside the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Number of the job; no two of a session have the same.
    pub counter: u32,
    /// The worker's name; empty before one was authorised.
    pub device: String,
    /// The share difficulty that the job was sent with.
    pub difficulty: Difficulty,
    /// Unix time when it was made.
    pub ntime: u32,
}

/// A job with its bytes, from which headers are rebuilt.
#[derive(Clone, Debug)]
pub struct Work {
    /// The job.
    pub job: Job,
    prev_hash: [u8; 32],
    coinb1: Vec<u8>,
    coinb2: Vec<u8>,
}

impl Work {
    /// Makes the bytes of a job.
    pub fn new(session: &Session, job: Job) -> Self {
        let (units, shift) = job.difficulty.parts();
        let commitment = sha256d(
            &[
                b"perwatt-stratum-job-v1\0",
                session.id.as_bytes(),
                b"\0",
                job.device.as_bytes(),
                b"\0",
                &job.counter.to_le_bytes(),
                &units.to_le_bytes(),
                &shift.to_le_bytes(),
                &job.ntime.to_le_bytes(),
            ]
            .concat(),
        );
        let script = [
            &push(&HEIGHT.to_le_bytes()[..3])[..],
            &push(TAG),
            &push(&commitment),
        ];
        let script = script.concat();
        let extranonces = 4 + EXTRANONCE2_SIZE as u8;
        let length = script.len() as u8 + 1 + extranonces;
        let coinb1 = [
            &[1, 0, 0, 0, 1][..],
            &[0; 32],
            &[0xff; 4],
            &[length],
            &script,
            &[extranonces],
        ]
        .concat();
        let output = [&[0x6a][..], &push(TAG)].concat();
        let coinb2 = [
            &[0xff; 4][..],
            &[1],
            &[0; 8],
            &[output.len() as u8],
            &output,
            &[0; 4],
        ]
        .concat();
        Self {
            job,
            prev_hash: session.prev_hash,
            coinb1,
            coinb2,
        }
    }

    /// The 80 bytes that a miner hashed for a share.
    pub fn header(
        &self,
        extranonce1: u32,
        extranonce2: u64,
        ntime: u32,
        nonce: u32,
        version: u32,
    ) -> [u8; 80] {
        let coinbase = [
            &self.coinb1[..],
            &extranonce1.to_be_bytes(),
            &extranonce2.to_be_bytes(),
            &self.coinb2,
        ]
        .concat();
        let mut header = [0; 80];
        header[0..4].copy_from_slice(&version.to_le_bytes());
        header[4..36].copy_from_slice(&self.prev_hash);
        header[36..68].copy_from_slice(&sha256d(&coinbase));
        header[68..72].copy_from_slice(&ntime.to_le_bytes());
        header[72..76].copy_from_slice(&BITS.to_le_bytes());
        header[76..80].copy_from_slice(&nonce.to_le_bytes());
        header
    }

    /// The parameters of `mining.notify`, as JSON. Each word of four bytes of the previous
    /// hash is reversed, as the protocol has it.
    pub fn notify(&self, clean: bool) -> String {
        let mut swapped = self.prev_hash;
        swapped.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        format!(
            r#"["{:08x}","{}","{}","{}",[],"{VERSION:08x}","{BITS:08x}","{:08x}",{clean}]"#,
            self.job.counter,
            hex::encode(&swapped),
            hex::encode(&self.coinb1),
            hex::encode(&self.coinb2),
            self.job.ntime,
        )
    }
}

/// A script's push of fewer than 76 bytes.
fn push(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

/// Double SHA-256, by the `sha2` crate.
pub fn sha256d(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            counter: 7,
            device: "bitaxe".into(),
            difficulty: Difficulty::power_of_two(8),
            ntime: 1_764_000_000,
        }
    }

    fn header(session: &str, job: Job) -> [u8; 80] {
        Work::new(&Session::new(session), job).header(1, 2, 1_764_000_001, 3, VERSION)
    }

    #[test]
    fn the_header_depends_on_everything() {
        let own = header("00ff", job());
        let others = [
            header("00fe", job()),
            header(
                "00ff",
                Job {
                    counter: 8,
                    ..job()
                },
            ),
            header(
                "00ff",
                Job {
                    device: "bitax".into(),
                    ..job()
                },
            ),
            header(
                "00ff",
                Job {
                    difficulty: Difficulty::power_of_two(9),
                    ..job()
                },
            ),
            header(
                "00ff",
                Job {
                    ntime: 1_764_000_001,
                    ..job()
                },
            ),
        ];
        assert!(others.iter().all(|other| other[36..68] != own[36..68]));
        let work = Work::new(&Session::new("00ff"), job());
        assert_ne!(work.header(2, 2, 1_764_000_001, 3, VERSION), own);
        assert_ne!(work.header(1, 3, 1_764_000_001, 3, VERSION), own);
        // The parts cannot run together.
        let (ab, a) = ("ab".to_owned(), "a".to_owned());
        assert_ne!(
            header(
                "c",
                Job {
                    device: ab,
                    ..job()
                }
            )[36..],
            header("cb", Job { device: a, ..job() })[36..]
        );
    }

    #[test]
    fn notify_is_what_miners_parse() {
        let session = Session::new("00ff");
        let work = Work::new(&session, job());
        let parameters: Vec<serde_json::Value> = serde_json::from_str(&work.notify(true)).unwrap();
        let text = |at: usize| parameters[at].as_str().unwrap();
        assert_eq!(parameters.len(), 9);
        assert_eq!(
            (text(0), text(5), text(6)),
            ("00000007", "20000000", "17023a04")
        );
        assert_eq!(parameters[4], serde_json::json!([]));
        assert_eq!(parameters[8], serde_json::json!(true));
        assert_eq!(u32::from_str_radix(text(7), 16), Ok(job().ntime));
        assert_eq!(VERSION & VERSION_MASK, 0);
        // A miner swaps the words of the previous hash back.
        let mut prev_hash: [u8; 32] = hex::decode(text(1)).unwrap();
        prev_hash.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        let header = work.header(0xabcd, 5, job().ntime, 6, VERSION);
        assert_eq!(header[4..36], prev_hash);
        assert_eq!(prev_hash[22..], [0; 10]);
        // It puts the extranonces between the halves of the coinbase.
        let coinbase = format!("{}0000abcd0000000000000005{}", text(2), text(3));
        assert!(coinbase.len() < 2 * 250, "{}", coinbase.len());
        let bytes: Vec<u8> = (0..coinbase.len() / 2)
            .map(|i| u8::from_str_radix(&coinbase[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        assert_eq!(header[36..68], sha256d(&bytes));
        // The script is as long as its length says: the sequence number follows it.
        let script = usize::from(bytes[41]);
        assert_eq!(bytes[42 + script..46 + script], [0xff; 4]);
    }

    #[test]
    fn double_sha_is_the_one_of_the_genesis_block() {
        let genesis = hex::decode::<80>("0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c").unwrap();
        let hash = sha256d(&genesis);
        assert!(Difficulty::ONE.is_met(&hash));
        assert_eq!(crate::difficulty::of_hash(&hash).floor(), 2536.0);
    }
}
